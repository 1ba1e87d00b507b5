import { isLeft, left, right } from '../../graph/either.ts'
import { bug } from '../../graph/errors.ts'
import type { Room } from './arena.ts'
import { Arena } from './arena.ts'
import type { BoundKernels, Call, ThreadStats } from './bound.ts'
import type { Machine, Planned } from './calls.ts'
import { plannedCall } from './calls.ts'
import type { KernelDescriptor } from './descriptor.ts'
import type { MemoryPlan } from './plan.ts'
import { prepared } from './prepared.ts'

/** What a target says about threads, and where its room begins. */
export interface Threads {
  readonly from: number
  readonly stats: () => ThreadStats
  readonly close: () => Promise<void>
}
const alone: Threads = { from: 0, stats: () => ({ threads: 1, shared: 0 }), close: () => Promise.resolve() }

/** Calls by index, with their counters. */
export const counted = (
  descriptors: readonly KernelDescriptor[],
  calls: readonly Call[],
  machines: readonly Machine[],
  room: Room,
  plan: MemoryPlan = { frames: [], calls: [], bound: { bytes: 0, slots: [] } },
  { from, ...threads }: Threads = alone,
): BoundKernels => {
  let count = 0
  let scratchBytes = 0
  const used = (bytes: number): void => {
    if (bytes > scratchBytes) scratchBytes = bytes
  }
  const arena = new Arena(room, from)
  const planned = plan.calls.map(
    (c): Planned => plannedCall(descriptors[c.kernel]!, c, arena, machines[c.kernel]!, used),
  )
  return {
    run: (index, args) => {
      const call = calls[index]
      if (call === undefined) return left(bug(`kernel ${index}`, `there are ${calls.length} kernels`))
      count++
      const r = call(args)
      if (isLeft(r)) return r
      used(r.right.bytes)
      return right(r.right.values)
    },
    enter: (frame) => arena.enter(plan.frames[frame]!),
    leave: (frame) => {
      arena.leave(frame)
    },
    call: (frame, index, args) => {
      count++
      return planned[index]!(frame, args)
    },
    prepare: (shapes, carry) => prepared(descriptors, machines, arena, plan, shapes, carry),
    stats: () => ({ calls: count, scratchBytes }),
    memory: () => ({ peakBytes: arena.peak, grown: arena.grown, arrays: arena.made }),
    threads: threads.stats,
    close: threads.close,
  }
}
