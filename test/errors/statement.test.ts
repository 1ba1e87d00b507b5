// Requirements: E12

import { afterAll, describe, expect, test } from 'vitest'
import { compile } from '../../compile.ts'
import { isLeft } from '../../graph/either.ts'
import type { EffectError } from '../../graph/errors.ts'
import { describeError } from '../../graph/errors.ts'
import { graph, row, sql, t } from '../../graph/index.ts'
import { duckdb } from '../../runtime/drivers/duckdb/index.ts'
import { load } from '../../runtime/index.ts'

const db = duckdb()
afterAll(() => db.close())

const failing = async <I>(g: Parameters<typeof compile<I, unknown>>[0], input: I): Promise<EffectError> => {
  const c = await compile(g)
  if (isLeft(c)) throw new Error(describeError(c.left))
  const l = await load(c.right, { db })
  if (isLeft(l)) throw new Error(describeError(l.left))
  const r = await l.right.run(input)
  if (!isLeft(r)) throw new Error('it did not fail')
  return r.left as EffectError
}

describe('the error of a query', () => {
  test('names the line of the user, the query as written and the statement as it was run', async () => {
    const g = graph('missing', { id: t.i64 }, ({ id }) => ({
      x: sql('db').one('lost', row({ x: t.i64 }))`
        select x
        from nowhere where id = ${id}`.x,
    }))
    const e = await failing(g, { id: 7n })
    expect(e).toMatchObject({ _tag: 'NotFound', node: 'lost' })
    expect(e.place).toMatch(/statement\.test\.ts:\d+$/)
    expect(e.statement?.written).toMatch(/select x\s+from nowhere where id = \$1/)
    // As it stands in the log of the database: with the comment that names graph and query.
    expect(e.statement?.run).toBe(`${e.statement?.written}\n/* missing/lost */`)
    const text = describeError(e)
    expect(text).toContain('\n  query: select x from nowhere where id = $1\n  fix: ')
    expect(text).not.toContain('run as')
  })

  test('that was asked for many elements together shows the statement that was sent for all of them', async () => {
    const g = graph('batch', { ids: t.list(row({ id: t.i64 }), 'n') }, ({ ids }) => ({
      xs: ids.map(
        ({ id }) =>
          sql('db').one(
            'known',
            row({ x: t.i64 }),
          )`select v.x from (values (1::bigint, 10::bigint)) v(id, x) where v.id = ${id}`.x,
      ),
    }))
    const e = await failing(g, { ids: [{ id: 1n }, { id: 2n }] })
    expect(e).toMatchObject({ _tag: 'NoRow', node: 'known', iteration: [1] })
    expect(e.statement?.written).toMatch(/where v\.id = \$1$/)
    expect(e.statement?.run).toContain('quoin_ordinal')
    expect(e.statement?.run).toMatch(/\/\* batch\/known \*\/$/)
    expect(describeError(e)).toMatch(/\n {2}query: select v\.x .*\n {2}run as: select .*quoin_ordinal.*\n {2}fix: /)
  })

  test('holds no parameter in either text', async () => {
    const g = graph('secret', { key: t.string }, ({ key }) => ({
      x: sql('db').one('cast', row({ x: t.i64 }))`select 1::bigint as x from nowhere where ${key} = 'a'`.x,
    }))
    const e = await failing(g, { key: 'sesame' })
    expect(JSON.stringify(e.statement)).not.toContain('sesame')
  })
})
