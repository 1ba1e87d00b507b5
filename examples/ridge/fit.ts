import { bind, compile, constant, full, grad, graph, load, matmul, matvec, solve, t, transpose } from 'quoin'
import type { Check } from '../plots/data.ts'
import { apart, orThrow } from '../plots/data.ts'
import { saveCharts } from '../plots/svg.ts'
import type { Cars } from './cars.ts'
import { features } from './cars.ts'

const size = features.length
const unit = (i: number): readonly number[] => Array.from({ length: size }, (_, j) => (i === j ? 1 : 0))
const table = { x: t.tensor(t.f64, 'car', size), y: t.tensor(t.f64, 'car'), lambda: t.f64 }

/** What ridge regression makes least: the mean squared error, and lambda times the squared weights. */
const loss = graph('ridge-loss', { ...table, w: t.tensor(t.f64, size) }, ({ x, y, lambda, w }) => {
  const off = matvec(x, w).sub(y)
  return { loss: off.mul(off).mean().add(w.mul(w).sum().mul(lambda)) }
})
/** The weights at which its gradient is 0: (xᵀx / n + lambda) · w = xᵀy / n. */
const closed = graph('ridge-closed', table, ({ x, y, lambda }) => {
  const ones = constant(
    t.tensor(t.f64, size, size),
    Array.from({ length: size }, (_, i) => unit(i)),
  )
  const across = transpose(x, size, 'car')
  const n = full(1, 'car').sum()
  return { w: solve(matmul(across, x).div(n).add(ones.mul(lambda)), matvec(across, y).div(n)) }
})

export interface Fit {
  readonly weights: Float64Array
  readonly losses: readonly number[]
  readonly predicted: readonly number[]
  readonly checks: readonly Check[]
}
/** Fits by gradient descent: the table is bound, so what is compiled is a function of the weights alone. */
export const descend = async (cars: Cars, lambda = 0.01, turns = 4000): Promise<Fit> => {
  const known = { x: cars.x, y: cars.mpg.map((v) => v - cars.mean), lambda }
  const slope = orThrow(await load(orThrow(await compile(grad(bind(loss, known), ['w']))), {}))
  const exact = orThrow(await load(orThrow(await compile(closed)), {}))
  let w: Float64Array = new Float64Array(size)
  let last = w
  const losses: number[] = []
  for (let turn = 0; turn < turns; turn++) {
    const { value, gradient } = orThrow(await slope.run({ w }))
    losses.push(value.loss)
    last = gradient.w
    w = w.map((v, k) => v - 0.15 * gradient.w[k]!)
  }
  const best = orThrow(await exact.run(known)).w
  await Promise.all([slope.close(), exact.close()])
  const predicted = cars.x.map((row) => row.reduce((sum, v, k) => sum + v * w[k]!, cars.mean))
  const checks: Check[] = [
    { what: 'the gradient where it ended, from 0', off: Math.max(...last.map(Math.abs)), allowed: 1e-10 },
    { what: 'its weights, from those of solve', off: apart(w, best), allowed: 1e-9 },
    { what: 'the weights of solve, from elimination by hand', off: apart(best, byHand(cars, lambda)), allowed: 1e-11 },
  ]
  return { weights: w, losses, predicted, checks }
}

/** The same equations in plain loops: Gauss–Jordan on the matrix with its right-hand side. */
export const byHand = ({ x, mpg, mean }: Cars, lambda: number): readonly number[] => {
  const n = x.length
  const sum = (f: (i: number) => number): number => x.reduce((s, _, i) => s + f(i), 0) / n
  const rows = unit(0).map((_, i) => [
    ...unit(i).map((one, j) => sum((k) => x[k]![i]! * x[k]![j]!) + one * lambda),
    sum((k) => x[k]![i]! * (mpg[k]! - mean)),
  ])
  for (let i = 0; i < size; i++) {
    const pivot = rows[i]![i]!
    rows[i] = rows[i]!.map((v) => v / pivot)
    for (let k = 0; k < size; k++) if (k !== i) rows[k] = rows[k]!.map((v, j) => v - rows[k]![i]! * rows[i]![j]!)
  }
  return rows.map((r) => r[size]!)
}

export const draw = (path: string, cars: Cars, { predicted, losses }: Fit): void => {
  const turns = losses.slice(0, 200).map((_, k) => k)
  saveCharts(path, {
    'miles per gallon: predicted over real': [
      { name: 'cars', x: cars.mpg, y: predicted, points: true },
      { name: 'as they are', x: [9, 46], y: [9, 46] },
    ],
    'log10 of the loss, by turn': [{ name: 'loss', x: turns, y: turns.map((k) => Math.log10(losses[k]!)) }],
  })
}
