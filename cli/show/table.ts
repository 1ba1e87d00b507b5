import type { Colors } from '../output.ts'

export interface TableColumn {
  readonly name: string
  readonly right: boolean
  readonly cells: readonly string[]
}

const widest = 40
const cut = (s: string): string => (s.length > widest ? `${s.slice(0, widest - 1)}…` : s)

/** Columns side by side, numbers to the right; the header is there even when no row is. */
export const table = (columns: readonly TableColumn[], c: Colors): readonly string[] => {
  const shown = columns.map(({ name, right, cells }) => {
    const texts = cells.map(cut)
    return { name: cut(name), right, texts, width: Math.max(cut(name).length, ...texts.map((s) => s.length)) }
  })
  const line = (pick: (x: (typeof shown)[number]) => string): string =>
    shown
      .map((x) => (x.right ? pick(x).padStart(x.width) : pick(x).padEnd(x.width)))
      .join('  ')
      .trimEnd()
  const rows = columns[0]?.cells.length ?? 0
  return [c.dim(line((x) => x.name)), ...Array.from({ length: rows }, (_, i) => line((x) => x.texts[i] ?? ''))]
}
