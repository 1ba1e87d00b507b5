/**
 * Something Quoin relies on and cannot check for you. Five fields come from the design (assumption, depends on,
 * property, failure mode, mitigation); `kind` sorts them in reports.
 */
export interface Assumption {
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
  readonly assumption: string
  /** Package or program with the version range it was tested with. */
  readonly dependsOn: string
  /** The TLA+ property or law that rests on it. */
  readonly property: string
  readonly failureMode: string
  readonly mitigation: string
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
