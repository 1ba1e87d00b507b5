import type { PropertyId } from './properties.ts'

/**
 * Something Quoin relies on and cannot check for you, as data: reports, checks and the digest of what an artefact rests on
 * are made from it.
 */
export interface Assumption {
  /** What comes after a colon is a parameter: `sql-driver:main`. */
  readonly id: string
  readonly kind:
    | 'toolchain'
    | 'engine'
    | 'hardware'
    | 'driver'
    | 'relaxation'
    | 'isolation'
    | 'staleness'
    | 'unsafe'
    | 'external'
  readonly statement: string
  readonly dependsOn: readonly Dependency[]
  /** Other assumptions without which this one says nothing, by id; `sql-driver:*` is each with any parameter. */
  readonly restsOn?: readonly string[]
  /** The properties that would not hold without it. */
  readonly supports: readonly PropertyId[]
  readonly failureMode: string
  readonly mitigation: string
  readonly probe: ProbeRef
  readonly expiry: Expiry
}

/**
 * What an assumption speaks of. A package is one of npm and its version can be looked up where it is installed; a program
 * (Node, a server) says its version when it is asked; a part has none: a machine, a service, a function of the user's.
 */
export type Dependency =
  | { readonly on: 'package' | 'program'; readonly name: string; readonly range: string }
  | { readonly on: 'part'; readonly name: string }

/**
 * A program that tries to break it. `driver`: the driver's own `probe`, where it is bound; `quoin`: one of `verify/probes`,
 * which needs nothing but this machine; `test`: a test file of Quoin, with servers or doubles of its own.
 */
export type ProbeRef =
  | { readonly by: 'driver' }
  | { readonly by: 'quoin'; readonly name: string }
  | { readonly by: 'test'; readonly file: string }
  | { readonly by: 'none'; readonly reason: string }

/** When somebody has to look at it again: after a day (in UTC, as 2027-12-31), or from a version of a dependency on. */
export type Expiry = { readonly after: string } | { readonly of: string; readonly from: string }

/** An assumption of something compiled, and who needs it: nodes by their place (`%4.0.%2`), or all of it. */
export interface InventoryEntry extends Assumption {
  readonly usedBy: 'everything' | readonly string[]
}

/** What a driver saw when it looked whether an assumption holds here and now. Seen once is not proved. */
export interface Probed {
  /** The `id` of the assumption. */
  readonly assumption: string
  readonly ok: boolean
  readonly found: string
  /** What to do where it does not hold. */
  readonly fix: string
}
