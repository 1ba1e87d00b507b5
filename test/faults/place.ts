import type { Call } from '../../graph/effects.ts'
import type { Batch, Driver } from '../../runtime/driver.ts'

export interface Limits {
  readonly timeoutMs: number
  readonly max?: number
  /** A word that tells the connections of one run apart. */
  readonly tag?: string
}
/** What stands behind a proxy: a server, drivers that reach it through the proxy, and what it holds afterwards. */
export interface Place {
  readonly name: string
  /** Nothing travels to it: what goes wrong is time, and who waits. */
  readonly embedded?: true
  readonly host: string
  readonly port: number
  /** A driver that speaks to the port of a proxy. */
  readonly driver: (port: number, limits: Limits) => Driver
  readonly read: (key: number) => Call
  /** What a read of a key answers where nothing goes wrong; keys are 0 to 99. */
  readonly answer: (key: number) => unknown
  readonly many: (keys: readonly number[]) => Batch
  /** A write; each has a number of its own. */
  readonly write: (id: number) => Call
  /** Whether a write may be sent more often than once. */
  readonly again: boolean
  /** How often each of these writes happened, once nothing is under way any more. */
  readonly happened: (ids: readonly number[], tag?: string) => Promise<ReadonlyMap<number, number>>
  /** Connections that the server has, without those of the test itself. */
  readonly connections: () => Promise<number>
  readonly stop: () => Promise<void>
  readonly start: () => Promise<void>
  readonly close: () => Promise<void>
}
