import type { Scalar, Tensor } from '../../../graph/index.ts'
import {
  abs,
  constant,
  exp,
  fx,
  graph,
  maximum,
  minimum,
  select,
  sqrt,
  t,
  toTotal,
  variance,
} from '../../../graph/index.ts'

/** Programs as people write them: general helpers called with particular arguments leave work that does nothing. */
type Col<D extends string> = Tensor<'f64', [D]>
interface Model {
  readonly shift: number
  readonly scale: number
  readonly floor: number
  readonly cap: number
}
const neutral: Model = { shift: -0, scale: 1, floor: -Infinity, cap: Infinity }
const adjusted = <D extends string>(x: Col<D>, m: Model): Col<D> =>
  minimum(maximum(x.mul(m.scale).add(m.shift), m.floor), m.cap)

export const pricing = graph('pricing', { spot: t.tensor(t.f64, 'n'), rate: t.f64 }, ({ spot, rate }) => {
  const base = adjusted(spot, neutral)
  const stressed = adjusted(spot, { ...neutral, scale: 1.1, floor: 0 })
  return {
    base: base.mul(exp(rate.neg())),
    stressed,
    // Basis points, and per cent of a power of two of parts.
    perMille: base.div(1).sub(0),
    eighths: base.div(8),
    short: base.mul(-1),
    loss: stressed.sub(base).neg().neg(),
  }
})

/** The other way round, by a subtraction from nothing. */
const constantLess = <D extends string>(x: Col<D>): Col<D> => x.mul(0).sub(0).add(-0).sub(x)

export const profit = graph(
  'profit',
  { income: t.tensor(t.f64, 'n'), cost: t.tensor(t.f64, 'n'), tax: t.f64 },
  ({ income, cost, tax }) => {
    const outflow = cost.neg()
    const net = income.add(outflow)
    const back = income.sub(outflow)
    const deviation = abs(cost.sub(income).neg())
    return {
      net: net.mul(fx`1 - ${tax}`),
      back,
      deviation,
      squared: abs(deviation.mul(deviation)),
      energy: abs(income).mul(abs(income)),
      signs: outflow.mul(income.neg()),
      third: income.div(3),
      both: income.mul(cost).add(income.mul(deviation)),
      ratio: outflow.div(income.neg()),
      refund: income.div(-1),
      size: abs(outflow),
      distance: abs(abs(income)),
      loss: constantLess(income),
      worst: outflow.max(),
      best: outflow.min(),
      lowest: minimum(outflow, income.neg()),
      highest: maximum(outflow, income.neg()),
      flips: outflow.lt(income.neg()),
      below: outflow.le(income.neg()),
      above: outflow.gt(income.neg()),
      least: outflow.ge(income.neg()),
      even: outflow.eq(income.neg()),
    }
  },
)
export const clamps = graph(
  'clamps',
  { score: t.tensor(t.i32, 'n'), low: t.i32, high: t.i32, weight: t.i32 },
  ({ score, low, high, weight }) => {
    const clamp = (x: Tensor<'i32', ['n']>, a: Scalar<'i32'> | number, b: Scalar<'i32'> | number) =>
      minimum(maximum(x, a), b)
    const whole = clamp(score, -(2 ** 31), 2 ** 31 - 1)
    const never = clamp(score, 2 ** 31 - 1, 2 ** 31 - 1)
    const once = maximum(maximum(score, low), low)
    const top = minimum(minimum(score, high), high)
    return {
      whole,
      never,
      nothing: minimum(score, -(2 ** 31)),
      once,
      top,
      inside: minimum(score, maximum(score, low)),
      outside: maximum(score, minimum(score, high)),
      larger: select(score.gt(low), score, low),
      smaller: select(score.lt(low), score, low),
      notLess: select(score.ge(high), score, high),
      notMore: select(score.le(high), score, high),
      same: select(score.eq(low), score, low),
      scaled: score.mul(weight).sum(),
      sign: score.neg().sum(),
    }
  },
)

export const windows = graph('windows', { x: t.tensor(t.f64, 'n'), k: t.f64 }, ({ x, k }) => {
  const spread = sqrt(variance(x))
  const z = x.sub(x.mean()).div(spread)
  const outlier = abs(z).gt(3)
  const kept = outlier.not()
  return {
    z: select(outlier.not(), z, 0),
    again: select(kept, select(kept, x, k), 0),
    other: select(kept, x, select(kept, k, 0)),
    weights: outlier.to(t.f64),
    isOne: outlier.to(t.f64).eq(1),
    notNone: outlier.to(t.f64).ne(0),
    whole: select(kept, x, x),
    flags: select(outlier, z.gt(0), false),
    over: select(outlier, constant(t.bool, true), z.gt(9)),
    either: select(kept, constant(t.bool, true), outlier),
    truth: select(outlier, constant(t.bool, true), false),
    lie: select(outlier, constant(t.bool, false), true),
  }
})

export const ages = graph(
  'ages',
  {
    seen: t.tensor(t.timestamp, 'n'),
    born: t.tensor(t.i64, 'n'),
    at: t.i64,
    years: t.tensor(t.i32, 'n'),
    cents: t.tensor(t.i64, 'n'),
  },
  ({ seen, born, at, years, cents }) => {
    const age = born.neg().add(at)
    const wide = toTotal(toTotal(years, t.i64), t.i32)
    return {
      age,
      seen: toTotal(toTotal(seen, t.i64), t.timestamp),
      stamp: toTotal(toTotal(born, t.timestamp), t.i64),
      check: born.sub(at).neg(),
      there: born.sub(at).add(at),
      back: born.add(at).sub(at),
      plus: born.sub(at.neg()),
      wide,
      straight: toTotal(toTotal(years, t.i64), t.f64),
      same: toTotal(years, t.i32),
      isSame: born.sub(at).eq(0n),
      differs: born.sub(at).ne(0n),
      euros: cents.mul(1n).add(0n).sub(0n),
      none: cents.mul(0n),
      fees: cents.mul(at).add(cents.mul(born)),
      twice: cents.add(1n).add(2n),
      sixfold: cents.mul(2n).mul(3n),
      minus: cents.mul(-1n),
      nothing: cents.sub(cents),
      itself: cents.neg().neg(),
      sum: born.sub(cents.neg()),
      forth: born.sub(cents).add(cents),
      home: born.add(cents).sub(cents),
      older: maximum(maximum(born, cents), cents),
      younger: minimum(minimum(born, cents), cents),
      less: constant(t.i64, 0n).sub(at),
      product: cents.neg().mul(born.neg()),
    }
  },
)
