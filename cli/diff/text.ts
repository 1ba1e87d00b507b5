import { stripVTControlCharacters } from 'node:util'
import type { Line, Listing } from '../../graph/listing.ts'
import { showType } from '../../graph/types.ts'
import type { Colors } from '../output.ts'
import type { Row } from './align.ts'
import { align, attrsOf } from './align.ts'

export interface Sides {
  readonly rows: readonly string[]
  readonly differ: number
}
const signs: Readonly<Record<Row['kind'], string>> = { same: ' ', changed: '~', left: '-', right: '+' }
/** Rows that are the same, shown around a difference. */
const context = 2

/** Two regions in two columns of one width each; bodies that differ are shown below their nodes. */
export const sideBySide = (a: Listing, b: Listing, width: number, c: Colors, indent = ''): Sides => {
  const rows = align(a, b)
  const near = new Set<number>()
  for (const [k, r] of rows.entries()) {
    if (r.kind !== 'same') for (let d = -context; d <= context; d++) near.add(k + d)
  }
  const paint = { same: c.dim, changed: c.yellow, left: c.red, right: c.green }
  const out: string[] = []
  let differ = 0
  let skipped = 0
  const skip = (): void => {
    if (skipped > 0) out.push(c.dim(`${indent}  … ${skipped} the same`))
    skipped = 0
  }
  for (const [k, r] of rows.entries()) {
    if (!near.has(k)) {
      skipped++
      continue
    }
    skip()
    const [left, right] = [nodeText(a, r.left, indent), nodeText(b, r.right, indent)]
    out.push(paint[r.kind](`${signs[r.kind]} ${cell(left, width)} │ ${cell(right, width).trimEnd()}`))
    if (r.kind === 'same') continue
    differ++
    if (r.kind !== 'changed') continue
    const [x, y] = [a.nodes[r.left!]!, b.nodes[r.right!]!]
    for (const [n, body] of x.regions.entries()) {
      const other = y.regions[n]
      if (other === undefined) continue
      const inner = sideBySide(body, other, width, c, `${indent}  │ `)
      if (inner.differ > 0) out.push(...inner.rows)
      differ += inner.differ
    }
  }
  skip()
  return { rows: out, differ }
}

const nodeText = (l: Listing, k: number | undefined, indent: string): string =>
  k === undefined ? '' : `${indent}%${k} ${shown(l.nodes[k]!)}`
const shown = (n: Line): string => {
  const attrs = attrsOf(n)
  return [n.op, ...n.args.map((x) => `%${x}`), ':', showType(n.type), ...(attrs === '{}' ? [] : [attrs])].join(' ')
}
const cell = (text: string, width: number): string => {
  const plain = stripVTControlCharacters(text)
  return plain.length > width ? `${plain.slice(0, width - 1)}…` : plain.padEnd(width)
}
