// Requirements: E16

import { assert, compile, graph, row, sql, t } from 'quoin'
import { describe, expect, test } from 'vitest'
import type { Graph } from '../../graph/graph.ts'
import { compare } from '../../verify/gate/project/compare.ts'

const x = { x: t.f64 }
const triple = graph('g', x, ({ x }) => ({ y: x.mul(3) }))
const effort = { cases: 60, ms: 20_000 }
const sealed = (g: { readonly sealed: unknown }): Graph<'source'> => (g.sealed as { right: Graph<'source'> }).right
const made = async (g: Parameters<typeof compile>[0], target: 'ts' | 'wasm') => {
  const c = await compile(g, { target })
  if (c._tag === 'Left') throw new Error(c.left.cause)
  return c.right
}
const db = sql('main')
const Count = row({ n: t.i64 })

describe.each(['ts', 'wasm'] as const)('what is compiled for %s', (target) => {
  test('agrees with its graph, and how much was tried is told', async () => {
    const c = await compare(sealed(triple), await made(triple, target), effort)
    expect(c).toMatchObject({ values: 60, errors: 0, short: false })
    expect(c).not.toHaveProperty('differs')
  })
  test('does not agree with a graph that does something a little different', async () => {
    const other = graph('g', x, ({ x }) => ({ y: x.add(x).add(x) }))
    // In floating point three times x is not always x + x + x.
    const c = await compare(sealed(other), await made(triple, target), { ...effort, cases: 2000 })
    const minus = graph('g', x, ({ x }) => ({ y: x.mul(3).add(0) }))
    const zero = await compare(sealed(minus), await made(triple, target), effort)
    expect(zero.differs?.what).toBe('answers another value')
    expect(c.values + (c.differs === undefined ? 0 : 1)).toBeGreaterThan(0)
  })
  test('is compared in worlds, where calls fail, too', async () => {
    const g = graph('asks', { id: t.i64 }, ({ id }) => ({ a: db.one('a', Count)`select n from a where id = ${id}` }))
    const c = await compare(sealed(g), await made(g, target), { ...effort, cases: 180 })
    expect(c.values).toBeGreaterThan(20)
    expect(c.errors).toBeGreaterThan(3)
    const elsewhere = graph('asks', { id: t.i64 }, ({ id }) => ({
      a: db.one('a', Count)`select n from b where id = ${id}`,
    }))
    expect((await compare(sealed(g), await made(elsewhere, target), effort)).differs).toBeDefined()
  })
})
test('a graph whose runs all fail shows nothing, and says so', async () => {
  const never = graph('never', x, ({ x }) => ({ y: assert(x.lt(x), 'x is less than itself', x) }))
  expect(await compare(sealed(never), await made(never, 'ts'), effort)).toMatchObject({ values: 0, errors: 60 })
})
test('time ends it, and it says so', async () => {
  const c = await compare(sealed(triple), await made(triple, 'ts'), { cases: 1e9, ms: 50 })
  expect(c.short).toBe(true)
  expect(c.values).toBeGreaterThan(0)
})
test('who stops it is heard while it runs, and it says that it was stopped', async () => {
  const stop = new AbortController()
  setTimeout(() => stop.abort(), 120)
  const c = await compare(sealed(triple), await made(triple, 'ts'), { cases: 1e9, ms: 600_000, signal: stop.signal })
  expect(c).toMatchObject({ short: true, stopped: true })
}, 60_000)
test('equal graphs are tried with equal seeds', async () => {
  const [a, b] = [await made(triple, 'ts'), await made(triple, 'wasm')]
  expect((await compare(sealed(triple), a, effort)).seed).toBe((await compare(sealed(triple), b, effort)).seed)
})
