import { Decimal } from 'decimal.js'
import type { ElementaryName } from '../../graph/elementary/index.ts'
// Sets the number of digits, before the constants below are computed.
import './ulps.ts'

/** The functions themselves, to far more digits than a float has. Arguments are exact values of floats. */
export const reference: Readonly<Record<ElementaryName, (x: Decimal, y: Decimal) => Decimal>> = {
  exp: (x) => power(x),
  expm1: (x) => minusOne(x),
  exp2: (x) => power(x.times(ln2)),
  log: (x) => Decimal.ln(x),
  log1p: (x) => onePlus(x),
  log2: (x) => Decimal.ln(x).div(ln2),
  log10: (x) => Decimal.ln(x).div(ln10),
  sin: (x) => Decimal.sin(x),
  cos: (x) => Decimal.cos(x),
  tan: (x) => Decimal.sin(x).div(Decimal.cos(x)),
  asin: (x) => arcsine(x),
  acos: (x) => arccosine(x),
  atan: (x) => arctangent(x),
  atan2: (y, x) => angle(y, x),
  sinh: (x) => minusOne(x).minus(minusOne(x.neg())).div(2),
  cosh: (x) => power(x).plus(power(x.neg())).div(2),
  tanh: (x) => tangent(x),
  erf: (x) => (x.abs().lt(reach) ? error(x) : new Decimal(x.s).minus(complement(x.abs()).times(x.s))),
  erfc: (x) => (x.lt(reach) ? new Decimal(1).minus(reference.erf(x, x)) : complement(x)),
  cbrt: (x) => Decimal.cbrt(x),
  hypot: (x, y) => x.times(x).plus(y.times(y)).sqrt(),
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
const ln2 = Decimal.ln(2)
const ln10 = Decimal.ln(10)

const arccosine = (x: Decimal): Decimal =>
  x.lt(0.5) ? quarter.minus(arcsine(x)) : arcsine(new Decimal(1).minus(x).div(2).sqrt()).times(2)

/** By the arc sine, which decimal.js does not have to find from a series in an argument that is nearly 1. */
const arctangent = (x: Decimal): Decimal =>
  x.abs().gt(1)
    ? quarter.times(x.s).minus(arctangent(new Decimal(1).div(x)))
    : x.abs().lt(tiny)
      ? series(x, [
          [1, 1],
          [0, 1],
          [-1, 3],
          [0, 1],
          [1, 5],
        ])
      : arcsine(x.div(x.times(x).plus(1).sqrt()))

const angle = (y: Decimal, x: Decimal): Decimal => {
  if (x.isZero()) return quarter.times(y.s)
  const a = arctangent(y.div(x))
  return x.gt(0) ? a : a.plus(quarter.times(2 * y.s))
}

const perRoot = new Decimal(2).div(quarter.times(2).sqrt())
/** Up to here by a series without cancellation, beyond by a continued fraction. */
const reach = 3
/** erf x = 2/√π·e^(-x²)·Σ 2ⁿ·x^(2n+1)/(2n+1)!!. */
const error = (x: Decimal): Decimal => {
  const z = x.times(x)
  let term = x
  let sum = x
  for (let n = 1; term.abs().gt(sum.abs().times('1e-45')); n++) {
    term = term
      .times(z)
      .times(2)
      .div(2 * n + 1)
    sum = sum.plus(term)
  }
  return sum.times(perRoot).times(power(z.neg()))
}
/** erfc x = e^(-x²)/√π · 1/(x + (1/2)/(x + 1/(x + (3/2)/(x + …)))), in fewer digits because it takes many steps. */
const Short = Decimal.clone({ precision: 30 })
const complement = (x: Decimal): Decimal => {
  const short = new Short(x)
  let fraction: Decimal = short
  for (let n = Math.ceil(40 + 900 / x.toNumber() ** 2); n > 0; n--)
    fraction = short.plus(new Short(n / 2).div(fraction))
  return power(x.times(x).neg()).times(perRoot).div(2).div(new Decimal(fraction))
}
