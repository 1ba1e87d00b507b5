import type { Fault, Way } from './proxy.ts'
import type { Draws } from './random.ts'

/** One step of a run: calls that go out together, each a read, a batch, or a write. */
export type Step = readonly (
  | { readonly do: 'read'; readonly key: number }
  | { readonly do: 'many'; readonly keys: readonly number[] }
  | { readonly do: 'write' }
)[]
/** Everything that decides a run: written down when it fails, read when it is played again. */
export interface Plan {
  readonly place: string
  readonly steps: readonly Step[]
  /** The fault of each connection by its number; later connections work. */
  readonly faults: readonly (Fault | null)[]
  readonly timeoutMs: number
  readonly max: number
  readonly cancelMs?: number
}

const ways: readonly Way[] = ['up', 'down']
const kinds = ['reset', 'truncate', 'stall', 'twice', 'half-close', 'late', 'pieces', 'refuse'] as const

const faultOf = (d: Draws): Fault => {
  const fault = d.from(kinds)
  const way = d.from(ways)
  // Most faults belong into the first exchanges, some behind them.
  const after = d.below(d.from([20, 150, 600, 3000]))
  switch (fault) {
    case 'refuse':
      return { fault }
    case 'late':
      return { fault, way, ms: 1 + d.below(40) }
    case 'pieces':
      return { fault, way, size: 1 + d.below(7) }
    case 'twice':
      return { fault, way: 'down', after }
    case 'half-close':
      return { fault, way: 'up', after }
    case 'stall':
    case 'reset':
    case 'truncate':
      return { fault, way, after }
  }
}
const stepOf = (d: Draws): Step =>
  Array.from({ length: d.from([1, 1, 2, 4]) }, () => {
    const kind = d.from(['read', 'many', 'write', 'write'] as const)
    if (kind === 'read') return { do: 'read', key: d.below(100) }
    if (kind === 'many') return { do: 'many', keys: Array.from({ length: 1 + d.below(6) }, () => d.below(100)) }
    return { do: 'write' }
  })

export const faultsOf = (d: Draws): Plan['faults'] =>
  Array.from({ length: 1 + d.below(4) }, () => (d.chance(0.75) ? faultOf(d) : null))

export const planOf = (d: Draws, place: string, embedded = false): Plan => ({
  place,
  steps: Array.from({ length: 1 + d.below(4) }, () => stepOf(d)),
  faults: embedded ? [] : faultsOf(d),
  timeoutMs: d.from([60, 150, 400]),
  max: 1 + d.below(3),
  ...(d.chance(embedded ? 0.5 : 0.25) ? { cancelMs: d.below(40) } : {}),
})
/** What a table counts a run under: its first fault. */
export const nameOf = (plan: Plan): string =>
  plan.faults.find((f) => f !== null)?.fault ?? (plan.cancelMs === undefined ? 'none' : 'cancel')
