import { expect } from 'vitest'
import type { Built, GradientOptions, Graph } from '../../graph/index.ts'
import { describeError, evaluate, gradGraph, runPure, toValue } from '../../graph/index.ts'
import type { RecordValue, TensorValue, Value } from '../../graph/values.ts'
import { sealed } from '../build/run.ts'

export const must = <A>(e: { _tag: 'Left'; left: unknown } | { _tag: 'Right'; right: A }): A => {
  if (e._tag === 'Left') throw new Error(describeError(e.left as never))
  return e.right
}
/** The value of a graph that asks nothing of anybody. */
export const answer = (g: Graph, inputs: Readonly<Record<string, Value>>): RecordValue =>
  must(
    runPure(evaluate(g, inputs), () => {
      throw new Error('it asks for something')
    }),
  ) as RecordValue
export const inputsOf = (built: Built, given: object): RecordValue =>
  must(toValue(built.inputType, given)) as RecordValue

export const cellsOf = (v: Value): readonly number[] =>
  typeof v === 'number' ? [v] : Array.from((v as TensorValue).data as Float64Array)
const withCell = (v: Value, k: number, x: number): Value => {
  if (typeof v === 'number') return x
  const { shape, data } = v as TensorValue
  const copy = (data as Float64Array).slice()
  copy[k] = x
  return { shape, data: copy }
}
export const at = (v: Value, path: readonly string[]): Value =>
  path.reduce<Value>((x, name) => (x as RecordValue)[name]!, v)
/** The sum of an output's cells. */
const total = (g: Graph, inputs: RecordValue, path: readonly string[]): number =>
  cellsOf(at(answer(g, inputs), path)).reduce((a, b) => a + b, 0)

/**
 * The derivative by one cell, by Ridders' method: central differences at shrinking distances, extrapolated to none. Its
 * own estimate of the error says how far it can be believed.
 */
export const slopeAt = (f: (x: number) => number, x: number): { readonly slope: number; readonly error: number } => {
  const [shrink, levels] = [1.6, 9]
  let h = 0.02 * Math.max(1, Math.abs(x))
  let best = { slope: Number.NaN, error: Number.POSITIVE_INFINITY }
  let above: number[] = []
  for (let i = 0; i < levels; i++, h /= shrink) {
    const row = [(f(x + h) - f(x - h)) / (x + h - (x - h))]
    let factor = shrink * shrink
    for (let j = 1; j <= i; j++, factor *= shrink * shrink) {
      row[j] = (row[j - 1]! * factor - above[j - 1]!) / (factor - 1)
      const error = Math.max(Math.abs(row[j]! - row[j - 1]!), Math.abs(row[j]! - above[j - 1]!))
      if (error <= best.error) best = { slope: row[j]!, error }
    }
    above = row
  }
  return best
}

/** Holds every cell of a gradient to differences of the graph itself. Gives how many cells were compared. */
export const holdsTo = (
  built: Built,
  wrt: readonly string[],
  given: object,
  options: GradientOptions = {},
  bound = 1e-8,
): number => {
  const g = sealed(built)
  const inputs = inputsOf(built, given)
  const d = must(gradGraph(g, wrt, options))
  const path = options.of === undefined ? ['y'] : typeof options.of === 'string' ? [options.of] : options.of
  const gradient = at(answer(d, inputs), ['gradient']) as RecordValue
  let compared = 0
  for (const name of wrt) {
    const own = cellsOf(inputs[name]!)
    const got = cellsOf(gradient[name]!)
    expect(got.length, name).toBe(own.length)
    own.forEach((x, k) => {
      const f = (to: number) => total(g, { ...inputs, [name]: withCell(inputs[name]!, k, to) }, path)
      const { slope, error } = slopeAt(f, x)
      expect(error, `${built.name}: ${name}[${k}] cannot be found by differences`).toBeLessThan(
        bound * (1 + Math.abs(slope)),
      )
      const off = Math.abs(got[k]! - slope)
      expect(off, `${built.name}: ${name}[${k}] is ${got[k]}, differences say ${slope}`).toBeLessThanOrEqual(
        bound * (1 + Math.abs(slope)),
      )
      compared++
    })
  }
  return compared
}
