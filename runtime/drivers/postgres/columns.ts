import type { Either } from '../../../graph/either.ts'
import { isLeft, left, right } from '../../../graph/either.ts'
import type { RecordType, Type } from '../../../graph/types.ts'
import { elementOf, isScalar, showType } from '../../../graph/types.ts'
import type { Column, ListValue } from '../../../graph/values.ts'
import type { Failure } from '../failure.ts'
import { Growing } from '../sql/growing.ts'
import type { BadCell, Ledger } from '../sql/ledger.ts'
import { openBook } from '../sql/ledger.ts'
import { missing, nullCell, twice, wrongLength } from '../sql/tell.ts'
import { scalarSink } from './cells.ts'
import type { Field } from './fields.ts'
import type { Sink } from './sink.ts'
import { castTo, declaration, elementOfArray, oid, scaleOf, typeNameOf } from './types.ts'

type Planned = Either<Failure, Sink>

/** A sink for cells of a field read as `type`, NULLs included. `path` names the column in messages. */
const columnSink = (field: Field, type: Type, path: string, ledger: Ledger): Planned => {
  const optional = type.kind === 'option' && type.of.kind !== 'option'
  const inner = plainSink(field, optional ? type.of : type, path, ledger)
  if (isLeft(inner)) return inner
  return right(optional ? option(inner.right) : required(inner.right, type, path, ledger))
}

const required = (inner: Sink, type: Type, path: string, ledger: Ledger): Sink => ({
  ...inner,
  push: (b, at, length, row) => {
    if (length >= 0) return inner.push(b, at, length, row)
    ledger.problem(row, ...nullCell(type, path))
    inner.fill()
  },
})
const option = (inner: Sink): Sink => {
  const valid = new Growing(Uint8Array)
  return {
    width: inner.width + 1,
    push: (b, at, length, row) => {
      const i = valid.room(1)
      if (length < 0) return inner.fill()
      valid.array[i] = 1
      inner.push(b, at, length, row)
    },
    fill: () => {
      valid.room(1)
      inner.fill()
    },
    finish: () => ({ list: 'options', length: valid.length, valid: valid.finish(), values: inner.finish() }),
  }
}

const plainSink = (field: Field, type: Type, path: string, ledger: Ledger): Planned => {
  if (isScalar(type)) {
    const sink = scalarSink(field, type.elem, path, ledger)
    return sink === undefined ? left(mismatch(field, type, path)) : right(sink)
  }
  const element = elementOf(type)
  const inner = elementOfArray.get(field.type)
  if (element === undefined || inner === undefined) return left(mismatch(field, type, path))
  const sink = columnSink({ ...field, type: inner }, element.of, `${path}[]`, ledger)
  return isLeft(sink) ? sink : right(listSink(sink.right, element.dim, path, ledger))
}

const listSink = (inner: Sink, dim: number | string, path: string, ledger: Ledger): Sink => {
  const size = typeof dim === 'number' ? dim : undefined
  const offsets = new Growing(Int32Array)
  offsets.room(1)
  let total = 0
  const fill = (): void => {
    for (let i = 0; i < (size ?? 0); i++) inner.fill()
    total += size ?? 0
    const at = offsets.room(1)
    offsets.array[at] = total
  }
  return {
    width: 4,
    push: (b, at, _, row) => {
      // Number of dimensions, a flag, the type; for each dimension its size and where it begins; the elements.
      const dims = b.readInt32BE(at)
      if (dims > 1) {
        ledger.problem(row, `has a list of ${dims} dimensions in column '${path}'`, 'select lists of one dimension')
        return fill()
      }
      const length = dims === 0 ? 0 : b.readInt32BE(at + 12)
      if (size !== undefined && length !== size) {
        ledger.problem(row, ...wrongLength(length, size, path))
        return fill()
      }
      ledger.spend(row, length * inner.width)
      let p = at + 20
      for (let i = 0; i < length; i++) {
        const bytes = b.readInt32BE(p)
        inner.push(b, p + 4, bytes, row)
        p += 4 + Math.max(bytes, 0)
      }
      total += length
      const i = offsets.room(1)
      offsets.array[i] = total
    },
    fill,
    finish: () => ({ list: 'ragged', length: offsets.length - 1, offsets: offsets.finish(), values: inner.finish() }),
  }
}

/** The error of a column whose type the declared one cannot hold exactly, with the cast that makes it fit. */
const mismatch = (field: Field, type: Type, path: string): Failure => {
  const target = isScalar(type) ? castTo(type.elem) : undefined
  const scale = scaleOf(field.modifier)
  const declare = declaration(field.type, scale)
  const fixes = [
    target === undefined ? '' : `write cast("${path}" as ${target}) in the query`,
    declare === undefined ? '' : `declare '${path}' as ${declare}`,
  ].filter((s) => s !== '')
  const name = field.type === oid.numeric && scale !== undefined ? `numeric(…, ${scale})` : typeNameOf(field.type)
  return {
    tag: 'Decode',
    cause: `column '${path}' is ${name}, and the row declares ${showType(type)}, which cannot hold every such value exactly.`,
    remedy: fixes.length === 0 ? 'select a column of the declared type' : fixes.join(', or '),
  }
}

/** Rows of one answer on their way into columns. */
export interface Collector {
  /** A row as the protocol has it. */
  readonly add: (b: Buffer, at: number) => void
  readonly rows: () => number
  readonly bad: () => BadCell | undefined
  readonly badRows: ReadonlySet<number>
  readonly bytes: () => number
  readonly bytesOfRow: (row: number) => number
  readonly finish: () => ListValue
}

/** Matches the columns of an answer to the declared row, by name. `skip` leading columns are our own. */
export const collector = (fields: readonly Field[], row: RecordType, skip = 0): Either<Failure, Collector> => {
  const names = fields.slice(skip).map((f) => f.name)
  const book = openBook(skip > 0)
  const sinks: (readonly [string, Sink])[] = []
  const byField: (Sink | undefined)[] = fields.map(() => undefined)
  for (const [name, type] of row.fields) {
    const index = names.indexOf(name)
    if (index < 0) return left(missing(name, names))
    if (names.includes(name, index + 1)) return left(twice(name))
    const sink = columnSink(fields[index + skip]!, type, name, book.ledger)
    if (isLeft(sink)) return sink
    sinks.push([name, sink.right])
    byField[index + skip] = sink.right
  }
  const width = sinks.reduce((sum, [, sink]) => sum + sink.width, 0)
  let rows = 0
  return right({
    add: (b, at) => {
      let p = at + 2
      for (const sink of byField) {
        const length = b.readInt32BE(p)
        p += 4
        sink?.push(b, p, length, rows)
        if (length > 0) p += length
      }
      rows++
    },
    rows: () => rows,
    bad: book.bad,
    badRows: book.badRows,
    bytes: () => rows * width + book.spent(),
    bytesOfRow: (at) => width + book.spentOn(at),
    finish: () => ({ list: 'columns', length: rows, columns: columnsOf(sinks) }),
  })
}
const columnsOf = (sinks: readonly (readonly [string, Sink])[]): Record<string, Column> =>
  Object.fromEntries(sinks.map(([name, sink]) => [name, sink.finish()]))
