/** Something that needs `bytes` from step `from` to step `to`, both included. */
export interface Item {
  readonly bytes: number
  readonly from: number
  readonly to: number
}
export interface Packed {
  readonly offsets: readonly number[]
  readonly bytes: number
}

/** Large pieces begin on a cache line; small ones where their cells may lie. */
export const aligned = (at: number, bytes: number): number => {
  const to = bytes >= 4096 ? 64 : 8
  return Math.ceil(at / to) * to
}

/** Above this many items only one order is tried, in time n log n and not n². */
const few = 400

/**
 * Offsets such that no two items whose times meet share a byte. Finding the least room is hard in general; placing items
 * one after another, each as low as it can, comes close, and which order does best depends on the items: the best of
 * several is taken.
 */
export const pack = (items: readonly Item[]): Packed => {
  if (items.length > few) return swept(items)
  const all = items.map((_, i) => i)
  const by = (rank: (x: Item) => number): number[] =>
    [...all].sort((a, b) => rank(items[b]!) - rank(items[a]!) || items[a]!.from - items[b]!.from || a - b)
  const tried = [
    by((x) => x.bytes),
    by((x) => x.to - x.from),
    by((x) => x.bytes * (1 + x.to - x.from)),
    by((x) => -x.from),
  ].map((order) => placed(items, order))
  return tried.reduce((a, b) => (b.bytes < a.bytes ? b : a))
}

const placed = (items: readonly Item[], order: readonly number[]): Packed => {
  const offsets = new Array<number>(items.length).fill(0)
  const done: number[] = []
  let bytes = 0
  for (const i of order) {
    const { bytes: size, from, to } = items[i]!
    const near = done.filter((j) => items[j]!.from <= to && from <= items[j]!.to && items[j]!.bytes > 0)
    let at = 0
    for (const j of near.sort((a, b) => offsets[a]! - offsets[b]!)) {
      if (at + size <= offsets[j]!) break
      at = Math.max(at, aligned(offsets[j]! + items[j]!.bytes, size))
    }
    offsets[i] = at
    done.push(i)
    bytes = Math.max(bytes, at + size)
  }
  return { offsets, bytes: aligned(bytes, 0) }
}

/** In order of time, keeping the pieces that are free between those in use. */
const swept = (items: readonly Item[]): Packed => {
  const offsets = new Array<number>(items.length).fill(0)
  const order = items.map((_, i) => i).sort((a, b) => items[a]!.from - items[b]!.from || a - b)
  const ending = items.map((_, i) => i).sort((a, b) => items[a]!.to - items[b]!.to || a - b)
  const free: { at: number; end: number }[] = []
  let bytes = 0
  let ended = 0
  const release = (at: number, end: number): void => {
    if (at === end) return
    let k = 0
    while (k < free.length && free[k]!.at < at) k++
    free.splice(k, 0, { at, end })
    if (free[k + 1]?.at === end) free[k]!.end = free.splice(k + 1, 1)[0]!.end
    if (k > 0 && free[k - 1]!.end === at) free[k - 1]!.end = free.splice(k, 1)[0]!.end
  }
  for (const i of order) {
    const { bytes: size, from } = items[i]!
    for (; items[ending[ended]!]!.to < from; ended++) {
      const j = ending[ended]!
      release(offsets[j]!, offsets[j]! + items[j]!.bytes)
    }
    const k = free.findIndex((f) => aligned(f.at, size) + size <= f.end)
    const last = free.at(-1)
    const start = k >= 0 ? free[k]!.at : last?.end === bytes ? last.at : bytes
    const at = aligned(start, size)
    const rest = k >= 0 ? free.splice(k, 1)[0]!.end : at + size
    if (k < 0 && last?.end === bytes) free.pop()
    release(start, at)
    release(at + size, rest)
    bytes = Math.max(bytes, at + size)
    offsets[i] = at
  }
  return { offsets, bytes: aligned(bytes, 0) }
}
