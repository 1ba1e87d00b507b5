import type { Fault } from '../fault.ts'

const corpus = 'test/passes/corpus.test.ts'

/** Passes that do too much, too little, or say something wrong about it. A checker may be what notices. */
export const passes: readonly Fault[] = [
  {
    file: 'passes/dce.ts',
    from: 'looks: (node, i) => ways.some(({ plan }) => plan.looks(node.id, i)) || carries.has(node.args[i]!),',
    to: 'looks: (node, i) => ways.some(({ plan }) => plan.looks(node.id, i)),',
    about: 'the path to a write that nothing else needs is cut',
    tests: [corpus, 'test/passes/mutants.test.ts'],
  },
  {
    file: 'passes/dce.ts',
    from: 'return shapes.get(old)!.kept.has(old) ? b : { params: b.params, root: gone(old) }',
    to: 'return shapes.has(old) ? b : { params: b.params, root: gone(old) }',
    about: 'a body of which nothing is needed stays as it is',
    tests: [corpus],
  },
  {
    file: 'passes/merge.ts',
    from: 'if (!effects[name].traits(attrs as never).mergeable || !steady(name, attrs)) return call',
    to: 'if (!steady(name, attrs)) return call',
    about: 'clocks and random bytes are merged',
    tests: [corpus, 'test/passes/mutants.test.ts'],
  },
  {
    file: 'passes/merge.ts',
    from: "return facts._tag === 'Left' || (!facts.right.volatile && !facts.right.locking)",
    to: "return facts._tag === 'Left' || !facts.right.locking",
    about: 'two queries of a volatile function share an answer',
    tests: [corpus, 'test/sql/footprints.test.ts'],
  },
  {
    file: 'passes/merge.ts',
    from: 'return since(`${whole} ${r.name}`) || patterns.some(([p, at]) => at > c.place && r.name.startsWith(p))',
    to: 'return since(`${whole} ${r.name}`)',
    about: 'a write to all keys that begin alike is not seen between two reads of one of them',
    tests: [corpus, 'test/build/outside.test.ts'],
  },
  {
    file: 'passes/vectorise/forms.ts',
    from: 'axes: up(v.type.shape.map((_, k) => k)) }',
    to: 'axes: v.type.shape.map((_, k) => k) }',
    about: 'what is the same for every element is spread along the wrong axis',
    tests: ['test/passes/lifted.test.ts'],
  },
  {
    file: 'passes/vectorise/lift.ts',
    from: 'const arms = node.regions.map((r) => region(o, r.root, args.slice(1)))',
    to: 'const arms = node.regions.toReversed().map((r) => region(o, r.root, args.slice(1)))',
    about: 'the arms of a condition change places when it becomes a choice of cells',
    tests: [corpus],
  },
  {
    file: 'passes/vectorise.ts',
    from: 'if (fits(all)) return all',
    to: 'return all',
    about: 'maps are lifted although their operands are then met in another order',
    tests: [corpus],
  },
  {
    file: 'passes/batch.ts',
    from: 'const own = claims.filter((c) => asks.has(c.occurrence))\n    if (!this.#together',
    to: 'const own = claims\n    if (!this.#together',
    about: 'queries that wait for what only the run itself can give are planned ahead',
    tests: ['test/passes/corpus.test.ts'],
  },
  {
    file: 'passes/derive.ts',
    from: 'if (theirs.authority !== authority || theirs.db !== (query.op.attrs as DbQueryAttrs).db) return undefined',
    to: 'if (theirs.authority !== authority) return undefined',
    about: 'a query of one database is said to follow from rows of another',
    tests: ['test/batching/nested.test.ts'],
  },
  {
    file: 'passes/fuse/groups.ts',
    from: 'else if (!settled && new Set(outputs.map((o) => time.get(o))).size > 1)',
    to: 'else if (!settled && outputs.length > limits.outputs)',
    about: 'a kernel waits for calls that stand between its outputs, which changes their order',
    tests: [corpus, 'test/passes/properties.test.ts'],
    survives:
      'in no graph of the corpus or of the generators have the outputs of a group two times; the checker of order stands behind it',
  },
  {
    file: 'passes/simplify/match.ts',
    from: "if (t.tag === 'lit' && !Object.is(litValue(t.value, found.elem), found.value)) return false",
    to: "if (t.tag === 'lit' && litValue(t.value, found.elem) !== found.value) return false",
    about: 'x + 0 counts as x + -0, which is another sum when x is -0',
    tests: [corpus, 'test/laws/laws.test.ts'],
  },
  {
    file: 'passes/simplify/calm.ts',
    from: "!(name === 'param' && isLoud(id)) &&",
    to: '',
    about: 'a body may stop using a parameter for which its owner passes something that can fail',
    tests: ['test/passes/corpus.test.ts'],
  },
  {
    file: 'passes/place/flow.ts',
    from: 'this.#left[e ^ 1]! += most',
    to: 'this.#left[e ^ 1]! += 0',
    about: 'flow cannot be taken back, so the cut that is found need not be the least',
    tests: ['test/place/properties.test.ts', 'test/place/corpus.test.ts'],
  },
  {
    file: 'passes/manager.ts',
    from: 'const [problem] = after.root === checked ? [] : checkGraph(after)',
    to: 'const [problem] = after.root >= 0 ? [] : checkGraph(after)',
    about: 'what a pass makes is not checked to be a graph',
    tests: ['test/passes/judge.test.ts'],
  },
  {
    file: 'passes/manager.ts',
    from: 'now = tried.right.graph',
    to: 'now = tried.right.step.nodesAfter > tried.right.step.nodesBefore ? now : tried.right.graph',
    about: 'what a pass makes is thrown away where it has more nodes than before',
    tests: ['test/verify/plan.test.ts', 'test/kernels/joined.test.ts'],
  },
]
