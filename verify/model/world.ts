import type { Answer, Call } from '../../graph/effects.ts'
import { asksOracle, effectError, effects } from '../../graph/effects.ts'
import { left, right } from '../../graph/either.ts'
import type { Elem } from '../../graph/elem.ts'
import { storage } from '../../graph/elem.ts'
import type { EffectErrorTag, RunError } from '../../graph/errors.ts'
import type { Evaluation, Inputs } from '../../graph/eval.ts'
import { evaluate, runPure } from '../../graph/eval.ts'
import type { Graph } from '../../graph/graph.ts'
import { encodeValue } from '../../graph/json-value.ts'
import { canonical } from '../../graph/make.ts'
import type { Boundary, Transaction } from '../../graph/transaction.ts'
import { transactionError } from '../../graph/transaction.ts'
import type { Type } from '../../graph/types.ts'
import type { Atom, Column, Value } from '../../graph/values.ts'
import { collect, sameValue, tabulate } from '../../graph/values.ts'
import { outsideWorld, placesOf } from './outside.ts'

/**
 * A pure model of the outside. Answers depend on what is asked (text, arguments) and on the versions of the tables it
 * reads, never on how often or when something was asked before; so do faults, which merging and batching would otherwise
 * move. `exec` gives the tables it writes a new version made from the old one and the statement: two runs end with equal
 * versions exactly when every table saw the same writes in the same order. The clock and random bytes are oracles indexed
 * by occurrence and iteration.
 */
export interface WorldOptions {
  readonly seed: number
  /** One call in so many fails; 0 for none. */
  readonly faults: number
  /** Files and stores begin bare, instead of with what the seed makes up. */
  readonly bare?: boolean
  /** Which calls may fail; all of them unless said. */
  readonly failing?: 'all' | 'reads' | 'writes' | 'oracles'
  /** One lookup of at most one row, or of many, in so many finds nothing; 3 unless said. */
  readonly empty?: number
  /** Versions of tables at the start, by `db.table`. */
  readonly tables?: Readonly<Record<string, number>>
  /** How the clock goes: anywhere (unless said), not at all, or backwards with every call. */
  readonly clock?: 'anywhere' | 'still' | 'back'
}
export interface World {
  readonly answer: (call: Call) => Answer
  /** Begins and ends transactions of an evaluation, whose calls between the two are inside. */
  readonly boundary: (b: Boundary) => Answer
  /** A transaction for whoever can have several at once. */
  readonly begin: (t: Transaction) => Inside
  /** Tables with their versions, files and stores with their contents, writes of services, and the lines of log as a set. */
  readonly state: () => unknown
  /** For each table, file and log line: what was written to it, in order. */
  readonly journal: () => ReadonlyMap<string, readonly string[]>
  /** How often each query was asked. */
  readonly asked: () => number
}

/** What a transaction has written is seen by itself alone until it ends without a failure. */
export interface Inside {
  readonly answer: (call: Call) => Answer
  readonly end: (failure: RunError | undefined) => Answer
}
/** Tables as somebody sees them. */
interface Tables {
  readonly version: (table: string) => number
  readonly write: (table: string, version: number, what: string) => void
  /** The try of the transaction; none outside. */
  readonly attempt?: number
}

const mix = (h: number, x: number): number => {
  const y = Math.imul(h ^ x, 0x9e3779b1)
  return (y ^ (y >>> 15)) >>> 0
}
export const hashText = (text: string, seed = 0): number => {
  let h = mix(0x811c9dc5, seed)
  for (let i = 0; i < text.length; i++) h = mix(h, text.charCodeAt(i))
  return h
}
/** A stream of numbers from a seed; equal seeds give equal streams. */
export const stream = (seed: number): ((below: number) => number) => {
  let h = seed >>> 0
  return (below) => {
    h = mix(h, 0x6d2b79f5)
    return h % below
  }
}

export const modelWorld = ({
  seed,
  faults,
  bare = false,
  failing = 'all',
  empty = 3,
  tables = {},
  clock,
}: WorldOptions): World => {
  const versions = new Map<string, number>(Object.entries(tables))
  const journal = new Map<string, string[]>()
  const write = (resource: string, what: string): void => {
    journal.set(resource, [...(journal.get(resource) ?? []), what])
  }
  const outside = outsideWorld({
    some: (type, key) => someValue(type, stream(hashText(key, seed)), new Map()),
    chance: (key, of) => hashText(key, seed) % of === 0,
    hash: (text) => hashText(text),
    empty: bare,
  })
  const log = new Set<string>()
  let asked = 0
  const all: Tables = {
    version: (t) => versions.get(t) ?? 0,
    write: (t, version, what) => {
      versions.set(t, version)
      write(`table ${t}`, what)
    },
  }
  const open = new Map<string, Inside>()
  const answer = (call: Call): Answer =>
    (call.effect === 'dbQuery' ? open.get(call.attrs.db) : undefined)?.answer(call) ?? answerFrom(all, call)
  const begin = (t: Transaction): Inside => {
    const own = new Map<string, number>()
    const wrote: (readonly [table: string, version: number, what: string])[] = []
    const tables: Tables = {
      version: (table) => own.get(table) ?? all.version(table),
      write: (table, version, what) => {
        own.set(table, version)
        wrote.push([table, version, what])
      },
      attempt: t.attempt,
    }
    return {
      answer: (call) => answerFrom(tables, call),
      end: (failure) => {
        if (failure !== undefined) return right(null)
        const key = `commit ${t.attrs.db} ${wrote.map(([table, version]) => `${table}@${version}`).join()} try ${t.attempt}`
        if ((failing === 'all' || failing === 'writes') && faults > 0 && hashText(`fault ${key}`, seed) % faults === 0)
          return left(
            transactionError(t, 'SerializationFailure', `fault ${hashText(key)}`, 'none: the world made it up'),
          )
        for (const w of wrote) all.write(...w)
        return right(null)
      },
    }
  }
  const boundary = (b: Boundary): Answer => {
    const { db } = b.attrs
    if (b.edge === 'begin') {
      open.set(db, begin(b))
      return right(null)
    }
    const inside = open.get(db)!
    open.delete(db)
    return inside.end(b.failure)
  }
  const answerFrom = (tables: Tables, call: Call): Answer => {
    const version = (db: string, t: string): number => tables.version(`${db}.${t}`)
    const args = canonical(call.args.map((v, i) => encodeValue(call.argTypes[i]!, v)))
    const here = `${call.attrs.occurrence} ${call.iteration.join('.')}`
    const fails = (key: string): boolean => faults > 0 && hashText(`fault ${key}`, seed) % faults === 0
    const fault = (key: string, tag: EffectErrorTag = 'Timeout'): Answer | undefined =>
      (failing === 'all' || failing === kindOf(call)) && fails(key)
        ? left(
            effectError(
              call,
              call.effect === 'dbQuery' ? tag : 'Unknown',
              `fault ${hashText(key)}`,
              'none: the world made it up',
            ),
          )
        : undefined
    switch (call.effect) {
      case 'dbQuery': {
        asked++
        const a = call.attrs
        const key = `${a.db} ${a.sql} ${a.mode} ${args} ${a.reads.map((t) => `${t}@${version(a.db, t)}`).join()} ${a.writes.map((t) => `${t}@${version(a.db, t)}`).join()}`
        const { attempt } = tables
        const late = attempt === undefined || a.writes.length === 0
        const failed = fault(key) ?? (late ? undefined : fault(`${key} try ${attempt}`, 'SerializationFailure'))
        if (failed !== undefined) return failed
        for (const t of a.writes)
          tables.write(`${a.db}.${t}`, hashText(`${t} ${key}`, version(a.db, t)), `${a.sql} ${args}`)
        const next = stream(hashText(key, seed))
        if (a.mode === 'exec') return right(BigInt(next(5)))
        if (a.mode === 'one') return right(someValue(a.row, next, new Map()))
        if (a.mode === 'maybe')
          return right(
            next(empty) === 0 ? { _tag: 'None' } : { _tag: 'Some', value: someValue(a.row, next, new Map()) },
          )
        return right(
          collect(
            a.row,
            Array.from({ length: next(empty) === 0 ? 0 : next(Math.min(4, a.maxRows + 1)) }, () =>
              someValue(a.row, next, new Map()),
            ),
          ),
        )
      }
      case 'logLine': {
        const failed = fault(`log ${args}`)
        if (failed !== undefined) return failed
        log.add(`${here} ${call.attrs.level} ${args}`)
        write(`log ${here}`, args)
        return right(null)
      }
      case 'nowMs':
        return (
          fault(here) ??
          right(clock === 'still' ? 0 : clock === 'back' ? -nowHere(call) : hashText(here, seed) % 100_000)
        )
      case 'randomBytes':
        return (
          fault(here) ??
          right(Uint8Array.from({ length: call.attrs.count }, (_, i) => hashText(`${here} ${i}`, seed) % 256))
        )
      default: {
        const key = `${call.effect} ${canonical({ ...call.attrs, occurrence: 0 } as never)} ${args}`
        const failed = fault(key)
        if (failed !== undefined) return failed
        const given = outside.answer(call, key)
        if (given._tag === 'Right') for (const place of placesOf(call)) write(place, `${call.effect} ${args}`)
        return given
      }
    }
  }
  const sorted = <V>(m: ReadonlyMap<string, V>): unknown => [...m].sort(([x], [y]) => (x < y ? -1 : 1))
  return {
    answer,
    boundary,
    begin,
    state: () => ({ tables: sorted(versions), outside: outside.state(), log: [...log].sort() }),
    journal: () => journal,
    asked: () => asked,
  }
}
const kindOf = (call: Call): 'reads' | 'writes' | 'oracles' => {
  const { reads, writes } = effects[call.effect].footprint(call.attrs as never)
  if (writes.length > 0) return 'writes'
  return asksOracle({ reads, writes }) ? 'oracles' : 'reads'
}
/** Later calls, and later elements, have larger numbers. */
const nowHere = (call: Call): number => call.iteration.reduce((n, i) => n * 10 + i, call.attrs.occurrence * 1000)

const big = 2n ** 63n
/** Edge values of each machine type beside ordinary ones; plain draws would almost never meet them. */
export const edges: Readonly<Record<string, readonly Atom[]>> = {
  f64: [
    0,
    -0,
    1,
    -1,
    Number.NaN,
    Infinity,
    -Infinity,
    5e-324,
    -2.2250738585072014e-308,
    Number.MAX_VALUE,
    0.1,
    3,
    1e16,
  ],
  f32: [
    0,
    -0,
    1,
    -1,
    Number.NaN,
    Infinity,
    -Infinity,
    1.401298464324817e-45,
    -1.1754943508222875e-38,
    3.4028234663852886e38,
    Math.fround(0.1),
    3,
  ],
  i32: [0, 1, -1, 2, 7, -(2 ** 31), 2 ** 31 - 1],
  u32: [0, 1, 2, 2 ** 32 - 1, 2 ** 31],
  i64: [0n, 1n, -1n, 2n, 7n, -big, big - 1n],
  u64: [0n, 1n, 2n, 2n * big - 1n, big],
  bool: [false, true],
  string: ['', 'a', 'b', 'é', '😀'],
}
const atom = (elem: Elem, next: (below: number) => number): Atom => {
  const list = edges[storage(elem) ?? elem]
  if (list !== undefined) return list[next(list.length)]!
  return elem === 'bytes'
    ? Uint8Array.from({ length: next(4) }, () => next(256))
    : elem === 'json'
      ? [null, 1, 'x', { a: [true] }][next(4)]!
      : null
}
/** A value of a type; named dimensions get a size once. */
export const someValue = (t: Type, next: (below: number) => number, sizes: Map<string, number>): Value => {
  const size = (d: number | string): number => {
    if (typeof d === 'number') return d
    const n = d.startsWith('~') ? next(3) : (sizes.get(d) ?? next(4))
    if (!d.startsWith('~')) sizes.set(d, n)
    return n
  }
  switch (t.kind) {
    case 'tensor':
      return tabulate(t.elem, t.shape.map(size), () => atom(t.elem, next))
    case 'option':
      return next(3) === 0 ? { _tag: 'None' } : { _tag: 'Some', value: someValue(t.of, next, sizes) }
    case 'record':
      return Object.fromEntries(t.fields.map(([n, f]) => [n, someValue(f, next, sizes)]))
    case 'list':
      return collect(
        t.of,
        Array.from({ length: size(t.dim) }, () => someValue(t.of, next, sizes)),
      ) as Column
    case 'union': {
      const [name, of] = t.cases[next(t.cases.length)]!
      return { _tag: name, value: someValue(of, next, sizes) }
    }
    case 'result':
      return { _tag: 'Ok', value: someValue(t.of, next, sizes) }
  }
}

/** Runs a graph in a fresh world: the answer, the state of the world afterwards, and the number of queries asked. */
export const runIn = (
  g: Graph,
  inputs: Inputs,
  options: WorldOptions,
): {
  readonly answer: Answer
  readonly state: unknown
  readonly journal: ReadonlyMap<string, readonly string[]>
  readonly asked: number
} => {
  const world = modelWorld(options)
  const answer = runPure(evaluate(g, inputs) as Evaluation, world.answer, world.boundary)
  return { answer, state: world.state(), journal: world.journal(), asked: world.asked() }
}

/** What differs between two runs, as a sentence; nothing when they are the same to whoever looks from outside. */
export const difference = (a: ReturnType<typeof runIn>, b: ReturnType<typeof runIn>): string | undefined => {
  if (a.answer._tag === 'Left' || b.answer._tag === 'Left') {
    const told = (r: Answer): string => {
      if (r._tag === 'Right') return 'a value'
      const e = r.left as { _tag: string; occurrence?: number; iteration?: readonly number[]; cause: string }
      return `${e._tag} of occurrence ${e.occurrence} at [${e.iteration?.join('.')}]: ${e.cause}`
    }
    if (told(a.answer) !== told(b.answer)) return `answers ${told(b.answer)} instead of ${told(a.answer)}`
  } else if (!sameValue(a.answer.right, b.answer.right)) return `answers another value`
  const [x, y] = [JSON.stringify(a.state), JSON.stringify(b.state)]
  if (x !== y) return `leaves the world as ${y} instead of ${x}`
  for (const resource of new Set([...a.journal.keys(), ...b.journal.keys()])) {
    const [one, two] = [a.journal.get(resource), b.journal.get(resource)].map((w) => JSON.stringify(w ?? []))
    if (one !== two) return `writes ${two} to ${resource} instead of ${one}`
  }
  return undefined
}
