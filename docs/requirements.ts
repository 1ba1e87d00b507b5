/** What Quoin must do, by the ids that issues, tests and pages cite. */
export interface Requirement {
  readonly id: string
  readonly text: string
  /** What is not there yet, or not shown, although something is. */
  readonly lacks?: string
  /** Evidence that is no test file: specifications, checkers, proofs, measured figures. */
  readonly evidence?: readonly string[]
}
const req = (id: string, text: string, more: Omit<Requirement, 'id' | 'text'> = {}): Requirement => ({
  id,
  text,
  ...more,
})

export const requirements: Readonly<Record<string, readonly Requirement[]>> = {
  'From a pure graph to generated code': [
    req(
      'E1',
      'A graph is pure data: acyclic by construction, can be looked at, written and hashed, and is built the same each time.',
    ),
    req('E2', 'One small interpreter says what every operation and every effect means.', {
      evidence: ['graph/eval.ts', 'graph/meaning/table.ts'],
    }),
    req(
      'E3',
      'Passes: fusion, vectorising, memory, placement, batching of queries and requests, dead code, common subexpressions, folding, laws.',
      {
        lacks:
          'a placement is found, checked and explained; a graph still runs whole, and not in parts on two machines',
      },
    ),
    req(
      'E4',
      'Each pass keeps the meaning: properties with effects, errors and edge values; a certificate and an independent checker at every compile; laws with evidence.',
      { evidence: ['passes/check/index.ts', 'verify/proofs/cache.json', 'docs/laws.md'] },
    ),
    req(
      'E5',
      'Effects are data with read and write sets; conflicting ones keep their order, and nothing new starts after an error.',
      { evidence: ['graph/ordering.ts', 'codegen/program/check.ts'] },
    ),
    req(
      'E6',
      'Generated code: the same bytes for the same graph, with its hash; nothing outside its footprint, no warnings, no throws, everything bounded; hand edits and stale artefacts are found.',
      { lacks: 'time is bounded by the deadline and the steps of a run, and not by a number in the artefact' },
    ),
    req(
      'E7',
      'Drivers: one for each kind of effect, never throwing, with time limits, cancellation and a total classification of errors.',
    ),
    req(
      'E8',
      'Effects: queries, requests, stores, files, clock, random bytes and log, each with a closed set of errors.',
    ),
    req(
      'E9',
      'An inventory of everything that is assumed, for each graph, closed over what rests on it; a change to it invalidates what was verified under it.',
      {
        lacks:
          'entries exist for each graph and driver, and are probed; closing them over properties and invalidating what rested on them is not shown',
      },
    ),
    req('E10', 'Hand-written kernels and generated ones in one program, chosen by written criteria.'),
    req('E11', 'Errors of compiling are typed and say stage, place and remedy.'),
    req('E12', 'Errors of running are typed; generated code does not panic.'),
    req('E13', 'A life cycle in which illegal moves are impossible.', { evidence: ['specs-tla/Lifecycle.tla'] }),
    req('E14', 'A cache by graph, options and target, with limits; the oldest go first and failures do not stay.', {
      evidence: ['specs-tla/Lifecycle.tla'],
    }),
    req(
      'E15',
      'Versions are replaced while they run; one that fails gives way to the one before; nothing stays for ever and nothing starves.',
      { evidence: ['specs-tla/Lifecycle.tla'] },
    ),
    req('E16', 'The list of what must hold before something is deployed is a command that fails a build.'),
    req(
      'E17',
      'Protocols have specifications that are model-checked, with tests made from them and traces that they accept.',
      {
        evidence: ['specs-tla/Lifecycle.tla'],
        lacks:
          'the lifecycle has one; scheduler, batching, cancellation, propagation of errors and bounds have none, and no trace of a run is held to one',
      },
    ),
    req('E18', 'The same bits on every target, with any number of threads, on every machine.', {
      lacks: 'targets are compared on one kind of machine; kernels run in one thread',
    }),
  ],
  'Typed numerics': [
    req('K1', 'Shapes and element types are types; what does not fit does not compile, or is a typed error.', {
      evidence: ['test/build/types.test-d.ts'],
    }),
    req('K2', 'Code for one element type and shape: flat, unrolled, with SIMD, nothing boxed.'),
    req('K3', 'Products, transposition and factorisations at the speed of libraries, which are called where present.', {
      evidence: ['docs/kernels.md'],
      lacks: 'no library is called; factorisations are plain loops; figures are measured and fail no test',
    }),
    req('K4', 'Stencils in two and three dimensions.', {
      evidence: ['docs/kernels.md'],
      lacks: 'one step with a kept boundary in two dimensions is shown; three dimensions are not',
    }),
    req('K5', 'Known parameters are bound and code made for them; differentiation.', {
      lacks: 'sizes are bound; values of parameters are not, and nothing is differentiated',
    }),
    req('K6', 'Sparse matrices with algorithms of their own.'),
    req('K7', 'What is hot, or marked, is compiled in the background while it is interpreted.'),
    req('K8', 'One graph for several element types and shapes, made concrete for each.'),
    req('K9', 'Compiled once for each distinct graph, and remembered.'),
    req('K10', 'A GPU as a target.'),
    req('K11', 'Several cores; several machines by an engine that exists.', {
      lacks: 'long runs go to threads; one run uses one core, and one machine',
    }),
    req(
      'K12',
      'Compiled 100 times as fast as interpreted on large products; ordinary graphs compile in milliseconds.',
      {
        evidence: ['docs/kernels.md', 'docs/engine.md'],
        lacks: 'measured by benchmarks; no test fails when it is no longer so',
      },
    ),
  ],
  'A Lisp as a second front end': [
    req('L1', 'From syntax to machine code inside the process; closures are called inside the compiled module.'),
    req(
      'L2',
      'Interpreter and compiler side by side, hot functions swapped, and a mode that compares both on each call.',
      { lacks: 'graphs have that; there is no Lisp' },
    ),
    req(
      'L3',
      'Foreign functions, errors through compiled code, names and positions for debugging, output ahead of time.',
    ),
    req('M1', 'System libraries loaded and called from the language.'),
    req('M2', 'From text to running code within 50 ms in a warm process, with cache, clean-up and recovery.'),
    req('C1', 'Values: numbers that grow, ratios, floats, symbols, strings, lists, vectors, closures, macros.'),
    req('C2', 'The special forms and the functions of the language.'),
    req('C3', 'Recursion, tail calls of any depth, captured variables.'),
    req('C4', 'Compiled and interpreted programs agree, errors included.'),
    req('C5', 'A prompt with modes, dumps, help and positions of errors.'),
    req('C6', 'What is defined again invalidates what was compiled.'),
    req('C7', 'Benchmarks of compiled against interpreted programs.'),
  ],
}
export const allRequirements: readonly Requirement[] = Object.values(requirements).flat()
