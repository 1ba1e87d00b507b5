import { expect, test } from 'vitest'
import { cond, each, fx, graph, row, sql, t } from '../../index.ts'
import { expectPlan } from '../../verify/index.ts'

const db = sql('risk')
const Person = row({ income: t.f64 })
const lookups = graph('lookups', { ids: t.tensor(t.i64, 'n') }, ({ ids }) => {
  const people = each(ids).map((id) => db.one('person', Person)`select income from person where id = ${id}`)
  return { total: people.columns().income.sum() }
})
const sums = graph('sums', { x: t.tensor(t.f64, 'n') }, ({ x }) => ({ a: fx`${x} * ${x}`.sum(), b: x.sum() }))

const textOf = (r: ReturnType<typeof expectPlan>): string => (r._tag === 'Left' ? r.left.text : 'as expected')

test('a plan that is as expected comes back whole', () => {
  expect(expectPlan(lookups, { roundTrips: 1, queries: 1 })).toMatchObject({ right: { roundTrips: 1, queries: 1 } })
  expect(expectPlan(sums, { roundTrips: 0, queries: 0, kernels: 1 })).toMatchObject({ _tag: 'Right' })
})

test('without batching, a lookup in a map is one round trip an element, and the text names it', () => {
  expect(textOf(expectPlan(lookups, { roundTrips: 1 }, { off: ['batch'] }))).toBe(
    "the plan of 'lookups' differs\n  round trips: expected 1, found Infinity ('person' is asked once for each element)",
  )
  expect(textOf(expectPlan(lookups, { roundTrips: Number.POSITIVE_INFINITY }, { off: ['batch'] }))).toBe('as expected')
})

test('a batch over several levels of maps counts each of its calls once', () => {
  const Id = row({ id: t.i64 })
  const levels = graph('levels', { ids: t.tensor(t.i64, 'n') }, ({ ids }) => ({
    incomes: each(ids).map((id) =>
      db.many('friend', Id, { maxRows: 9, maxBytes: 999 })`select id from friend where person = ${id}`.map(
        (f) => db.one('person', Person)`select income from person where id = ${f.id}`.income,
      ),
    ),
  }))
  expect(textOf(expectPlan(levels, { roundTrips: 2, queries: 2 }))).toBe('as expected')
  expect(textOf(expectPlan(levels, { roundTrips: 2 }, { off: ['batch'] }))).toBe(
    "the plan of 'levels' differs\n  round trips: expected 2, found Infinity ('person' is asked once for each element; 'friend' is asked once for each element)",
  )
})

test('every difference is told, what is not named is not compared', () => {
  const r = expectPlan(sums, { kernels: 2, queries: 3 })
  expect(r).toMatchObject({
    left: {
      _tag: 'PlanDiffers',
      differences: [
        { what: 'queries', expected: 3, found: 0 },
        { what: 'kernels', expected: 2, found: 1 },
      ],
    },
  })
  expect(textOf(expectPlan(sums, {}))).toBe('as expected')
  expect(textOf(expectPlan(sums, { scratchBytes: -1 }))).toMatch(/bytes of scratch: expected -1, found \d+/)
})

test('the longer branch counts, a loop counts its rounds', () => {
  const branches = graph('branches', { go: t.bool, id: t.i64 }, ({ go, id }) => ({
    x: cond(
      go,
      () => db.one('a', Person)`select income from a where id = ${id}`.income,
      () => fx`0.0 * 1.0`,
    ),
  }))
  expect(textOf(expectPlan(branches, { roundTrips: 1, queries: 1 }))).toBe('as expected')
})

test('a graph that does not seal is a left, and nothing throws', () => {
  const wrong = graph('wrong', { x: t.f64, y: t.tensor(t.string, 'n') }, ({ x, y }) => ({ a: x.add(y as never) }))
  expect(textOf(expectPlan(wrong, {}))).not.toBe('as expected')
})
