import type { Either } from '../graph/either.ts'
import { isLeft, left, right } from '../graph/either.ts'
import { bytesOf, storage } from '../graph/elem.ts'
import type { RunError } from '../graph/errors.ts'
import { bug } from '../graph/errors.ts'
import type { Type } from '../graph/types.ts'
import type { RecordValue, TensorValue, Value } from '../graph/values.ts'
import type { BoundKernels } from './bind.ts'

/** The cells of an input, row by row. */
export type Cells = Float64Array | Float32Array | Int32Array | Uint32Array | BigInt64Array | BigUint64Array | Uint8Array

/**
 * A graph that only computes, ready to run on inputs that lie where its kernels read them. Nothing is copied: inputs are
 * filled in by the caller, and results are views that the next run writes over. Both belong to this object and end with
 * `close`.
 *
 *     const p = loaded.prepare({ n: 1000 })
 *     p.right.input.a.set(column)
 *     p.right.run()
 *     p.right.output()        // views, until the next run
 *
 * With `carry` a result becomes an input of the next run: the two change places, and nothing is copied. Then `input` is
 * to be looked at anew after each run.
 */
export interface Prepared<Input, Output> {
  /** Scalars have one cell. Inputs that no kernel reads are not there. */
  readonly input: { readonly [K in keyof Input]: Cells }
  readonly run: () => Either<RunError, undefined>
  readonly output: () => Either<RunError, Output>
  readonly close: () => void
}

const invalid = (cause: string, remedy: string): RunError => ({
  _tag: 'InvalidInput',
  node: '',
  place: '',
  cause,
  remedy,
})
const done: Either<RunError, undefined> = right(undefined)

export const prepare = <Input, Output>(
  kernels: BoundKernels,
  inputs: readonly (readonly [name: string, type: Type])[],
  output: Type,
  dims: Readonly<Record<string, number>>,
  carry: Readonly<Record<string, string>> = {},
): Either<RunError, Prepared<Input, Output>> => {
  const shapes = new Map<string, readonly number[]>()
  for (const [name, type] of inputs) {
    if (type.kind !== 'tensor') continue
    const shape = type.shape.map((d) => (typeof d === 'number' ? d : (dims[d] ?? Number.NaN)))
    const k = shape.findIndex((n) => !Number.isSafeInteger(n) || n < 0)
    if (k >= 0)
      return left(
        invalid(
          `input ${name} has a dimension ${type.shape[k]} of size ${dims[type.shape[k]!]}`,
          `give a whole number for each dimension: prepare({ ${type.shape[k]}: 1000 })`,
        ),
      )
    const bytes = shape.reduce((n, d) => n * d, bytesOf[storage(type.elem) ?? 'f64'])
    if (bytes >= 2 ** 32)
      return left({
        _tag: 'ResourceExceeded',
        stage: 'run',
        what: 'memory',
        node: name,
        place: '',
        cause: `input ${name} would have ${bytes} bytes, more than kernels reach`,
        remedy: 'split the work into several calls',
      })
    shapes.set(name, shape)
  }
  const prepared = kernels.prepare(shapes, new Map(Object.entries(carry)))
  if (isLeft(prepared)) return prepared
  const { input, run, value, close } = prepared.right
  let closed = false
  const ended = left(invalid('what was prepared is closed', 'prepare the graph again'))
  // Read afresh each time: what is carried over changes places.
  const cells = Object.defineProperties(
    {},
    Object.fromEntries(
      inputs.flatMap(([name]) =>
        input(name) === undefined ? [] : [[name, { enumerable: true, get: () => input(name) as Cells }]],
      ),
    ),
  )
  return right({
    input: cells as Prepared<Input, Output>['input'],
    run: () => {
      if (closed) return ended
      try {
        run()
        return done
      } catch (e) {
        return left(bug('', e))
      }
    },
    output: () => (closed ? ended : right(viewed(output, value()) as Output)),
    close: () => {
      closed = true
      close()
    },
  })
}

/** As results of `run` look, without a copy where there is a form without one. */
const viewed = (t: Type, v: Value): unknown => {
  if (t.kind === 'record') return Object.fromEntries(t.fields.map(([n, f]) => [n, viewed(f, (v as RecordValue)[n]!)]))
  if (t.kind !== 'tensor' || t.shape.length === 0) return v
  const { shape, data } = v as TensorValue
  const seen = t.elem === 'bool' ? Array.from(data as Uint8Array, (x) => x === 1) : data
  return shape.length === 1 ? seen : { shape, data: seen }
}
