import type { Either } from '../../graph/either.ts'
import { isLeft, left, right } from '../../graph/either.ts'
import type { RunError } from '../../graph/errors.ts'
import { bug } from '../../graph/errors.ts'
import type { Artifact } from '../artifact.ts'
import type { Drivers, Loaded, LoadOptions } from '../load.ts'
import { load } from '../load.ts'
import type { About, Listener } from './events.ts'
import type { Action, Phase, State } from './lifecycle.ts'
import { moved, received } from './lifecycle.ts'
import type { Tier } from './tiers.ts'
import type { Code } from './workshop.ts'

/** Drivers for everybody, or for whom a run acts: runs of two authorities share nothing, remembered answers included. */
export type DriversFor = Drivers | ((authority: string | undefined) => Drivers)
export const driversFor = (d: DriversFor, authority: string | undefined): Drivers =>
  typeof d === 'function' ? d(authority) : d

/** Most authorities of which a build keeps a loaded copy; the one asked for longest ago goes first. */
const mostLoaded = 64

/** The same for builds that have not run yet: more than most operations take. */
const firstPace: Readonly<Record<Tier, number>> = { interpreter: 2e-3, typescript: 5e-5, quick: 1e-5, optimised: 1e-5 }

/** Threads of kernels end; what still runs goes on by itself. */
const letGo = async (l: Promise<Either<RunError, Loaded<unknown, unknown>>>): Promise<void> => {
  const loaded = await l
  if (!isLeft(loaded)) await loaded.right.release()
}

/** One version of a graph for one tier, with what it holds. */
export class Build {
  #phase: Phase = received
  #loaded = new Map<string | undefined, Promise<Either<RunError, Loaded<unknown, unknown>>>>()
  readonly #helped = new Set<Loaded<unknown, unknown>>()
  #artifact: Artifact | undefined
  #code: Code | undefined
  /** Milliseconds for each operation on a cell. */
  #pace: number | undefined
  readonly about: About
  /** Of its code in the store; none for the interpreter. */
  readonly key: string
  evictedAt = Number.NEGATIVE_INFINITY
  readonly #tell: Listener | undefined
  readonly #left: (b: Build) => void

  /** `gone` hears when the last run of a build that had to leave has ended. */
  constructor(about: About, key: string, tell: Listener | undefined, gone: (b: Build) => void, pace?: number) {
    this.about = about
    this.#pace = pace
    this.key = key
    this.#tell = tell
    this.#left = gone
  }
  get state(): State {
    return this.#phase.state
  }
  get running(): number {
    return this.#phase.running
  }
  /** Whether a run may begin in it. */
  get open(): boolean {
    return (this.state === 'Ready' || this.state === 'Executing') && this.#phase.leaving === 'no'
  }
  get leaving(): boolean {
    return this.#phase.leaving !== 'no'
  }

  step(action: Action): Either<RunError, null> {
    const from = this.#phase.state
    const to = moved(this.#phase, action)
    if (isLeft(to)) return to
    this.#phase = to.right
    if (to.right.state !== 'Ready' && to.right.state !== 'Executing') this.#drop()
    this.#tell?.({ event: 'move', ...this.about, action, from, to: to.right.state })
    return right(null)
  }
  /** What an installed build runs; its drivers are bound when a run of their authority comes. */
  holds(artifact: Artifact, code: Code): void {
    this.#artifact = artifact
    this.#code = code
  }
  /** What it runs, for a run in another thread; the interpreter has none. */
  get code(): Code | undefined {
    return this.#code
  }
  /** Threads that work on its kernels, the one that runs it included; others may be served by the same ones. */
  get threads(): number {
    return Math.max(1, ...[...this.#helped].map((l) => l.kernelThreads().threads))
  }
  /** Hand-written kernels that it calls, by name. */
  get statics(): readonly string[] {
    return this.#artifact?.manifest.statics ?? []
  }
  /** How long a run with so much work is expected to take. */
  expectedMs(work: number): number {
    return (this.#pace ?? firstPace[this.about.tier]) * work
  }
  /** What is known of that, for a profile. */
  get pace(): number | undefined {
    return this.#pace
  }
  took(ms: number, work: number): void {
    const pace = ms / work
    // A run that something else has held up says little, so the estimate falls fast and rises slowly.
    if (this.#pace === undefined) this.#pace = pace
    else this.#pace += (pace - this.#pace) * (pace < this.#pace ? 0.5 : 0.05)
  }
  #drop(): void {
    for (const l of this.#loaded.values()) void letGo(l)
    this.#helped.clear()
    this.#loaded = new Map()
    if (this.#phase.state === 'Compiling') return
    this.#artifact = undefined
    this.#code = undefined
  }

  loaded(
    drivers: DriversFor,
    authority: string | undefined,
    limits: LoadOptions,
  ): Promise<Either<RunError, Loaded<unknown, unknown>>> {
    const found = this.#loaded.get(authority)
    this.#loaded.delete(authority)
    const artifact = this.#artifact
    if (artifact === undefined) return Promise.resolve(left(bug('', new Error(`a build without code runs`))))
    const one =
      found ??
      load(artifact, driversFor(drivers, authority), limits).then((l) => {
        if (!isLeft(l) && this.#artifact === artifact) this.#helped.add(l.right)
        return l
      })
    this.#loaded.set(authority, one)
    if (this.#loaded.size > mostLoaded) {
      const [oldest] = this.#loaded.keys()
      void letGo(this.#loaded.get(oldest)!)
      this.#loaded.delete(oldest)
    }
    return one
  }

  begin(): Either<RunError, null> {
    return this.step(this.state === 'Ready' ? 'Begin' : 'Join')
  }
  end(): void {
    const { running, leaving } = this.#phase
    const last = leaving === 'no' ? 'Rest' : leaving === 'evict' ? 'Release' : 'Discard'
    this.step(running > 1 ? 'Leave' : last)
    if (running === 1 && leaving !== 'no') this.#left(this)
  }
  /** Lets go of it: at once where nothing runs, else when the last run has ended. */
  evict(): void {
    if (this.state === 'Executing') {
      if (!this.leaving) this.step('Doom')
      return
    }
    if (this.state === 'Evicted') return
    this.step(this.state === 'Ready' ? 'Evict' : 'Forget')
    this.#left(this)
  }
  /** A run of its code answered wrongly: nobody is to be handed it again. */
  condemn(): void {
    if (this.#phase.leaving === 'discard' || (this.state !== 'Ready' && this.state !== 'Executing')) return
    const { running } = this
    this.step('Condemn')
    if (running === 0) this.#left(this)
  }
}
