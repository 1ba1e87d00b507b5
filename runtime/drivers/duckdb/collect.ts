import type { Either } from '../../../graph/either.ts'
import { isLeft, left, right } from '../../../graph/either.ts'
import type { RecordType } from '../../../graph/types.ts'
import type { ListValue } from '../../../graph/values.ts'
import type { Failure } from '../failure.ts'
import type { BadCell } from '../sql/ledger.ts'
import { openBook } from '../sql/ledger.ts'
import { missing, twice } from '../sql/tell.ts'
import { columnSink, columnsOf } from './columns.ts'
import type { DuckChunk, DuckResult } from './engine.ts'
import type { Sink } from './sink.ts'

/** Rows of one answer on their way into columns. */
export interface Collector {
  readonly add: (chunk: DuckChunk, from: number, n: number) => void
  /** The first cell that was refused so far, by row. */
  readonly bad: () => BadCell | undefined
  /** Every row that was refused; only kept where rows of several queries travel together. */
  readonly badRows: ReadonlySet<number>
  readonly bytes: () => number
  /** Bytes of one row, likewise. */
  readonly bytesOfRow: (row: number) => number
  readonly finish: () => ListValue
}

/** Matches the columns of an answer to the declared row, by name. `skip` leading columns are our own. */
export const collector = (result: DuckResult, row: RecordType, skip = 0): Either<Failure, Collector> => {
  const names = result.columnNames().slice(skip)
  const types = result.columnTypes().slice(skip)
  const book = openBook(skip > 0)
  let rows = 0
  const sinks: (readonly [string, Sink, number])[] = []
  for (const [name, type] of row.fields) {
    const index = names.indexOf(name)
    if (index < 0) return left(missing(name, names))
    if (names.includes(name, index + 1)) return left(twice(name))
    const sink = columnSink(types[index]!, type, name, book.ledger)
    if (isLeft(sink)) return sink
    sinks.push([name, sink.right, index + skip])
  }
  const width = sinks.reduce((sum, [, sink]) => sum + sink.width, 0)
  return right({
    add: (chunk, from, n) => {
      const base = rows
      rows += n
      for (const [, sink, index] of sinks) sink.push(chunk.getColumnVector(index), from, n, undefined, (i) => base + i)
    },
    bad: book.bad,
    badRows: book.badRows,
    bytes: () => rows * width + book.spent(),
    bytesOfRow: (at) => width + book.spentOn(at),
    finish: () => ({ list: 'columns', length: rows, columns: columnsOf(sinks) }),
  })
}
