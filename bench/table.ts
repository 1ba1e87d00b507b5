import { Table } from 'console-table-printer'
import type { Outcome } from './harness.ts'

/** What people read: one line a peer, then who could not take part and whose result was not ours. */
export const describe = ({ rows, skipped, refused }: Outcome): string => {
  const lines = [
    ...skipped.map((s) => `skipped: ${s.workload}, ${s.peer}: ${s.reason}`),
    ...refused.map((r) => `REFUSED: ${r.workload}, ${r.peer}: ${r.reason}`),
  ]
  return [...(rows.length === 0 ? ['nothing was measured'] : [tableOf(rows)]), ...lines].join('\n')
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
    ],
  })
  const short = (x: number): string => x.toPrecision(3)
  for (const row of rows) {
    const { ratio, spread, ours, theirs } = row
    table.addRow({ ...row, ratio: short(ratio), spread: short(spread), ours: short(ours), theirs: short(theirs) })
  }
  return table.render()
}
