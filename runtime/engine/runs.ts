import { fromValue, toValue } from '../../graph/build/host.ts'
import type { Answer } from '../../graph/effects.ts'
import type { Either } from '../../graph/either.ts'
import { isLeft, left, right } from '../../graph/either.ts'
import type { CompileError, RunError } from '../../graph/errors.ts'
import type { Aside } from '../../graph/eval.ts'
import { record } from '../../graph/types.ts'
import type { Loaded } from '../load.ts'
import type { Replayed } from '../replay/playback.ts'
import type { RunOptions } from '../run.ts'
import { elsewhere } from '../stopped.ts'
import type { Build } from './build.ts'
import { driversFor } from './build.ts'
import type { Settings } from './options.ts'
import type { Prepare } from './pool.ts'
import { Pool } from './pool.ts'
import { alone, sliceMs, slices, Turn } from './slices.ts'
import type { HandleRunOptions, Slot } from './slot.ts'
import type { Version } from './version.ts'
import type { Workshop } from './workshop.ts'

/** One run of a build: what it is of, and what was said about it. */
export interface RunOf {
  readonly slot: Slot
  readonly version: Version
  readonly build: Build
  readonly input: unknown
  readonly authority: string | undefined
  readonly options: RunOptions & { readonly stop: AbortSignal }
}
type Result = Either<RunError, unknown>

/**
 * Where runs compute. What is expected to be short, or asks the outside, computes on the event loop, in slices; what is
 * long and only computes, in a thread. Whether a run is long is guessed from the sizes of its input, corrected by what
 * earlier runs took; one that turns out to be long begins again in a thread, which is no harm, because it only computes.
 */
export class Runs {
  readonly pool: Pool
  readonly #workshop: Workshop
  readonly #s: Settings
  readonly #now: () => number
  readonly #turn = new Turn()

  constructor(workshop: Workshop, settings: Settings, now: () => number) {
    this.#workshop = workshop
    this.#s = settings
    this.#now = now
    this.pool = new Pool(settings.pool)
  }

  /** A run with the bounds of the engine, which a run may narrow. */
  of(slot: Slot, version: Version, build: Build, input: unknown, o: HandleRunOptions, stop: AbortSignal): RunOf {
    const { authority, ...given } = o
    const { deadlineMs = Number.POSITIVE_INFINITY, ...bounds } = this.#s.limits
    const most = Math.min(given.deadlineMs ?? Number.POSITIVE_INFINITY, deadlineMs)
    const options = { ...given, ...(most === Number.POSITIVE_INFINITY ? {} : { deadlineMs: most }), ...bounds, stop }
    return { slot, version, build, input, authority, options }
  }

  /** `loaded` is the code of a compiled build. */
  async once(run: RunOf, loaded: Loaded<unknown, unknown> | undefined): Promise<Result> {
    const { version, build, input, options } = run
    const here = (hereMs?: number): Promise<Result> => {
      const more = hereMs === undefined ? options : { ...options, hereMs }
      return loaded === undefined ? this.#interpreted(run, more) : loaded.run(input, more)
    }
    const { effects, loops } = version.about
    // A run that somebody watches stays where he is.
    if (effects || build.statics.length > 0 || this.#watched(options)) return here()
    const work = version.work.of(input)
    const expected = build.expectedMs(work)
    if (this.pool.wants(expected)) return this.#away(run, work)
    const turn = this.#turn.take(expected)
    if (turn !== undefined) await turn
    const began = this.#now()
    // Kernels are as long as their arrays; turns of loops, and the interpreter, have to be looked at.
    const guarded = this.pool.wants(Number.POSITIVE_INFINITY) && (loops || loaded === undefined)
    const answer = await here(guarded ? sliceMs : undefined)
    if (isLeft(answer) && answer.left === elsewhere) {
      build.took(this.#now() - began, work)
      return this.#away(run, work)
    }
    if (!isLeft(answer)) build.took(this.#now() - began, work)
    return answer
  }
  #watched(o: RunOptions): boolean {
    return o.trace !== undefined || o.stats !== undefined || o.record !== undefined
  }

  #interpreted({ slot, version, input, authority }: RunOf, options: RunOptions): Promise<Result> {
    const drivers = driversFor(slot.options.drivers ?? this.#s.drivers, authority)
    const threads = this.pool.wants(Number.POSITIVE_INFINITY)
    const parts =
      options.hereMs === undefined ? slices(this.#turn, threads ? (a) => this.#apart(a, options) : undefined) : alone
    return this.#workshop.interpret(version.graph, drivers, input, { ...options, slices: parts })
  }
  async #apart(a: Aside, options: RunOptions): Promise<Answer> {
    const { answer } = await this.pool.run('meaning', () => ({ meaning: true }), a, away(options))
    return answer as Answer
  }

  /** In a thread: compiled code, or the interpreter. */
  async #away({ version, build, input, options }: RunOf, work: number): Promise<Result> {
    const { graph, about } = version
    const given = toValue(record(graph.inputs), input)
    if (isLeft(given))
      return left({
        _tag: 'InvalidInput',
        node: '',
        place: '',
        cause: given.left.map((m) => `input ${m.path} ${m.problem}`).join('; '),
        remedy: 'pass the inputs the graph declares',
      })
    const { code } = build
    const { limits } = this.#s
    const prepare = (): Prepare =>
      code === undefined ? this.#interpreter(version) : { code, names: about.names, limits }
    const key = code === undefined ? `interpreter ${about.digest}` : build.key
    const done = await this.pool.run(key, prepare, given.right, away(options))
    const answer = done.answer as Answer
    if (isLeft(answer)) return answer
    build.took(done.ms, work)
    return right(fromValue(graph.arena.typeOf(graph.root), answer.right))
  }
  #interpreter(version: Version): Prepare {
    return { script: this.#workshop.interpreter, graph: version.document(this.#workshop.encode) }
  }

  /** Runs a recorded run again in the interpreter, in a thread where that is expected to take long. */
  async replay(run: RunOf, recording: unknown): Promise<Either<RunError | CompileError, Replayed>> {
    const { version, input, options } = run
    // Turns of loops are told by no size.
    const ms = version.about.loops
      ? Number.POSITIVE_INFINITY
      : version.builds.get('interpreter')!.expectedMs(version.work.of(input))
    if (!this.pool.wants(ms)) return this.#workshop.replay(version.graph, recording, options)
    const key = `interpreter ${version.about.digest}`
    const prepare = () => this.#interpreter(version)
    const { answer } = await this.pool.run(key, prepare, recording, away(options), 'replay')
    return answer as unknown as Either<RunError | CompileError, Replayed>
  }
}

/** What of a run's options goes with it to a thread. */
const away = ({ deadlineMs, maxSteps, maxBytes, signal, stop }: RunOptions) => ({
  ...(deadlineMs === undefined ? {} : { deadlineMs }),
  ...(maxSteps === undefined ? {} : { maxSteps }),
  ...(maxBytes === undefined ? {} : { maxBytes }),
  signal: signal === undefined || stop === undefined ? (signal ?? stop)! : AbortSignal.any([signal, stop]),
})
