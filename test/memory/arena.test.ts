import { expect, test } from 'vitest'
import { Arena } from '../../runtime/kernels/arena.ts'
import type { FramePlan } from '../../runtime/kernels/plan.ts'

const size = { bytes: 8, of: ['n'] }
const plan: FramePlan = {
  block: 0,
  first: 0,
  last: 1,
  bytes: 0,
  slots: [size],
  buffers: [
    { elem: 'f64', size, at: 0 },
    { elem: 'f64', size, at: 0 },
  ],
}

test('values that take turns in a slot share its place; one that does not fit has room of its own', () => {
  const arena = new Arena({ buffer: () => new ArrayBuffer(4096), grow: () => undefined, settle: () => true })
  const frame = arena.enter(plan)
  const first = arena.place(frame, 0, 64)
  expect(arena.place(frame, 1, 64)).toBe(first)
  expect(arena.place(frame, 1, 32)).toBe(first)
  const beyond = arena.place(frame, 1, 65)
  expect(beyond).toBeGreaterThanOrEqual(first + 64)
  expect(arena.top).toBeGreaterThanOrEqual(beyond + 65)
  arena.leave(frame)
  expect(arena.top).toBe(0)
})
