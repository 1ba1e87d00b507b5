import type { Either } from '../../../graph/either.ts'
import { isLeft, left, right } from '../../../graph/either.ts'
import type { RecordType, Type } from '../../../graph/types.ts'
import { elementOf, isScalar } from '../../../graph/types.ts'
import type { Column } from '../../../graph/values.ts'
import type { Failure } from '../failure.ts'
import { Growing } from '../sql/growing.ts'
import type { Ledger } from '../sql/ledger.ts'
import { nullCell, wrongLength } from '../sql/tell.ts'
import type { DuckType } from './engine.ts'
import { mismatch } from './mismatch.ts'
import { scalarSink } from './scalars.ts'
import type { Sink } from './sink.ts'
import { childOf, either, nullsOf, spansOf } from './vector.ts'

type Planned = Either<Failure, Sink>

/** A sink for cells of `duck` read as `type`, NULLs included. `path` names the column in messages. */
export const columnSink = (duck: DuckType, type: Type, path: string, ledger: Ledger): Planned =>
  type.kind === 'option' && type.of.kind !== 'option'
    ? withInner(plainSink(duck, type.of, path, ledger), optional)
    : withInner(plainSink(duck, type, path, ledger), (inner) => required(inner, type, path, ledger))

const withInner = (inner: Planned, wrap: (s: Sink) => Sink): Planned =>
  isLeft(inner) ? inner : right(wrap(inner.right))

const required = (inner: Sink, type: Type, path: string, ledger: Ledger): Sink => ({
  ...inner,
  push: (vector, from, n, mask, rowOf) => {
    const nulls = nullsOf(vector, from, n)
    nulls?.forEach((isNull, i) => {
      if (isNull === 1 && mask?.[i] !== 1) {
        ledger.problem(rowOf(i), ...nullCell(type, path))
      }
    })
    inner.push(vector, from, n, either(nulls, mask), rowOf)
  },
})

const optional = (inner: Sink): Sink => {
  const valid = new Growing(Uint8Array)
  return {
    width: inner.width + 1,
    push: (vector, from, n, mask, rowOf) => {
      const missing = either(nullsOf(vector, from, n), mask)
      const { array, at } = valid.extend(n)
      for (let i = 0; i < n; i++) array[at + i] = missing?.[i] === 1 ? 0 : 1
      inner.push(vector, from, n, missing, rowOf)
    },
    fill: (n) => {
      valid.extend(n)
      inner.fill(n)
    },
    finish: () => ({ list: 'options', length: valid.length, valid: valid.finish(), values: inner.finish() }),
  }
}

const STRUCT = 25
const LIST = 24
const ARRAY = 33

const plainSink = (duck: DuckType, type: Type, path: string, ledger: Ledger): Planned => {
  if (isScalar(type)) {
    const sink = scalarSink(duck, type.elem, path, ledger)
    return sink === undefined ? left(mismatch(duck, type, path)) : right(sink)
  }
  if (type.kind === 'record' && duck.typeId === STRUCT) return structSink(duck, type, path, ledger)
  const element = elementOf(type)
  if (element !== undefined && (duck.typeId === LIST || duck.typeId === ARRAY)) {
    const of = duck as DuckType & { readonly valueType: DuckType; readonly length?: number }
    const inner = columnSink(of.valueType, element.of, `${path}[]`, ledger)
    const size = typeof element.dim === 'number' ? element.dim : undefined
    return withInner(inner, (s) => listSink(s, size, duck.typeId === ARRAY ? of.length : undefined, path, ledger))
  }
  return left(mismatch(duck, type, path))
}

const structSink = (duck: DuckType, type: RecordType, path: string, ledger: Ledger): Planned => {
  const { entryNames, entryTypes } = duck as DuckType & {
    readonly entryNames: readonly string[]
    readonly entryTypes: readonly DuckType[]
  }
  const parts: { readonly name: string; readonly index: number; readonly sink: Sink }[] = []
  for (const [name, of] of type.fields) {
    const index = entryNames.indexOf(name)
    if (index < 0) return left(mismatch(duck, type, path, ` It has no entry '${name}'.`))
    const sink = columnSink(entryTypes[index]!, of, `${path}.${name}`, ledger)
    if (isLeft(sink)) return sink
    parts.push({ name, index, sink: sink.right })
  }
  let length = 0
  return right({
    width: parts.reduce((sum, p) => sum + p.sink.width, 0),
    push: (vector, from, n, mask, rowOf) => {
      length += n
      for (const p of parts) p.sink.push(childOf(vector, p.index), from, n, mask, rowOf)
    },
    fill: (n) => {
      length += n
      for (const p of parts) p.sink.fill(n)
    },
    finish: () => ({ list: 'columns', length, columns: columnsOf(parts.map((p) => [p.name, p.sink])) }),
  })
}
export const columnsOf = (sinks: readonly (readonly [string, Sink, ...unknown[]])[]): Record<string, Column> =>
  Object.fromEntries(sinks.map(([name, sink]) => [name, sink.finish()]))

const listSink = (
  inner: Sink,
  size: number | undefined,
  arrayLength: number | undefined,
  path: string,
  ledger: Ledger,
): Sink => {
  const offsets = new Growing(Int32Array)
  offsets.extend(1)
  let total = 0
  return {
    width: 4,
    push: (vector, from, n, mask, rowOf) => {
      const { array, at } = offsets.extend(n)
      const spans = spansOf(vector, arrayLength)
      for (let i = 0; i < n; i++) {
        const skip = mask?.[i] === 1
        const length = skip ? (size ?? 0) : spans.length(from + i)
        const row = rowOf(i)
        if (!skip && size !== undefined && length !== size) {
          ledger.problem(row, ...wrongLength(length, size, path))
        }
        ledger.spend(row, length * inner.width)
        if (skip) inner.fill(length)
        else if (length > 0) inner.push(spans.child, spans.start(from + i), length, undefined, () => row)
        total += length
        array[at + i] = total
      }
    },
    fill: (n) => {
      const { array, at } = offsets.extend(n)
      inner.fill(n * (size ?? 0))
      for (let i = 0; i < n; i++) array[at + i] = total += size ?? 0
    },
    finish: () => ({ list: 'ragged', length: offsets.length - 1, offsets: offsets.finish(), values: inner.finish() }),
  }
}
