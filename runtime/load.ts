import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { fromValue, toValue } from '../graph/build/host.ts'
import type { Answer, Footprint } from '../graph/effects.ts'
import { emptyFootprint } from '../graph/effects.ts'
import type { Either } from '../graph/either.ts'
import { isLeft, left, right } from '../graph/either.ts'
import type { EffectName, RunError } from '../graph/errors.ts'
import { bug, describeError } from '../graph/errors.ts'
import type { Type } from '../graph/types.ts'
import { parseType, record } from '../graph/types.ts'
import type { RecordValue, Value } from '../graph/values.ts'
import type { Artifact, Manifest, Sidecar } from './artifact.ts'
import type { Assumption } from './assumption.ts'
import type { BoundKernels } from './bind.ts'
import { bindKernels } from './bind.ts'
import { memory } from './cache.ts'
import type { ChunkOptions } from './chunks.ts'
import { inChunks } from './chunks.ts'
import { wrongDialect } from './dialect.ts'
import type { Driver } from './driver.ts'
import { clock } from './drivers/clock/index.ts'
import { log } from './drivers/log/index.ts'
import { random } from './drivers/random/index.ts'
import type { KernelLimits, MemoryStats, ThreadStats } from './kernels.ts'
import type { Prepared } from './prepare.ts'
import { prepare } from './prepare.ts'
import type { Recorded, Recorder } from './replay/recorder.ts'
import { recorderFor } from './replay/recorder.ts'
import type { Bound, RunOptions } from './run.ts'
import { Run } from './run.ts'
import type { StaticKernel } from './statics/kernel.ts'
import { Halted } from './stopped.ts'
import { support } from './support.ts'
import type { Summary } from './verified.ts'
import { admitImported, isVerified, notVerified } from './verified.ts'

/** Drivers by the symbolic names the graph uses. `clock`, `random` and `log` have defaults. */
export type Drivers = Readonly<Record<string, Driver>>

/** A graph that is ready to run, as often and as concurrently as the drivers allow. */
export interface Loaded<Input, Output> {
  readonly manifest: Manifest
  /** The name of the graph, where names are known. */
  readonly name: string
  /** Never rejects: every outcome is a value. */
  readonly run: (input: Input, options?: RunOptions) => Promise<Either<RunError, Output>>
  /**
   * A run for each chunk of a query's rows, which need not fit into memory: as if the query had answered these rows only.
   * What is slow to take the answers slows the reading down.
   */
  readonly chunks: (input: Input, options: ChunkOptions) => AsyncGenerator<Either<RunError, Output>, void>
  /** The same as an fp-ts TaskEither. */
  readonly task: (input: Input, options?: RunOptions) => TaskEither<RunError, Output>
  /** The explicit way out of results as values: rejects with an Error whose message says what `describeError` says. */
  readonly orThrow: (input: Input, options?: RunOptions) => Promise<Output>
  /**
   * The graph, if it only computes, on inputs that lie where its kernels read them, for given sizes of its named
   * dimensions: nothing is copied, and a call takes tens of nanoseconds.
   */
  readonly prepare: (
    dims?: Readonly<Record<string, number>>,
    /** Inputs by name that are, from the second run on, results of the run before: `{ u: 'next' }`. */
    carry?: { readonly [K in keyof Input]?: keyof Output & string },
  ) => Either<RunError, Prepared<Input, Output>>
  /** What this graph rests on, the drivers that are bound included. */
  readonly inventory: readonly Assumption[]
  /** Greatest number of bytes that one kernel call used beyond its inputs. */
  readonly kernelScratchBytes: () => number
  /** What the memory plan of the kernels has led to so far. */
  readonly kernelMemory: () => MemoryStats
  /** Threads that work on its kernels, and how many calls they divided. */
  readonly kernelThreads: () => ThreadStats
  /** Lets go of the threads of its kernels; what runs, and later runs, do without them. Drivers stay open. */
  readonly release: () => Promise<void>
  /** Closes the drivers, and lets go of the threads; running graphs should have ended. */
  readonly close: () => Promise<void>
}

export interface LoadOptions extends KernelLimits {
  /** Hand-written kernels for the operations that were left to them when the graph was compiled. */
  readonly statics?: readonly StaticKernel[]
  /**
   * Refuses what is not verified. `true` takes what `admit` has made; a summary, as `quoin verify --summary` writes it, reads
   * the directory of the artefact again and runs what it found there, if the summary speaks of exactly those bytes.
   */
  readonly strict?: boolean | Summary
}

/** Loads an artefact: binds kernels and drivers, and refuses what does not fit. Opens nothing itself. */
export const load = async <Input, Output>(
  given: Artifact<Input, Output>,
  drivers: Drivers = {},
  { strict = false, statics = [], ...limits }: LoadOptions = {},
): Promise<Either<RunError, Loaded<Input, Output>>> => {
  try {
    const unfit = unfitArguments(given, drivers)
    if (unfit !== undefined) return left(unfit)
    if (strict === true && !isVerified(given)) return left(notVerified())
    const sound = typeof strict === 'boolean' ? right(given) : await admitImported(given, strict)
    if (isLeft(sound)) return sound
    const artifact: Artifact<Input, Output> = sound.right
    const { manifest } = artifact
    if (manifest.format !== 1)
      return left(
        notLoaded(
          `has format ${String(manifest.format)}, and this runtime reads format 1`,
          'build it again with this version of Quoin',
        ),
      )
    const all: Drivers = { clock: clock(), random: random(), log: log(), ...drivers }
    const missing = checkDrivers(manifest, all)
    if (missing !== undefined) return left(missing)
    const kernels = await bindKernels(artifact, limits)
    if (isLeft(kernels)) return kernels
    const names = await sidecarOf(artifact)
    return right(new LoadedGraph<Input, Output>(artifact, all, drivers, kernels.right, names, statics))
  } catch (e) {
    return left(
      notLoaded(
        e instanceof Error ? e.message : String(e),
        'check that every file of the artefact is there and unchanged; quoin build writes it afresh',
      ),
    )
  }
}

export const notLoaded = (cause: string, remedy: string): RunError => ({
  _tag: 'LoadFailed',
  node: '',
  place: '',
  cause: `the artefact ${cause}`,
  remedy,
})

/** What only JavaScript callers can get wrong, told apart from a damaged artefact. */
const unfitArguments = (artifact: unknown, drivers: unknown): RunError | undefined => {
  if (typeof artifact !== 'object' || artifact === null || !('manifest' in artifact)) {
    const graph = typeof artifact === 'object' && artifact !== null && 'sealed' in artifact
    return {
      _tag: 'LoadFailed',
      node: '',
      place: '',
      cause: graph ? 'this is a graph, not an artefact' : 'this is no artefact',
      remedy: 'compile the graph first: load((await compile(graph)).right)',
    }
  }
  for (const [name, d] of Object.entries(drivers ?? {})) {
    const { misused } = (d ?? {}) as Partial<Driver>
    if (misused !== undefined) return { _tag: 'DriverMissing', node: name, place: '', ...misused }
    if (typeof (d as Driver | undefined)?.perform === 'function' && Array.isArray((d as Driver).effects)) continue
    return {
      _tag: 'DriverMissing',
      node: name,
      place: '',
      cause: `what is bound to '${name}' is no driver`,
      remedy: 'bind what a driver function returns, such as duckdb() or files({ root })',
    }
  }
  return undefined
}

const checkDrivers = (m: Manifest, drivers: Drivers): RunError | undefined => {
  for (const e of m.effects) {
    const driver = drivers[e.driver]
    if (driver?.effects.includes(e.effect) === true) {
      const wrong = wrongDialect(e.name, e.dialect, e.driver, driver)
      if (wrong === undefined) continue
      return wrong
    }
    return {
      _tag: 'DriverMissing',
      node: e.name,
      place: '',
      cause:
        driver === undefined
          ? `no driver is bound to '${e.driver}'${spare(m, drivers)}`
          : `the driver bound to '${e.driver}' is for ${driver.kind} and does not do ${e.effect}`,
      remedy: `pass load(artifact, { '${e.driver}': ${suggestion[e.effect]} })`,
    }
  }
  for (const t of m.transactions ?? []) {
    const does = drivers[t.db]?.transactions?.isolation
    if (does?.includes(t.isolation) === true) continue
    const what =
      does === undefined ? 'does no transactions' : `does transactions at ${does.map((l) => `'${l}'`).join(', ')}`
    return {
      _tag: 'DriverMissing',
      node: `transaction of '${t.db}'`,
      place: '',
      cause:
        drivers[t.db] === undefined
          ? `no driver is bound to '${t.db}'`
          : `the driver bound to '${t.db}' ${what}, and the graph declares '${t.isolation}'`,
      remedy:
        does === undefined
          ? `bind a driver that does: load(artifact, { '${t.db}': duckdb() })`
          : 'declare a level that it does, or bind another driver',
    }
  }
  return undefined
}
/** Names that were bound and that the graph does not know: one of them may be misspelt. */
const spare = (m: Manifest, drivers: Drivers): string => {
  const used = new Set([...m.effects.map((e) => e.driver), ...(m.transactions ?? []).map((t) => t.db), ...always])
  const odd = Object.keys(drivers).filter((n) => !used.has(n))
  return odd.length === 0 ? '' : `, and the graph has nothing called ${odd.map((n) => `'${n}'`).join(', ')}`
}
const always = ['clock', 'random', 'log'] as const
const suggestion: Readonly<Record<EffectName, string>> = {
  dbQuery: 'duckdb()',
  fileRead: 'files({ root })',
  fileWrite: 'files({ root })',
  httpRequest: 'http({ base })',
  kvGet: 'kv()',
  kvSet: 'kv()',
  kvDelete: 'kv()',
  foreign: 'bindForeign({ one })',
  nowMs: 'clock()',
  randomBytes: 'random()',
  logLine: 'log()',
}

export const sidecarOf = async (a: Artifact): Promise<Sidecar> => {
  const at = a.names()
  if (!(at instanceof URL)) return at
  try {
    const { readFile } = await import('node:fs/promises')
    return JSON.parse(await readFile(at, 'utf8')) as Sidecar
  } catch {
    // Without names, errors speak of occurrences; that is no reason not to run.
    return { name: '', sites: [] }
  }
}

class LoadedGraph<Input, Output> implements Loaded<Input, Output> {
  readonly manifest: Manifest
  readonly name: string
  readonly inventory: readonly Assumption[]
  readonly kernelScratchBytes: () => number
  readonly kernelMemory: () => MemoryStats
  readonly kernelThreads: () => ThreadStats
  readonly prepare: Loaded<Input, Output>['prepare']
  readonly #artifact: Artifact<Input, Output>
  readonly #bound: Bound
  readonly #own: Drivers
  readonly #input: Type
  readonly #output: Type

  constructor(
    artifact: Artifact<Input, Output>,
    drivers: Drivers,
    own: Drivers,
    kernels: BoundKernels,
    names: Sidecar,
    statics: readonly StaticKernel[],
  ) {
    this.manifest = artifact.manifest
    this.name = names.name
    this.#artifact = artifact
    this.#own = own
    this.#input = record(this.manifest.inputs.map(([n, t]) => [n, typeOf(t)] as const))
    this.#output = typeOf(this.manifest.output)
    this.kernelScratchBytes = kernels.scratchBytes
    this.kernelMemory = kernels.memory
    this.kernelThreads = kernels.threads
    const inputs = this.manifest.inputs.map(([n, t]) => [n, typeOf(t)] as const)
    this.prepare = (dims = {}, carry = {}) =>
      prepare(kernels, inputs, this.#output, dims, carry as Readonly<Record<string, string>>)
    const used = new Set(this.manifest.effects.map((e) => e.driver))
    const entries = Object.entries(drivers)
      .filter(([n]) => used.has(n))
      .flatMap(([, d]) => d.assumptions)
    this.inventory = [
      ...this.manifest.inventory,
      ...entries.filter((a, i) => entries.findIndex((b) => b.id === a.id) === i),
    ]
    const sites = new Map(names.sites.map(([k, node, place]) => [k, { node, place }]))
    const footprints = new Map<number, Footprint>(this.manifest.effects.map((e) => [e.occurrence, e.footprint]))
    this.#bound = {
      drivers,
      memory: memory(),
      kernels,
      graph: names.name,
      removed: this.manifest.removed.length,
      ...(statics.length === 0 ? {} : { statics: new Map(statics.map((k) => [k.choice.name, k])) }),
      site: (o) => sites.get(o) ?? { node: '', place: '' },
      footprint: (o) => footprints.get(o) ?? emptyFootprint,
    }
  }

  readonly run = (input: Input, options: RunOptions = {}): Promise<Either<RunError, Output>> =>
    this.#run(this.#bound, input, options)
  readonly chunks = (input: Input, options: ChunkOptions): AsyncGenerator<Either<RunError, Output>, void> =>
    inChunks(this.#bound, this.manifest, options, (bound, each) => this.#run(bound, input, each))

  async #run(bound: Bound, input: Input, options: RunOptions): Promise<Either<RunError, Output>> {
    try {
      const recorder = recorderFor(options.record, () => this.#recorded())
      if (isLeft(recorder)) return recorder
      const answer = await this.#answer(bound, input, recorder.right?.options(options) ?? options, recorder.right)
      recorder.right?.finish(answer)
      return isLeft(answer) ? answer : right(fromValue(this.#output, answer.right) as Output)
    } catch (e) {
      return left(bug('', e))
    }
  }
  async #answer(bound: Bound, input: Input, options: RunOptions, recorder: Recorder | undefined): Promise<Answer> {
    try {
      const given = toValue(this.#input, input)
      if (isLeft(given)) {
        return left({
          _tag: 'InvalidInput',
          node: '',
          place: '',
          cause: given.left
            .slice(0, 5)
            .map((m) => `input ${m.path} ${m.problem}`)
            .join('; '),
          remedy: `pass an object of type ${this.manifest.inputs.map(([n, t]) => `${n}: ${t}`).join(', ')}`,
        })
      }
      const run = new Run(bound, options)
      const outside = recorder?.of(run, given.right) ?? run
      const stop = run.stopped()
      const answer =
        stop === undefined
          ? await this.#artifact.program(support(outside))(
              given.right as RecordValue as Readonly<Record<string, Value>>,
            )
          : left(stop)
      options.stats?.(run.stats)
      return run.halted === undefined ? answer : left(run.halted)
    } catch (e) {
      return left(e instanceof Halted ? e.why : bug('', e))
    }
  }
  #recorded(): Recorded {
    const { quoin, digest, key, effects, removed } = this.manifest
    return {
      quoin,
      graph: this.#bound.graph ?? '',
      digest,
      artifact: key,
      input: this.#input,
      output: this.#output,
      names: [...effects.flatMap((e) => [e.name, e.driver]), ...removed.map((r) => r.name)],
      footprint: this.#bound.footprint,
    }
  }
  readonly task =
    (input: Input, options?: RunOptions): TaskEither<RunError, Output> =>
    () =>
      this.run(input, options)
  readonly orThrow = async (input: Input, options?: RunOptions): Promise<Output> => {
    const r = await this.run(input, options)
    if (isLeft(r)) throw new Error(describeError(r.left), { cause: r.left })
    return r.right
  }
  readonly release = (): Promise<void> => this.#bound.kernels.close()
  readonly close = async (): Promise<void> => {
    await this.release()
    for (const d of Object.values(this.#own)) await d.close()
  }
}

const typeOf = (text: string): Type => {
  const t = parseType(text)
  if (typeof t === 'string') throw new Error(`names a type that is not one: ${t}`)
  return t
}
