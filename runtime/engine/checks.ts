import type { Either } from '../../graph/either.ts'
import { isLeft } from '../../graph/either.ts'
import type { RunError } from '../../graph/errors.ts'
import type { Loaded } from '../load.ts'
import type { Build } from './build.ts'
import type { Compared } from './cross-check.ts'
import { alike, fileOf, runTwice, written } from './cross-check.ts'
import type { Listener } from './events.ts'
import type { Settings } from './options.ts'
import type { RunOf, Runs } from './runs.ts'
import type { HandleRunOptions } from './slot.ts'
import type { CompiledTier } from './tiers.ts'
import type { Works } from './works.ts'
import type { Workshop } from './workshop.ts'

type Result = Either<RunError, unknown>
type Code = Loaded<unknown, unknown>

/**
 * Has a share of the runs done twice. A cross-check gives the interpreter's answer where both differ; a shadow runs after
 * the answer was given, so that nobody waits for it, and asks the outside once more, so graphs that write have none.
 */
export class Checks {
  readonly #workshop: Workshop
  readonly #s: Settings
  readonly #runs: Runs
  readonly #works: Works
  readonly #tell: Listener | undefined
  /** Shares of runs that were not done twice; one is, when they are a whole. */
  readonly #sampled = { crossCheck: 0, shadow: 0 }
  readonly #behind = new Set<Promise<void>>()
  #shadows = 0
  #closed = false
  /** Graphs of which it was told that they have no shadow. */
  readonly #told = new WeakSet<object>()

  constructor(workshop: Workshop, settings: Settings, runs: Runs, works: Works, tell: Listener | undefined) {
    this.#workshop = workshop
    this.#s = settings
    this.#runs = runs
    this.#works = works
    this.#tell = tell
  }

  async run(run: RunOf, loaded: Code, given: HandleRunOptions): Promise<Result> {
    if (this.#takes('crossCheck', run, given)) return this.#twice(run, loaded)
    const answer = await this.#runs.once(run, loaded)
    // Code that breaks is given to nobody any more.
    if (isLeft(answer) && answer.left._tag === 'Bug') this.#works.withdraw(run.version, run.build)
    else if (this.#takes('shadow', run, given)) this.#shadow(run, loaded, answer)
    return answer
  }
  /** Relaxed laws give other bits by permission, so there is nothing to compare. */
  #takes(what: 'crossCheck' | 'shadow', { slot, build }: RunOf, given: HandleRunOptions): boolean {
    const { share } = this.#s[what]
    if (share <= 0 || slot.choices.relax !== undefined || given.record !== undefined || this.#relaxed(build))
      return false
    this.#sampled[what] += Math.min(1, share)
    if (this.#sampled[what] < 1) return false
    this.#sampled[what] -= 1
    return true
  }

  /** Hand-written kernels with a law of their own give other bits as well. */
  #relaxed(build: Build): boolean {
    return this.#s.statics.some((k) => k.law !== undefined && build.statics.includes(k.choice.name))
  }

  async #twice(run: RunOf, loaded: Code): Promise<Result> {
    if (run.version.about.effects) {
      const { answer, different } = await this.#recorded(run, loaded)
      if (different !== undefined) this.#differs(run, different, this.#s.crossCheck.directory)
      return answer
    }
    // What only computes need not be recorded to be done again.
    const left = this.#timeOf(run)
    const answer = await this.#runs.once(run, loaded)
    const reference = await this.#reference(left())
    if (alike(answer, reference)) return answer
    await this.#again(left(), loaded, this.#s.crossCheck.directory)
    return reference
  }
  #recorded(run: RunOf, loaded: Code): Promise<Compared> {
    const left = this.#timeOf(run)
    return runTwice(
      run.version.graph,
      (record) => loaded.run(run.input, { ...run.options, record }),
      (recording) => this.#runs.replay(left(), recording),
    )
  }
  #reference(run: RunOf): Promise<Result> {
    return this.#runs.once({ ...run, build: run.version.builds.get('interpreter')! }, undefined)
  }
  /** The run with what is left of its time, for whatever of it is done once more. */
  #timeOf(run: RunOf): () => RunOf {
    const { deadlineMs } = run.options
    if (deadlineMs === undefined) return () => run
    const until = performance.now() + deadlineMs
    return () => ({ ...run, options: { ...run.options, deadlineMs: Math.max(0, until - performance.now()) } })
  }
  /** Sees a difference again, this time recorded. */
  async #again(run: RunOf, loaded: Code, directory: string | undefined): Promise<void> {
    const { different, recording } = await this.#recorded(run, loaded)
    const differences = ['it differed from the interpreter once, and not when it ran again']
    if (different !== undefined) this.#differs(run, different, directory)
    else if (recording !== undefined) this.#differs(run, { differences, recording }, directory)
  }

  #differs(run: RunOf, { differences, recording }: NonNullable<Compared['different']>, directory: string | undefined) {
    const { build, version } = run
    this.#works.withdraw(version, build)
    const told = { event: 'difference', ...build.about, differences } as const
    if (directory === undefined) {
      this.#tell?.(told)
      return
    }
    const file = fileOf(directory, version.about.digest, build.about.tier)
    this.#later(async () => {
      const graph = this.#workshop.encode(version.graph)
      const tier = build.about.tier as CompiledTier
      const format = 'quoin-difference-1'
      const there = await written(file, { format, tier, differences, graph, recording })
      this.#tell?.(there ? { ...told, file } : told)
      if (!there || this.#closed) return
      const small = await this.#workshop.minimise({ graph, tier, choices: run.slot.choices, recording })
      if (isLeft(small) || small.right === null) return
      const { nodes, ...least } = small.right
      if (await written(file, { format, tier, minimised: nodes, ...least }))
        this.#tell?.({ event: 'minimised', ...build.about, file, nodes })
    })
  }

  #shadow(run: RunOf, loaded: Code, answer: Result): void {
    const { version, build } = run
    const { effects, writes, oracles } = version.about
    if (writes) {
      if (this.#told.has(version)) return
      this.#told.add(version)
      this.#tell?.({
        event: 'unshadowed',
        ...build.about,
        cause: 'the graph writes, and doing it twice would write twice',
      })
      return
    }
    // One that is late says nothing, and those that wait would be late.
    if (this.#shadows >= mostShadows || this.#closed) return
    this.#shadows++
    const { directory } = this.#s.shadow
    this.#later(async () => {
      try {
        if (oracles) {
          // Another time of day would be another run.
          const { different } = await this.#recorded(run, loaded)
          if (different !== undefined) this.#differs(run, different, directory)
          return
        }
        if (alike(answer, await this.#reference(run))) return
        if (!effects) return await this.#again(run, loaded, directory)
        const { answer: now, different } = await this.#recorded(run, loaded)
        if (different !== undefined) return this.#differs(run, different, directory)
        // The tier is right about what it was answered; what was asked one by one has been answered otherwise.
        const reference = await this.#reference(run)
        if (!alike(now, reference))
          this.#tell?.({ event: 'outside', ...build.about, differences: [told(now, reference)] })
      } finally {
        this.#shadows--
      }
    })
  }
  #later(work: () => Promise<void>): void {
    const one: Promise<void> = work()
      .catch((e) => process.emitWarning(`a run could not be compared: ${String(e)}`, 'Quoin'))
      .finally(() => this.#behind.delete(one))
    this.#behind.add(one)
  }
  /** Waits for what is still being compared; nothing more is begun. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all(this.#behind)
  }
  async settled(): Promise<void> {
    while (this.#behind.size > 0) await Promise.all(this.#behind)
  }
}
const mostShadows = 2

const told = (a: Result, b: Result): string => `${short(a)}; asked one by one: ${short(b)}`
const short = (r: Result): string => {
  const text = isLeft(r) ? `${r.left._tag}: ${r.left.cause}` : JSON.stringify(r.right, bigints)
  return text.length > 300 ? `${text.slice(0, 299)}…` : text
}
const bigints = (_: string, x: unknown): unknown => (typeof x === 'bigint' ? String(x) : x)
