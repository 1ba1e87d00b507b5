import { DuckDBInstance } from '@duckdb/node-api'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { compile } from '../../compile.ts'
import { digest, graph, row, sql, t } from '../../graph/index.ts'
import { sqlFacts } from '../../graph/sql/facts.ts'
import { interpret } from '../../interpret.ts'
import { duckdb } from '../../runtime/drivers/duckdb/index.ts'
import { commented } from '../../runtime/drivers/sql-comment.ts'
import { load } from '../../runtime/index.ts'
import { sealed } from '../build/run.ts'
import { calm, good, query } from './calls.ts'

/** A driver on a connection that notes what is sent. */
const noting = async () => {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const sent: string[] = []
  const prepare = (text: string) => {
    sent.push(text)
    return connection.prepare(text)
  }
  const noted = { prepare, interrupt: () => connection.interrupt(), disconnectSync: () => {} }
  return { sent, db: duckdb({ connection: noted as never }) }
}

const hostile = fc.oneof(
  fc.string({ unit: fc.constantFrom('*', '/', '-', "'", '"', ';', '$1', '\n', '\0', '\\', ' ', 'a', '\ud800', '?') }),
  fc.string({ unit: 'grapheme', maxLength: 200 }),
)
const statements = [
  'select 1::double as x',
  'select 1::double as x -- one',
  'select 1::double as x;',
  'select 1::double as x /* a */',
]

test('whatever the names are, the database and PostgreSQL see one statement and a comment', async () => {
  const { sent, db } = await noting()
  await fc.assert(
    fc.asyncProperty(hostile, hostile, fc.constantFrom(...statements), async (g, name, text) => {
      const call = query('one', text, '{x: f64}', [], { name })
      expect(good(await db.perform(call, { ...calm, graph: g }))).toEqual({ x: 1 })
      const [last] = sent.slice(-1)
      expect(last).toBe(commented(text, g, name))
      const facts = sqlFacts(last!.replaceAll('\0', ' '))
      expect(facts._tag === 'Right' && facts.right.statements).toBe(1)
      const comment = last!.slice(text.length)
      expect(comment).toMatch(/^\n\/\* [^*]* \*\/$/)
      expect(comment.split('\n')).toHaveLength(2)
    }),
    { numRuns: 150 },
  )
  await db.close()
})

const source = (name: string) =>
  graph(name, { ids: t.list(t.i64, 'id') }, ({ ids }) => {
    const r = sql('db').many('keys', row({ id: t.i64 }), {
      maxRows: 9,
      maxBytes: 999,
    })`select unnest(${'[1,2]'}::BIGINT[]) as id`
    return {
      n: ids.sum(),
      found: r.map((k) => sql('db').one('value', row({ x: t.f64 }))`select 2.0::double as x where ${k.id} > 0`),
    }
  })

test('each statement of a run says its graph and query, batched or not, and the digest knows nothing of it', async () => {
  const { sent, db } = await noting()
  const c = await compile(source('loans'))
  if (c._tag === 'Left') throw new Error(c.left.cause)
  const l = await load(c.right, { db })
  if (l._tag === 'Left') throw new Error(l.left.cause)
  const r = await l.right.run({ ids: [1n] })
  expect(r).toMatchObject({ _tag: 'Right' })
  expect(sent.map((s) => s.split('\n').at(-1))).toEqual(['/* loans/keys */', '/* loans/value */'])
  expect(sent[1]).toContain('lateral')
  sent.length = 0
  expect(await interpret(source('loans'), { db }, { ids: [1n] })).toMatchObject({ _tag: 'Right' })
  expect(sent.map((s) => s.split('\n').at(-1))).toEqual(['/* loans/keys */', '/* loans/value */', '/* loans/value */'])
  expect(digest(sealed(source('other')))).toBe(digest(sealed(source('loans'))))
})
