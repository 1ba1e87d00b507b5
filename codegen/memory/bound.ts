import type { FramePlan, MemoryBound, Size } from '../../runtime/kernels/plan.ts'
import type { Program } from '../program/types.ts'
import { sizeKey } from './frame.ts'

const nothing: MemoryBound = { bytes: 0, slots: [] }

/**
 * What frames that stand on one another need at most. Blocks come before those that use them, so one walk does; where a
 * block waits, nothing of its own stands below what it calls.
 */
export const boundOf = (p: Program, frames: readonly FramePlan[]): MemoryBound => {
  const needs: MemoryBound[] = []
  const framesOf = Map.groupBy(frames, (f) => f.block)
  for (const [i, b] of p.blocks.entries()) {
    const own = framesOf.get(i) ?? []
    let most = own.reduce<MemoryBound>((m, f) => larger(m, f), nothing)
    for (const [k, s] of b.steps.entries()) {
      if (s.blocks.length === 0) continue
      const above = s.blocks.reduce<MemoryBound>((m, x) => larger(m, needs[x]!), nothing)
      const below = own.find((f) => f.first <= k && k <= f.last) ?? nothing
      most = larger(most, { bytes: below.bytes + above.bytes, slots: [...below.slots, ...above.slots] })
    }
    needs.push(most)
  }
  return needs[p.main] ?? nothing
}

/** Enough for either. */
const larger = (a: MemoryBound, b: MemoryBound): MemoryBound => {
  const rest = [...a.slots]
  const more: Size[] = []
  for (const s of b.slots) {
    const k = rest.findIndex((x) => sizeKey(x) === sizeKey(s))
    if (k < 0) more.push(s)
    else rest.splice(k, 1)
  }
  return { bytes: Math.max(a.bytes, b.bytes), slots: [...a.slots, ...more] }
}

/** The bound as a formula for people. */
export const boundText = (b: MemoryBound): string => {
  const counts = new Map<string, { size: Size; n: number }>()
  for (const size of b.slots) {
    const known = counts.get(sizeKey(size))
    if (known === undefined) counts.set(sizeKey(size), { size, n: 1 })
    else known.n++
  }
  const terms = [...counts.values()].map(({ size, n }) => [size.bytes * n, ...size.of].join('·'))
  return [...(b.bytes > 0 || terms.length === 0 ? [String(b.bytes)] : []), ...terms].join(' + ')
}
