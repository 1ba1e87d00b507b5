// Requirements: E10 K11

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { right } from '../../graph/either.ts'
import type { TensorValue } from '../../graph/values.ts'
import { fx, graph, matmul, t } from '../../index.ts'
import type { StaticKernel } from '../../runtime/index.ts'
import { closing, submitted } from './shops.ts'

const opened = closing()
const products = graph('products', { a: t.tensor(t.f64, 'n', 'k'), b: t.tensor(t.f64, 'k', 'm') }, ({ a, b }) => ({
  c: fx`${matmul(a, b)} + 1`,
}))
const rows = (n: number, m: number): number[][] =>
  Array.from({ length: n }, (_, i) => Array.from({ length: m }, (_, j) => (i - j) / 3))
const input = { a: rows(4, 3), b: rows(3, 2) }

/** A product by hand, off by a factor. */
const product = (calls: { n: number }, factor: number, law?: StaticKernel['law']): StaticKernel => ({
  choice: { name: 'mine', op: 'contract', elem: 'f64', ranks: [2, 2] },
  assumptions: [],
  ...(law === undefined ? {} : { law }),
  run: ({ args }) => {
    calls.n++
    const [a, b] = args as [TensorValue, TensorValue]
    const [[m, k], n] = [a.shape as [number, number], b.shape[1]!]
    const data = new Float64Array(m * n)
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) {
        let s = -0
        for (let p = 0; p < k; p++) s += (a.data[i * k + p] as number) * (b.data[p * n + j] as number)
        data[i * n + j] = s * factor
      }
    return { shape: [m, n], data }
  },
})

test('hand-written kernels are linked into what an engine compiles, and into nothing it interprets', async () => {
  const calls = { n: 0 }
  const { engine } = opened({}, { compile: 'eager', statics: [product(calls, 1)] })
  const h = submitted(engine, products)
  const interpreted = await h.run(input)
  expect(calls.n).toBe(0)
  await engine.settled()
  expect(engine.stats().handles[0]!.tier).toBe('optimised')
  expect(await h.run(input)).toEqual(interpreted)
  expect(calls.n).toBe(1)
})
test('what is compiled with them is not what is compiled without, though both share a cache', async () => {
  const calls = { n: 0 }
  const cache = { directory: mkdtempSync(join(tmpdir(), 'quoin-linked-')) }
  const one = opened({}, { compile: 'eager', cache, statics: [product(calls, 1)] })
  const a = submitted(one.engine, products)
  await one.engine.settled()
  const two = opened({}, { compile: 'eager', cache })
  const b = submitted(two.engine, products)
  await two.engine.settled()
  rmSync(cache.directory, { recursive: true })
  expect(await a.run(input)).toEqual(await b.run(input))
  expect(calls.n).toBe(1)
})
test('running twice finds one that is wrong, and leaves one alone that says how far off it may be', async () => {
  const run = async (law?: StaticKernel['law']) => {
    const calls = { n: 0 }
    const options = { compile: 'eager', crossCheck: { share: 1 }, statics: [product(calls, 1.5, law)] } as const
    const { engine, events } = opened({}, options)
    const h = submitted(engine, products)
    await engine.settled()
    await h.run(input)
    const { tier } = engine.stats().handles[0]!
    // A difference is looked at once more behind the answer.
    await engine.close()
    return { tier, calls: calls.n, differences: events.filter((e) => e.event === 'difference').length }
  }
  expect(await run()).toEqual({ tier: 'interpreter', calls: 2, differences: 1 })
  expect(await run(() => undefined)).toEqual({ tier: 'optimised', calls: 1, differences: 0 })
})

test('threads share long kernels of what an engine compiles, and end with it', { timeout: 60_000 }, async () => {
  const sum = graph('sum', { x: t.tensor(t.f64, 'n') }, ({ x }) => ({ y: fx`sin(${x}) * exp(0 - ${x} * ${x})` }))
  const x = Float64Array.from({ length: 200_000 }, (_, i) => i / 1e5)
  // Without a pool long runs stay here, where their threads can be seen.
  const answers = [1, 3].map(async (threads) => {
    const { engine } = opened({}, { compile: 'eager', threads, pool: { threads: 0 } })
    const h = submitted(engine, sum)
    await engine.settled()
    const answer = await h.run({ x })
    const seen = engine.stats().kernelThreads
    await engine.close()
    return [seen, answer] as const
  })
  const [[alone, one], [shared, three]] = (await Promise.all(answers)) as [
    readonly [number, unknown],
    readonly [number, unknown],
  ]
  expect([alone, shared]).toEqual([1, 3])
  expect(three).toEqual(one)
  expect(one).toMatchObject(right({ y: expect.any(Float64Array) }))
})
