import type { Either } from '../../../graph/either.ts'
import { isLeft, left, right } from '../../../graph/either.ts'
import type { RecordType } from '../../../graph/types.ts'
import type { ListValue } from '../../../graph/values.ts'
import type { Failure } from '../failure.ts'
import { columnSink, columnsOf } from './columns.ts'
import type { DuckChunk, DuckResult } from './engine.ts'
import type { Sink } from './sink.ts'

/** A cell that cannot be accepted: its row, counted from 0 over the whole answer. */
export interface BadCell {
  readonly row: number
  readonly cause: string
  readonly remedy: string
}

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
  let first: BadCell | undefined
  const badRows = new Set<number>()
  const spent: number[] = []
  let variable = 0
  let rows = 0
  const ledger = {
    problem: (at: number, cause: string, remedy: string): void => {
      if (first === undefined || at < first.row) first = { row: at, cause, remedy }
      badRows.add(at)
    },
    spend: (at: number, bytes: number): void => {
      variable += bytes
      if (skip > 0) spent[at] = (spent[at] ?? 0) + bytes
    },
  }
  const sinks: (readonly [string, Sink, number])[] = []
  for (const [name, type] of row.fields) {
    const index = names.indexOf(name)
    if (index < 0) return left(missing(name, names))
    if (names.includes(name, index + 1)) return left(twice(name))
    const sink = columnSink(types[index]!, type, name, ledger)
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
    bad: () => first,
    badRows,
    bytes: () => rows * width + variable,
    bytesOfRow: (at) => width + (spent[at] ?? 0),
    finish: () => ({ list: 'columns', length: rows, columns: columnsOf(sinks) }),
  })
}

const missing = (name: string, names: readonly string[]): Failure => {
  const other = names.find((n) => n.toLowerCase() === name.toLowerCase())
  const returned = names.length === 0 ? 'no columns' : names.map((n) => `'${n}'`).join(', ')
  return {
    tag: 'Decode',
    cause: `the row declares column '${name}', and the query returned ${returned}`,
    remedy:
      other === undefined
        ? `select it, or rename another column (… as "${name}"), or remove '${name}' from the row`
        : `names are compared with their case: write "${other}" as "${name}" in the query, or declare '${other}'`,
  }
}
const twice = (name: string): Failure => ({
  tag: 'Decode',
  cause: `the query returned more than one column '${name}'`,
  remedy: `give each column its own name (… as "${name}_2")`,
})
export const badCell = (b: BadCell): Failure => ({
  tag: 'Decode',
  cause: `row ${b.row + 1} ${b.cause}`,
  remedy: b.remedy,
})
