import { deepFinding } from '../deep.ts'
import type { Duty } from '../duty.ts'
import { duty, named, program, tests } from '../duty.ts'

/** What belongs to no registry: the tool chain's word, bounds, caches, vacuity, sameness, and the gate's own reports. */
export const restDuties = (): readonly Duty[] => [
  duty(
    'sources/lint',
    'the linter has no remark',
    { from: 'command', name: 'npm', args: ['run', 'lint'] },
    { checklist: ['warnings'] },
  ),
  duty(
    'sources/types',
    'the type checker has no remark',
    { from: 'command', name: 'npm', args: ['run', 'types'] },
    { checklist: ['warnings'] },
  ),
  duty(
    'generated/types',
    'generated modules pass the strictest check of TypeScript',
    tests('test/targets/declarations.test.ts'),
    { checklist: ['warnings'], file: 'codegen/targets/module/index.ts' },
  ),
  duty(
    'generated/quiet',
    'generated code neither throws nor imports anything but types',
    tests('test/errors/compile.test.ts', named('what is generated', 'neither throws nor imports anything but types')),
    { checklist: ['warnings', 'unsafe'], file: 'codegen/targets/module/index.ts' },
  ),
  duty(
    'maths/own',
    'nothing uses maths that differs between machines',
    tests(
      'test/inventory/scan.test.ts',
      named('nothing in the sources of Quoin is undeclared, and nothing is allowed in vain'),
    ),
    { checklist: ['unsafe'] },
  ),
  duty('memory/planned', 'the memory of kernels is bounded, and the bound is kept', tests('test/memory/plan.test.ts'), {
    checklist: ['bounds'],
    file: 'codegen/memory/index.ts',
  }),
  duty('memory/mutants', 'memory plans that are wrong on purpose are refused', tests('test/memory/mutants.test.ts'), {
    tier: 'fast',
    checklist: ['bounds'],
    file: 'codegen/memory/check.ts',
  }),
  duty(
    'engine/bounds',
    'runs without end are stopped at their deadline, and by the number of values',
    tests('test/engine/bounds.test.ts'),
    { checklist: ['bounds'], file: 'runtime/engine/bounds.ts' },
  ),
  duty(
    'engine/room',
    'never more versions than fit are loaded, and nobody starves',
    tests('test/engine/room.test.ts'),
    { checklist: ['bounds', 'cache'], file: 'runtime/engine/room.ts' },
  ),
  duty(
    'cache/invalidation',
    'a compiled graph is used only under the key of its parts; what is damaged counts as not there',
    tests('test/engine/cache.test.ts'),
    { checklist: ['cache'], file: 'runtime/engine/store.ts' },
  ),
  duty(
    'cache/body',
    "'cached' means its body: a write to what it read forgets it",
    tests('test/targets/laws.test.ts', /^cached > on (?:ts|wasm)$/),
    { checklist: ['cache'], file: 'runtime/cache.ts' },
  ),
  duty(
    'vacuity/laws-fire',
    'every law fires on the corpus, an example or a program',
    tests(
      'test/laws/useful.test.ts',
      named('every law fires on the corpus, an example or a program: one that does not is removed'),
    ),
    { rows: [12] },
  ),
  duty(
    'vacuity/conditions',
    'each condition of a law is needed: without it the law is wrong somewhere',
    tests('test/laws/laws.test.ts', named('each condition is needed: without it the law is wrong somewhere')),
    { rows: [12] },
  ),
  duty('vacuity/antecedents', 'what laws, passes and checkers suppose does occur', tests('test/gate/vacuity.test.ts'), {
    rows: [12],
  }),
  duty(
    'vacuity/every-node',
    'the generated graphs hold every kind of node there is',
    tests('test/passes/properties.test.ts', /> on graphs with every kind of node there is$/),
    { rows: [12] },
  ),
  duty(
    'vacuity/every-pass',
    'every pass finds work on the generated graphs',
    tests('test/passes/properties.test.ts', named('every pass finds work on the generated graphs')),
    { rows: [12] },
  ),
  duty(
    'same-bytes/1000',
    'same graph, same bytes: 1,000 graphs, two processes, nodes inserted in another order',
    tests('test/gate/determinism.test.ts', undefined, { cases: 1000 }),
    { rows: [14] },
  ),
  duty(
    'reports/validate',
    'SARIF, JUnit and in-toto reports validate against their schemas',
    tests('test/gate/reports.test.ts'),
    { tier: 'fast', rows: [15], file: 'verify/gate/reports/index.ts' },
  ),
  duty(
    'reports/flipped',
    'with one byte changed in any part, an artefact is refused',
    tests('test/gate/verified.test.ts'),
    { rows: [15], file: 'runtime/verified.ts' },
  ),
  duty(
    'laws/all-again',
    'all laws are proved again from an empty cache',
    // From nothing, so what the cache holds is not among what it rests on.
    program(['verify/proofs/main.ts', '--all'], { from: ['verify/proofs/main.ts'], reads: [] }),
    { tier: 'deep', rows: [2], checklist: ['passes'] },
  ),
  duty(
    'elementary/dense',
    'elementary functions keep their stated errors on dense samples',
    tests('test/elementary/accuracy.test.ts', undefined, { deep: true }),
    { tier: 'deep', checklist: ['conformance'], file: 'graph/elementary/index.ts' },
  ),
  duty(
    'elementary/stated',
    'elementary functions keep their stated errors',
    tests('test/elementary/accuracy.test.ts'),
    { checklist: ['conformance'], file: 'graph/elementary/index.ts' },
  ),
  duty(
    'engine/soak',
    'an engine under load, replacement, eviction and faults loses nothing, for long',
    tests('test/engine/soak.test.ts', undefined, { deep: true }),
    { tier: 'deep', checklist: ['bounds', 'cache'], file: 'runtime/engine/engine.ts' },
  ),
]

/** Whether all that the deep tier owes was run, and committed. */
export const deepDuty = (all: readonly Duty[]): Duty =>
  duty(
    'deep/current',
    'the committed report of the deep tier speaks of each of its obligations as it is now',
    { from: 'here', rests: ['verify/self', 'test'], look: (k) => deepFinding(k, all) },
    { rows: [1, 5], fix: 'npm run gate -- --deep, in parts with --only and --seconds; commit verify/self/deep.json' },
  )
