import { Table } from 'console-table-printer'
import type { Outcome } from './harness.ts'

/** What people read: one line a peer, then who could not take part and whose result was not ours. */
export const describe = ({ rows, skipped, refused, tables = [] }: Outcome): string => {
  const lines = [
    ...skipped.map((s) => `skipped: ${s.workload}, ${s.peer}: ${s.reason}`),
    ...refused.map((r) => `REFUSED: ${r.workload}, ${r.peer}: ${r.reason}`),
  ]
  const measured = rows.length === 0 ? ['nothing was measured'] : [tableOf(rows)]
  return [...tables.map(plain), ...measured, ...lines].join('\n')
}

const plain = ({ title, columns, rows }: NonNullable<Outcome['tables']>[number]): string => {
  const table = new Table({
    shouldDisableColors: true,
    columns: columns.map((name, k) => ({
      name,
      title: name,
      alignment: k === 0 ? ('left' as const) : ('right' as const),
    })),
  })
  for (const row of rows) table.addRow(Object.fromEntries(columns.map((name, k) => [name, row[k]])))
  return `${title}\n${table.render()}`
}

const tableOf = (rows: Outcome['rows']): string => {
  const right = (name: string, title: string) => ({ name, title, alignment: 'right' as const })
  const table = new Table({
    shouldDisableColors: true,
    columns: [
      { name: 'workload', title: 'workload', alignment: 'left' },
      { name: 'peer', title: 'peer', alignment: 'left' },
      right('ratio', 'ours ÷ theirs'),
      right('spread', 'spread'),
      right('n', 'rounds'),
      right('ours', 'ours'),
      right('theirs', 'theirs'),
      { name: 'unit', title: 'unit', alignment: 'left' },
      ...(rows.some((r) => r.ourError !== undefined)
        ? [right('ourError', 'our error'), right('theirError', 'their error')]
        : []),
    ],
  })
  const short = (x: number): string => x.toPrecision(3)
  for (const row of rows) {
    const { ratio, spread, ours, theirs, ourError, theirError } = row
    const errors =
      ourError === undefined ? {} : { ourError: ourError.toExponential(1), theirError: theirError!.toExponential(1) }
    table.addRow({
      ...row,
      ...errors,
      ratio: short(ratio),
      spread: short(spread),
      ours: short(ours),
      theirs: short(theirs),
    })
  }
  return table.render()
}
