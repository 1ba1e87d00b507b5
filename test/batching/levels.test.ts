// Requirements: E3 E4

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Built } from '../../index.ts'
import { attempt, compile, graph, interpret, row, sql, t } from '../../index.ts'
import type { Driver } from '../../runtime/driver.ts'
import { duckdb } from '../../runtime/drivers/duckdb/index.ts'
import { load } from '../../runtime/load.ts'
import type { RunStats } from '../../runtime/run.ts'
import { calm, good, query } from '../drivers/calls.ts'
import { counting, orThrow } from './authors.ts'

const db = duckdb()
beforeAll(async () => {
  const run = async (text: string): Promise<void> => void good(await db.perform(query('exec', text), calm))
  await run(
    'create table part as select r::bigint as id, (r // 2)::bigint as kind, r::bigint as box from range(12) t(r)',
  )
  await run('create table kind as select r::bigint as id, (r % 2)::bigint as maker from range(6) t(r)')
  await run("create table maker as select r::bigint as id, 'maker ' || r as name from range(1) t(r)")
  await run('create table box as select r::bigint as part, r::bigint as size from range(0, 12, 2) t(r)')
})
afterAll(() => db.close())

const plain = (x: unknown): string => JSON.stringify(x, (_, v: unknown) => (typeof v === 'bigint' ? `${v}n` : v))
const Part = row({ id: t.i64, kind: t.i64, box: t.i64 })
const Kind = row({ id: t.i64, maker: t.i64 })
const Maker = row({ name: t.string })
const Box = row({ size: t.i64 })
const limits = { maxRows: 100, maxBytes: 1e6 }

/** What a graph says by itself, and what its artefact says and asks; and in which form it looks ahead. */
const both = async (g: Built<never, unknown>, inputs: object, driver: Driver = db) => {
  const compiled = orThrow(await compile(g as Built<object, unknown>, { target: 'ts' }))
  expect(compiled.optimised.failures).toEqual([])
  const seen = counting(driver)
  let stats: RunStats | undefined
  const loaded = orThrow(await load(compiled, { shop: seen }))
  const found = await loaded.run(inputs, { stats: (s) => (stats = s) })
  const expected = await interpret(g as Built<object, unknown>, { shop: driver }, inputs)
  const withoutOriginal = (r: object): string =>
    plain(JSON.parse(plain(r), (k, x: unknown) => (k === 'original' || k === 'statement' ? 0 : x)))
  expect(withoutOriginal(found)).toBe(withoutOriginal(expected))
  const form = /levels: \(p/.test(compiled.files['module.js']!.toString()) ? 'table' : 'cells'
  return { found, form, statements: seen.seen.statements, rounds: stats!.roundTrips }
}
const shop = sql('shop')
const parts = () => shop.many('parts', Part, limits)`select id, kind, box from part order by id`

describe('a look ahead as a table of levels', () => {
  test('shared keys, rows of rows, and a list of none', async () => {
    const g = graph('rows', {}, () => ({
      parts: parts().map((p) => ({
        kind: shop.one('kind', Kind)`select id, maker from kind where id = ${p.kind}`.id,
        boxes: shop.many('boxes', Box, limits)`select size from box where part = ${p.box}`.map((b) => ({
          same: shop.maybe('other', Box)`select size from box where part = ${b.size} limit 1`,
        })),
      })),
    }))
    expect(await both(g as never, {})).toMatchObject({ form: 'table', statements: 4, rounds: 3 })
  })
  test('a column of a single row, and a value that is the same for all', async () => {
    const g = graph('one', { least: t.i64 }, ({ least }) => ({
      parts: parts().map((p) => {
        const kind = shop.one('kind', Kind)`select id, maker from kind where id = ${p.kind}`
        return shop.maybe('maker', Maker)`select name from maker where id = ${kind.maker} and id >= ${least}`
      }),
    }))
    expect(await both(g as never, { least: 0n })).toMatchObject({ form: 'table', statements: 3, rounds: 3 })
  })
  test('one key that fails ends its own element, or is caught there', async () => {
    const failing = (caught: boolean) =>
      graph('fails', {}, () => ({
        parts: parts().map((p) => {
          const kind = shop.one('kind', Kind)`select id, maker from kind where id = ${p.kind}`
          const ask = () => shop.one('maker', Maker)`select name from maker where id = ${kind.maker}`.name
          return caught ? attempt(ask) : ask()
        }),
      }))
    const { found, form } = await both(failing(false) as never, {})
    expect([form, found]).toMatchObject(['table', { _tag: 'Left', left: { _tag: 'NoRow', node: 'maker' } }])
    expect((await both(failing(true) as never, {})).found).toMatchObject({ _tag: 'Right' })
  })
  test('what a table does not say goes by cells: computed keys, one query in two places', async () => {
    const computed = graph('computed', {}, () => ({
      parts: parts().map((p) => shop.maybe('kind', Kind)`select id, maker from kind where id = ${p.kind.add(1n)}`),
    }))
    const twice = graph('twice', {}, () => ({
      parts: parts().map((p) => {
        const one = (k: typeof p.kind) => shop.maybe('kind', Kind)`select id, maker from kind where id = ${k}`
        return { a: one(p.kind), b: one(p.box) }
      }),
    }))
    expect((await both(computed as never, {})).form).toBe('cells')
    expect(await both(twice as never, {})).toMatchObject({ form: 'cells', statements: 2 })
  })
  test('more calls than a driver takes at once go in several batches', async () => {
    const g = graph('many', { ids: t.list(row({ id: t.i64 }), 'id') }, ({ ids }) => ({
      found: ids.map(({ id }) => shop.maybe('kind', Kind)`select id, maker from kind where id = ${id}`),
    }))
    const small: Driver = { ...db, maxBatch: 4 }
    const ids = [3n, 1n, 3n, 9n, 4n, 5n, 2n, 0n, 8n, 7n].map((id) => ({ id }))
    expect(await both(g as never, { ids }, small)).toMatchObject({ form: 'table', statements: 3 })
  })
  test('names of what steps answered and names of attributes stay apart', async () => {
    const g = graph('names', { least: t.i64 }, ({ least }) => ({
      parts: parts().map((p) => {
        const kind = shop.one('kind', Kind)`select id, maker from kind where id = ${p.kind}`
        const box = shop.maybe('box', Box)`select size from box where part = ${kind.id} and size >= ${least}`
        const next = shop.maybe('next', Kind)`select id, maker from kind where id = ${p.box}`
        return { kind, box, next, last: shop.maybe('last', Maker)`select name from maker where id = ${kind.maker}` }
      }),
    }))
    await both(g as never, { least: 0n })
  })
})
