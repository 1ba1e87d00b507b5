import { bytesOf } from '../../graph/elem.ts'
import type { BufferPlan, CallPlan, FramePlan, Size } from '../../runtime/kernels/plan.ts'
import { pack } from './pack.ts'

/** A buffer before it has a place: it holds one value from the first to the last step that need it. */
export interface Piece {
  readonly elem: BufferPlan['elem']
  readonly size: Size
  readonly from: number
  to: number
  /** The piece whose place it takes over; its own place is that of the first of such a row. */
  instead: number | undefined
}
export const sizeOf = (elem: BufferPlan['elem'], shape: readonly (number | string)[]): Size => ({
  bytes: shape.reduce<number>((n, d) => (typeof d === 'number' ? n * d : n), bytesOf[elem]),
  of: shape.filter((d) => typeof d === 'string').sort(),
})
export const sizeKey = (s: Size): string => `${s.bytes} ${s.of.join(' ')}`

/** Gives every piece its place: offsets where sizes are known, slots that take turns elsewhere. */
export const frameOf = (where: Pick<FramePlan, 'block' | 'first' | 'last'>, pieces: readonly Piece[]): FramePlan => {
  const first: number[] = []
  const rows = new Map<number, { bytes: number; from: number; to: number }>()
  for (const [i, p] of pieces.entries()) {
    first[i] = p.instead === undefined ? i : first[p.instead]!
    const row = rows.get(first[i]!)
    if (row === undefined) rows.set(i, { bytes: p.size.bytes, from: p.from, to: p.to })
    else row.to = Math.max(row.to, p.to)
  }
  const heads = [...rows.keys()]
  const known = heads.filter((i) => pieces[i]!.size.of.length === 0)
  const packed = pack(known.map((i) => rows.get(i)!))
  const at = new Map(known.map((i, k) => [i, packed.offsets[k]!]))
  const slots: Size[] = []
  const free = new Map<string, { slot: number; to: number }[]>()
  for (const i of heads.filter((h) => !at.has(h)).sort((a, b) => rows.get(a)!.from - rows.get(b)!.from)) {
    const { from, to } = rows.get(i)!
    const key = sizeKey(pieces[i]!.size)
    const mine = free.get(key) ?? []
    free.set(key, mine)
    const idle = mine.find((s) => s.to < from)
    if (idle !== undefined) idle.to = to
    else mine.push({ slot: slots.push(pieces[i]!.size) - 1, to })
    at.set(i, (idle ?? mine.at(-1)!).slot)
  }
  return {
    ...where,
    bytes: packed.bytes,
    slots,
    buffers: pieces.map((p, i) => ({ elem: p.elem, size: p.size, at: at.get(first[i]!)! })),
  }
}

/** A call in the making. */
export type Draft = { -readonly [K in keyof CallPlan]: CallPlan[K] extends readonly (infer X)[] ? X[] : CallPlan[K] }
