// Requirements: E7

import { expect, test } from 'vitest'
import { left } from '../../graph/either.ts'
import type { Tried } from '../../runtime/drivers/retry.ts'
import { breaker, retrying } from '../../runtime/drivers/retry.ts'

const fast = { baseMs: 1, random: () => 0 }
const fails = (outcome?: 'unknown') =>
  left<Tried>({
    failure: { tag: 'Connection', cause: 'no', remedy: 'wait', ...(outcome && { outcome }) },
    passing: true,
  })

test('what the first attempt may have done stays unknown when the last one fails for sure', async () => {
  const ends = [fails('unknown'), fails()]
  const end = await retrying({ ...fast, attempts: 2 }, new AbortController().signal, async () => ends.shift()!)
  expect(end).toMatchObject({ left: { outcome: 'unknown' } })
})
test('a call that is cancelled while it is tried is not tried again', async () => {
  const stop = new AbortController()
  let n = 0
  await retrying({ ...fast, attempts: 5 }, stop.signal, async () => {
    if (++n === 2) stop.abort()
    return fails()
  })
  expect(n).toBe(2)
})
test('a breaker opens after failures in a row, lets one call try after its time, and closes when that works', () => {
  let now = 0
  const b = breaker({ failures: 2, openMs: 100, now: () => now })
  b.tell(false)
  b.tell(true)
  b.tell(false)
  expect(b.admits()).toBe(true)
  b.tell(false)
  expect(b.admits()).toBe(false)
  now = 99
  expect(b.admits()).toBe(false)
  now = 100
  // One alone: the others wait for what becomes of it.
  expect([b.admits(), b.admits()]).toEqual([true, false])
  b.tell(false)
  now = 199
  expect(b.admits()).toBe(false)
  now = 200
  expect(b.admits()).toBe(true)
  b.tell(true)
  expect([b.admits(), b.admits()]).toEqual([true, true])
})
