/** What a decoder tells while it reads: cells it cannot accept, and bytes that depend on the cell. */
export interface Ledger {
  readonly problem: (row: number, cause: string, remedy: string) => void
  readonly spend: (row: number, bytes: number) => void
}
/** A cell that cannot be accepted: its row, counted from 0 over the whole answer. */
export interface BadCell {
  readonly row: number
  readonly cause: string
  readonly remedy: string
}
/** What was told so far. */
export interface Book {
  readonly ledger: Ledger
  /** The first cell that was refused, by row. */
  readonly bad: () => BadCell | undefined
  /** Every row that was refused; only looked at where rows of several queries travel together. */
  readonly badRows: ReadonlySet<number>
  /** Bytes that depend on cells: of all rows, and of one where rows are told apart. */
  readonly spent: () => number
  readonly spentOn: (row: number) => number
}
export const openBook = (byRow: boolean): Book => {
  let first: BadCell | undefined
  const badRows = new Set<number>()
  const rows: number[] = []
  let all = 0
  return {
    ledger: {
      problem: (row, cause, remedy) => {
        if (first === undefined || row < first.row) first = { row, cause, remedy }
        badRows.add(row)
      },
      spend: (row, bytes) => {
        all += bytes
        if (byRow) rows[row] = (rows[row] ?? 0) + bytes
      },
    },
    bad: () => first,
    badRows,
    spent: () => all,
    spentOn: (row) => rows[row] ?? 0,
  }
}
