// Requirements: K5

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Built } from '../../graph/index.ts'
import * as q from '../../graph/index.ts'
import { grad, gradGraph, graph, t } from '../../graph/index.ts'
import { canonicalise } from '../../graph/listing.ts'
import { mustMake } from '../../graph/make.ts'
import type { RecordValue, Value } from '../../graph/values.ts'
import { run, sealed } from '../build/run.ts'
import { answer, at, cellsOf, holdsTo, inputsOf, must } from './difference.ts'
import { smooth, steps } from './smooth.ts'

const seed = Number(process.env.QUOIN_SEED ?? 20261122)
const programs = fc.noBias(fc.array(fc.nat(0xffff), { minLength: 6, maxLength: 60, size: 'max' }))
const cell = fc.integer({ min: -1500, max: 1500 }).map((k) => k / 1000 + 0.0003)
const points = fc
  .integer({ min: 1, max: 4 })
  .chain((n) =>
    fc.record({
      x: fc.array(cell, { minLength: n, maxLength: n }),
      y: fc.array(cell, { minLength: n, maxLength: n }),
      s: cell,
    }),
  )

/** All cells of the gradients of an output by some inputs, one after the other. */
const gradientOf = (
  built: Built,
  wrt: readonly string[],
  given: object,
  of: string | readonly string[] = 'y',
  each = false,
) => {
  const d = must(gradGraph(sealed(built), wrt, { of, each }))
  const all = at(answer(d, inputsOf(built, given)), ['gradient']) as RecordValue
  return wrt.flatMap((n) => cellsOf(all[n] as Value))
}
const near = (got: readonly number[], wanted: readonly number[], bound = 1e-11): void => {
  expect(got.length).toBe(wanted.length)
  const size = Math.max(1, ...wanted.map(Math.abs))
  for (const [k, g] of got.entries())
    expect(Math.abs(g - wanted[k]!), `${got} and ${wanted}`).toBeLessThanOrEqual(bound * size)
}

describe(`gradients of graphs drawn at random (seed ${seed})`, () => {
  test('are what differences say', () => {
    let cells = 0
    const property = fc.property(programs, points, (numbers, given) => {
      cells += holdsTo(
        smooth((x) => steps(numbers, x)),
        ['x', 'y', 's'],
        given,
        { of: 'y' },
        2e-7,
      )
    })
    fc.assert(property, { numRuns: 30, seed })
    expect(cells).toBeGreaterThan(80)
  })
  test('a sum of outputs, each with a factor, has the sum of their gradients', () => {
    const property = fc.property(programs, programs, points, cell, cell, (one, other, given, a, b) => {
      const [f, g] = [smooth((x) => steps(one, x)), smooth((x) => steps(other, x))]
      const sum = smooth((x) => ({ y: steps(one, x).y.mul(a).add(steps(other, x).y.mul(b)) }))
      const [df, dg] = [f, g].map((h) => gradientOf(h, ['x', 'y', 's'], given))
      near(
        gradientOf(sum, ['x', 'y', 's'], given),
        df!.map((u, k) => u * a + dg![k]! * b),
      )
    })
    fc.assert(property, { numRuns: 12, seed })
  })
  test('a product has one factor times the gradient of the other, and the other way round', () => {
    const property = fc.property(programs, programs, points, (one, other, given) => {
      const [f, g] = [smooth((x) => steps(one, x)), smooth((x) => steps(other, x))]
      const [df, dg] = [f, g].map((h) => gradientOf(h, ['x', 'y', 's'], given))
      const [u, v] = [f, g].map((h) => (answer(sealed(h), inputsOf(h, given)) as { y: number }).y)
      const product = smooth((x) => ({ y: steps(one, x).y.mul(steps(other, x).y) }))
      near(
        gradientOf(product, ['x', 'y', 's'], given),
        df!.map((d, k) => d * v! + dg![k]! * u!),
      )
    })
    fc.assert(property, { numRuns: 12, seed })
  })
  test('a function of a function has the product of their slopes', () => {
    const property = fc.property(programs, points, (numbers, given) => {
      const f = smooth((x) => steps(numbers, x))
      const u = (answer(sealed(f), inputsOf(f, given)) as { y: number }).y
      const outer = smooth((x) => ({ y: q.sin(steps(numbers, x).y) }))
      const slope = gradientOf(
        graph('sine', { u: t.f64 }, ({ u }) => ({ y: q.sin(u) })),
        ['u'],
        { u },
      )[0]!
      near(
        gradientOf(outer, ['x', 'y', 's'], given),
        gradientOf(f, ['x', 'y', 's'], given).map((d) => d * slope),
      )
    })
    fc.assert(property, { numRuns: 12, seed })
  })
  test('second derivatives are symmetric, and what differences of the first say', () => {
    let curved = 0
    const property = fc.property(programs, points, (numbers, given) => {
      const f = smooth((x) => ({ y: q.sin(steps(numbers, x).y.mul(x.s)) }))
      const first = grad(f, ['x', 's'], { of: 'y' })
      // d/dx of dy/ds, and for each cell of x d/ds of dy/dx.
      const across = gradientOf(first, ['x'], given, ['gradient', 's'])
      const along = given.x.map((_, k) => gradientOf(picked(first, k), ['s'], given)[0]!)
      near(across, along, 1e-9)
      if (across.some((d) => d !== 0)) curved++
      holdsTo(first, ['s'], given, { of: ['gradient', 's'] }, 2e-6)
    })
    fc.assert(property, { numRuns: 20, seed })
    expect(curved).toBeGreaterThan(4)
  })
})

/** One cell of a gradient as the output. */
const picked = (of: Built, k: number): Built => {
  const g = sealed(of)
  const { arena } = g
  const x = mustMake(arena, 'field', { name: 'x' }, [mustMake(arena, 'field', { name: 'gradient' }, [g.root])])
  const place = mustMake(arena, 'const', { type: { kind: 'tensor', elem: 'i32', shape: [] }, value: k })
  const root = mustMake(arena, 'record', { fields: ['y'] }, [mustMake(arena, 'gather', {}, [x, place])])
  const made = canonicalise({ ...g, root })
  return { ...of, outputType: made.arena.typeOf(made.root), sealed: { _tag: 'Right', right: made } }
}

test('a sum has ones', () => {
  const g = graph('sum', { x: t.tensor(t.f64, 'n') }, ({ x }) => ({ y: x.sum() }))
  expect(run(grad(g, ['x']), { x: [1, Number.NaN, Infinity] }).gradient.x).toEqual(Float64Array.of(1, 1, 1))
})
