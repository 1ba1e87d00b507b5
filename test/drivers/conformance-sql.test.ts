// Requirements: E7 E8

import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Answer } from '../../graph/effects.ts'
import type { RecordType } from '../../graph/types.ts'
import type { ListValue, Value } from '../../graph/values.ts'
import { elementAt, sameValue } from '../../graph/values.ts'
import type { Driver } from '../../runtime/driver.ts'
import { duckdb } from '../../runtime/drivers/duckdb/index.ts'
import { postgres } from '../../runtime/drivers/postgres/index.ts'
import { Outside } from '../specs/traces/outside.ts'
import type { Query } from './calls.ts'
import { calm, query } from './calls.ts'
import type { PostgresServer } from './servers/postgres.ts'
import { noPostgres, postgresBin, startPostgres } from './servers/postgres.ts'
import { batchOf } from './sql-laws.ts'

/** Databases answer random programs of queries as a table in memory does: values, errors, and what is left. */
const runs = Number(process.env.QUOIN_CASES ?? 40)
const seed = Number(process.env.QUOIN_SEED ?? 20261121)

interface Row {
  readonly id: bigint
  readonly n: number
  readonly s: string
}
type Table = Map<bigint, Row>
type Outcome = Value | { readonly error: string }
/** One query of a program: the call, and what it does to the table. */
interface Step {
  readonly call: Query
  readonly does: (t: Table) => Outcome
}
/** A step, or lookups that are asked together. */
type Turn = readonly Step[]

const optional = (s: string | null): Value => (s === null ? { _tag: 'None' } : { _tag: 'Some', value: s })
const sorted = (t: Table): Row[] => [...t.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
const shape = '{id: i64, n: i32, s: string}'
const limits = { maxRows: 4 }

const insert = (id: bigint, n: number, s: string | null): Step => ({
  call: query('exec', 'insert into t (id, n, s) values ($1, $2, $3)', '{}', [
    ['i64', id],
    ['i32', n],
    ['option<string>', optional(s)],
  ]),
  does: (t) => {
    // Where a row breaks two rules, which of them is told is not fixed.
    if (s === null || n < 0) return { error: t.has(id) ? 'Constraint|Conflict' : 'Constraint' }
    if (t.has(id)) return { error: 'Conflict' }
    t.set(id, { id, n, s })
    return 1n
  },
})
const update = (least: bigint, by: number): Step => ({
  call: query('exec', 'update t set n = n + $2 where id >= $1', '{}', [
    ['i64', least],
    ['i32', by],
  ]),
  does: (t) => {
    const met = sorted(t).filter((r) => r.id >= least)
    // All or nothing.
    if (met.some((r) => r.n + by < 0)) return { error: 'Constraint' }
    for (const r of met) t.set(r.id, { ...r, n: r.n + by })
    return BigInt(met.length)
  },
})
const remove = (id: bigint): Step => ({
  call: query('exec', 'delete from t where id = $1', '{}', [['i64', id]]),
  does: (t) => (t.delete(id) ? 1n : 0n),
})
const rows = (t: readonly Row[]): Outcome =>
  t.length > limits.maxRows ? { error: 'TooManyRows' } : (t.map((r) => ({ ...r })) as never)
const below = (n: number): Step => ({
  call: query('many', 'select id, n, s from t where n < $1 order by id', shape, [['i32', n]], limits),
  does: (t) => rows(sorted(t).filter((r) => r.n < n)),
})
const named = (s: string): Step => ({
  call: query('many', 'select id, n, s from t where s = $1 order by id', shape, [['string', s]], limits),
  does: (t) => rows(sorted(t).filter((r) => r.s === s)),
})
const lookup = (mode: 'one' | 'maybe', id: bigint): Step => ({
  call: query(mode, 'select n, s from t where id = $1', '{n: i32, s: string}', [['i64', id]]),
  does: (t) => {
    const r = t.get(id)
    if (r === undefined) return mode === 'one' ? { error: 'NoRow' } : { _tag: 'None' }
    const value = { n: r.n, s: r.s }
    return mode === 'one' ? value : { _tag: 'Some', value }
  },
})
const single = (s: string): Step => ({
  call: query('one', 'select id from t where s = $1', '{id: i64}', [['string', s]]),
  does: (t) => {
    const met = sorted(t).filter((r) => r.s === s)
    return met.length === 0 ? { error: 'NoRow' } : met.length > 1 ? { error: 'TooManyRows' } : { id: met[0]!.id }
  },
})
const total = (s: string): Step => ({
  call: query('one', 'select count(*) as c, max(n) as m from t where s = $1', '{c: i64, m: option<i32>}', [
    ['string', s],
  ]),
  does: (t) => {
    const met = sorted(t).filter((r) => r.s === s)
    const m: Value = met.length === 0 ? { _tag: 'None' } : { _tag: 'Some', value: Math.max(...met.map((r) => r.n)) }
    return { c: BigInt(met.length), m }
  },
})
const nowhere: Step = { call: query('exec', 'delete from nowhere'), does: () => ({ error: 'NotFound' }) }

const id = fc.bigInt(-1n, 5n)
const text = fc.constantFrom('', 'a', 'é', "'")
const n = fc.integer({ min: 0, max: 6 })
const alone = <T>(a: fc.Arbitrary<T>, f: (x: T) => Step): fc.Arbitrary<Turn> => a.map((x) => [f(x)])
const together = <T>(a: fc.Arbitrary<T>, f: (x: T) => Step): fc.Arbitrary<Turn> =>
  fc.array(a, { minLength: 1, maxLength: 6 }).map((xs) => xs.map(f))
const turns: fc.Arbitrary<Turn> = fc.oneof(
  { weight: 4, arbitrary: alone(fc.tuple(id, n, fc.option(text, { freq: 8 })), (x) => insert(...x)) },
  alone(fc.tuple(id, fc.constant(-1), text), (x) => insert(...x)),
  alone(fc.tuple(id, fc.integer({ min: -3, max: 3 })), (x) => update(...x)),
  alone(id, remove),
  together(n, below),
  together(text, named),
  together(id, (x) => lookup('one', x)),
  together(id, (x) => lookup('maybe', x)),
  together(text, single),
  together(text, total),
  alone(fc.constant(0), () => nowhere),
)

const told = ({ attrs }: Query, a: Answer): Outcome => {
  if (a._tag === 'Left') return { error: a.left._tag }
  if (attrs.mode !== 'many') return a.right
  const list = a.right as ListValue
  return Array.from({ length: list.length }, (_, i) => elementAt(attrs.row as RecordType, list, i)) as never
}
const agrees = (found: Outcome, wanted: Outcome): boolean => {
  const [a, b] = [found, wanted].map((o) => (o as { readonly error?: string } | null)?.error)
  return a !== undefined && b !== undefined ? b.split('|').includes(a) : sameValue(found, wanted)
}
const show = (x: unknown): string => JSON.stringify(x, (_, v: unknown) => (typeof v === 'bigint' ? `${v}n` : v))

/** What databases were asked together, as traces of the specification: so many of each. */
const seen = new Outside()
const mostSeen = 60

const conforms = (driver: () => Driver): Promise<void> => {
  let batches = 0
  return fc.assert(
    fc.asyncProperty(fc.array(turns, { maxLength: 25, size: 'max' }), async (program) => {
      const db = driver()
      await db.perform(query('exec', 'drop table if exists t'), calm)
      const made = 'create table t (id bigint primary key, n int check (n >= 0), s varchar not null)'
      expect((await db.perform(query('exec', made), calm))._tag).toBe('Right')
      const table: Table = new Map()
      for (const turn of [...program, [{ ...below(1000), does: (t: Table) => rows(sorted(t)) }]]) {
        const calls = turn.map((s) => s.call)
        const got =
          calls.length > 1 ? (await db.performMany!(batchOf(calls), calm)).answers : [await db.perform(calls[0]!, calm)]
        const all = turn.map(({ does }) => does(table))
        for (const [i, { call }] of turn.entries()) {
          const [found, wanted] = [told(call, got[i]!), all[i]!]
          if (!agrees(found, wanted))
            throw new Error(
              `${call.attrs.sql} with ${show(call.args)} answers ${show(found)} instead of ${show(wanted)}`,
            )
        }
        if (calls.length > 1 && batches++ < mostSeen)
          seen.batch(
            calls.map((c) => show(c.args)),
            got,
            all.map((o) => (o as { readonly error?: string } | null)?.error !== undefined),
          )
      }
    }),
    { numRuns: runs, seed, interruptAfterTimeLimit: 50_000, markInterruptAsFailure: true },
  )
}

describe('SQL', () => {
  const duck = duckdb()
  const bin = postgresBin()
  if (bin === undefined) process.stdout.write(noPostgres)
  let server: PostgresServer | undefined
  let db: Driver
  beforeAll(async () => {
    if (bin === undefined) return
    server = await startPostgres(bin)
    db = postgres({ url: server.url, max: 2 })
  })
  afterAll(async () => {
    await duck.close()
    await db?.close()
    await server?.close()
  })
  test('DuckDB', () => conforms(() => duck), 60_000)
  test.skipIf(bin === undefined)('PostgreSQL', () => conforms(() => db), 60_000)
})

test('what was asked together is a behaviour of the specification of batching', () => {
  const [batches] = seen.judged('conformance-sql')
  expect(batches!.strange).toEqual([])
  expect(batches!.traces).toBeGreaterThanOrEqual(mostSeen)
  expect(batches!.refused).toBeGreaterThan(batches!.corrupted / 4)
})
