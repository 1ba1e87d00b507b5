// Requirements: E5

import { expect, test } from 'vitest'
import type { Footprint } from '../../graph/effects.ts'
import { conflict } from '../../graph/effects.ts'

const names = ['a', 'ab', 'abc', 'b', 'a*', 'ab*', 'b*', '*']
/** Some name that both stand for. */
const meet = (a: string, b: string): boolean =>
  ['a', 'ab', 'abc', 'b', 'bx', 'x'].some((n) =>
    [a, b].every((p) => p === n || (p.endsWith('*') && n.startsWith(p.slice(0, -1)))),
  )
const on = (name: string) => [{ kind: 'kv' as const, of: 's', name }]
const reading = (name: string): Footprint => ({ reads: on(name), writes: [] })
const writing = (name: string): Footprint => ({ reads: [], writes: on(name) })

test('names and patterns conflict when something is both, whichever side is which', () => {
  for (const a of names)
    for (const b of names) {
      expect([a, b, conflict(reading(a), writing(b))]).toEqual([a, b, meet(a, b)])
      expect([a, b, conflict(writing(a), reading(b))]).toEqual([a, b, meet(a, b)])
      expect([a, b, conflict(writing(a), writing(b))]).toEqual([a, b, meet(a, b)])
      expect(conflict(reading(a), reading(b))).toBe(false)
    }
})
