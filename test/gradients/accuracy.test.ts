// Requirements: K5

import { Decimal } from 'decimal.js'
import { describe, expect, test } from 'vitest'
import type { ElementaryName } from '../../graph/elementary/index.ts'
import { elementary } from '../../graph/elementary/index.ts'
import type { Built } from '../../graph/index.ts'
import * as q from '../../graph/index.ts'
import { grad, graph, t } from '../../graph/index.ts'
import { run } from '../build/run.ts'
import { reference } from '../elementary/reference.ts'
import { exact, ulps } from '../elementary/ulps.ts'

/**
 * Slopes of elementary functions against differences in 55 digits, at a distance of 1e-12: their error is below 1e-20. The
 * bounds are what `docs/gradients.md` says, in units of the last place.
 */
const bounds: Readonly<Record<ElementaryName, { readonly ulps: number; readonly from: number; readonly to: number }>> =
  {
    exp: { ulps: 1, from: -20, to: 20 },
    expm1: { ulps: 1, from: -20, to: 20 },
    exp2: { ulps: 2, from: -20, to: 20 },
    log: { ulps: 1, from: 0.01, to: 100 },
    log1p: { ulps: 2, from: -0.9, to: 100 },
    log2: { ulps: 3, from: 0.01, to: 100 },
    log10: { ulps: 3, from: 0.01, to: 100 },
    sin: { ulps: 2, from: -3, to: 3 },
    cos: { ulps: 2, from: -3, to: 3 },
    tan: { ulps: 4, from: -1.5, to: 1.5 },
    asin: { ulps: 3, from: -0.99, to: 0.99 },
    acos: { ulps: 3, from: -0.99, to: 0.99 },
    atan: { ulps: 2, from: -50, to: 50 },
    atan2: { ulps: 4, from: 0.1, to: 50 },
    sinh: { ulps: 2, from: -20, to: 20 },
    cosh: { ulps: 2, from: -20, to: 20 },
    tanh: { ulps: 5, from: -20, to: 20 },
    erf: { ulps: 24, from: -5, to: 5 },
    erfc: { ulps: 24, from: -5, to: 5 },
    cbrt: { ulps: 4, from: 0.01, to: 100 },
    hypot: { ulps: 3, from: -20, to: 20 },
    pow: { ulps: 3, from: 0.1, to: 10 },
    sigmoid: { ulps: 4, from: -20, to: 20 },
  }
const second = 1.75
type Column = { readonly x: readonly number[] | Float64Array }
type Vector = q.Tensor<'f64', ['n']>
const functions: Readonly<Record<string, unknown>> = { ...q }
const f = (name: ElementaryName): Built<Column, { y: number }> =>
  graph(name, { x: t.tensor(t.f64, 'n') }, ({ x }) => {
    const apply = functions[name] as (x: Vector, y?: number) => Vector
    return { y: (elementary[name].arity === 2 ? apply(x, second) : apply(x)).sum() }
  })
const h = new Decimal('1e-12')

describe('the slope of each elementary function is as near as it says', () => {
  test.each(Object.entries(bounds) as [ElementaryName, (typeof bounds)['exp']][])('%s', (name, b) => {
    const x = Array.from({ length: 25 }, (_, k) => b.from + ((b.to - b.from) * (k + 0.37)) / 25)
    const { gradient } = run(grad(f(name), ['x']), { x })
    const y = new Decimal(second)
    const off = x.map((at, k) => {
      const [above, below] = [exact(at).plus(h), exact(at).minus(h)].map((u) => reference[name](u, y))
      return ulps('f64', gradient.x[k]!, above!.minus(below!).div(h.times(2)))
    })
    expect(Math.max(...off)).toBeLessThanOrEqual(b.ulps)
  })
})
