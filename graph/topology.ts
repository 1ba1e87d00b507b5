import type { Sizes } from './estimate.ts'

/** Where a graph may run: sites, what each can do, and what lies between them. Plain data. */
export interface Topology {
  readonly sites: readonly Site[]
  /** In one direction each. Where there is none, nothing crosses; nothing is sent on by a third site. */
  readonly links: readonly Link[]
  /** The site at which inputs arrive: one for all, or one for each by name. */
  readonly inputs: string | Readonly<Record<string, string>>
  /** The site at which the result is wanted. */
  readonly result: string
  /** Sites of steps, by the name of a call in it, or `%7` for step 7. */
  readonly pins?: Readonly<Record<string, string>>
  readonly sizes?: Sizes
}
export interface Site {
  readonly name: string
  /** Drivers it can reach, by the symbolic names that the graph uses; `*` is every one. */
  readonly reaches: readonly string[]
  /** Targets whose kernels it can run; every one if nothing is said. */
  readonly targets?: readonly string[]
  /** Operations in a millisecond; a million if nothing is said. */
  readonly speed?: number
}
export interface Link {
  readonly from: string
  readonly to: string
  readonly latencyMs: number
  readonly bytesPerMs: number
}

const nanoseconds = 1e6
const defaultSpeed = 1e6

/** What work costs at a site, in whole nanoseconds, so that sums are exact. */
export const workCost = (s: Site, work: number): number => Math.ceil((work / (s.speed ?? defaultSpeed)) * nanoseconds)

/** What it costs to send so many bytes from one site to another; no bytes are a signal. Infinite without a link. */
export const crossingCost = (t: Topology, from: string, to: string, bytes: number): number => {
  if (from === to) return 0
  const link = t.links.find((l) => l.from === from && l.to === to)
  return link === undefined ? Infinity : Math.ceil((link.latencyMs + bytes / link.bytesPerMs) * nanoseconds)
}

/** Where an input arrives. */
export const arrivalOf = (t: Topology, input: string): string | undefined =>
  typeof t.inputs === 'string' ? t.inputs : Object.hasOwn(t.inputs, input) ? t.inputs[input] : undefined
