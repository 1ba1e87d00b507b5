// Requirements: E7

import { expect, test } from 'vitest'
import { limit } from '../../runtime/drivers/limit.ts'

const soon = (): Promise<void> => new Promise((done) => setTimeout(done, 30))
const nobody = new AbortController().signal

test('a limit of months, of for ever, and of nothing', async () => {
  // Timers take 24 days at most, and go off at once when they are given more.
  const long = [3e9, Number.POSITIVE_INFINITY].map((ms) => limit(nobody, ms))
  const none = limit(nobody, -1)
  await soon()
  expect(long.map((l) => l.stopped())).toEqual([undefined, undefined])
  expect(none.stopped()).toBe('Timeout')
  for (const l of [...long, none]) l.release()
})

test('who was gone before it began, and a driver that was closed, stop it at once', () => {
  const gone = AbortSignal.abort()
  expect(limit(gone, 1000).stopped()).toBe('Cancelled')
  expect(limit(gone, 1000).signal.aborted).toBe(true)
  expect(limit(nobody, 1000, gone).stopped()).toBe('Closed')
})

test('the first reason is the reason', async () => {
  const caller = new AbortController()
  const l = limit(caller.signal, 5)
  caller.abort()
  await soon()
  expect(l.stopped()).toBe('Cancelled')
})

test('what is over is stopped by nothing', async () => {
  const caller = new AbortController()
  const l = limit(caller.signal, 5)
  l.release()
  caller.abort()
  await soon()
  expect(l.stopped()).toBeUndefined()
})
