import { setMaxListeners } from 'node:events'
import type { Either } from '../../graph/either.ts'
import { isLeft, left, right } from '../../graph/either.ts'
import type { CompileError, RunError } from '../../graph/errors.ts'
import { bug } from '../../graph/errors.ts'
import type { Graph } from '../../graph/graph.ts'
import type { Driver } from '../driver.ts'
import type { Build, DriversFor } from './build.ts'
import { Checks } from './checks.ts'
import { closedRun, closedWhile, unlike } from './errors.ts'
import type { Listener } from './events.ts'
import type { Profile, Settings, SubmitOptions, Warmth } from './options.ts'
import { loading } from './options.ts'
import { Runs } from './runs.ts'
import type { HandleRunOptions } from './slot.ts'
import { Slot } from './slot.ts'
import type { EngineStats } from './stats.ts'
import type { Tier } from './tiers.ts'
import { heatAt, warmed } from './tiers.ts'
import type { Version } from './version.ts'
import { ownFault } from './version.ts'
import { Works } from './works.ts'
import type { Workshop } from './workshop.ts'

/** Holds graphs and runs them; everything about it lies in this object, so that a process may have many. */
export class Core {
  readonly #workshop: Workshop
  readonly #s: Settings
  readonly #tell: Listener | undefined
  readonly #works: Works
  readonly #where: Runs
  readonly #checks: Checks
  readonly #now: () => number
  readonly #slots = new Set<Slot>()
  /** Drivers that came with a graph. */
  readonly #given = new Set<DriversFor>()
  readonly #stop = new AbortController()
  readonly #runs: Record<Tier, number> = { interpreter: 0, typescript: 0, quick: 0, optimised: 0 }
  #drained: (() => void) | undefined
  #running = 0
  #errors = 0
  #handles = 0
  #closed: Promise<void> | undefined

  constructor(
    workshop: Workshop,
    settings: Settings,
    tell: Listener | undefined,
    now: () => number = () => performance.now(),
  ) {
    this.#workshop = workshop
    this.#s = settings
    this.#tell = tell
    this.#now = now
    this.#where = new Runs(workshop, settings, now)
    // Each run may listen to it.
    setMaxListeners(0, this.#stop.signal)
    this.#works = new Works(workshop, settings, tell, now)
    this.#checks = new Checks(workshop, settings, this.#where, this.#works, tell)
  }

  submit(graph: Graph, options: SubmitOptions): Either<CompileError, Slot> {
    if (this.#closed !== undefined) return left(closedWhile('a graph was submitted'))
    const slot = new Slot(++this.#handles, options, this.#s.statics)
    slot.current = this.#works.version(slot, graph, 1, this.#workshop.about(graph))
    this.#slots.add(slot)
    if (options.drivers !== undefined) this.#given.add(options.drivers)
    this.#tellVersion(slot, slot.current, 'submitted')
    this.#works.consider(slot, slot.current)
    return right(slot)
  }

  /** Runs that begin from now on get the new version; it is on probation until it has shown that it runs. */
  replace(slot: Slot, graph: Graph): Either<CompileError, number> {
    if (this.#closed !== undefined || slot.closed) return left(closedWhile('a graph was replaced'))
    const old = slot.current
    const about = this.#workshop.about(graph)
    if (about.signature !== old.about.signature) return left(unlike(graph.name, old.about.signature, about.signature))
    const version = this.#works.version(slot, graph, ++slot.latest, about)
    slot.current = version
    this.#tellVersion(slot, version, 'replaced')
    // One that was on probation itself is no version to go back to.
    if (slot.fallback === undefined) slot.fallback = old
    else this.#retire(slot, old)
    this.#works.consider(slot, version)
    return right(version.number)
  }

  /** Never rejects: every outcome is a value. */
  async run(slot: Slot, input: unknown, options: HandleRunOptions): Promise<Either<RunError, unknown>> {
    if (this.#closed !== undefined || slot.closed) return left(closedRun)
    const version = slot.current
    const build = version.best
    const begun = build.begin()
    if (isLeft(begun)) return begun
    this.#running++
    version.running++
    this.#works.room.touch(build)
    const started = this.#now()
    let answer: Either<RunError, unknown>
    try {
      answer = await this.#answer(slot, version, build, input, options)
    } catch (e) {
      answer = left(bug('', e))
    }
    const ms = this.#now() - started
    build.end()
    version.running--
    this.#running--
    this.#ended(slot, version, build.about.tier, ms, answer)
    if (this.#running === 0) this.#drained?.()
    return answer
  }
  async #answer(
    slot: Slot,
    version: Version,
    build: Build,
    input: unknown,
    given: HandleRunOptions,
  ): Promise<Either<RunError, unknown>> {
    const { tier } = build.about
    const run = this.#where.of(slot, version, build, input, given, this.#stop.signal)
    if (tier === 'interpreter') return this.#where.once(run, undefined)
    const loaded = await build.loaded(slot.options.drivers ?? this.#s.drivers, given.authority, loading(this.#s))
    if (isLeft(loaded)) return loaded
    return this.#checks.run(run, loaded.right, given)
  }

  #ended(slot: Slot, version: Version, tier: Tier, ms: number, answer: Either<RunError, unknown>): void {
    this.#runs[tier]++
    version.ended++
    version.heat = warmed(version.heat, this.#now(), ms, tier, this.#s.policy)
    if (isLeft(answer)) this.#errors++
    if (isLeft(answer) && ownFault(answer.left)) version.failed++
    if (version === slot.current && slot.fallback !== undefined) this.#judge(slot, version, slot.fallback, answer)
    if (version.retired) this.#works.clear(version)
    else if (this.#closed === undefined) this.#works.consider(slot, version)
  }
  /** A version on probation is trusted, or gives way to the one before it. */
  #judge(slot: Slot, version: Version, before: Version, answer: Either<RunError, unknown>): void {
    const { runs, failures } = this.#s.probation
    if (version.failed >= failures) {
      slot.current = before
      slot.fallback = undefined
      this.#tellVersion(slot, version, 'rolledBack', isLeft(answer) ? answer.left : undefined)
      this.#retire(slot, version)
    } else if (version.ended >= runs) {
      slot.fallback = undefined
      this.#tellVersion(slot, version, 'proven')
      this.#retire(slot, before)
    }
  }
  /** No run begins in it any more; what it holds goes when its last run has ended. */
  #retire(slot: Slot, version: Version): void {
    version.retired = true
    this.#tellVersion(slot, version, 'retired')
    this.#works.clear(version)
  }
  #tellVersion(
    slot: Slot,
    v: Version,
    what: 'submitted' | 'replaced' | 'proven' | 'rolledBack' | 'retired',
    e?: RunError,
  ) {
    const about = { graph: v.graph.name, handle: slot.number, version: v.number }
    this.#tell?.({ event: 'version', what, ...about, ...(e === undefined ? {} : { error: e }) })
  }

  /** Takes a graph away: runs that have begun end as they would. */
  drop(slot: Slot): void {
    if (slot.closed) return
    slot.closed = true
    this.#slots.delete(slot)
    this.#retire(slot, slot.current)
    if (slot.fallback !== undefined) this.#retire(slot, slot.fallback)
    slot.fallback = undefined
  }

  /**
   * Takes no more runs, waits for those that have begun, and lets go of everything. After `graceMs` they are cancelled;
   * those that do not stop even then are left behind.
   */
  close(graceMs: number): Promise<void> {
    this.#closed ??= this.#close(graceMs)
    return this.#closed
  }
  async #close(graceMs: number): Promise<void> {
    // Runs that were refused before this turn ended must see that it is closed.
    await Promise.resolve()
    if (!(await this.#drain(graceMs))) {
      this.#stop.abort()
      await this.#drain(afterCancelMs)
    }
    for (const slot of [...this.#slots]) this.drop(slot)
    this.#works.store.close()
    await this.#workshop.close()
    await this.#works.settled()
    await this.#where.pool.close()
    await this.#checks.close()
    this.#works.store.clear()
    await this.#closeDrivers()
  }
  #drain(ms: number): Promise<boolean> {
    if (this.#running === 0) return Promise.resolve(true)
    return new Promise((done) => {
      const clock = setTimeout(() => done(false), ms)
      this.#drained = () => {
        clearTimeout(clock)
        done(true)
      }
    })
  }
  /** Drivers that a function made for an authority belong to whoever wrote it. */
  async #closeDrivers(): Promise<void> {
    const all = [this.#s.drivers, ...this.#given].flatMap((d) => (typeof d === 'function' ? [] : Object.values(d)))
    for (const d of new Set<Driver>(all)) await d.close().catch(() => undefined)
  }

  async settled(): Promise<void> {
    await this.#checks.settled()
    await this.#works.settled()
  }
  profile(): Profile {
    const at = (v: Version): Warmth => ({
      count: heatAt(v.heat, this.#now(), this.#s.policy),
      msPerRun: v.heat.msPerRun,
      pace: {
        ...v.pace,
        ...Object.fromEntries([...v.builds].flatMap(([t, b]) => (b.pace === undefined ? [] : [[t, b.pace]]))),
      },
    })
    // What was not seen this time may come again in the next process.
    return {
      ...this.#s.profile,
      ...Object.fromEntries([...this.#slots].map(({ current }) => [current.about.digest, at(current)])),
    }
  }
  stats(): EngineStats {
    const { room, store, compiles } = this.#works
    const now = this.#now()
    return {
      handles: [...this.#slots].map(({ current: v }) => ({
        graph: v.graph.name,
        version: v.number,
        tier: v.best.about.tier,
        running: v.running,
        runs: v.ended,
        heat: heatAt(v.heat, now, this.#s.policy),
        msPerRun: v.heat.msPerRun,
      })),
      running: this.#running,
      runs: { ...this.#runs },
      errors: this.#errors,
      pool: { threads: this.#where.pool.threads, runs: this.#where.pool.runs },
      kernelThreads: Math.max(1, ...[...this.#slots].map(({ current }) => current.best.threads)),
      compiles: { ...compiles },
      loaded: { builds: room.held, bytes: room.used, waiting: room.waiting },
      kept: { entries: store.entries, bytes: store.bytes },
    }
  }
}
/** How long a run that was cancelled may take to notice. */
const afterCancelMs = 5000
