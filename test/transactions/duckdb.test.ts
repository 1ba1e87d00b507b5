// Requirements: E5

import { DuckDBInstance } from '@duckdb/node-api'
import type { Built, Either, QuoinError, RunOptions, RunStats } from 'quoin'
import { assert, compile, describeError, foreign, graph, interpret, load, now, row, sequence, sql, t } from 'quoin'
import { duckdb } from 'quoin/drivers/duckdb'
import { bindForeign } from 'quoin/drivers/foreign'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { noPlan } from '../../runtime/driver.ts'
import { calm, good, query } from '../drivers/calls.ts'

/** Transactions against a real database: rolled back, committed, in conflict, cancelled. */

const instance = await DuckDBInstance.create(':memory:')
const other = await instance.connect()
afterAll(() => {
  other.closeSync()
  instance.closeSync()
})
const accounts = async (): Promise<readonly number[]> =>
  (await (await other.run('select money from account order by id')).getRows()).map(([m]) => Number(m))
beforeEach(async () => {
  await other.run('create or replace table account (id bigint primary key, money double)')
  await other.run('insert into account values (1, 10), (2, 20), (3, 30)')
})

const db = sql('bank')
const Account = row({ id: t.i64, money: t.f64 })
/** What happens between two steps of a transaction; it only reads, as far as the graph knows. */
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
const drivers = (step: Step) => ({
  bank: duckdb({ instance }),
  between: bindForeign({ one: async (x: number) => step(x) }),
})
const runner = async <I, O>(g: Built<I, O>, step: Step = (x) => x) => {
  const loaded = value(await load(value(await compile(g, { target: 'ts' })), drivers(step)))
  return (input: I, options?: RunOptions) => loaded.run(input, options)
}
const stopped = async <I, O>(g: Built<I, O>, input: I): Promise<Either<QuoinError, O>> => {
  const stop = new AbortController()
  const run = await runner(g, (x) => {
    stop.abort()
    return x
  })
  return run(input, { signal: stop.signal })
}

const transfer = (retries = 0) =>
  graph('transfer', { from: t.i64, to: t.i64, amount: t.f64 }, ({ from, to, amount }) => ({
    left: db.transaction(
      () => {
        const take = db.exec('take')`update account set money = money - ${amount} where id = ${from}`
        const give = db.exec('give')`update account set money = money + ${amount} where id = ${to}`
        const after = db.one('after', Account)`select id, money from account where id = ${from}`.money
        return sequence(take, sequence(give, assert(after.ge(0), 'there is enough', between(after))))
      },
      { retries },
    ),
  }))

describe('one transaction', () => {
  test('commits what it wrote, as the interpreter does', async () => {
    expect(value(await (await runner(transfer()))({ from: 1n, to: 2n, amount: 4 }))).toEqual({ left: 6 })
    expect(await accounts()).toEqual([6, 24, 30])
    const again = await interpret(
      transfer(),
      drivers((x) => x),
      { from: 1n, to: 2n, amount: 4 },
    )
    expect(value(again)).toEqual({ left: 2 })
    expect(await accounts()).toEqual([2, 28, 30])
  })
  test('writes nothing when its body fails, as the interpreter does', async () => {
    const input = { from: 1n, to: 2n, amount: 11 }
    const e = failure(await (await runner(transfer()))(input))
    expect(e).toMatchObject({ _tag: 'AssertionFailed', cause: 'there is enough' })
    expect(await accounts()).toEqual([10, 20, 30])
    expect(
      failure(
        await interpret(
          transfer(),
          drivers((x) => x),
          input,
        ),
      ),
    ).toMatchObject({ _tag: e._tag })
    expect(await accounts()).toEqual([10, 20, 30])
  })
  test('is not seen by others before its end, and sees one state of them', async () => {
    const twice = graph('twice', { id: t.i64 }, ({ id }) =>
      db.transaction(() => {
        const first = db.one('first', Account)`select id, money from account where id = ${id}`.money
        const second = db.one('second', Account)`select id, money from account where id = ${id} + 0`.money
        return { first, second: sequence(between(first), second) }
      }),
    )
    const run = await runner(twice, async (x) => {
      await other.run('update account set money = 99 where id = 1')
      return x
    })
    expect(value(await run({ id: 1n }))).toEqual({ first: 10, second: 10 })
    const seen: (readonly number[])[] = []
    const slow = await runner(transfer(), async (x) => {
      seen.push(await accounts())
      return x
    })
    value(await slow({ from: 2n, to: 3n, amount: 5 }))
    expect(seen).toEqual([[99, 20, 30]])
    expect(await accounts()).toEqual([99, 15, 35])
  })
  test('a constraint that breaks rolls back what was written before', async () => {
    const twin = graph('twin', { id: t.i64 }, ({ id }) =>
      db.transaction(() =>
        sequence(
          db.exec('add')`insert into account values (${id}, 1)`,
          db.exec('again')`insert into account values (1, 1)`,
        ),
      ),
    )
    expect(failure(await (await runner(twin))({ id: 9n }))).toMatchObject({ _tag: 'Conflict', node: 'again' })
    expect(await accounts()).toEqual([10, 20, 30])
  })
})

describe('in conflict with another', () => {
  /** The first time, somebody else changes the row that the transaction is about to write. */
  const meddled = (times: number): Step => {
    let left = times
    return async (x) => {
      if (left-- > 0) await other.run('update account set money = money + 100 where id = 2')
      return x
    }
  }
  const late = (retries: number) =>
    graph('late', { id: t.i64 }, ({ id }) =>
      db.transaction(
        () => {
          const before = db.one('before', Account)`select id, money from account where id = ${id}`.money
          const write = db.exec('write')`update account set money = ${between(before)} + 1 where id = ${id}`
          return sequence(write, before)
        },
        { retries },
      ),
    )
  test('fails, with a place, unless retries are declared', async () => {
    const e = failure(await (await runner(late(0), meddled(1)))({ id: 2n }))
    expect(e).toMatchObject({ _tag: 'SerializationFailure', node: 'write' })
    expect('place' in e && e.place).toContain('duckdb.test.ts')
    expect(await accounts()).toEqual([10, 120, 30])
  })
  test('is run again with the new state', async () => {
    const tries: string[] = []
    const run = await runner(late(2), meddled(2))
    const trace: RunOptions['trace'] = (e) =>
      void (e.event === 'transaction' && tries.push(`${e.attempt} ${e.outcome}`))
    expect(value(await run({ id: 2n }, { trace }))).toBe(220)
    expect(tries).toEqual(['0 SerializationFailure', '1 SerializationFailure', '2 ok'])
    expect(await accounts()).toEqual([10, 221, 30])
  })
  test('at most so often', async () => {
    expect(failure(await (await runner(late(2), meddled(3)))({ id: 2n }))).toMatchObject({
      _tag: 'SerializationFailure',
    })
    expect(await accounts()).toEqual([10, 320, 30])
  })
  test('two that add one key: the later commit fails at the place of the transaction', async () => {
    const add = graph('add', { id: t.i64 }, ({ id }) =>
      db.transaction(() => sequence(db.exec('add')`insert into account values (${id}, 1)`, between(now()))),
    )
    const run = await runner(add, async (x) => {
      await other.run('insert into account values (9, 2)')
      return x
    })
    const e = failure(await run({ id: 9n }))
    expect(e).toMatchObject({ _tag: 'SerializationFailure', effect: 'transaction', node: "transaction of 'bank'" })
    expect(describeError(e)).toContain('duckdb.test.ts')
    expect(await accounts()).toEqual([10, 20, 30, 2])
  })
  test('many at once lose nothing', async () => {
    const run = await runner(transfer(1000))
    const moves = Array.from({ length: 30 }, (_, i) => ({ from: 3n, to: BigInt(1 + (i % 2)), amount: 1 }))
    for (const r of await Promise.all(moves.map((m) => run(m)))) value(r)
    expect(await accounts()).toEqual([25, 35, 0])
  })
})

describe('stopped in the middle', () => {
  test('leaves nothing, and the connection is usable', async () => {
    const e = failure(await stopped(transfer(5), { from: 1n, to: 2n, amount: 4 }))
    expect(e._tag).toBe('Cancelled')
    expect('outcome' in e).toBe(false)
    expect(await accounts()).toEqual([10, 20, 30])
    const one = duckdb({ instance, connections: 1 })
    const c = value(await compile(transfer(), { target: 'ts' }))
    const loaded = value(await load(c, { bank: one, between: bindForeign({ one: async (x: number) => x }) }))
    const stop = new AbortController()
    const trace: RunOptions['trace'] = (ev) => void (ev.event === 'effect' && ev.name === 'take' && stop.abort())
    expect(failure(await loaded.run({ from: 1n, to: 2n, amount: 4 }, { signal: stop.signal, trace }))._tag).toBe(
      'Cancelled',
    )
    expect(value(await loaded.run({ from: 1n, to: 2n, amount: 4 }))).toEqual({ left: 6 })
    expect(await accounts()).toEqual([6, 24, 30])
    await loaded.close()
  })
  test('by the time limit of a statement', async () => {
    const long = graph('long', { id: t.i64 }, ({ id }) =>
      db.transaction(() =>
        sequence(
          db.exec('touch')`update account set money = 0 where id = ${id}`,
          db.one('endless', row({ n: t.f64 }), {
            reads: [],
            writes: [],
          })`select sum(a.range * b.range)::double as n from range(1000000000) a, range(1000) b`,
        ),
      ),
    )
    const c = value(await compile(long, { target: 'ts' }))
    const loaded = value(await load(c, { bank: duckdb({ instance, timeoutMs: 150, connections: 1 }) }))
    expect(failure(await loaded.run({ id: 1n }))).toMatchObject({ _tag: 'Timeout', node: 'endless' })
    expect(await accounts()).toEqual([10, 20, 30])
    expect(failure(await loaded.run({ id: 1n }))).toMatchObject({ _tag: 'Timeout' })
  })
})

describe('batches inside', () => {
  const stats = async <I, O>(g: Built<I, O>, input: I): Promise<readonly [Either<QuoinError, O>, RunStats]> => {
    let found: RunStats | undefined
    const run = await runner(g)
    const answer = await run(input, { stats: (s) => (found = s) })
    return [answer, found!]
  }
  test('go to the connection of the transaction, and see what it has written', async () => {
    const added = graph('added', { from: t.i64 }, ({ from }) =>
      db.transaction(() => {
        const add = db.exec('add')`insert into account select range, range from range(10, ${from})`
        const all = db.many('all', Account, { maxRows: 100, maxBytes: 1e5 })`select id, money from account order by id`
        return sequence(
          add,
          all.map((a) => db.one('one', Account)`select id, money from account where id = ${a.id}`.money),
        )
      }),
    )
    const [answer, s] = await stats(added, { from: 15n })
    expect([...(value(answer) as Iterable<number>)]).toEqual([10, 20, 30, 10, 11, 12, 13, 14])
    expect(s.queries).toEqual({ written: 10, run: 3 })
  })
  test('one that fails is given up, and the transaction begun again in program order', async () => {
    const odd = graph('odd', { limit: t.i64 }, ({ limit }) =>
      db.transaction(() => {
        const touch = db.exec('touch')`update account set money = money + 1`
        const all = db.many('all', Account, { maxRows: 100, maxBytes: 1e5 })`select id, money from account order by id`
        return sequence(
          touch,
          all.map((a) => {
            const cast = db.one('cast', row({ x: t.i32 }), {
              reads: ['account'],
            })`select (case when ${a.id} = 3 then 'x' else '7' end)::int as x from account where id = ${a.id}`
            return assert(a.id.lt(limit), 'below the limit', cast.x)
          }),
        )
      }),
    )
    // Element by element, the claim about the second comes before the third is asked.
    const [two] = await stats(odd, { limit: 2n })
    expect(failure(two)).toMatchObject({ _tag: 'AssertionFailed', iteration: [1] })
    const [three] = await stats(odd, { limit: 9n })
    expect(failure(three)).toMatchObject({ _tag: 'Refused', node: 'cast', iteration: [2] })
    expect(await accounts()).toEqual([10, 20, 30])
    const asWritten = await interpret(
      odd,
      drivers((x) => x),
      { limit: 9n },
    )
    expect(failure(asWritten)).toMatchObject({ _tag: 'Refused', node: 'cast', iteration: [2] })
  })
})

test('a database that keeps less than was declared is refused when loading', async () => {
  const strict = graph('strict', { id: t.i64 }, ({ id }) =>
    db.transaction(() => db.exec('w')`update account set money = 1 where id = ${id}`, { isolation: 'serializable' }),
  )
  const c = value(await compile(strict, { target: 'ts' }))
  const refused = failure(await load(c, { bank: duckdb({ instance }) }))
  expect(describeError(refused)).toBe(
    "DriverMissing: 'transaction of 'bank'': the driver bound to 'bank' does transactions at 'read committed', 'repeatable read', and the graph declares 'serializable'\n  fix: declare a level that it does, or bind another driver",
  )
  const { transactions: _, ...without } = duckdb({ instance })
  expect(failure(await load(c, { bank: without })).cause).toContain('does no transactions')
  expect(failure(await load(c, {})).cause).toContain("no driver is bound to 'bank'")
})
test('a connection inside a transaction of its owner cannot begin another, and keeps its own', async () => {
  const mine = await instance.connect()
  await mine.run('begin')
  await mine.run('update account set money = 0 where id = 3')
  const c = value(await compile(transfer(), { target: 'ts' }))
  const between = bindForeign({ one: async (x: number) => x })
  const loaded = value(await load(c, { bank: duckdb({ connection: mine }), between }))
  const e = failure(await loaded.run({ from: 1n, to: 2n, amount: 1 }))
  expect(e).toMatchObject({ _tag: 'Refused', effect: 'transaction' })
  expect(describeError(e)).toContain('end it before the run')
  await mine.run('commit')
  expect(await accounts()).toEqual([10, 20, 0])
  mine.closeSync()
})
test('statements that begin or end transactions are refused', async () => {
  const g = graph('g', {}, () =>
    db.transaction(() =>
      sequence(
        db.exec('touch')`update account set money = 0`,
        db.exec('end', { reads: [], writes: ['account'] })`commit`,
      ),
    ),
  )
  expect(failure(await (await runner(g))({}))).toMatchObject({ _tag: 'Refused', node: 'end' })
  expect(await accounts()).toEqual([10, 20, 30])
})
test('an exchange of dependent queries, too, leaves the transaction of a connection that was handed in', async () => {
  const mine = await instance.connect()
  await mine.run('begin')
  await mine.run('update account set money = 0 where id = 3')
  const asked = query('one', 'select money from account where id = 3', '{money: f64}')
  const driver = duckdb({ connection: mine })
  const { found } = await driver.performTree!({ calls: [asked], plan: noPlan, children: [] }, calm)
  expect(found?.answers.map((a) => good(a!))).toEqual([{ money: 0 }])
  await mine.run('commit')
  expect(await accounts()).toEqual([10, 20, 0])
  mine.closeSync()
})
