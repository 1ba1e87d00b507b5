// Requirements: E3

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { print } from '../../graph/text.ts'
import { compile, graph, interpret, row, sql, t } from '../../index.ts'
import { optimise } from '../../passes/index.ts'
import { duckdb } from '../../runtime/drivers/duckdb/index.ts'
import { load } from '../../runtime/load.ts'
import type { RunStats } from '../../runtime/run.ts'
import { world } from '../../runtime/world.ts'
import { authors, counting, fill, modelled, orThrow } from './authors.ts'

const db = duckdb()
beforeAll(() => fill(db))
afterAll(() => db.close())

const plain = (x: unknown): string => JSON.stringify(x, (_, v: unknown) => (typeof v === 'bigint' ? `${v}n` : v))

describe('authors, posts, comments, profiles', () => {
  test('on DuckDB: 1201 serial round trips as written, 3 batched, and the same answer', async () => {
    let asWritten: RunStats | undefined
    const slow = counting(db)
    const expected = orThrow(
      await interpret(authors, { blog: slow }, { tenant: 1n }, { stats: (s) => (asWritten = s) }),
    )
    expect([slow.seen.statements, asWritten!.roundTrips]).toEqual([1201, 1201])

    let batched: RunStats | undefined
    const quick = counting(db)
    const c = orThrow(await compile(authors, { target: 'ts' }))
    expect(c.optimised.failures).toEqual([])
    const loaded = orThrow(await load(c, { blog: quick }))
    const found = orThrow(await loaded.run({ tenant: 1n }, { stats: (s) => (batched = s) }))
    expect(batched!.queries.written).toBe(1201)
    expect(batched!.roundTrips).toBe(3)
    expect(quick.seen.statements).toBe(4)
    expect(plain(found)).toBe(plain(expected))
  })
  test('on DuckDB, collapsed where the user allows it: 1 serial round trip, and the same answer', async () => {
    const c = orThrow(await compile(authors, { target: 'ts', collapse: ['blog'] }))
    expect(c.optimised.failures).toEqual([])
    expect(c.manifest.inventory.map((a) => a.id)).toContain('one-moment')
    let stats: RunStats | undefined
    const loaded = orThrow(await load(c, { blog: db }))
    const found = orThrow(await loaded.run({ tenant: 3n }, { stats: (s) => (stats = s) }))
    const expected = orThrow(await interpret(authors, { blog: db }, { tenant: 3n }))
    expect(plain(found)).toBe(plain(expected))
    expect(stats!.queries).toEqual({ written: 1201, run: 4 })
    expect(stats!.roundTrips).toBe(1)
  })
  test('in a test world', async () => {
    const c = orThrow(await compile(authors, { target: 'ts' }))
    const w = world(c)
    for (const name of ['author', 'profile', 'post', 'comments'])
      w.answerBy(name, (args) => modelled({ effect: 'dbQuery', attrs: { name }, args } as never))
    let stats: RunStats | undefined
    const found = orThrow(await w.run({ tenant: 1n }, { stats: (s) => (stats = s) }))
    expect([...found.authors]).toHaveLength(100)
    expect(stats!.queries).toEqual({ written: 1201, run: 4 })
    expect(stats!.roundTrips).toBe(3)

    const collapsed = world(orThrow(await compile(authors, { target: 'ts', collapse: ['blog'] })))
    for (const name of ['author', 'profile', 'post', 'comments'])
      collapsed.answerBy(name, (args) => modelled({ effect: 'dbQuery', attrs: { name }, args } as never))
    expect(plain(orThrow(await collapsed.run({ tenant: 1n }, { stats: (s) => (stats = s) })))).toBe(plain(found))
    expect(stats!.queries).toEqual({ written: 1201, run: 4 })
    expect(stats!.roundTrips).toBe(1)
  })
})

test('rows of one database are not said to follow from those of another, whatever may be collapsed', () => {
  const [a, b] = [sql('a'), sql('b')]
  const g = graph('two', {}, () => ({
    all: a.many('authors', row({ id: t.i64 }), { maxRows: 10, maxBytes: 1000 })`select id from authors`.map((x) => ({
      id: x.id,
      bio: b.one('bio', row({ bio: t.string }))`select bio from bios where author = ${x.id}`,
    })),
  }))
  const { failures, graph: after } = optimise(orThrow(g.sealed), { collapse: ['a', 'b'] })
  expect(failures).toEqual([])
  expect(print(after)).toContain('"plans":[{"derived":[]')
})
