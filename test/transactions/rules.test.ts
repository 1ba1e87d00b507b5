import { describe, expect, test } from 'vitest'
import * as q from '../../graph/index.ts'
import { graph, row, sql, t } from '../../graph/index.ts'
import { problemsOf, run, textOf } from '../build/run.ts'

const db = sql('main')
const Row = row({ n: t.i64 })
const write = (d = db) => d.exec('write')`update a set n = 1`
const read = (d = db) => d.one('read', Row)`select n from a`.n
const problems = (body: (i: { who: q.Scalar<'string'>; id: q.Scalar<'i64'> }) => q.Given) =>
  problemsOf(graph('g', { who: t.string, id: t.i64, ids: t.list(t.i64, 'n') }, body as never))

describe('what a transaction may do', () => {
  test('writes to its database, reads of others, maps, conditions and forks inside', () => {
    const g = graph('g', { ids: t.list(Row, 'n'), go: t.bool }, ({ ids, go }) =>
      db.transaction(
        () => {
          const rate = sql('other').one('rate', row({ x: t.f64 }))`select x from rate`.x
          const each = ids.map(({ n }) => db.exec('each')`update a set n = ${n}`)
          const some = q.cond(
            go,
            () => write(),
            () => db.exec('b')`update b set n = 2`,
          )
          const two = q.fork({
            one: () => db.exec('c')`update c set n = 1`,
            two: () => db.one('d', Row)`select n from d`.n,
          })
          return q.sequence(
            each,
            q.sequence(some, { rate, two, soon: q.attempt(() => q.http('shop').get('x', t.f64)`/x`.body) }),
          )
        },
        { isolation: 'serializable', retries: 3 },
      ),
    )
    expect(textOf(g)).toContain(
      'transaction %0 %1 {"authority":false,"db":"main","isolation":"serializable","occurrence":0,"retries":3}',
    )
  })
  test('it stands in maps, conditions, loops and attempts, under the authority of each element', () => {
    const g = graph('g', { who: t.list(row({ name: t.string }), 'n') }, ({ who }) =>
      who.map(({ name }) => {
        const own = db.as(name)
        return q.attempt(() =>
          own.transaction(() =>
            q.sequence(
              write(own),
              who.map(() => read(own)),
            ),
          ),
        )
      }),
    )
    expect(textOf(g)).toContain('"authority":true')
    expect(textOf(graph('g', {}, () => db.as('me').transaction(() => write(db.as('me')))))).toContain('transaction')
  })
})

test.each<[string, Parameters<typeof problems>[0], string]>([
  [
    'a write to another database',
    () => db.transaction(() => write(sql('other'))),
    "transaction: transaction: query 'write' writes elsewhere than to 'main', which cannot be undone with the transaction -> write after the transaction: sequence(transaction, write)",
  ],
  [
    'a write to a service',
    () => db.transaction(() => q.files('out').write('a', 'b')),
    "transaction: transaction: fileWrite below 'out' writes elsewhere than to 'main', which cannot be undone with the transaction -> write after the transaction: sequence(transaction, write)",
  ],
  [
    'a function that says it writes a table of the database',
    ({ id }) => db.transaction(() => q.foreign('f', { in: t.i64, out: t.i64, writes: ['table:main:a'] })(id)),
    "transaction: transaction: foreign 'f' writes elsewhere than to 'main', which cannot be undone with the transaction -> write after the transaction: sequence(transaction, write)",
  ],
  [
    'a line of log',
    () => db.transaction(() => q.sequence(write(), q.writeLog('info', 'done'))),
    'transaction: transaction: a line of log inside a transaction cannot be undone -> log after it: sequence(transaction, line)',
  ],
  [
    'a transaction inside another one',
    () => db.transaction(() => q.attempt(() => db.transaction(() => write()))),
    'transaction: transaction: a transaction stands inside another one -> make one of the two, or put one after the other',
  ],
  [
    'a call under another authority',
    ({ who }) => db.as(who).transaction(() => write()),
    "transaction: transaction: query 'write' acts under another authority than its transaction -> begin the transaction under it, or ask with the same: db.as(who).transaction(…)",
  ],
  [
    'a call under an authority in a transaction under none',
    ({ who }) => db.transaction(() => write(db.as(who))),
    "transaction: transaction: query 'write' acts under another authority than its transaction -> begin the transaction under it, db.as(who).transaction(…)",
  ],
  [
    'a call under an authority computed anew',
    ({ who }) => db.as(who).transaction(() => write(db.as(q.text(who, '!')))),
    "transaction: transaction: query 'write' acts under another authority than its transaction -> begin the transaction under it, or ask with the same: db.as(who).transaction(…)",
  ],
  [
    'an attempt inside',
    () =>
      db.transaction(() =>
        q.sequence(
          write(),
          q.attempt(() => read()),
        ),
      ),
    "transaction: transaction: query 'read' stands in an attempt inside its transaction, and a statement that fails ends the whole of it -> put the attempt around the transaction",
  ],
  [
    'somebody else who reads what it writes',
    ({ id }) =>
      db.transaction(() => {
        const f = q.foreign('f', { in: t.i64, out: t.i64, reads: ['table:main:a'], writes: [] })
        return q.sequence(write(), f(id))
      }),
    "transaction: transaction: foreign 'f' reads what the transaction writes, but stands outside of it and does not see that -> ask 'main' itself, or ask after the transaction",
  ],
  [
    'half a retry',
    () => db.transaction(() => write(), { retries: 0.5 }),
    "transaction of 'main': it is run again 0.5 times -> give a whole number of retries, at least 0",
  ],
  [
    'a level that there is not',
    () => db.transaction(() => write(), { isolation: 'snapshot' as never }),
    "transaction of 'main': its isolation is snapshot -> give one of 'read committed', 'repeatable read', 'serializable'",
  ],
  [
    'a write inside that is lost',
    ({ id }) =>
      db.transaction(() => {
        write()
        return id
      }),
    "write: 'write' writes, but is no part of the result, so it would never happen -> return it, or put it before what follows it: sequence(write, then)",
  ],
])('%s is refused', (_, body, said) => expect(problems(body)).toContain(said))

test('a transaction that writes and is no part of the result is lost', () =>
  expect(
    problems(({ id }) => {
      db.transaction(() => write())
      return id
    })[0],
  ).toContain("transaction of 'main': 'transaction of 'main'' writes, but is no part of the result"))

test('its value is that of the body', () => {
  const g = graph('g', { x: t.f64 }, ({ x }) => db.transaction(() => ({ n: read(), twice: x.mul(2) })))
  expect(run(g, { x: 3 }, () => ({ n: 7n }))).toEqual({ n: 7n, twice: 6 })
})
