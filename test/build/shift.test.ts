import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Outside } from '../../graph/index.ts'
import { grad, graph, shift, t, toValue } from '../../graph/index.ts'
import type { RecordValue } from '../../graph/values.ts'
import { disagreement } from '../targets/compiled.ts'
import { plain, problemsOf, run, sealed } from './run.ts'

const seed = Number(process.env.QUOIN_SEED ?? 20261122)
const modes: readonly Outside[] = ['zero', 'edge', 'wrap', 'reflect']
/** The cell at place i of a line, as the page says, found step by step. */
const cellAt = (x: readonly number[], i: number, outside: Outside): number => {
  const n = x.length
  if (i >= 0 && i < n) return x[i]!
  if (outside === 'zero') return 0
  if (outside === 'edge') return x[i < 0 ? 0 : n - 1]!
  if (outside === 'wrap') return x[((i % n) + n) % n]!
  let [at, step] = [0, 1]
  // Walk from cell 0 and turn at the ends.
  for (let k = 0; k < Math.abs(i) && n > 1; k++) {
    if (at + step < 0 || at + step >= n) step = -step
    at += step
  }
  return x[at]!
}

describe('a shift is what each cell says', () => {
  test.each(modes)('%s, for named and literal sizes', (outside) => {
    const property = fc.property(
      fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: -13, max: 13 }),
      (x, by) => {
        const wanted = x.map((_, i) => cellAt(x, i + by, outside))
        const named = graph('named', { x: t.tensor(t.f64, 'n') }, (g) => ({ y: shift(g.x, by, { outside }) }))
        const literal = graph('literal', { x: t.tensor(t.f64, x.length) }, (g) => ({ y: shift(g.x, by, { outside }) }))
        expect(Array.from(run(named, { x }).y)).toEqual(wanted)
        expect(Array.from(run(literal, { x }).y)).toEqual(wanted)
      },
    )
    fc.assert(property, { numRuns: 60, seed })
  })
  test('of nothing is nothing', () => {
    for (const outside of modes) {
      const g = graph('empty', { x: t.tensor(t.i32, 'n') }, ({ x }) => ({ y: shift(x, 2, { outside }) }))
      expect(plain(Array.from(run(g, { x: [] }).y))).toEqual([])
    }
  })
})

const laplacian = (outside: Outside) =>
  graph(`field ${outside}`, { u: t.tensor(t.f64, 4, 'y', 5) }, ({ u }) => {
    let at = u
    for (let step = 0; step < 3; step++) {
      const near = ([4, 'y', 5] as const).flatMap((axis) => [
        shift(at, 1, { axis, outside }),
        shift(at, -1, { axis, outside }),
      ])
      at = at.add(
        near
          .reduce((a, b) => a.add(b))
          .sub(at.mul(6))
          .mul(0.1),
      )
    }
    return { y: at }
  })
test.each(modes.flatMap((m) => [[m, 'ts'] as const, [m, 'wasm'] as const]))(
  'three steps of a stencil in one graph: %s has the bits of the interpreter on %s',
  async (outside, target) => {
    const g = laplacian(outside)
    const u = { shape: [4, 3, 5], data: Array.from({ length: 60 }, (_, i) => ((i * 37) % 11) / 3) }
    const given = toValue(g.inputType, { u })
    if (given._tag === 'Left') throw new Error('no input')
    expect(await disagreement(sealed(g), given.right as RecordValue, { seed: 1, faults: 0 }, target)).toBeUndefined()
    // Insulated and round fields keep their heat; so the gradient of its sum is 1 everywhere.
    if (outside === 'edge' || outside === 'wrap') {
      const { gradient } = run(grad(g, ['u'], { each: true }), { u } as never)
      for (const d of (gradient.u as { data: Float64Array }).data) expect(d).toBeCloseTo(1, 12)
    }
  },
)
test('what cannot be shifted is told', () => {
  const told = (f: (x: { x: never; s: never; b: never }) => unknown) =>
    problemsOf(
      graph('told', { x: t.tensor(t.f64, 'n', 'm'), s: t.tensor(t.string, 'n'), b: t.tensor(t.bool, 'n') }, ((
        i: never,
      ) => ({ y: f(i) })) as never),
    )
  expect(told(({ x }) => shift(x, 1))).toEqual([
    'shift: shift goes along one axis, and f64[n,m] has 2 -> name the axis',
  ])
  expect(told(({ x }) => shift(x, 1.5, { axis: 'n' as never }))).toEqual([
    'shift: shift by 1.5 -> give a whole number of cells',
  ])
  expect(told(({ x }) => shift(x, 1, { axis: 'n' as never, outside: 'far' as never }))).toEqual([
    "shift: there is no 'far' outside -> choose from zero, edge, wrap, reflect",
  ])
  expect(told(({ b }) => shift(b, 1))).toEqual(["shift: bool[n] has no zero -> choose 'edge', 'wrap' or 'reflect'"])
  const words = graph('words', { s: t.tensor(t.string, 'n') }, ({ s }) => ({ y: shift(s, 1, { outside: 'wrap' }) }))
  expect(run(words, { s: ['a', 'b', 'c'] }).y).toEqual(['b', 'c', 'a'])
})
