// Requirements: K1

import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { compile } from '../../compile.ts'
import type { Built } from '../../graph/index.ts'
import { attempt, describeError, dim, each, graph, iota, row, sameDim, t } from '../../graph/index.ts'
import { load } from '../../runtime/index.ts'
import { plain, run } from './run.ts'

const K = dim('K')

test('a named dimension is shared between inputs, and a run whose inputs differ is refused', () => {
  const g = graph(
    'g',
    { x: t.tensor(t.f64, K), y: t.tensor(t.f64, K, 2), rows: t.list(row({ a: t.f64 }), K) },
    (i) => ({ sum: i.x.add(i.rows.columns().a), wide: i.y.add(i.x.along(K, 2)), at: iota(K) }),
  )
  const xs = [1, 2]
  const grid = [
    [1, 2],
    [3, 4],
  ]
  expect(plain(run(g, { x: xs, y: grid, rows: [{ a: 3 }, { a: 4 }] }))).toEqual({
    sum: [4, 6],
    wide: [
      [2, 3],
      [5, 6],
    ],
    at: [0, 1],
  })
  expect(() => run(g, { x: [1], y: grid, rows: [] })).toThrow('dimension K is 1')
})

/** The answer of the interpreter and of both targets; an error as its tag and cause. */
const everywhere = async <I, O>(g: Built<I, O>, input: I): Promise<unknown[]> => {
  const answers: unknown[] = []
  try {
    answers.push(plain(run(g, input)))
  } catch (e) {
    answers.push((e as Error).message)
  }
  for (const target of ['ts', 'wasm'] as const) {
    const c = await compile(g, { target })
    if (c._tag === 'Left') throw new Error(describeError(c.left))
    const l = await load(c.right)
    if (l._tag === 'Left') throw new Error(describeError(l.left))
    const r = await l.right.run(input)
    answers.push(r._tag === 'Left' ? `${r.left._tag}: ${r.left.cause}` : plain(r.right))
  }
  return answers
}

const claimed = graph('claimed', { x: t.list(t.f64, 'x'), y: t.list(t.f64, 'y') }, ({ x, y }) => ({
  sum: sameDim(x, y).add(y),
  rows: sameDim(
    each(x).map((v) => ({ v })),
    y,
  )
    .columns()
    .v.add(y),
}))

test('sameDim adds what has one size, and shows both sizes when they differ; the same on every target', async () => {
  const sizes = fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(sizes, sizes, async (x, y) => {
      const sum = x.map((v, i) => v + y[i]!)
      const expected =
        x.length === y.length
          ? { sum, rows: sum }
          : `AssertionFailed: the dimensions 'x' and 'y' were claimed to be equal, and their sizes differ: ${x.length} and ${y.length}`
      expect(await everywhere(claimed, { x, y })).toEqual([expected, expected, expected])
    }),
    { numRuns: 12 },
  )
})

test('assertions name the first cell or the scalars at fault, on every target and inside attempt', async () => {
  const division = graph('d', { a: t.tensor(t.i32, 'a', 2), b: t.tensor(t.i32, 'a', 2) }, ({ a, b }) => a.div(b))
  const a = [
    [1, 2],
    [3, 4],
  ]
  const said = await everywhere(division, {
    a,
    b: [
      [1, 1],
      [1, 0],
    ],
  })
  expect(new Set(said)).toEqual(new Set(['AssertionFailed: division by zero or overflow, first at [1, 1]']))
  const index = graph('i', { x: t.list(t.f64, 'x'), i: t.i32 }, ({ x, i }) => x.at(i))
  const outside = await everywhere(index, { x: [1, 2, 3], i: -4 })
  expect(new Set(outside)).toEqual(
    new Set(['AssertionFailed: an index lies outside the axis (index and length): -4 and 3']),
  )
  const caught = graph('c', { x: t.list(t.f64, 'x'), i: t.i32 }, ({ x, i }) => attempt(() => x.at(i)))
  const error = { tag: 'AssertionFailed', message: 'an index lies outside the axis (index and length): 7 and 1' }
  for (const e of await everywhere(caught, { x: [1], i: 7 })) expect(e).toEqual({ err: error })
})
