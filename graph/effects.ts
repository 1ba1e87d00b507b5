import type { EffectAttrs } from './effect-attrs.ts'
import type { Either } from './either.ts'
import type { EffectError, EffectName, RunError } from './errors.ts'
import { tableKey } from './sql/covers.ts'
import type { Type } from './types.ts'
import { listOf, option, record, scalar, unit } from './types.ts'
import type { Value } from './values.ts'

export type {
  DbQueryAttrs,
  Dialect,
  EffectAttrs,
  FileReadAttrs,
  FileWriteAttrs,
  ForeignAttrs,
  HttpMany,
  HttpMethod,
  HttpRequestAttrs,
  KvDeleteAttrs,
  KvGetAttrs,
  KvSetAttrs,
  LogAttrs,
  NowMsAttrs,
  QueryMode,
  RandomBytesAttrs,
} from './effect-attrs.ts'

/**
 * Effects are values. Each declares which resources it reads and writes, and what may be done with it; passes and
 * schedules rest on these declarations and on nothing else.
 */
export interface Resource {
  /** What kind of thing: a table, a file, the wall clock … */
  readonly kind: 'table' | 'file' | 'http' | 'kv' | 'foreign' | 'clock' | 'random' | 'log'
  /** The symbolic name of the connection, root or stream, bound to a driver when the artefact is loaded. */
  readonly of: string
  /** The table, path or key; `*` is every one, and what ends in `*` all that begin so. */
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

/**
 * One request to the outside. `args` are, after the authority where one is declared: dbQuery, the parameters; fileRead,
 * the path; fileWrite, path and bytes or text; httpRequest, the holes of the URL, the values of the headers and the
 * body; kvGet and kvDelete, the key; kvSet, key and value; foreign, its argument; logLine, the message and a JSON
 * value. What each answers says its `answer` below.
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
 * file (`file:x`) conflicts with every write of files, because who knows under which root the file lies; so does one
 * that may touch anything.
 */
const tables = (of: string, names: readonly string[]): Resource[] =>
  names.flatMap((name): Resource[] => [
    ...(name.startsWith('file:') ? [] : [{ kind: 'table' as const, of, name: tableKey(name) }]),
    ...(name.startsWith('file:') || name === '*' ? [{ kind: 'file' as const, of: '*', name: '*' }] : []),
  ])

/** Paths of files and requests, keys of stores: names below one root, service or store. */
const within = (kind: 'file' | 'http' | 'kv', of: string, names: readonly string[]): Resource[] =>
  names.map((name) => ({ kind, of, name: kind === 'file' ? filePath(name) : name }))
/** One name for what some file systems take for one file: other case, other form of an accent, ./a and a//b. */
const filePath = (path: string): string =>
  path
    .normalize('NFC')
    .toLowerCase()
    .split(/[\\/]/)
    .filter((part, i) => part !== '.' && (part !== '' || i === 0))
    .join('/')

const declarable: ReadonlySet<string> = new Set(['table', 'file', 'kv', 'http'])
/** What a user's own effect declares: words of its own, which all such effects share, or a resource of another kind. */
const declared = (names: readonly string[]): Resource[] =>
  names.flatMap((text): Resource[] => {
    const [kind, of, ...rest] = text.split(':')
    const name = rest.join(':')
    if (of === undefined || of === '' || name === '' || !declarable.has(kind!))
      return [{ kind: 'foreign', of: 'foreign', name: text }]
    return kind === 'table' ? tables(of, [name]) : within(kind as 'file', of, [name])
  })

const oracle: EffectTraits = { mergeable: false, droppable: true, retriable: true, batchable: false }
const read = (batchable: boolean): EffectTraits => ({ mergeable: true, droppable: true, retriable: true, batchable })
const write = (retriable: boolean): EffectTraits => ({
  mergeable: false,
  droppable: false,
  retriable,
  batchable: false,
})

/** The attributes that an answer's type is made of. */
type AnswerKeys = 'mode' | 'row' | 'dim' | 'as' | 'answer' | 'value'

/** The traits, footprint and answer of each effect, from its attributes alone. */
export const effects: {
  readonly [E in EffectName]: {
    readonly doc: string
    readonly traits: (a: EffectAttrs[E]) => EffectTraits
    readonly footprint: (a: EffectAttrs[E]) => Footprint
    /** The type of the answer. */
    readonly answer: (a: Pick<EffectAttrs[E], AnswerKeys & keyof EffectAttrs[E]>) => Type
    /** The symbolic driver that answers; the clock, random and log have one each. */
    readonly driver: (a: EffectAttrs[E]) => string
  }
} = {
  dbQuery: {
    doc: 'A SQL statement with bound parameters.',
    traits: (a) => (a.mode === 'exec' || a.writes.length > 0 ? write(false) : read(a.batch)),
    footprint: (a) => ({ reads: tables(a.db, a.reads), writes: tables(a.db, a.writes) }),
    answer: ({ mode, row, dim }) =>
      mode === 'many' ? listOf(row, dim) : mode === 'maybe' ? option(row) : mode === 'exec' ? scalar('i64') : row,
    driver: (a) => a.db,
  },
  fileRead: {
    doc: 'The content of a file below a root, as UTF-8 text or bytes.',
    traits: () => read(false),
    footprint: (a) => ({ reads: within('file', a.root, [a.path]), writes: [] }),
    answer: (a) => scalar(a.as),
    driver: (a) => a.root,
  },
  fileWrite: {
    doc: 'Replaces a file below a root as one step: readers see the old content or the new, never a part.',
    traits: () => write(true),
    footprint: (a) => ({ reads: [], writes: within('file', a.root, [a.path]) }),
    answer: () => unit,
    driver: (a) => a.root,
  },
  httpRequest: {
    doc: 'A request to an HTTP service whose base URL and credentials are bound when the artefact is loaded.',
    traits: (a) => (a.writes.length > 0 ? write(a.idempotent) : read(a.batch && a.many !== null)),
    footprint: (a) => ({ reads: within('http', a.service, a.reads), writes: within('http', a.service, a.writes) }),
    answer: (a) =>
      a.mode === 'lookup'
        ? option(a.answer)
        : record([
            ['status', scalar('i32')],
            ['body', a.answer],
          ]),
    driver: (a) => a.service,
  },
  kvGet: {
    doc: 'The value a key-value store has under a key, if it has one.',
    traits: (a) => read(a.batch),
    footprint: (a) => ({ reads: within('kv', a.store, [a.key]), writes: [] }),
    answer: (a) => option(a.value),
    driver: (a) => a.store,
  },
  kvSet: {
    doc: 'Puts a value under a key, for ever or for a time.',
    traits: () => write(true),
    footprint: (a) => ({ reads: [], writes: within('kv', a.store, [a.key]) }),
    answer: () => unit,
    driver: (a) => a.store,
  },
  kvDelete: {
    doc: 'Takes a key away; nothing happens where there is none.',
    traits: () => write(true),
    footprint: (a) => ({ reads: [], writes: within('kv', a.store, [a.key]) }),
    answer: () => unit,
    driver: (a) => a.store,
  },
  foreign: {
    doc: "A function of the user's own, with the footprint it declares.",
    traits: (a) =>
      a.writes.length > 0 ? write(a.idempotent) : { ...read(a.batch && a.idempotent), retriable: a.idempotent },
    footprint: (a) => ({ reads: declared(a.reads), writes: declared(a.writes) }),
    answer: (a) => a.answer,
    driver: (a) => a.name,
  },
  nowMs: {
    doc: 'The wall clock in milliseconds since 1970-01-01T00:00Z.',
    traits: () => oracle,
    footprint: () => ({ reads: [{ kind: 'clock', of: 'clock', name: '*' }], writes: [] }),
    answer: () => scalar('f64'),
    driver: () => 'clock',
  },
  randomBytes: {
    doc: 'Bytes from a cryptographic source.',
    traits: () => oracle,
    footprint: () => ({ reads: [{ kind: 'random', of: 'random', name: '*' }], writes: [] }),
    answer: () => scalar('bytes'),
    driver: () => 'random',
  },
  logLine: {
    doc: 'A structured line of log.',
    traits: () => write(false),
    // Lines are told apart by their occurrence, so two log calls never conflict and may be written in either order.
    footprint: (a) => ({ reads: [], writes: [{ kind: 'log', of: 'log', name: String(a.occurrence) }] }),
    answer: () => unit,
    driver: () => 'log',
  },
}
/** How plans and notes speak of a call. */
export const callLabel = <E extends EffectName>(effect: E, attrs: EffectAttrs[E]): string => {
  if ('name' in attrs) return `${effect === 'dbQuery' ? 'query' : effect} '${attrs.name}'`
  if ('store' in attrs) return `${effect} of '${attrs.store}'`
  return 'root' in attrs ? `${effect} below '${attrs.root}'` : effect
}
/** Attributes that make a question: not where it stands, nor what repeats the arguments for the footprint. */
export const questionOf = (attrs: object): object => {
  const { occurrence: _, dim: _d, key: _k, ...rest } = attrs as Readonly<Record<string, unknown>>
  return rest
}
/** What the user names call by call, so that test worlds can answer it by that name. */
export const answeredByName: ReadonlySet<string> = new Set(['dbQuery', 'httpRequest', 'foreign'])
export const isEffect = (name: string): name is EffectName => Object.hasOwn(effects, name)

/** Footprint of an effect node, whichever effect it is. */
export const footprintOf = <E extends EffectName>(effect: E, attrs: EffectAttrs[E]): Footprint =>
  effects[effect].footprint(attrs)

export const traitsOf = <E extends EffectName>(effect: E, attrs: EffectAttrs[E]): EffectTraits =>
  effects[effect].traits(attrs)

const overlap = (a: Resource, b: Resource): boolean => a.kind === b.kind && alike(a.of, b.of) && alike(a.name, b.name)
/** A name that ends in `*` stands for all that begin with what is before it. */
const alike = (a: string, b: string): boolean =>
  a === b || (a.endsWith('*') && b.startsWith(a.slice(0, -1))) || (b.endsWith('*') && a.startsWith(b.slice(0, -1)))
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
  more: Pick<EffectError, 'original' | 'outcome' | 'statement'> = {},
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
