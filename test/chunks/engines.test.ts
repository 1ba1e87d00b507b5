import { Client } from 'pg'
import type { Built, Either, QuoinError } from 'quoin'
import { compile, describeError, foreign, fx, graph, load, row, sequence, sql, t } from 'quoin'
import { bindForeign } from 'quoin/drivers/foreign'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Driver } from '../../runtime/driver.ts'
import { duckdb } from '../../runtime/drivers/duckdb/index.ts'
import { postgres } from '../../runtime/drivers/postgres/index.ts'
import { calm, good, query } from '../drivers/calls.ts'
import type { PostgresServer } from '../drivers/servers/postgres.ts'
import { noPostgres, postgresBin, startPostgres } from '../drivers/servers/postgres.ts'

const bin = postgresBin()
if (bin === undefined) process.stdout.write(noPostgres)

const db = sql('db')
const most = { maxRows: 20_000, maxBytes: 1e7 }
const Reading = row({ id: t.i64, x: t.f64, name: t.string, note: t.option(t.i32) })
const value = <A>(r: Either<QuoinError, A>): A => {
  if (r._tag === 'Left') throw new Error(describeError(r.left))
  return r.right
}
const all = async <A>(parts: AsyncIterable<A>): Promise<readonly A[]> => {
  const out: A[] = []
  for await (const p of parts) out.push(p)
  return out
}
const rows = 10_000
const fill = [
  'create table reading (id bigint primary key, x double precision, name text, note int)',
  `insert into reading select i, i * 0.5, 'name of ' || i, case when i % 3 = 0 then i end from generate_series(1, ${rows}) g(i)`,
  'create table noted (n bigint, sum double precision)',
]

interface Engine {
  readonly start: () => Promise<void>
  readonly driver: (options?: { readonly timeoutMs?: number; readonly connections?: number }) => Driver
  readonly stop: () => Promise<void>
  /** Nobody holds a connection or a transaction any more. */
  readonly rests: () => Promise<void>
}
let server: PostgresServer
let watcher: Client
let shared: Driver
const engines: Readonly<Record<string, Engine>> = {
  duckdb: {
    start: async () => {
      shared = duckdb({ connections: 2 })
      for (const statement of fill) good(await shared.perform(query('exec', statement), calm))
    },
    driver: () => shared,
    stop: () => shared.close(),
    rests: async () => {
      // Both connections are free, and a change of what was read is not kept out by a reader.
      const both = Array.from({ length: 2 }, () => shared.perform(query('one', 'select 1 as a', '{a: i32}'), calm))
      for (const answer of await Promise.all(both)) good(answer)
      good(await shared.perform(query('exec', 'alter table reading add column more int'), calm))
      good(await shared.perform(query('exec', 'alter table reading drop column more'), calm))
    },
  },
  postgres: {
    start: async () => {
      server = await startPostgres(bin!)
      watcher = new Client(server.url)
      await watcher.connect()
      for (const statement of fill) await watcher.query(statement)
    },
    driver: (options) => postgres({ url: server.url, ...options }),
    stop: async () => {
      await watcher?.end()
      await server?.close()
    },
    rests: async () => {
      const busy = async (): Promise<number> => {
        const text =
          "select count(*)::int as n from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() and state <> 'idle'"
        return (await watcher.query(text)).rows[0].n
      }
      await expect.poll(busy).toBe(0)
    },
  },
}

describe.each(Object.entries(engines))('%s', (name, engine) => {
  describe.skipIf(name === 'postgres' && bin === undefined)('in chunks', () => {
    const closing: (() => Promise<void>)[] = []
    beforeAll(engine.start)
    afterEach(async () => {
      await engine.rests()
      if (name === 'postgres') for (const close of closing.splice(0)) await close()
    })
    afterAll(engine.stop)
    const ready = async <I, O>(g: Built<I, O>, more: Record<string, Driver> = {}, options = {}) => {
      const driver = engine.driver(options)
      closing.push(() => driver.close())
      return value(await load(value(await compile(g, { target: 'ts' })), { db: driver, ...more }))
    }
    const read = graph('read', { from: t.i64 }, ({ from }) => {
      const found = db.many('reading', Reading, most)`
        select id, x, name, note from reading where id > ${from} order by id`
      return { rows: found, sum: found.columns().x.sum() }
    })

    test.each([1 + 2048, 2048, 2047, 1000, rows - 1, rows, rows + 1, 3333])(
      'the parts of %i are the whole',
      async (size) => {
        const { run, chunks } = await ready(read)
        const whole = value(await run({ from: 0n })).rows
        const parts = (await all(chunks({ from: 0n }, { of: 'reading', size }))).map(value)
        expect(parts.map((p) => p.rows.length)).toEqual([
          ...Array.from({ length: Math.floor(rows / size) }, () => size),
          ...(rows % size === 0 ? [] : [rows % size]),
        ])
        expect(parts.flatMap((p) => [...p.rows])).toEqual([...whole])
        expect(parts.map((p) => p.sum)).toEqual(parts.map((p) => [...p.rows].reduce((sum, r) => sum + r.x, 0)))
      },
    )
    test('one row each; none at all is one run without rows', async () => {
      const { chunks } = await ready(read)
      const last = await all(chunks({ from: BigInt(rows - 3) }, { of: 'reading', size: 1 }))
      expect(last.map((r) => value(r).rows.at(0)!.id)).toEqual([9998n, 9999n, 10_000n])
      const none = await all(chunks({ from: BigInt(rows) }, { of: 'reading' }))
      expect(none.map((r) => value(r).rows.length)).toEqual([0])
    })
    test('maxRows bounds a chunk and not the answer', async () => {
      const small = graph('small', {}, () => ({
        n: db.many('reading', Reading, { ...most, maxRows: 4000 })`select id, x, name, note from reading`.count(),
      }))
      const { run, chunks } = await ready(small)
      expect((await run({}))._tag).toBe('Left')
      expect((await all(chunks({}, { of: 'reading' }))).map((r) => value(r).n)).toEqual([4000, 4000, 2000])
    })
    test('whoever stops early leaves nothing open', async () => {
      const { chunks } = await ready(read)
      for await (const part of chunks({ from: 0n }, { of: 'reading', size: 100 })) {
        if (value(part).rows.at(0)!.id > 300n) break
      }
      await engine.rests()
      const never = chunks({ from: 0n }, { of: 'reading', size: 100 })
      await never.return()
      expect(await never.next()).toEqual({ done: true, value: undefined })
    })
    test('cancelled between and during', async () => {
      const { chunks } = await ready(read)
      const stop = new AbortController()
      const tags: string[] = []
      for await (const part of chunks({ from: 0n }, { of: 'reading', size: 100, signal: stop.signal })) {
        tags.push(part._tag === 'Left' ? part.left._tag : 'rows')
        if (tags.length === 3) stop.abort()
      }
      expect(tags).toEqual(['rows', 'rows', 'rows', 'Cancelled'])
      const slow = graph('slow', {}, () => ({
        n: db.many('slow', row({ n: t.i64 }), most)`select count(*) as n from reading a, reading b, reading c`,
      }))
      const running = await ready(slow)
      const soon = AbortSignal.timeout(100)
      const end = await all(running.chunks({}, { of: 'slow', signal: soon }))
      expect(end.map((e) => e._tag === 'Left' && e.left._tag)).toEqual(['Cancelled'])
      const late = await all(running.chunks({}, { of: 'slow', deadlineMs: 100 }))
      expect(late.map((e) => e._tag === 'Left' && e.left._tag)).toEqual(['ResourceExceeded'])
    })
    test('an error comes where its rows would have', async () => {
      const risky = graph('risky', {}, () => ({
        x: db.many('risky', row({ id: t.i64, x: t.i64 }), most)`
          select id, cast(case when id = 9000 then 'nothing' else '7' end as bigint) as x from reading order by id + 0`.columns()
          .x,
      }))
      const loaded = await ready(risky)
      const parts = await all(loaded.chunks({}, { of: 'risky', size: 1000 }))
      const error = parts.at(-1)!
      expect(error).toMatchObject({ _tag: 'Left', left: { node: 'risky', occurrence: 0 } })
      expect(parts.slice(0, -1).every((p) => p._tag === 'Right')).toBe(true)
      expect(parts.length).toBeLessThanOrEqual(9)
    })
    test('rows that are not what they are declared as are named by their place in the whole answer', async () => {
      const strict = graph('strict', {}, () => ({
        rows: db.many('strict', row({ id: t.i64, note: t.i32 }), most)`
          select id, case when id = 5000 then null else 1 end as note from reading order by id`,
      }))
      const { chunks } = await ready(strict)
      const parts = await all(chunks({}, { of: 'strict', size: 1500 }))
      expect(parts.map((p) => (p._tag === 'Left' ? p.left.cause : p.right.rows.length))).toEqual([
        1500,
        1500,
        1500,
        "row 5000 has NULL in column 'note', which the row declares as i32",
      ])
    })
    test('a chunk that is too large says so', async () => {
      const wide = graph('wide', {}, () => ({
        rows: db.many('wide', Reading, { ...most, maxBytes: 20_000 })`select id, x, name, note from reading`,
      }))
      const { chunks } = await ready(wide)
      const parts = await all(chunks({}, { of: 'wide', size: 5000 }))
      expect(parts).toMatchObject([{ _tag: 'Left', left: { _tag: 'TooLarge' } }])
      expect((await all(chunks({}, { of: 'wide', size: 100 }))).length).toBe(rows / 100)
    })
    test('each run writes what it found, while the rows are being read as they were', async () => {
      const Total = row({ n: t.i64, sum: t.f64 })
      const note = graph('note', {}, () => {
        const found = db.many('reading', Reading, most)`select id, x, name, note from reading order by id`
        return {
          done: sequence(
            db.exec('note')`insert into noted values (1, ${found.columns().x.sum()})`,
            db.exec('change')`update reading set x = x + 1 where id > 9000`,
          ),
        }
      })
      const { chunks } = await ready(note)
      expect((await all(chunks({}, { of: 'reading', size: 2500 }))).map(value)).toHaveLength(4)
      const sums = graph(
        'sums',
        {},
        () => db.one('sums', Total)`select cast(sum(n) as bigint) as n, sum(sum) as sum from noted`,
      )
      const totals = await (await ready(sums)).run({})
      expect(value(totals)).toEqual({ n: 4n, sum: (rows * (rows + 1)) / 4 })
      const back = graph('back', {}, () => ({
        done: sequence(db.exec('back')`update reading set x = id * 0.5`, db.exec('clear')`delete from noted`),
      }))
      value(await (await ready(back)).run({}))
    })
    test('other queries of the graph are asked for each chunk, and go together', async () => {
      const joined = graph('joined', {}, () => {
        const found = db.many(
          'reading',
          Reading,
          most,
        )`select id, x, name, note from reading where id <= 100 order by id`
        return found.map((r) => db.one('half', row({ x: t.f64 }))`select x from reading where id = ${r.id}`.x)
      })
      const { chunks } = await ready(joined)
      const asked: number[] = []
      const stats = (s: { readonly queries: { readonly run: number } }): void => void asked.push(s.queries.run)
      const parts = (await all(chunks({}, { of: 'reading', size: 40, stats }))).map(value)
      expect(parts.flatMap((p) => [...p])).toEqual(Array.from({ length: 100 }, (_, i) => (i + 1) / 2))
      expect(asked).toEqual([2, 2, 2])
    })
    test('a slow consumer is waited for, without a limit of time', async () => {
      const { chunks } = await ready(read, {}, { timeoutMs: 150 })
      const sizes: number[] = []
      for await (const part of chunks({ from: 8000n }, { of: 'reading', size: 1000 })) {
        sizes.push(value(part).rows.length)
        await new Promise((done) => setTimeout(done, name === 'postgres' ? 300 : 1))
      }
      expect(sizes).toEqual([1000, 1000])
    })
    test('a foreign function of the user sees the chunks one after the other', async () => {
      const keep = foreign('keep', { in: t.f64, out: t.f64, reads: [], writes: ['kept'] })
      const g = graph('kept', {}, () => ({
        mean: keep(
          fx`${db.many('reading', Reading, most)`select id, x, name, note from reading order by id`.columns().x.sum()} / 1000`,
        ),
      }))
      const kept: number[] = []
      const one = async (x: number): Promise<number> => kept.push(x)
      const { chunks } = await ready(g, { keep: bindForeign({ one }) })
      const parts = (await all(chunks({}, { of: 'reading', size: 1000 }))).map(value)
      expect(parts.map((p) => p.mean)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
      expect(kept).toHaveLength(10)
    })
  })
})
