import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { version } from './codegen/version.ts'
import type { Built } from './graph/build/index.ts'
import { asksOracle, isEffect } from './graph/effects.ts'
import type { Either } from './graph/either.ts'
import { isLeft, left, right } from './graph/either.ts'
import type { CompileError, RunError } from './graph/errors.ts'
import { describeError } from './graph/errors.ts'
import { workIn } from './graph/estimate.ts'
import type { Watch } from './graph/eval.ts'
import { shownIn } from './graph/excerpt.ts'
import type { Graph } from './graph/graph.ts'
import { numerics } from './graph/graph.ts'
import { encodeGraph } from './graph/json.ts'
import { digest } from './graph/text.ts'
import { record, showType } from './graph/types.ts'
import { postorder, regionFootprint } from './graph/walk.ts'
import { interpret, replayWithin } from './interpret.ts'
import { keeper } from './runtime/engine/bounds.ts'
import type {
  About,
  EngineOptions,
  EngineStats,
  HandleRunOptions,
  Profile,
  Slot,
  SubmitOptions,
  Workshop,
} from './runtime/engine/index.ts'
import { Compiler, Core, compilerLimits, noGraph, quiet, settingsOf } from './runtime/engine/index.ts'

/** Runs graphs inside a service: at once in the interpreter, compiled in the background when that pays. */
export interface Engine {
  /** Takes a graph; it can be run from this moment on. */
  readonly submit: <Input, Output>(
    graph: Built<Input, Output>,
    options?: SubmitOptions,
  ) => Either<CompileError, Handle<Input, Output>>
  readonly stats: () => EngineStats
  /** How hot each graph is, to be given to the engine of the next process. */
  readonly profile: () => Profile
  /** Waits until nothing is being compiled. */
  readonly settled: () => Promise<void>
  /**
   * Takes no more runs, waits for those that have begun, at most `graceMs` (30 seconds unless said), cancels the rest,
   * and lets go of threads, code and what drivers have opened.
   */
  readonly close: (options?: { readonly graceMs?: number }) => Promise<void>
}

/** A graph in an engine, whatever version and tier it has at the moment. */
export interface Handle<Input, Output> {
  readonly name: string
  /** Never rejects: every outcome is a value. */
  readonly run: (input: Input, options?: HandleRunOptions) => Promise<Either<RunError, Output>>
  /** The same as an fp-ts TaskEither. */
  readonly task: (input: Input, options?: HandleRunOptions) => TaskEither<RunError, Output>
  /** The explicit way out of results as values: rejects with an Error whose message says what `describeError` says. */
  readonly orThrow: (input: Input, options?: HandleRunOptions) => Promise<Output>
  /**
   * Puts a graph of the same type in its place, and answers the number of the version. Runs that have begun keep theirs.
   * When the first runs of the new one fail by its own fault, the one before it comes back.
   */
  readonly replace: (graph: Built<Input, Output>) => Either<CompileError, number>
  /** Takes it away; runs that have begun end as they would. */
  readonly close: () => void
}

export const createEngine = (options: EngineOptions = {}): Engine => engineWith(workshop(options), options)

/** An engine with another workshop than ours: for tests of what happens when a compiler misbehaves. */
export const engineWith = (shop: Workshop, options: EngineOptions, now?: () => number): Engine => {
  const core = new Core(shop, settingsOf(options), quiet(options.trace), now)
  return {
    submit: (graph, o = {}) => {
      const sealed = sealedOf(graph)
      if (isLeft(sealed)) return sealed
      const slot = core.submit(sealed.right, o)
      return isLeft(slot) ? slot : right(handleOf(core, slot.right))
    },
    stats: () => core.stats(),
    profile: () => core.profile(),
    settled: () => core.settled(),
    close: ({ graceMs = 30_000 } = {}) => core.close(graceMs),
  }
}

const handleOf = <Input, Output>(core: Core, slot: Slot): Handle<Input, Output> => {
  const run = (input: Input, options: HandleRunOptions = {}): Promise<Either<RunError, Output>> =>
    core.run(slot, input, options) as Promise<Either<RunError, Output>>
  return {
    name: slot.current.graph.name,
    run,
    task: (input, options) => () => run(input, options),
    orThrow: async (input, options) => {
      const r = await run(input, options)
      if (isLeft(r)) throw new Error(describeError(r.left), { cause: r.left })
      return r.right
    },
    replace: (graph) => {
      const sealed = sealedOf(graph)
      return isLeft(sealed) ? sealed : core.replace(slot, sealed.right)
    },
    close: () => core.drop(slot),
  }
}
const sealedOf = (graph: Built | undefined): Either<CompileError, Graph<'source'>> => graph?.sealed ?? left(noGraph)

const beside = (name: string): URL =>
  new URL(`./${name}.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url)

/** The interpreter, and the compiler in a thread that starts when something is compiled. */
export const workshop = (options: EngineOptions, script = beside('engine-thread')): Workshop => {
  const compiler = new Compiler(script, compilerLimits(options))
  return {
    facts: { quoin: version, numerics },
    about: aboutOf,
    encode: encodeGraph,
    interpret: async (g, drivers, input, { maxSteps, maxBytes, ...run }) => {
      const keep = keeper({
        ...(maxSteps === undefined ? {} : { maxSteps }),
        ...(maxBytes === undefined ? {} : { maxBytes }),
        ...(run.deadlineMs === undefined ? {} : { deadlineMs: run.deadlineMs }),
        ...(run.hereMs === undefined ? {} : { hereMs: run.hereMs }),
      })
      const watch: Watch = (_, id, value) => keep.see(g.arena.opOf(id).name, value)
      const answer = await interpret(g, drivers, input, { ...run, watch })
      // What is thrown inside a transaction ends that first, which makes another error of it.
      const halted = keep.halted()
      if (halted !== undefined) return left(halted)
      // A sealed graph has no errors of compiling.
      return answer as Either<RunError, unknown>
    },
    interpreter: beside('interpret-thread').href,
    replay: replayWithin,
    minimise: (job) => compiler.minimise(job),
    compile: (job, stage) => compiler.compile(job, stage),
    shownIn,
    close: () => compiler.close(),
  }
}

const aboutOf = (g: Graph): About => {
  const footprint = regionFootprint(g.arena, g.root)
  let nodes = 0
  let effects = false
  let loops = false
  const seen = new Set<number>()
  const open = [g.root]
  for (let root = open.pop(); root !== undefined; root = open.pop()) {
    if (seen.has(root)) continue
    seen.add(root)
    for (const id of postorder(g.arena, root)) {
      nodes++
      const { name } = g.arena.opOf(id)
      effects ||= isEffect(name)
      loops ||= name === 'loop'
      for (const r of g.arena.regionsOf(id)) open.push(r.root)
    }
  }
  return {
    digest: digest(g),
    nodes,
    effects,
    loops,
    writes: footprint.writes.length > 0,
    oracles: asksOracle(footprint),
    work: (dims) => {
      const work = workIn(g.arena, { dims, turns: 100 })
      return postorder(g.arena, g.root).reduce((n, id) => n + work(id), 0)
    },
    signature: `${showType(record(g.inputs))} → ${showType(g.arena.typeOf(g.root))}`,
    names: { name: g.name, sites: [...g.sites].map(([k, s]) => [k, s.name, s.place] as const) },
  }
}
