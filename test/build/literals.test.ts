import { expect, test } from 'vitest'
import { attempt, cond, graph, loop, match, row, t } from '../../graph/index.ts'
import { plain, run } from './run.ts'

test('JavaScript values in results become constants', () => {
  const g = graph('g', { x: t.f64, rows: t.list(row({ id: t.i64, amount: t.f64 }), 'loan') }, ({ x, rows }) => ({
    n: 3,
    name: 'a',
    yes: true,
    big: 2n ** 60n,
    day: new Date(0),
    raw: Uint8Array.of(1, 2),
    deep: { x, three: 3 },
    column: rows
      .map((l) => ({ id: l.id, one: 1 }))
      .columns()
      .one.add(rows.columns().amount),
    flat: rows.map(() => 'same'),
    either: cond(
      x.gt(0),
      () => x,
      () => 0,
    ),
    records: cond(
      x.gt(0),
      () => ({ a: x, b: 'yes' }),
      () => ({ a: 1, b: 'no' }),
    ),
    counted: loop({ i: 0, x }, { max: 5, while: (s) => s.i.lt(3), step: (s) => ({ i: s.i.add(1), x: 2 }) }),
    found: match(rows.at(7), { some: (l) => l.amount, none: () => 0 }),
    tried: attempt(() => 1),
  }))
  expect(plain(run(g, { x: -1, rows: [{ id: 1n, amount: 2.5 }] }))).toEqual({
    n: 3,
    name: 'a',
    yes: true,
    big: '1152921504606846976',
    day: '1970-01-01T00:00:00.000000Z',
    raw: 'AQI=',
    deep: { x: -1, three: 3 },
    column: [3.5],
    flat: ['same'],
    either: 0,
    records: { a: 1, b: 'no' },
    counted: { i: 3, x: 2 },
    found: 0,
    tried: { ok: 1 },
  })
})

test('a result may be one JavaScript value by itself', () =>
  expect(
    run(
      graph('g', {}, () => 4),
      {},
    ),
  ).toBe(4))
