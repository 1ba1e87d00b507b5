import { isLeft, left } from '../../graph/either.ts'
import type { CompileError, RunError } from '../../graph/errors.ts'
import type { Graph } from '../../graph/graph.ts'
import { Build } from './build.ts'
import { Disk } from './disk.ts'
import type { Listener } from './events.ts'
import { artifactOf } from './instantiate.ts'
import { keyOf } from './key.ts'
import type { Settings } from './options.ts'
import { loading, warmthIn } from './options.ts'
import { Room } from './room.ts'
import type { Slot } from './slot.ts'
import { Store } from './store.ts'
import type { CompiledTier, Tier } from './tiers.ts'
import { compiledTiers, heatAt, rank, tiers, wanted } from './tiers.ts'
import { Version } from './version.ts'
import type { About, Stage, Workshop } from './workshop.ts'
import { bytesOf } from './workshop.ts'

/** Gives versions better tiers: decides which, has them compiled or finds them in the cache, and makes room for them. */
export class Works {
  readonly room: Room
  readonly store: Store
  readonly compiles = { running: 0, done: 0, failed: 0 }
  readonly #workshop: Workshop
  readonly #s: Settings
  readonly #tell: Listener | undefined
  readonly #now: () => number
  readonly #told = new Set<string>()
  /** Tiers that answered wrongly, by graph: no version of it is given them again. */
  readonly #withdrawn = new Set<string>()
  readonly #raising = new Set<Promise<void>>()
  /** Versions that runs may begin in, or that are gone back to. */
  readonly #live = new Set<Version>()

  constructor(workshop: Workshop, settings: Settings, tell: Listener | undefined, now: () => number) {
    this.#workshop = workshop
    this.#s = settings
    this.#tell = tell
    this.#now = now
    this.room = new Room(settings.cache.loadedBytes)
    const { directory, diskBytes, memoryBytes } = settings.cache
    const { patienceMs } = settings
    const disk = directory === undefined ? undefined : new Disk({ directory, maxBytes: diskBytes, patienceMs }, tell)
    this.store = new Store(memoryBytes, disk, now, tell)
  }

  /** A version that can run: in the interpreter, at once. */
  version(slot: Slot, graph: Graph, number: number, about: About): Version {
    const { facts } = this.#workshop
    const version = new Version(number, graph, about, (tier) => keyOf(about.digest, tier, slot.choices, facts))
    const known = warmthIn(this.#s.profile, about.digest)
    if (known !== undefined) {
      version.heat = { count: known.count, msPerRun: known.msPerRun, at: this.#now() }
      version.pace = known.pace ?? {}
    }
    for (const t of tiers) if (this.#withdrawn.has(`${about.digest} ${t}`)) version.withdrawn.add(t)
    this.#build(slot, version, 'interpreter').step('Interpret')
    this.#live.add(version)
    return version
  }
  /** Lets go of what a version holds, once its last runs have ended. */
  clear(version: Version): void {
    this.#live.delete(version)
    for (const b of version.builds.values()) b.evict()
  }
  #build(slot: Slot, version: Version, tier: Tier): Build {
    const about = { graph: version.graph.name, handle: slot.number, version: version.number, tier }
    const key = tier === 'interpreter' ? '' : version.keys[tier]
    const build = new Build(about, key, this.#tell, (b) => this.#gone(b), version.pace[tier])
    version.builds.set(tier, build)
    return build
  }

  #gone(b: Build): void {
    b.evictedAt = this.#now()
    this.room.leave(b)
  }

  /** Looks whether a version should have a better tier, and if so sees to it. */
  consider(slot: Slot, version: Version): void {
    let has = version.best.about.tier
    if (version.retired || has === 'optimised') return
    const { policy } = this.#s
    const blocked = new Set<Tier>(version.withdrawn)
    for (const tier of compiledTiers) {
      const b = version.builds.get(tier)
      const busy = b !== undefined && b.state !== 'Evicted' && b.state !== 'Failed' && !b.open
      // What is being made counts as there: nothing less is begun meanwhile.
      if (busy && !b.leaving && rank(tier) > rank(has)) has = tier
      // Where there is room for fewer than are hot, they take turns; loading at every run would cost more than it earns.
      const rests = b !== undefined && this.#now() - b.evictedAt < policy.restMs
      if (busy || rests || this.store.waitMs(version.keys[tier]) > 0) blocked.add(tier)
    }
    const { nodes, effects } = version.about
    const when = slot.options.compile ?? this.#s.compile
    const heat = heatAt(version.heat, this.#now(), policy)
    const tier = wanted({ when, heat, msPerRun: version.heat.msPerRun, nodes, effects, has, blocked }, policy)
    if (tier === undefined) return
    const raising: Promise<void> = this.#raise(slot, version, tier)
      .catch((e) => process.emitWarning(`an engine made a mistake: ${String(e)}`, 'Quoin'))
      .finally(() => this.#raising.delete(raising))
    this.#raising.add(raising)
  }
  /** Waits until nothing is being compiled or loaded. */
  async settled(): Promise<void> {
    while (this.#raising.size > 0) await Promise.all(this.#raising)
  }

  async #raise(slot: Slot, version: Version, tier: CompiledTier): Promise<void> {
    const build = version.builds.get(tier) ?? this.#build(slot, version, tier)
    if (build.state === 'Failed') build.step('Retry')
    if (build.state === 'Evicted') build.step('Restore')
    const wantedStill = (): boolean => build.state !== 'Evicted'
    const stage = (s: Stage): void => {
      if (wantedStill()) build.step(s === 'optimise' ? 'Optimize' : 'Generate')
    }
    const found = await this.store.codeFor(build.key, () => this.#compile(slot, version, tier, stage))
    if (!wantedStill()) return
    if (isLeft(found)) return this.#unavailable(version, build, found.left)
    // Whoever waited for the code of somebody else has not been optimised.
    if (build.state === 'GraphReceived') build.step('Recall')
    else {
      if (build.state === 'Optimizing') build.step('Generate')
      build.step('Compile')
    }
    const { code } = found.right
    const bytes = bytesOf(code)
    const granted = await this.room.enter(build, bytes)
    if (!wantedStill()) return
    if (!granted) return this.#unavailable(version, build, this.#tooLarge(version, bytes))
    const artifact = artifactOf(code, version.about.names)
    if (isLeft(artifact)) {
      // Nobody else shall be given what does not load.
      await this.store.forget(build.key)
      return this.#unavailable(version, build, artifact.left)
    }
    build.holds(artifact.right, code)
    // What does not fit is found here, and not by a run. Drivers of an authority are made when it comes.
    const drivers = slot.options.drivers ?? this.#s.drivers
    const loaded = typeof drivers === 'function' ? undefined : await build.loaded(drivers, undefined, loading(this.#s))
    if (!wantedStill()) return
    if (loaded !== undefined && isLeft(loaded)) return this.#unavailable(version, build, loaded.left)
    if (version.withdrawn.has(tier)) {
      build.step('Fail')
      this.room.leave(build)
      return
    }
    build.step('Install')
    this.room.installed()
    // Tiers below it give their room back.
    for (const b of version.builds.values())
      if (b.open && b.about.tier !== 'interpreter' && rank(b.about.tier) < rank(tier)) b.evict()
  }
  async #compile(slot: Slot, version: Version, tier: CompiledTier, stage: (s: Stage) => void) {
    this.compiles.running++
    const graph = this.#workshop.encode(version.graph)
    const made = await this.#workshop.compile({ graph, tier, choices: slot.choices }, stage)
    this.compiles.running--
    this.compiles[isLeft(made) ? 'failed' : 'done']++
    return isLeft(made) ? left(this.#workshop.shownIn(version.graph, made.left)) : made
  }
  /** The graph goes on in a lower tier. That is told once, and the tier is not tried again for a while. */
  #unavailable(version: Version, build: Build, error: CompileError | RunError): void {
    build.step('Fail')
    this.room.leave(build)
    if (this.store.waitMs(build.key) === 0) this.store.fail(build.key, error)
    const once = `${version.about.digest} ${build.about.tier}`
    if (this.#told.has(once)) return
    remember(this.#told, once)
    const tier = build.about.tier as CompiledTier
    const againInMs = this.store.waitMs(build.key)
    this.#tell?.({ event: 'unavailable', ...build.about, tier, error, againInMs })
  }
  #tooLarge({ graph }: Version, bytes: number): CompileError {
    return this.#workshop.shownIn(graph, tooLarge(graph.name, bytes, this.#s.cache.loadedBytes))
  }
  /** A build that answered wrongly, or broke, is given to nobody any more, whoever submitted its graph. */
  withdraw(version: Version, build: Build): void {
    const { tier } = build.about
    remember(this.#withdrawn, `${version.about.digest} ${tier}`)
    for (const v of [version, ...this.#live]) {
      if (v.about.digest !== version.about.digest) continue
      v.withdrawn.add(tier)
      const other = v.builds.get(tier)
      if (other === undefined) continue
      other.condemn()
      void this.store.forget(other.key)
    }
  }
}

/** The oldest go when there are very many: an engine runs for months. */
const remember = (set: Set<string>, what: string): void => {
  set.add(what)
  if (set.size > 10_000) set.delete(set.values().next().value!)
}
const tooLarge = (node: string, bytes: number, room: number): CompileError => ({
  _tag: 'ResourceExceeded',
  stage: 'load',
  what: 'memory',
  node,
  place: '',
  subgraph: '',
  picture: '',
  cause: `the code has ${bytes} bytes, and there is room for ${room}`,
  remedy: 'raise cache.loadedBytes of the engine; until then the graph runs in a lower tier',
})
