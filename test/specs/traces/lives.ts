import type { EngineEvent } from '../../../runtime/engine/index.ts'
import { edges } from '../../../runtime/engine/lifecycle.ts'
import { compiledTiers } from '../../../runtime/engine/tiers.ts'
import { livedThrough } from '../protocols/lifecycle.ts'
import type { Family, Judged } from './family.ts'
import { judged } from './family.ts'
import type { Recorded, Seen } from './traces.ts'

/** Of one handle and tier; a run under load begins and ends often. */
const mostEvents = 20_000

/**
 * What engines tell of themselves, one trace for each handle and tier: moves of its builds, and what becomes of versions,
 * until it is closed. Who else has room, or wants it, is not in the trace, so it may be wanted at any time.
 */
export class Lives {
  readonly #closed: Recorded[] = []
  #now = new Map<number, Life>()

  readonly hear = (e: EngineEvent): void => {
    if (e.event === 'move' && e.tier !== 'interpreter')
      this.#now.get(e.handle)?.tell([e.action, 1, e.version], [e.tier])
    if (e.event !== 'version') return
    const life = this.#now.get(e.handle) ?? new Life()
    this.#now.set(e.handle, life)
    if (e.what === 'replaced') life.replaced(e.version)
    else if (e.what === 'proven') life.trusted('Prove', life.current)
    else if (e.what === 'rolledBack') life.trusted('Rollback', life.before)
    else if (e.what === 'retired' && e.version === life.current) life.over = true
  }
  /** The engine is done; another one numbers its handles anew. */
  end(): void {
    for (const life of this.#now.values())
      for (const events of life.tiers.values())
        if (events.some((e) => e.length === 3)) this.#closed.push({ start: {}, events, real: true })
    this.#now = new Map()
  }
  judged(name: string): Judged {
    this.end()
    return judged({ ...family, name }, this.#closed)
  }
}
class Life {
  readonly tiers = new Map<string, Seen[]>(compiledTiers.map((t) => [t, []]))
  current = 1
  before = 0
  over = false

  tell(e: Seen, tiers: Iterable<string>): void {
    if (!this.over) for (const t of tiers) if (this.tiers.get(t)!.length < mostEvents) this.tiers.get(t)!.push(e)
  }
  replaced(version: number): void {
    this.tell(['Replace', 1], this.tiers.keys())
    if (this.before === 0) this.before = this.current
    this.current = version
  }
  trusted(what: 'Prove' | 'Rollback', current: number): void {
    this.tell([what, 1], this.tiers.keys())
    this.current = current
    this.before = 0
  }
}

const [versions, runs] = [12, 100]
const accepted = ({ events }: Recorded): boolean => {
  const maxVersion = 1 + events.filter(([what]) => what === 'Replace').length
  const m = { handles: [1], maxVersion, maxRuns: runs, cap: Number.POSITIVE_INFINITY, elsewhere: true }
  return livedThrough(m, events)
}
const moves = [...new Set(edges.map(([, a]) => a))].filter((a) => a !== 'Interpret')
const family: Omit<Family, 'name'> = {
  spec: 'Lifecycle',
  cfg: `CONSTANTS\n  Handles = {1}\n  MaxVersion = ${versions}\n  MaxRuns = ${runs}\n  Cap = 1000\n  Wanted <- Elsewhere\n`,
  accepted,
  alter: ([what, ...about], next) =>
    about.length === 1 || next(2) === 0
      ? [what === 'Replace' ? 'Prove' : 'Replace', 1]
      : [moves.filter((a) => a !== what)[next(moves.length - 1)]!, ...about],
  // A corrupted one may have one version more.
  begins: (events) => {
    const replaced = events.flatMap(([what], i) => (what === 'Replace' ? [i] : []))
    return events.slice(0, replaced[versions - 2])
  },
}
