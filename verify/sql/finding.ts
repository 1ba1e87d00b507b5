/** One thing that was found about a query: an error will fail a run, a warning may, a note says what cannot be known. */
export interface Finding {
  readonly level: 'error' | 'warning' | 'note'
  /** `file:line` of the user's source, as near as it is known. */
  readonly place: string
  readonly cause: string
  readonly remedy: string
}
/** A query of the graph and what was found about it. */
export interface CheckedQuery {
  readonly name: string
  readonly db: string
  readonly place: string
  /** Whether a database was given for it, and asked. */
  readonly asked: boolean
  readonly findings: readonly Finding[]
}

/** A column of an answer, or a parameter, as the server describes it. */
export interface Described {
  readonly columns: readonly DescribedColumn[]
  readonly params: readonly DescribedParam[]
  /** What it reads and writes once views, triggers, rules and the like are followed; nothing where nobody can tell. */
  readonly touches: readonly Touched[]
  /** What could not be followed. */
  readonly unseen: readonly string[]
  /** Column types of the tables it reads, for the portable subset: `table.column` with its type. */
  readonly outsideTypes: readonly string[]
}
export interface DescribedColumn {
  readonly name: string
  /** The type in words of the server. */
  readonly type: string
  /** Elements that hold every value of the type, the best first; none: it has no codec. */
  readonly fits: readonly string[]
  /** The same for the elements of a list, where it is one. */
  readonly list: boolean
  readonly nullable: 'yes' | 'no' | 'unknown'
}
export interface DescribedParam {
  readonly type: string
  /** Elements whose values the server takes there; undefined where it takes any. */
  readonly takes: readonly string[] | undefined
  readonly list: boolean
}
export interface Touched {
  readonly how: 'reads' | 'writes'
  /** The names by which a footprint may speak of it, the one to write first. */
  readonly names: readonly string[]
  /** Where the query meets it: '' for the text itself, else `view v`, `trigger g on t` … */
  readonly via: string
  /** A partition, an inheriting table or what it belongs to: it counts where the graph names it somewhere else. */
  readonly kin?: true
}
/** Why the server does not take a query. `at` is a place in its text, in UTF-16 units. */
export interface Refused {
  readonly message: string
  readonly remedy: string
  readonly at: number | undefined
}
