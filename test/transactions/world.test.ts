import type { Built } from 'quoin'
import { attempt, compile, constant, describeError, failing, graph, match, row, sequence, sql, t, world } from 'quoin'
import { expect, test } from 'vitest'

const db = sql('main')
const compiled = async <I, O>(g: Built<I, O>) => {
  const c = await compile(g, { target: 'ts' })
  if (c._tag === 'Left') throw new Error(describeError(c.left))
  return c.right
}
const touch = (retries: number) =>
  graph('touch', { id: t.i64 }, ({ id }) => {
    const done = attempt(() =>
      db.transaction(
        () =>
          sequence(
            db.exec('touch')`update a set n = 1 where id = ${id}`,
            db.one('n', row({ n: t.i64 }))`select n from a`.n,
          ),
        { retries },
      ),
    )
    return match(done, { ok: (n) => ({ n, said: 'done' }), err: (e) => ({ n: constant(t.i64, 0n), said: e.tag }) })
  })

test('a test world runs transactions, counts how they ended, and lets commits fail', async () => {
  const w = world(await compiled(touch(2)))
    .answer('touch', 1)
    .answer('n', { n: 7 })
  expect(await w.run({ id: 1n })).toMatchObject({ right: { n: 7n, said: 'done' } })
  expect(w.transactions).toEqual({ committed: 1, rolledBack: 0 })
  w.commitBy(({ attempt }) => (attempt < 2 ? failing('SerializationFailure') : undefined))
  expect(await w.run({ id: 1n })).toMatchObject({ right: { n: 7n, said: 'done' } })
  expect(w.transactions).toEqual({ committed: 2, rolledBack: 2 })
  w.commitBy(({ db }) => failing('SerializationFailure', `not in ${db}`))
  expect(await w.run({ id: 1n })).toMatchObject({ right: { n: 0n, said: 'SerializationFailure' } })
  expect(w.transactions).toEqual({ committed: 2, rolledBack: 5 })
  w.commitBy(() => failing('Timeout'))
  expect(await w.run({ id: 1n })).toMatchObject({ right: { said: 'Timeout' } })
  w.commitBy(() => undefined).answer('n', failing('TooLarge'))
  expect(await w.run({ id: 1n })).toMatchObject({ right: { said: 'TooLarge' } })
  expect(w.transactions).toEqual({ committed: 2, rolledBack: 7 })
})

test('the manifest and the inventory tell of transactions', async () => {
  const c = await compiled(touch(2))
  expect(c.manifest.transactions).toMatchObject([{ db: 'main', isolation: 'repeatable read', retries: 2 }])
  expect(c.manifest.inventory.map((a) => a.id)).toContain('transaction:main:repeatable read')
})

test('an error of the transaction itself is told with its place', async () => {
  const bare = graph('bare', {}, () => db.transaction(() => db.exec('touch')`update a set n = 1`))
  const w = world(await compiled(bare)).answer('touch', 1)
  const r = await w.commitBy(() => failing('SerializationFailure', 'others came first')).run({})
  expect(r._tag === 'Left' ? describeError(r.left).replace(/[\w./-]*world\.test\.ts:\d+/, 'LINE') : r).toBe(
    "SerializationFailure: LINE 'transaction of 'main'': transaction others came first\n  fix: change what commitBy of the test world gives",
  )
})
