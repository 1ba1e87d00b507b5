import fc from 'fast-check'
import type { Built, Either, QuoinError } from 'quoin'
import { cached, compile, describeError, graph, load, now, row, sql, t, world } from 'quoin'
import { describe, expect, test } from 'vitest'
import type { Driver } from '../../runtime/driver.ts'
import { duckdb } from '../../runtime/drivers/duckdb/index.ts'

const db = sql('db')
const most = { maxRows: 100_000, maxBytes: 1e7 }
const Item = row({ id: t.i64, x: t.f64 })
const value = <A>(r: Either<QuoinError, A>): A => {
  if (r._tag === 'Left') throw new Error(describeError(r.left))
  return r.right
}
const problem = (r: Either<QuoinError, unknown>): string => (r._tag === 'Left' ? r.left.cause : 'an answer')
const all = async <A>(parts: AsyncIterable<A>): Promise<readonly A[]> => {
  const out: A[] = []
  for await (const p of parts) out.push(p)
  return out
}
const built = async <I, O>(g: Built<I, O>) => value(await compile(g, { target: 'ts' }))
const items = (n: number) => Array.from({ length: n }, (_, i) => ({ id: BigInt(i), x: i / 2 }))
const totals = graph('totals', {}, () => {
  const found = db.many('item', Item, most)`select id, x from item order by id`
  return { rows: found, sum: found.columns().x.sum() }
})

test('what every run answers is what a run over its rows answers', async () => {
  const artifact = await built(totals)
  await fc.assert(
    fc.asyncProperty(fc.nat(40), fc.integer({ min: 1, max: 45 }), async (n, size) => {
      const w = world(artifact).answer('item', items(n))
      const parts = (await all(w.chunks({}, { of: 'item', size }))).map(value)
      expect(parts.map((p) => p.rows.length)).toEqual(
        n === 0 ? [0] : Array.from({ length: Math.ceil(n / size) }, (_, i) => Math.min(size, n - i * size)),
      )
      for (const p of parts) {
        const rows = [...p.rows]
        const alone = value(await world(artifact).answer('item', rows).run({}))
        expect(p.sum).toBe(alone.sum)
      }
      expect(parts.flatMap((p) => [...p.rows])).toEqual(items(n))
    }),
    { numRuns: 60 },
  )
})

describe('what cannot be read in chunks says why', () => {
  const refusals = async <I>(g: Built<I, unknown>, input: I, of: string, size = 10): Promise<readonly string[]> => {
    const artifact = await built(g)
    const w = world(artifact)
    for (const { name } of artifact.manifest.effects) w.answer(name, items(name === 'item' ? 25 : 2))
    return (await all(w.chunks(input, { of, size }))).map(problem)
  }
  test('a name that is not there, one that is not needed, a size that is none', async () => {
    expect(await refusals(totals, {}, 'itme')).toEqual(["the graph asks no .many called 'itme'"])
    expect(await refusals(totals, {}, 'item', 0)).toEqual(['a chunk of 0 rows was asked for'])
    expect(await refusals(totals, {}, 'item', 1.5)).toEqual(['a chunk of 1.5 rows was asked for'])
    const unneeded = graph('unneeded', {}, () => {
      db.many('item', Item, most)`select id, x from item`
      return { x: db.many('other', Item, most)`select id, x from other`.count() }
    })
    expect(await refusals(unneeded, {}, 'item')).toEqual(["the graph asks no .many called 'item'"])
  })
  test('in a map', async () => {
    const inMap = graph('in-map', {}, () =>
      db.many('other', Item, most)`select id, x from other`.map((o) =>
        db.many('item', Item, most)`select id, x from item where x > ${o.x}`.count(),
      ),
    )
    expect(await refusals(inMap, {}, 'item')).toEqual(["'item' is asked in chunks, and stands in a map"])
  })
  test('in a transaction', async () => {
    const inside = graph('inside', {}, () => ({
      n: db.transaction(() => db.many('item', Item, most)`select id, x from item`.count()),
    }))
    expect(await refusals(inside, {}, 'item')).toEqual(["'item' is asked in chunks, and stands in a transaction"])
  })
  test('other arguments in each run', async () => {
    const moving = graph('moving', {}, () => ({
      n: db.many('item', Item, most)`select id, x from item where id < ${now().to(t.f64)}`.count(),
    }))
    let time = 0
    const w = world(await built(moving)).answer('item', items(25))
    const seen: string[] = []
    for await (const r of w.chunks({}, { of: 'item', size: 10, stats: () => w.now(++time) })) seen.push(problem(r))
    expect(seen).toEqual([
      'an answer',
      "'item' is asked in chunks, and this run asks it with other arguments than the one before",
    ])
  })
  test('a driver that answers as a whole only', async () => {
    const { performInParts: _, ...whole } = duckdb()
    const loaded = value(await load(await built(totals), { db: whole }))
    expect((await all(loaded.chunks({}, { of: 'item' }))).map(problem)).toEqual([
      "the driver bound to 'db' answers queries as a whole only",
    ])
  })
})

test('what is cached over the rows is computed for each chunk', async () => {
  const kept = graph('kept', {}, () => ({
    sum: cached('sum', 60_000, () => db.many('item', Item, most)`select id, x from item`.columns().x.sum()),
    other: cached('other', 60_000, () => db.many('other', Item, most)`select id, x from other`.count()),
  }))
  let asked = 0
  const w = world(await built(kept))
    .answer('item', items(4))
    .answerBy('other', () => {
      asked++
      return items(3)
    })
  const parts = (await all(w.chunks({}, { of: 'item', size: 2 }))).map(value)
  expect(parts.map((p) => p.sum)).toEqual([0.5, 2.5])
  expect(asked).toBe(1)
})

describe('back-pressure', () => {
  const counting = async (size: number, ends: (part: number) => 'fail' | 'end' | undefined = () => undefined) => {
    const state = { taken: 0, closed: false, over: false }
    const driver: Driver = {
      ...duckdb(),
      performInParts: async (_, n, { signal }, take) => {
        signal.addEventListener('abort', () => {
          state.closed = true
        })
        for (;;) {
          const end = ends(state.taken)
          if (end === 'fail') throw new Error('a driver that throws')
          if (end === 'end') break
          const columns = {
            id: { shape: [n], data: new BigInt64Array(n) },
            x: { shape: [n], data: new Float64Array(n).fill(state.taken) },
          }
          state.taken++
          if (!(await take({ list: 'columns', length: n, columns }))) break
        }
        state.over = true
        return { _tag: 'Right', right: null }
      },
    }
    const { chunks } = value(await load(await built(totals), { db: driver }))
    return { state, parts: chunks({}, { of: 'item', size }) }
  }
  test('one chunk is read ahead, however slow its user is', async () => {
    const { state, parts } = await counting(4)
    for (let k = 1; k <= 5; k++) {
      expect(value((await parts.next()).value!).sum).toBe(4 * (k - 1))
      await new Promise((done) => setTimeout(done, 10))
      expect(state.taken).toBe(k + 1)
    }
    await parts.return()
    expect(state).toEqual({ taken: 6, closed: true, over: true })
  })
  test('nothing is read before the first is asked for', async () => {
    const { state, parts } = await counting(4)
    await new Promise((done) => setTimeout(done, 10))
    expect(state.taken).toBe(0)
    await parts.return()
    expect(state.over).toBe(false)
  })
  test('a driver that throws, or gives nothing at all, is an error', async () => {
    const thrown = await counting(4, (k) => (k === 2 ? 'fail' : undefined))
    expect((await all(thrown.parts)).map(problem)).toEqual(['an answer', 'an answer', 'Error: a driver that throws'])
    const silent = await counting(4, () => 'end')
    expect((await all(silent.parts)).map(problem)).toEqual([
      'the driver ended without a part, and not even an empty one',
    ])
  })
})
