import type { Either } from './either.ts'
import type { EffectError, EffectName, RunError } from './errors.ts'
import type { Type } from './types.ts'
import type { Value } from './values.ts'

/**
 * Effects are values. Each declares which resources it reads and writes, and what may be done with it; passes and
 * schedules rest on these declarations and on nothing else.
 */
export interface Resource {
  /** What kind of thing: a table, a file, the wall clock … */
  readonly kind: 'table' | 'file' | 'clock' | 'random' | 'log'
  /** The symbolic name of the connection, root or stream, bound to a driver when the artefact is loaded. */
  readonly of: string
  /** The table or path; `*` is every one. */
  readonly name: string
}
export interface Footprint {
  readonly reads: readonly Resource[]
  readonly writes: readonly Resource[]
}

export interface EffectTraits {
  /** Two equal calls may become one when nothing between them writes what they read. */
  readonly mergeable: boolean
  /** May be left out when nobody looks at the answer. */
  readonly droppable: boolean
  /** May be sent again when it is not known whether it happened. */
  readonly retriable: boolean
  /** Calls that differ in their arguments only may go out together, and early where nothing writes what they read. */
  readonly batchable: boolean
}

/** How a query answers: exactly one row, at most one, any number up to `maxRows`, or a count of rows changed. */
export type QueryMode = 'one' | 'maybe' | 'many' | 'exec'

export interface DbQueryAttrs {
  readonly occurrence: number
  /** The symbolic connection. */
  readonly db: string
  /** The name by which plans, errors and test worlds speak of the query. */
  readonly name: string
  /** The text as written, its holes as $1, $2 … */
  readonly sql: string
  readonly mode: QueryMode
  /** The record type of a row; unit for `exec`. */
  readonly row: Type
  /** The dimension of the answer of `many`; the empty string otherwise. */
  readonly dim: string
  readonly maxRows: number
  readonly maxBytes: number
  /** Whether the first operand is the authority (tenant, role) under which the query acts. */
  readonly authority: boolean
  /** The user's switch: false keeps this query out of every batch. */
  readonly batch: boolean
  readonly reads: readonly string[]
  readonly writes: readonly string[]
}
export interface FileWriteAttrs {
  readonly occurrence: number
  readonly root: string
  /** The path where it is known when the graph is built, else `*`: what the write conflicts with. */
  readonly path: string
  readonly maxBytes: number
}
export interface NowMsAttrs {
  readonly occurrence: number
}
export interface RandomBytesAttrs {
  readonly occurrence: number
  readonly count: number
}
export interface LogAttrs {
  readonly occurrence: number
  readonly level: 'debug' | 'info' | 'warn' | 'error'
}
export interface EffectAttrs {
  readonly dbQuery: DbQueryAttrs
  readonly fileWrite: FileWriteAttrs
  readonly nowMs: NowMsAttrs
  readonly randomBytes: RandomBytesAttrs
  readonly logLine: LogAttrs
}

/**
 * One request to the outside. `args` are: dbQuery, the authority (if declared) and then the parameters; fileWrite, path
 * and bytes or text; logLine, the message and a JSON value. Answers: dbQuery, a row, an option, a list or (exec) an i64;
 * fileWrite and logLine, unit; nowMs, an f64 of milliseconds; randomBytes, bytes.
 */
export type Call = {
  readonly [E in EffectName]: {
    readonly effect: E
    readonly attrs: EffectAttrs[E]
    readonly args: readonly Value[]
    readonly argTypes: readonly Type[]
    readonly iteration: readonly number[]
  }
}[EffectName]
export type Answer = Either<RunError, Value>

/**
 * Tables by the names a query uses: case does not tell them apart, nor does the default schema. A query that reads a
 * file (`file:x`) conflicts with every write of files, because who knows under which root the file lies.
 */
const tables = (of: string, names: readonly string[]): Resource[] =>
  names.map((name) =>
    name.startsWith('file:')
      ? { kind: 'file', of: '*', name: '*' }
      : { kind: 'table', of, name: name.toLowerCase().replace(/^(main|public)\./, '') },
  )

/** The traits and footprint of each effect, from its attributes alone. */
export const effects: {
  readonly [E in EffectName]: {
    readonly doc: string
    readonly traits: (a: EffectAttrs[E]) => EffectTraits
    readonly footprint: (a: EffectAttrs[E]) => Footprint
    /** The symbolic driver that answers; the clock, random and log have one each. */
    readonly driver: (a: EffectAttrs[E]) => string
  }
} = {
  dbQuery: {
    doc: 'A SQL statement with bound parameters.',
    traits: (a) => ({
      mergeable: a.mode !== 'exec',
      droppable: a.mode !== 'exec',
      retriable: a.mode !== 'exec',
      batchable: a.mode !== 'exec' && a.batch,
    }),
    footprint: (a) => ({ reads: tables(a.db, a.reads), writes: tables(a.db, a.writes) }),
    driver: (a) => a.db,
  },
  fileWrite: {
    doc: 'Replaces a file below a root as one step: readers see the old content or the new, never a part.',
    traits: () => ({ mergeable: false, droppable: false, retriable: true, batchable: false }),
    footprint: (a) => ({ reads: [], writes: [{ kind: 'file', of: a.root, name: a.path }] }),
    driver: (a) => a.root,
  },
  nowMs: {
    doc: 'The wall clock in milliseconds since 1970-01-01T00:00Z.',
    traits: () => ({ mergeable: false, droppable: true, retriable: true, batchable: false }),
    footprint: () => ({ reads: [{ kind: 'clock', of: 'clock', name: '*' }], writes: [] }),
    driver: () => 'clock',
  },
  randomBytes: {
    doc: 'Bytes from a cryptographic source.',
    traits: () => ({ mergeable: false, droppable: true, retriable: true, batchable: false }),
    footprint: () => ({ reads: [{ kind: 'random', of: 'random', name: '*' }], writes: [] }),
    driver: () => 'random',
  },
  logLine: {
    doc: 'A structured line of log.',
    traits: () => ({ mergeable: false, droppable: false, retriable: false, batchable: false }),
    // Lines are told apart by their occurrence, so two log calls never conflict and may be written in either order.
    footprint: (a) => ({ reads: [], writes: [{ kind: 'log', of: 'log', name: String(a.occurrence) }] }),
    driver: () => 'log',
  },
}
export const isEffect = (name: string): name is EffectName => Object.hasOwn(effects, name)

/** Footprint of an effect node, whichever effect it is. */
export const footprintOf = <E extends EffectName>(effect: E, attrs: EffectAttrs[E]): Footprint =>
  effects[effect].footprint(attrs)

const overlap = (a: Resource, b: Resource): boolean => a.kind === b.kind && alike(a.of, b.of) && alike(a.name, b.name)
const alike = (a: string, b: string): boolean => a === b || a === '*' || b === '*'
const meets = (a: readonly Resource[], b: readonly Resource[]): boolean => a.some((x) => b.some((y) => overlap(x, y)))

/** Two footprints conflict when one writes what the other reads or writes; only then does their order matter. */
export const conflict = (a: Footprint, b: Footprint): boolean =>
  meets(a.writes, b.writes) || meets(a.writes, b.reads) || meets(a.reads, b.writes)

/** Oracles answer every call afresh, so remembering an answer would change what it means. */
export const asksOracle = (f: Footprint): boolean => f.reads.some((r) => r.kind === 'clock' || r.kind === 'random')

export const emptyFootprint: Footprint = { reads: [], writes: [] }
export const joinFootprints = (parts: readonly Footprint[]): Footprint => ({
  reads: parts.flatMap((p) => p.reads),
  writes: parts.flatMap((p) => p.writes),
})

/** Builds the error of a call; the one place where effect errors get their shape. */
export const effectError = (
  call: Call,
  tag: EffectError['_tag'],
  cause: string,
  remedy: string,
  more: { readonly original?: unknown; readonly outcome?: 'unknown' } = {},
): EffectError => ({
  _tag: tag,
  effect: call.effect,
  node: 'name' in call.attrs ? call.attrs.name : call.effect,
  place: '',
  occurrence: call.attrs.occurrence,
  iteration: call.iteration,
  cause,
  remedy,
  ...more,
})
