import { Decimal } from 'decimal.js'
import type { ElementaryName } from '../../graph/elementary/index.ts'

/** The functions themselves, to far more digits than a float has. Arguments are exact values of floats. */
export const reference: Readonly<Record<ElementaryName, (x: Decimal, y: Decimal) => Decimal>> = {
  exp: (x) => power(x),
  expm1: (x) => minusOne(x),
  log: (x) => Decimal.ln(x),
  log1p: (x) => onePlus(x),
  sin: (x) => Decimal.sin(x),
  cos: (x) => Decimal.cos(x),
  asin: (x) => arcsine(x),
  tanh: (x) => tangent(x),
  pow: (x, y) => power(y.times(Decimal.ln(x))),
  sigmoid: (x) => new Decimal(1).div(power(x.neg()).plus(1)),
}

const tiny = new Decimal('1e-12')
const huge = 1000

/** Beyond ±1000 every exponential asked for here is infinite or 0, whatever its digits. */
const power = (x: Decimal): Decimal => Decimal.exp(x.gt(huge) ? huge : x.lt(-huge) ? -huge : x)

/** Σ cᵢ·xⁱ, i from 1: five terms leave a relative error below 1e-60 where |x| <= 1e-12. */
const series = (x: Decimal, coefficients: readonly (readonly [number, number])[]): Decimal =>
  coefficients.reduceRight((sum, [a, b]) => sum.plus(new Decimal(a).div(b)).times(x), new Decimal(0))

const minusOne = (x: Decimal): Decimal =>
  x.abs().lt(tiny)
    ? series(x, [
        [1, 1],
        [1, 2],
        [1, 6],
        [1, 24],
        [1, 120],
      ])
    : power(x).minus(1)

const onePlus = (x: Decimal): Decimal =>
  x.abs().lt(tiny)
    ? series(x, [
        [1, 1],
        [-1, 2],
        [1, 3],
        [-1, 4],
        [1, 5],
      ])
    : Decimal.ln(x.plus(1))

const tangent = (x: Decimal): Decimal => {
  if (x.abs().lt(tiny))
    return series(x, [
      [1, 1],
      [0, 1],
      [-1, 3],
      [0, 1],
      [2, 15],
    ])
  const e = minusOne(x.times(2))
  return e.div(e.plus(2))
}

/** Two Newton steps on the sine from the platform's value: 16 digits become 32, then all that decimal.js carries. */
const arcsine = (x: Decimal): Decimal => {
  if (x.abs().gt(1)) return new Decimal(NaN)
  if (x.abs().lt(tiny))
    return series(x, [
      [1, 1],
      [0, 1],
      [1, 6],
      [0, 1],
      [3, 40],
    ])
  if (x.abs().gt(0.6)) {
    const half = new Decimal(1).minus(x.abs()).div(2)
    return quarter.minus(arcsine(half.sqrt()).times(2)).times(x.s)
  }
  let angle = new Decimal(Math.asin(x.toNumber()))
  for (let i = 0; i < 2; i++) angle = angle.minus(Decimal.sin(angle).minus(x).div(Decimal.cos(angle)))
  return angle
}
const quarter = Decimal.acos(-1).div(2)
