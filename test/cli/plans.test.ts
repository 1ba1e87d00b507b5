import { mkdirSync, symlinkSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import type { PlanOf } from '../../cli/diff/plans.ts'
import { planOfGraph, plansPage } from '../../cli/diff/plans.ts'
import { requestsOf } from '../../cli/diff/requests.ts'
import type { Built } from '../../index.ts'
import { cond, graph, loop, row, sequence, sql, t } from '../../index.ts'
import { optimise } from '../../passes/index.ts'
import { quoin, scratch } from './quoin.ts'

const place = scratch()
afterAll(place.remove)

const db = sql('main')
const limits = { maxRows: 1000, maxBytes: 1e6 }
const Loan = row({ id: t.i64, customer: t.i64 })
const Customer = row({ score: t.f64 })
/** One query for a list, one for each of its elements: together, or apart. */
const score = (batch: boolean) =>
  graph('score', {}, () => ({
    loans: db.many('loans', Loan, limits)`select id, customer from loans`.map((l) => ({
      s: db.one('customer', Customer, { batch })`select score from customers where id = ${l.customer}`.score,
    })),
  }))
const sealed = (g: Built<never, never> | Built<unknown, unknown>) => {
  const { sealed: s } = g as Built<unknown, unknown>
  if (s._tag === 'Left') throw new Error(JSON.stringify(s.left))
  return s.right
}
const times = (g: object, rows = 400): Readonly<Record<string, number>> =>
  Object.fromEntries(requestsOf(optimise(sealed(g as never)).graph, rows).map((r) => [r.name, r.times]))

describe('requests of a run', () => {
  test('a batch is one; apart they are as many as there are elements', () => {
    expect(times(score(true))).toEqual({ loans: 1, customer: 1 })
    expect(times(score(false))).toEqual({ loans: 1, customer: 400 })
    expect(times(score(false), 7)).toEqual({ loans: 1, customer: 7 })
  })
  test('of a condition the dearer arm counts, of a loop each of its turns', () => {
    const g = graph('arms', { id: t.i64, yes: t.bool }, ({ id, yes }) => {
      const one = (name: string) =>
        db.one(name, Customer, { batch: false })`select score from customers where id = ${id}`.score
      return {
        x: cond(
          yes,
          () => one('a'),
          () => one('b').add(one('c')),
        ),
        y: loop({ s: 0.5 }, { max: 5, while: ({ s }) => s.lt(3), step: ({ s }) => ({ s: s.add(one('turn')) }) }).s,
      }
    })
    expect(times(g)).toEqual({ b: 1, c: 1, turn: 5 })
  })
  test('what is asked when the graph begins is asked once, and writes count too', () => {
    const g = graph('two', { id: t.i64 }, ({ id }) => ({
      a: db.one('a', Customer)`select score from customers where id = ${id}`,
      b: db.one('b', Customer)`select score from others where id = ${id}`,
      n: sequence(db.exec('mark')`update marks set n = 1 where id = ${id}`, id),
    }))
    expect(times(g)).toEqual({ a: 1, b: 1, mark: 1 })
  })
})

const plan = (g: object, file = 'score.ts'): PlanOf => planOfGraph(file, sealed(g as never), 400)

describe('the page for a pull request', () => {
  test('one query that becomes four hundred, with its line', () => {
    const { text, changed } = plansPage([plan(score(true))], [plan(score(false))], 400)
    expect(changed).toBe(1)
    expect(text).toMatch(
      /^\| `score` \| \*\*2 → 401\*\* \| \d \| query 'customer': 1 → 400, .*plans\.test\.ts:\d+ \|$/m,
    )
    expect(text).toContain('Of 1 graph, 1 changes. Lists of unknown length are counted with 400 elements')
  })
  test('nothing that changes is one line', () =>
    expect(plansPage([plan(score(true))], [plan(score(true))], 400)).toEqual({
      text: '### Plans\n\nNo plan of 1 graph changes.\n',
      changed: 0,
    }))
  test('graphs that come, go, and cannot be built', () => {
    const broken = { file: 'b.ts', trouble: 'InvalidGraph: a | b' }
    const { text } = plansPage(
      [plan(score(true), 'old.ts'), broken],
      [plan(score(true), 'b.ts'), plan(score(true), 'new.ts'), { ...broken, file: 'c.ts' }],
      9,
    )
    expect(
      text
        .split('\n')
        .filter((l) => l.startsWith('| `'))
        .map((l) => l.split(' | ').at(-1)),
    ).toEqual(['could not be built before |', 'new |', 'cannot be built: InvalidGraph: a \\| b |', 'gone |'])
  })
})

test('quoin diff --markdown compares the graphs of two directories, by their paths', async () => {
  const text = (batch: boolean): string => `import { graph, row, sql, t } from 'quoin'
const db = sql('main')
const limits = { maxRows: 1000, maxBytes: 1e6 }
export default graph('score', {}, () => ({
  loans: db.many('loans', row({ customer: t.i64 }), limits)\`select customer from loans\`.map((l) => ({
    s: db.one('customer', row({ score: t.f64 }), { batch: ${batch} })\`select score from customers where id = \${l.customer}\`.score,
  })),
}))
`
  mkdirSync(place.path('node_modules'))
  symlinkSync(fileURLToPath(new URL('../../', import.meta.url)), place.path('node_modules/quoin'))
  const [base, head] = ['base', 'head'].map((d) => place.path(d)) as [string, string]
  place.write('base/risk/score.ts', text(true))
  place.write('head/risk/score.ts', text(false))
  place.write(
    'head/risk/broken.ts',
    `import { graph } from 'quoin'\nexport default graph('x', {}, () => { throw new Error('no') })\n`,
  )
  const r = await quoin(['diff', base, head, '--markdown', '--exit-code'])
  expect(r).toMatchObject({ code: 1, err: '' })
  expect(r.out).toContain("| `score` | **2 → 401** | 0 | query 'customer': 1 → 400, risk/score.ts:6 |")
  expect(r.out).toContain('cannot be built: ')
  const same = await quoin(['diff', head, head, '--markdown', '--exit-code', '--rows', '10'])
  expect(same.out).toContain('cannot be built: ')
  const bad = await quoin(['diff', base, head, '--markdown', '--rows', '0'])
  expect(bad.code).toBe(2)
})
