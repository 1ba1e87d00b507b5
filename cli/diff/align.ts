import type { Line, Listing } from '../../graph/listing.ts'
import { canonical } from '../../graph/make.ts'
import { showType } from '../../graph/types.ts'

/** One row of two regions side by side: the number of a node on each side, where there is one. */
export interface Row {
  readonly kind: 'same' | 'changed' | 'left' | 'right'
  readonly left?: number
  readonly right?: number
}

/**
 * Aligns two regions. Nodes are the same when they compute the same from the same, whatever their numbers; the longest
 * run of these that has one order on both sides stands side by side. In the gaps, nodes of one op stand for one another.
 */
export const align = (a: Listing, b: Listing): readonly Row[] => {
  const meanings = new Map<string, number>()
  const [left, right] = [meaningsOf(a, meanings), meaningsOf(b, meanings)]
  const places = new Map(right.map((m, j) => [m, j]))
  const both = left.flatMap((m, i) => (places.has(m) ? [[i, places.get(m)!] as const] : []))
  const rows: Row[] = []
  let [i, j] = [0, 0]
  for (const [x, y] of ascending(both)) {
    rows.push(...gap(a, b, [i, x], [j, y]), { kind: 'same', left: x, right: y })
    ;[i, j] = [x + 1, y + 1]
  }
  return [...rows, ...gap(a, b, [i, a.nodes.length], [j, b.nodes.length])]
}

/** A number for what each node computes: equal numbers, equal computations. Equal calls are counted apart. */
const meaningsOf = (l: Listing, known: Map<string, number>): readonly number[] => {
  const own: number[] = []
  const seen = new Map<string, number>()
  for (const n of l.nodes) {
    const text = JSON.stringify([n.op, attrsOf(n), n.args.map((k) => own[k]), bodies(n), showType(n.type)])
    const nth = seen.get(text) ?? 0
    seen.set(text, nth + 1)
    const key = `${nth} ${text}`
    const number = known.get(key) ?? known.size
    known.set(key, number)
    own.push(number)
  }
  return own
}
const bodies = (n: Line): string => JSON.stringify(n.regions, (k, v: unknown) => (k === 'occurrence' ? undefined : v))
/** Attributes as text; which call it is in the order of all calls says nothing about what it does. */
export const attrsOf = (n: Line): string => {
  const { occurrence: _, ...rest } = { occurrence: 0, ...(n.attrs as Record<string, never>) }
  return canonical(rest)
}

/** The longest run of pairs that ascends on both sides; the left sides ascend already. */
const ascending = (pairs: readonly (readonly [number, number])[]): readonly (readonly [number, number])[] => {
  /** For each length, the last pair of the run of that length that ends lowest; and what comes before each pair. */
  const ends: number[] = []
  const before: (number | undefined)[] = []
  for (const [k, [, y]] of pairs.entries()) {
    let [low, high] = [0, ends.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (pairs[ends[middle]!]![1] < y) low = middle + 1
      else high = middle
    }
    before.push(ends[low - 1])
    ends[low] = k
  }
  const run: (readonly [number, number])[] = []
  for (let k = ends.at(-1); k !== undefined; k = before[k]) run.push(pairs[k]!)
  return run.reverse()
}

type Span = readonly [from: number, to: number]
/** What stands between two same nodes: ops in their order, those that both sides have as changed. */
const gap = (a: Listing, b: Listing, [i, x]: Span, [j, y]: Span): readonly Row[] => {
  const rows: Row[] = []
  let at = j
  for (let k = i; k < x; k++) {
    const twin = b.nodes.slice(at, y).findIndex((n) => n.op === a.nodes[k]!.op)
    if (twin < 0) {
      rows.push({ kind: 'left', left: k })
      continue
    }
    for (; b.nodes[at]!.op !== a.nodes[k]!.op; at++) rows.push({ kind: 'right', right: at })
    rows.push({ kind: 'changed', left: k, right: at++ })
  }
  for (; at < y; at++) rows.push({ kind: 'right', right: at })
  return rows
}
