// Requirements: E5

import { Client } from 'pg'
import type { Built, Either, QuoinError, RunOptions } from 'quoin'
import { assert, compile, describeError, foreign, graph, load, row, sequence, sql, t } from 'quoin'
import { bindForeign } from 'quoin/drivers/foreign'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { postgres } from '../../runtime/drivers/postgres/index.ts'
import type { PostgresServer } from '../drivers/servers/postgres.ts'
import { noPostgres, postgresBin, startPostgres } from '../drivers/servers/postgres.ts'

const bin = postgresBin()
if (bin === undefined) process.stdout.write(noPostgres)

const db = sql('bank')
const Account = row({ id: t.i64, money: t.f64 })
const between = foreign('between', { in: t.f64, out: t.f64, reads: [], writes: [], batch: false })
const failure = (r: Either<QuoinError, unknown>): QuoinError => {
  if (r._tag === 'Right') throw new Error(`an answer: ${JSON.stringify(r.right)}`)
  return r.left
}
const value = <A>(r: Either<QuoinError, A>): A => {
  if (r._tag === 'Left') throw new Error(describeError(r.left))
  return r.right
}
type Step = (x: number) => number | Promise<number>

describe.skipIf(bin === undefined)('transactions of PostgreSQL', () => {
  let server: PostgresServer
  let other: Client
  const closing: (() => Promise<void>)[] = []
  beforeAll(async () => {
    server = await startPostgres(bin!)
    other = new Client(server.url)
    await other.connect()
    await other.query('create table account (id bigint primary key, money double precision)')
  })
  afterAll(async () => {
    for (const close of closing) await close()
    await other?.end()
    await server?.close()
  })
  beforeEach(() => other.query('truncate account; insert into account values (1, 10), (2, 20), (3, 30)'))
  const accounts = async (): Promise<readonly number[]> =>
    (await other.query('select money from account order by id')).rows.map((r) => Number(r.money))
  const runner = async <I, O>(
    g: Built<I, O>,
    step: Step = (x) => x,
    options: Parameters<typeof postgres>[0] = { url: server.url },
  ) => {
    const bank = postgres(options)
    closing.push(() => bank.close())
    const c = value(await compile(g, { target: 'ts' }))
    const loaded = value(await load(c, { bank, between: bindForeign({ one: async (x: number) => step(x) }) }))
    return (input: I, o?: RunOptions) => loaded.run(input, o)
  }

  const transfer = (how: { readonly isolation?: 'serializable' | 'read committed'; readonly retries?: number } = {}) =>
    graph('transfer', { from: t.i64, to: t.i64, amount: t.f64 }, ({ from, to, amount }) => ({
      left: db.transaction(() => {
        const take = db.exec('take')`update account set money = money - ${amount} where id = ${from}`
        const give = db.exec('give')`update account set money = money + ${amount} where id = ${to}`
        const after = db.one('after', Account)`select id, money from account where id = ${from}`.money
        return sequence(take, sequence(give, assert(after.ge(0), 'there is enough', between(after))))
      }, how),
    }))
  const move = { from: 1n, to: 2n, amount: 4 }

  test('commit, and roll back when the body fails', async () => {
    const run = await runner(transfer())
    expect(value(await run(move))).toEqual({ left: 6 })
    expect(failure(await run({ ...move, amount: 7 }))).toMatchObject({ _tag: 'AssertionFailed' })
    expect(await accounts()).toEqual([6, 24, 30])
  })
  test('are not seen by others before their end', async () => {
    const seen: (readonly number[])[] = []
    const run = await runner(transfer(), async (x) => {
      seen.push(await accounts())
      return x
    })
    value(await run(move))
    expect(seen).toEqual([[10, 20, 30]])
  })
  test('in conflict are run again as often as declared', async () => {
    const late = (retries: number) =>
      graph('late', { id: t.i64 }, ({ id }) =>
        db.transaction(
          () => {
            const before = db.one('before', Account)`select id, money from account where id = ${id}`.money
            return sequence(
              db.exec('write')`update account set money = ${between(before)} + 1 where id = ${id}`,
              before,
            )
          },
          { retries },
        ),
      )
    const meddled =
      (times: number): Step =>
      async (x) => {
        if (times-- > 0) await other.query('update account set money = money + 100 where id = 2')
        return x
      }
    expect(failure(await (await runner(late(0), meddled(1)))({ id: 2n }))).toMatchObject({
      _tag: 'SerializationFailure',
      node: 'write',
    })
    expect(value(await (await runner(late(2), meddled(2)))({ id: 2n }))).toBe(320)
    expect(await accounts()).toEqual([10, 321, 30])
  })
  test('that serialise: write skew is found, at the commit', async () => {
    // Each may go as long as somebody stays.
    const leave = graph('leave', { id: t.i64 }, ({ id }) =>
      db.transaction(
        () => {
          const all = db.one('all', row({ money: t.f64 }))`select sum(money) as money from account`.money
          const go = db.exec('go')`update account set money = 0 where id = ${id}`
          return sequence(assert(between(all).gt(30), 'somebody stays', all), go)
        },
        { isolation: 'serializable' },
      ),
    )
    let there = 0
    let both = (): void => {}
    const met = new Promise<void>((done) => {
      both = done
    })
    const run = await runner(leave, async (x) => {
      if (++there === 2) both()
      await met
      return x
    })
    const ends = await Promise.all([run({ id: 1n }), run({ id: 3n })])
    const lost = ends.filter((e) => e._tag === 'Left')
    expect(lost).toHaveLength(1)
    expect(failure(lost[0]!)._tag).toBe('SerializationFailure')
    expect((await accounts()).filter((m) => m === 0)).toHaveLength(1)
  })
  test('many at once lose nothing', async () => {
    const run = await runner(transfer({ isolation: 'serializable', retries: 1000 }), (x) => x, {
      url: server.url,
      max: 4,
    })
    const moves = Array.from({ length: 30 }, (_, i) => ({ from: 3n, to: BigInt(1 + (i % 2)), amount: 1 }))
    for (const r of await Promise.all(moves.map((m) => run(m)))) value(r)
    expect(await accounts()).toEqual([25, 35, 0])
  })
  test('stopped in the middle leave nothing, and the connection is usable', async () => {
    const stop = new AbortController()
    const slow = graph('slow', { id: t.i64 }, ({ id }) =>
      db.transaction(() =>
        sequence(
          db.exec('touch')`update account set money = 0 where id = ${id}`,
          db.one('sleep', row({ n: t.i32 }), { reads: [] })`select 1 as n from pg_sleep(30)`,
        ),
      ),
    )
    const run = await runner(slow, (x) => x, { url: server.url, max: 1 })
    const trace: RunOptions['trace'] = (e) =>
      void (e.event === 'effect' && e.name === 'touch' && setTimeout(() => stop.abort(), 50))
    const e = failure(await run({ id: 1n }, { signal: stop.signal, trace }))
    expect(e._tag).toBe('Cancelled')
    expect('outcome' in e).toBe(false)
    expect(await accounts()).toEqual([10, 20, 30])
    const early = await runner(transfer(), (x) => x, { url: server.url, max: 1 })
    const now = new AbortController()
    const before: RunOptions['trace'] = (ev) => void (ev.event === 'effect' && ev.name === 'take' && now.abort())
    expect(failure(await early(move, { signal: now.signal, trace: before }))._tag).toBe('Cancelled')
    expect(value(await early(move))).toEqual({ left: 6 })
    expect((await other.query("select 1 from pg_stat_activity where state like 'idle in transaction%'")).rowCount).toBe(
      0,
    )
  })
  test('batch their reads, and see what they have written; a batch that fails is asked in program order', async () => {
    const odd = graph('odd', { limit: t.i64 }, ({ limit }) =>
      db.transaction(() => {
        const touch = db.exec('touch')`update account set money = money + 1`
        const all = db.many('all', Account, { maxRows: 100, maxBytes: 1e5 })`select id, money from account order by id`
        const each = all.map((a) => {
          const cast = db.one(
            'cast',
            row({ x: t.f64 }),
          )`select (case when id = 3 and ${limit} < 9 then 'x' else '7' end)::float8 + money as x from account where id = ${a.id}`
          return assert(a.id.lt(limit), 'below the limit', cast.x)
        })
        return sequence(touch, each)
      }),
    )
    let queries = 0
    const run = await runner(odd)
    const good = value(await run({ limit: 9n }, { stats: (s) => (queries = s.queries.run) }))
    expect([...(good as Iterable<number>)]).toEqual([18, 28, 38])
    expect(queries).toBe(3)
    expect(failure(await run({ limit: 2n }))).toMatchObject({ _tag: 'AssertionFailed', iteration: [1] })
    const tries: string[] = []
    let sent = 0
    const trace: RunOptions['trace'] = (e) => {
      if (e.event === 'transaction') tries.push(e.outcome)
      if (e.event === 'effect' || e.event === 'batch') sent++
    }
    expect(failure(await run({ limit: 4n }, { trace }))).toMatchObject({
      _tag: 'Refused',
      node: 'cast',
      iteration: [2],
    })
    // The batch failed and was asked key by key behind a savepoint each; nothing was begun again.
    expect([tries, sent]).toEqual([['Refused'], 3])
    expect(await accounts()).toEqual([11, 21, 31])
  })
  test('dependent queries go out together in it, where that is allowed', async () => {
    await other.query('drop table if exists entry; create table entry (id bigint, account bigint, x double precision)')
    await other.query('insert into entry select i, 1 + i % 3, i from generate_series(1, 30) i')
    const Entry = row({ id: t.i64, x: t.f64 })
    const deep = graph('deep', { by: t.f64 }, ({ by }) =>
      db.transaction(() => {
        const touch = db.exec('touch')`update entry set x = x + ${by}`
        const all = db.many('all', Account, { maxRows: 100, maxBytes: 1e5 })`select id, money from account order by id`
        const each = all.map((a) => {
          const entries = db.many('entries', Entry, { maxRows: 100, maxBytes: 1e5 })`
            select id, x from entry where account = ${a.id} order by id`
          const again = entries.map((e) => db.one('again', row({ x: t.f64 }))`select x from entry where id = ${e.id}`.x)
          return again.sum()
        })
        return sequence(touch, each)
      }),
    )
    const bank = postgres({ url: server.url })
    closing.push(() => bank.close())
    const answers: (readonly number[])[] = []
    const trips: number[] = []
    for (const collapse of [[], ['bank']]) {
      const { run } = value(await load(value(await compile(deep, { target: 'ts', collapse })), { bank }))
      // The second run knows what the statements mean.
      for (let i = 0; i < 2; i++)
        answers.push([...(value(await run({ by: 0 }, { stats: (s) => trips.push(s.roundTrips) })) as Iterable<number>)])
      expect([...(value(await run({ by: 10 })) as Iterable<number>)]).toEqual(answers[0]!.map((x) => x + 100))
      await other.query(`update entry set x = id`)
    }
    expect(answers[3]).toEqual(answers[0])
    expect(trips[3]).toBe(trips[1]! - 1)
  })
  test("a client in its owner's transaction is left as it is, and a statement cannot end a transaction", async () => {
    const client = new Client(server.url)
    await client.connect()
    await client.query('begin')
    await client.query('update account set money = 0 where id = 3')
    const run = await runner(transfer(), (x) => x, { client })
    expect(failure(await run(move))).toMatchObject({ _tag: 'Refused', effect: 'transaction' })
    await client.query('commit')
    expect(await accounts()).toEqual([10, 20, 0])
    expect(value(await run(move))).toEqual({ left: 6 })
    await client.end()
    const ends = graph('ends', {}, () =>
      db.transaction(() =>
        sequence(
          db.exec('touch')`update account set money = 0`,
          db.exec('end', { reads: [], writes: ['account'] })`/* now */ commit`,
        ),
      ),
    )
    expect(failure(await (await runner(ends))({}))).toMatchObject({ _tag: 'Refused', node: 'end' })
    expect(await accounts()).toEqual([6, 24, 0])
  })
})
