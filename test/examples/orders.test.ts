// Requirements: E3 E5

import { Client } from 'pg'
import { interpret } from 'quoin'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { orTrouble } from '../../examples/flights/trouble.ts'
import { rates, tenant } from '../../examples/orders/data.ts'
import { embedded } from '../../examples/orders/embedded.ts'
import { quotes } from '../../examples/orders/graph.ts'
import type { Failed, Outcome, Plan } from '../../examples/orders/job.ts'
import { planOf, runFailing, runJob, runPlan, sameResult, sameRows } from '../../examples/orders/job.ts'
import type { Place } from '../../examples/orders/place.ts'
import { writtenIn } from '../../examples/orders/place.ts'
import { failedPage, page } from '../../examples/orders/report.ts'
import { missing, servers } from '../../examples/orders/servers.ts'
import { whyOf } from '../../examples/orders/why.ts'
import { graph, row, sql, t } from '../../index.ts'
import { expectPlan } from '../../verify/index.ts'
import { postgresBin, startPostgres } from '../drivers/servers/postgres.ts'
import { realServer, startReal } from '../drivers/servers/resp.ts'

const calm = new AbortController().signal
const lack = missing({})
if (lack !== undefined) process.stdout.write(`${lack}: skipped\n`)

let plan: Plan
let place: Place
let outcome: Outcome
beforeAll(async () => {
  plan = await planOf()
  place = await embedded()
  outcome = await runJob([embedded], calm, () => undefined)
})
afterAll(() => place.close())

/** All lines of open orders with what belongs to them, by one statement and without the optimiser. */
const Joined = row({
  id: t.i64,
  name: t.string,
  tier: t.string,
  reminders: t.i32,
  currency: t.string,
  price: t.decimal(2),
  taxed: t.bool,
  pieces: t.i32,
  stock: t.i32,
})
const joined = graph(
  'joined',
  { tenant: t.string },
  (x) =>
    sql('orders').many('joined', Joined, { maxRows: 10_000, maxBytes: 1e7 })`
    select o.id, c.name, c.tier, c.reminders, o.currency, p.price, p.taxed, l.pieces, coalesce(s.pieces, 0) as stock
    from orders o join customer c on c.id = o.customer join order_line l on l.order_id = o.id
    join product p on p.sku = l.product left join stock s on s.sku = l.product
    where o.tenant = ${x.tenant} and o.status = 'open' order by o.id, l.position`,
)
const discounts: Readonly<Record<string, bigint>> = { gold: 750n, silver: 300n }
/** n / d to the even neighbour, of numbers that are not negative. */
const rounded = (n: bigint, d: bigint): bigint => {
  const [q, twice] = [n / d, 2n * (n % d)]
  return twice > d || (twice === d && q % 2n === 1n) ? q + 1n : q
}

describe('the answer', () => {
  test('money and missing lines are those of one join and whole numbers', async () => {
    const lines = [...orTrouble(await interpret(joined, place.drivers, { tenant }))]
    const orders = Map.groupBy(lines, (l) => l.id)
    const expected = [...orders].map(([id, of]) => {
      const sum = (some: typeof of): bigint => some.reduce((n, l) => n + l.price * BigInt(l.pieces), 0n)
      const kept = 10_000n - (discounts[of[0]!.tier] ?? 0n)
      const tax = rounded(rounded(sum(of.filter((l) => l.taxed)) * kept, 10_000n) * 19n, 100n)
      const total = rounded(sum(of) * kept, 10_000n) + tax
      const rate = BigInt((rates[of[0]!.currency] ?? '1.000000').replace('.', ''))
      const charged = rounded(total * rate, 1_000_000n)
      const { name, currency } = of[0]!
      return { id, name, total, currency, charged, missing: of.filter((l) => l.pieces > l.stock).length }
    })
    const { quotes, total, atRisk } = outcome.runs[0]!.result
    expect([...quotes].map(({ risk: _, ...q }) => q)).toEqual(expected)
    expect(expected.length).toBe(240)
    expect(total).toBe(expected.reduce((n, q) => n + q.total, 0n))
    const risks = [...quotes].map((q) => {
      const reminders = orders.get(q.id)![0]!.reminders
      const x = -3.2 + 0.8 * reminders + 0.15 * Math.log1p(Number(q.total) / 100) + 0.5 * q.missing
      return 1 / (1 + Math.exp(-x))
    })
    for (const [i, q] of [...quotes].entries()) expect(q.risk).toBeCloseTo(risks[i]!, 12)
    expect(atRisk).toBeCloseTo(
      expected.reduce((n, q, i) => n + risks[i]! * (Number(q.total) / 100), 0),
      6,
    )
  })
  test('as written and as compiled it is the same, bit for bit, and so is the row', () => {
    const { asWritten, runs, same } = outcome
    expect(same).toBe(true)
    const { total, atRisk, quotes } = runs[0]!.result
    const written = [...runs[0]!.written]
    expect(written).toEqual([{ tenant, orders: quotes.length, total, atRisk }])
    // The comparisons can fail.
    expect(sameResult(plan, { ...asWritten.result, atRisk: atRisk * (1 + Number.EPSILON) }, runs[0]!.result)).toBe(
      false,
    )
    expect(sameRows(asWritten.written, [] as never)).toBe(false)
  })
  test('nobody has open orders: nothing is asked for, and the row says so', async () => {
    const answer = orTrouble(await interpret(quotes, place.drivers, { tenant: 'nobody' }))
    // A sum of nothing is -0.
    expect([answer.quotes.length, answer.total, answer.atRisk + 0]).toEqual([0, 0n, 0])
    expect([...(await writtenIn(place))].map((r) => [r.tenant, r.orders])).toEqual([['nobody', 0]])
  })
})

describe('what runs', () => {
  test('six queries and four waits for 1,930 queries, 202 requests and 240 reads of the store', () => {
    const { asWritten, runs } = outcome
    // Eight calls; of those some go out at the same time, so that a run waits four times.
    const planned = expectPlan(quotes, { roundTrips: 8, queries: 6 })
    expect(planned._tag === 'Left' ? planned.left.text : 'as expected').toBe('as expected')
    expect(runs[0]!.stats.queries).toEqual({ written: 1930, run: 6 })
    expect(asWritten.stats.queries.run).toBe(1930)
    expect([asWritten.requests, runs[0]!.requests]).toEqual([202, 1])
    expect([asWritten.stats.roundTrips, runs[0]!.stats.roundTrips]).toEqual([2372, 4])
    expect(plan.optimised.failures).toEqual([])
  })
  test('the explanation names every call, and what it says is counted', () => {
    const why = whyOf(outcome)
    expect(why.lines.map((l) => [l.name, l.written, l.run, l.touches])).toEqual([
      ['order', 1, 1, 'reads orders'],
      ['line', 240, 1, 'reads order_line'],
      ['product', 724, 1, 'reads product'],
      ['stock', 724, 1, 'reads stock'],
      ['customer', 240, 1, 'reads customer'],
      ['terms', 240, 1, 'reads *'],
      ['rate', 202, 1, 'reads /rates/*'],
      ['quotation', 1, 1, 'writes quotation'],
    ])
    expect(why.conflicts).toEqual([])
    const text = page({ ...outcome, runs: [...outcome.runs, ...outcome.runs] }, false)
    expect(text.split('\n').length).toBeLessThanOrEqual(45)
    expect(text).toContain('same bits, same rows written? yes, 1 row each')
    expect(page({ ...outcome, same: false }, false)).toContain('same rows written? NO')
  })
})

describe('when the service fails', () => {
  const isHonest = (failed: Failed): void => {
    expect([failed.tag, failed.rows]).toEqual(['Unavailable', 0])
    expect(failed.message).toMatch(/examples\/orders\/graph\.ts:\d+ 'rate'.*status 503/)
    expect(failedPage([failed], false)).toContain('rows in quotation: 0')
  }
  test('the error says so, and nothing is written', async () => isHonest(await runFailing(() => embedded(true), calm)))
  test('as written as well', async () => {
    const failing = await embedded(true)
    try {
      const answer = await interpret(quotes, failing.drivers, { tenant })
      expect(answer).toMatchObject({ _tag: 'Left', left: { _tag: 'Unavailable' } })
      expect([...(await writtenIn(failing))]).toEqual([])
    } finally {
      await failing.close()
    }
  }, 20_000)
  test.skipIf(lack !== undefined)(
    'and on servers',
    async () => isHonest(await runFailing(() => servers({}, true), calm)),
    60_000,
  )
})

describe.skipIf(lack !== undefined)('on PostgreSQL and Redis', () => {
  test('the bits and the row are those of DuckDB and memory, in as many queries', async () => {
    const other = await servers({})
    try {
      const ran = await runPlan(other, plan, calm)
      const here = outcome.runs[0]!
      expect(sameResult(plan, ran.result, here.result)).toBe(true)
      expect(sameRows(ran.written, here.written)).toBe(true)
      expect(ran.stats.queries).toEqual({ written: 1930, run: 6 })
      expect([ran.requests, ran.stats.roundTrips]).toEqual([1, 4])
    } finally {
      await other.close()
    }
  }, 60_000)
})

describe.skipIf(lack !== undefined)('on servers of yours', () => {
  test('what is there stays, and nothing is left behind', async () => {
    const postgres = await startPostgres(postgresBin()!)
    const store = await startReal(realServer()!)
    const client = new Client(postgres.url)
    const keys = createClient({ url: store.url })
    try {
      await client.connect()
      await keys.connect()
      await client.query('create table orders as select 42 as mine')
      await keys.set('mine', '42')
      const schemas = async (): Promise<number> =>
        (await client.query("select nspname from pg_namespace where nspname like 'quoin%'")).rows.length
      const open = await servers({ postgres: postgres.url, redis: store.url })
      expect([await schemas(), (await keys.keys('*')).sort()]).toEqual([
        1,
        ['@acme/orders-example:discount:gold', '@acme/orders-example:discount:silver', 'mine'],
      ])
      await runPlan(open, plan, calm)
      await open.close()
      expect([await schemas(), await keys.keys('*')]).toEqual([0, ['mine']])
      expect((await client.query('select mine from orders')).rows).toEqual([{ mine: 42 }])
    } finally {
      await client.end()
      keys.destroy()
      await store.close()
      await postgres.close()
    }
  }, 60_000)
  test('one that cannot be reached is an error that says so', async () => {
    const nowhere = servers({ postgres: 'postgres://127.0.0.1:1/x', redis: 'redis://127.0.0.1:1' })
    await expect(nowhere).rejects.toThrow('the servers cannot be used: connect ECONNREFUSED 127.0.0.1:1')
  })
})

test('where there is no server it says what is missing, and what to do', () => {
  const [bin, redis] = [process.env.QUOIN_POSTGRES_BIN, process.env.QUOIN_REDIS_SERVER]
  const restore = (name: string, was: string | undefined): void => {
    if (was === undefined) delete process.env[name]
    else process.env[name] = was
  }
  process.env.QUOIN_POSTGRES_BIN = process.env.QUOIN_REDIS_SERVER = '/nowhere'
  try {
    expect(missing({})).toMatch(/PostgreSQL: give --postgres .*\n {2}Redis: give --redis/)
    expect(missing({ postgres: 'postgres://x' })).not.toContain('PostgreSQL')
    expect(missing({ postgres: 'postgres://x', redis: 'redis://x' })).toBeUndefined()
  } finally {
    restore('QUOIN_POSTGRES_BIN', bin)
    restore('QUOIN_REDIS_SERVER', redis)
  }
})
