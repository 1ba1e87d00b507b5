import type { Built, Scalar } from '../../graph/index.ts'
import { attempt, fork, graph, http, kv, row, sequence, sql, t, text } from '../../graph/index.ts'

const db = sql('db')
const cache = kv('cache')
const shop = http('shop')
const Id = row({ id: t.i32 })
const V = row({ v: t.i32 })
const Thing = row({ id: t.i32, s: t.string })
const look = shop.lookup('look', Thing, { one: '/r/{key}', many: { url: '/r', query: 'id', key: 'id' } })
type I32 = Scalar<'i32'>

const ids = (from: I32) =>
  db.many('rows', Id, {
    maxRows: 50,
    maxBytes: 100_000,
  })`select id from r where id >= ${from} and id < ${from} + 5 order by id`
const value = (id: I32) => db.one('value', V)`select v from r where id = ${id}`.v
const insert = (id: I32) => db.exec('insert')`insert into w values (${id})`
const store = (id: I32) => cache.set(text('w', id), text('x', id))
const post = (id: I32) => shop.post('post', t.i32, { body: id })`/w`

/** Small graphs of calls, each over all three servers. `from` says what is read, `id` and the two after it are written. */
export const graphs = {
  reads: graph('reads', { from: t.i32, id: t.i32 }, ({ from }) => ({
    all: ids(from).map(({ id }) => ({ v: value(id), c: cache.get(text('r', id), t.string), s: look(id) })),
  })),
  writes: graph('writes', { from: t.i32, id: t.i32 }, ({ from, id }) =>
    sequence(
      insert(id),
      sequence(store(id.add(1)), sequence(post(id.add(2)).status, { v: value(from), s: look(from) })),
    ),
  ),
  mixed: graph('mixed', { from: t.i32, id: t.i32 }, ({ from, id }) => {
    const before = { v: value(from), s: look(from) }
    const count = db.one('count', row({ n: t.i64 }))`select count(*) as n from w where id = ${id}`
    return sequence(
      insert(id),
      sequence(store(id), {
        before,
        // What this run wrote, it reads.
        count: count.n,
        mine: cache.get(text('w', id), t.string),
        status: post(id).status,
      }),
    )
  }),
  each: graph('each', { from: t.i32, id: t.i32 }, ({ from, id }) => ({
    done: ids(from).map((r) => sequence(insert(id), sequence(store(id), { v: value(r.id) }))),
  })),
  tried: graph('tried', { from: t.i32, id: t.i32 }, ({ from, id }) => ({
    all: ids(from).map((r) => attempt(() => ({ v: value(r.id), s: look(r.id) }))),
    wrote: attempt(() => insert(id)),
  })),
  apart: graph('apart', { from: t.i32, id: t.i32 }, ({ from, id }) => ({
    both: fork({ a: () => sequence(insert(id), { v: value(from) }), b: () => sequence(store(id), { s: look(from) }) }),
  })),
} as const satisfies Readonly<Record<string, Built<never, unknown> | unknown>>
export type GraphName = keyof typeof graphs
