// Requirements: K5

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { NodeView } from '../../graph/arena.ts'
import { fromValue } from '../../graph/build/host.ts'
import type { Built, Graph } from '../../graph/index.ts'
import { cond, constant, graph, match, print, some, t } from '../../graph/index.ts'
import { canonicalise } from '../../graph/listing.ts'
import { mustMake } from '../../graph/make.ts'
import type { Value } from '../../graph/values.ts'
import { postorder, remake, withParts } from '../../graph/walk.ts'
import { bind, bindGraph, compile, load } from '../../index.ts'
import { checkBind } from '../../passes/check/bind.ts'
import type { BindCertificate } from '../../passes/index.ts'
import { optimise } from '../../passes/index.ts'
import type { GraphCase } from '../arbitraries/graphs.ts'
import { graphs } from '../arbitraries/graphs.ts'
import { difference, runIn } from '../arbitraries/world.ts'
import { problemsOf, run, sealed } from '../build/run.ts'
import { must } from '../gradients/difference.ts'
import { compiled, runCompiled } from '../targets/compiled.ts'
import { Draft } from '../targets/draft.ts'

const seed = Number(process.env.QUOIN_SEED ?? 20261122)

/** A graph with some of its inputs known, by a mask, and the rest of the inputs. */
const boundBy = (
  it: GraphCase,
  mask: number,
): { readonly bound: Graph<'source'>; readonly rest: Record<string, Value> } => {
  const known: Record<string, unknown> = {}
  const rest: Record<string, Value> = {}
  for (const [k, [name, type]] of it.graph.inputs.entries()) {
    const value = it.inputs[name]!
    if ((mask >> (k % 16)) & 1) known[name] = fromValue(type, value)
    else rest[name] = value
  }
  return { bound: must(bindGraph(it.graph, known)), rest }
}

describe(`a bound graph answers as the graph does, given all of it (seed ${seed})`, () => {
  test('by the interpreter, and optimised', () => {
    let folded = 0
    const property = fc.property(
      graphs(),
      fc.nat(0xffff),
      fc.nat(1000),
      fc.constantFrom(0, 3),
      (it, mask, s, faults) => {
        const { bound, rest } = boundBy(it, mask)
        expect(bound.inputs.map(([n]) => n)).toEqual(Object.keys(rest))
        const world = { seed: s, faults }
        const before = runIn(it.graph, it.inputs, world)
        expect(difference(before, runIn(bound, rest, world))).toBeUndefined()
        const fast = optimise(bound)
        expect(fast.failures).toEqual([])
        expect(difference(before, runIn(fast.graph, rest, world))).toBeUndefined()
        if (fast.steps.some((x) => x.pass === 'simplify' && x.nodesAfter < x.nodesBefore)) folded++
      },
    )
    fc.assert(property, { numRuns: 100, seed })
    expect(folded).toBeGreaterThan(20)
  })
  test.each(['ts', 'wasm'] as const)('on %s', async (target) => {
    const property = fc.asyncProperty(graphs({ steps: 12 }), fc.nat(0xffff), async (it, mask) => {
      const { bound, rest } = boundBy(it, mask)
      const world = { seed: 1, faults: 0 }
      const got = await runCompiled(await compiled(bound, target), rest, world)
      expect(difference(runIn(it.graph, it.inputs, world), got)).toBeUndefined()
    })
    await fc.assert(property, { numRuns: 15, seed })
  })
})

const price = graph('price', { x: t.tensor(t.f64, 'n'), w: t.tensor(t.f64, 'n'), rate: t.f64, on: t.bool }, (i) => ({
  y: i.x.mul(i.w).mul(i.rate.add(1)).sum(),
  n: i.x.sum(),
}))
test('what is known is computed when the graph is compiled', async () => {
  const known = bind(price, { rate: 0.5, w: [1, 2, 3] })
  expect(print(sealed(known))).toContain('in "x": f64[3]\nin "on": bool\n%0')
  const c = must(await compile(known))
  expect(print(c.optimised.graph)).toContain('"value":1.5')
  const l = must(await load(c, {}))
  expect(must(await l.run({ x: [1, 1, 1], on: true }))).toEqual({ y: 9, n: 3 })
  expect(await l.run({ x: [1, 1], on: true })).toMatchObject({ _tag: 'Left', left: { _tag: 'InvalidInput' } })
  await l.close()
})
test('a literal without cells keeps the sizes that its type says', () => {
  const g = graph('empty', { x: t.tensor(t.f64, 2, 'n', 3) }, ({ x }) => ({ y: x }))
  const shape = [2, 0, 3]
  expect(run(bind(g, { x: { shape, data: [] } }), {})).toEqual({ y: { shape, data: new Float64Array(0) } })
})
const vectors = t.tensor(t.f64, 'n')
const holders: Readonly<Record<string, readonly [built: Built, known: Record<string, unknown>, rest: object]>> = {
  'no value for an option': [
    graph('option', { o: t.option(vectors), x: vectors }, ({ o, x }) => ({
      y: match(o, { none: () => x, some: (z) => z }).mul(2),
    })),
    { o: null },
    { x: [1, 2] },
  ],
  'no elements in a list': [
    graph('list', { o: t.list(t.tensor(t.f64, 'k'), 'n'), x: t.tensor(t.f64, 'k') }, ({ o, x }) => ({
      y: o.map((r) => r.mul(x).sum()).sum(),
      x: x.mul(2),
    })),
    { o: [] },
    { x: [1, 2] },
  ],
  'a first row without a value': [
    graph(
      'rows',
      { o: t.list(t.row({ a: t.option(t.tensor(t.f64, 'k')) }), 'n'), x: t.tensor(t.f64, 'k') },
      ({ o, x }) => ({ y: o.map((r) => match(r.a, { none: () => x.sum(), some: (a) => a.mul(x).sum() })) }),
    ),
    { o: [{ a: null }, { a: [1, 2] }] },
    { x: [3, 4] },
  ],
  'another case of a union': [
    graph('union', { u: t.union({ many: vectors, one: t.f64 }), x: vectors }, ({ u, x }) => ({
      y: match(u, { many: (v) => v.mul(x).sum(), one: (s) => s.mul(x.sum()) }),
    })),
    { u: { _tag: 'one', value: 3 } },
    { x: [1, 2] },
  ],
}
test.each(Object.entries(holders))('%s brings in no size', async (_, [built, known, rest]) => {
  const bound = bind(built as Built<Record<string, unknown>, unknown>, known as never)
  const want = run(built, { ...known, ...rest } as never)
  expect(run(bound, rest as never)).toEqual(want)
  for (const target of ['ts', 'wasm'] as const) {
    const l = must(await load(must(await compile(bound, { target })), {}))
    expect(must(await l.run(rest as never))).toEqual(want)
    await l.close()
  }
})
test('a literal that holds nothing of a size stands where its type does', () => {
  const g = graph('literal', { x: vectors, on: t.bool }, ({ x, on }) => {
    const none = constant(t.option(vectors), null)
    return {
      y: cond(
        on,
        () => some(x),
        () => none,
      ).orElse(x),
    }
  })
  expect(run(g, { x: [1, 2], on: true })).toEqual({ y: new Float64Array([1, 2]) })
  const taken = graph('taken', { x: vectors }, ({ x }) => ({ y: constant(vectors, [1, 2]).mul(x) }))
  expect(problemsOf(taken)[0]).toContain("the dimension 'n' exists already with another origin")
})
test('a dimension can be known alone, and everything can', () => {
  expect(sealed(bind(price, { n: 2 })).inputs[0]![1]).toEqual({ kind: 'tensor', elem: 'f64', shape: [2] })
  expect(run(bind(price, { x: [2], w: [3], rate: 1, on: false }), {})).toEqual({ y: 12, n: 2 })
  expect(print(sealed(bind(price, {})))).toBe(print(sealed(price)))
})
test.each([
  [{ rte: 1 }, "rte: there is no input or dimension 'rte' -> name one of x, w, rate, on, n"],
  [{ rate: 'much' }, /^rate: input 'rate' .* -> give a value of f64$/],
  [{ on: 1 }, /^on: input 'on' .* -> give a value of bool$/],
  [{ x: [1, 'a'] }, /^x: input 'x'\[1\] .* -> give a value of f64\[n\]$/],
  [{ n: -1 }, "n: dimension 'n' cannot have the size -1 -> give a whole number"],
  [
    { x: [1, 2], w: [1] },
    "input 'w': dimension 'n' is 2 by input 'x' and 1 by input 'w' -> give values of sizes that fit together",
  ],
  [{ x: [1, 2], n: 3 }, "'n': dimension 'n' is 2 by input 'x' and 3 by 'n' -> give values of sizes that fit together"],
  [null, 'bind: what is known is null -> give an object: { rate: 0.05 }'],
])('%j is told', (given, said) => {
  const [first, ...more] = problemsOf(bind(price, given as never))
  expect(more).toEqual([])
  if (typeof said === 'string') expect(first).toBe(said)
  else expect(first).toMatch(said)
})

/** A graph with a body, two calls and a count, so that there is something to be wrong about. */
const subject = (): Graph<'source'> => {
  const d = new Draft()
  const [x, k, m] = [d.in('f64[n]'), d.in('f64'), d.in('bool')]
  const line = d.add('convert', { to: 'f64' }, [d.add('iota', { dim: 'n' }, [x])])
  const wide = d.add('broadcast', { shape: ['n'], axes: [] }, [k, x])
  const doubled = d.add(
    'map',
    {},
    [d.add('mul', {}, [x, wide]), k],
    [d.body(['f64', 'f64'], (e, f) => d.add('mul', {}, [e, f]))],
  )
  const some = d.add('assert', { ...d.occurrence(), message: 'a' }, [m, d.add('add', {}, [doubled, line])])
  const other = d.add('assert', { ...d.occurrence(), message: 'b' }, [m, d.add('sub', {}, [doubled, line])])
  return d.graph(d.record(some, other))
}
const claim: BindCertificate = { bound: [['i1', 2]], sizes: { n: 3 } }
const bent = (f: (g: Graph, n: NodeView, args: readonly number[]) => number | undefined): Graph => {
  const g = must(bindGraph(subject(), { i1: 2, n: 3 }))
  const done = new Map<number, number>()
  for (const id of postorder(g.arena, g.root)) {
    const node = g.arena.node(id)
    const args = node.args.map((a) => done.get(a)!)
    done.set(id, f(g, node, args) ?? withParts(g.arena, node, args, node.regions))
  }
  return { ...g, root: done.get(g.root)! }
}
const wrong: Readonly<Record<string, () => Graph>> = {
  'writes another literal': () =>
    bent((g, n) => (n.op.name === 'const' ? mustMake(g.arena, 'const', { type: n.type, value: 3 }) : undefined)),
  'computes something else': () =>
    bent((g, n, args) => (n.op.name === 'sub' ? mustMake(g.arena, 'add', {}, args) : undefined)),
  'exchanges operands': () =>
    bent((g, n, args) => (n.op.name === 'sub' ? mustMake(g.arena, 'sub', {}, args.toReversed()) : undefined)),
  'forgets a check': () => bent((_, n, args) => (n.op.name === 'assert' ? args[1] : undefined)),
  'says another message': () =>
    bent((g, n, args) =>
      n.op.name === 'assert' ? remake(g.arena, n, { ...n.op.attrs, message: 'c' }, args, []) : undefined,
    ),
  'counts another size': () =>
    bent((g, n) =>
      n.op.name === 'iota'
        ? mustMake(g.arena, 'slice', { axis: 0, start: 1, stop: null, step: 1, dim: '' }, [
            mustMake(g.arena, 'iota', { dim: 4 }),
          ])
        : undefined,
    ),
  'changes a body': () =>
    bent((g, n, args) => {
      if (n.op.name !== 'map') return undefined
      const [r] = n.regions
      const p = mustMake(g.arena, 'param', { index: 0, type: r!.params[0]! })
      return withParts(g.arena, n, args, [{ params: r!.params, root: mustMake(g.arena, 'mul', {}, [p, p]) }])
    }),
  'keeps the input': () => ({ ...bent(() => undefined), inputs: subject().inputs }),
  'binds another input as well': () => {
    const g = bent((g, n) =>
      n.op.name === 'input' && n.type.kind === 'tensor' && n.type.elem === 'bool'
        ? mustMake(g.arena, 'const', { type: n.type, value: true })
        : undefined,
    )
    return canonicalise(g)
  },
}
test('the checker accepts the right graph, and no wrong one', () => {
  expect(
    checkBind(
      subject(),
      bent(() => undefined),
      claim,
    ),
  ).toBeUndefined()
  for (const [what, make] of Object.entries(wrong)) expect(checkBind(subject(), make(), claim), what).toBeDefined()
  expect(
    checkBind(
      subject(),
      bent(() => undefined),
      { ...claim, sizes: { n: 4 } },
    ),
  ).toBeDefined()
  expect(
    checkBind(
      subject(),
      bent(() => undefined),
      { ...claim, bound: [['i1', 5]] },
    ),
  ).toBeDefined()
  expect(
    checkBind(
      subject(),
      bent(() => undefined),
      { ...claim, bound: [['i9', 2]] },
    ),
  ).toBeDefined()
})
