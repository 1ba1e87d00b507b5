import type { Answer, Call } from '../../graph/effects.ts'
import { effects } from '../../graph/effects.ts'
import type { Driver } from '../../runtime/driver.ts'
import type { Passed } from '../specs/traces/outside.ts'
import { unclassified } from './check.ts'

/** What a driver was asked and what it answered, and whether that was in an order that the meaning of graphs allows. */
export interface Journal {
  readonly around: (d: Driver) => Driver
  /** Writes, with how each ended. */
  readonly writes: readonly { readonly call: Call; readonly answer: Answer }[]
  /** Every call as it went in, and again with its answer. */
  readonly passed: readonly Passed[]
  readonly problems: readonly string[]
  readonly inFlight: () => number
  /** The failure that comes first in program order, of those that no later answer to the same call took back. */
  readonly first: () => Call | undefined
}
const isWrite = (call: Call): boolean => effects[call.effect].footprint(call.attrs as never).writes.length > 0

/** Program order; calls of one body by their iteration first. */
const before = (a: Call, b: Call): boolean => {
  const n = Math.min(a.iteration.length, b.iteration.length)
  for (let i = 0; i < n; i++) if (a.iteration[i] !== b.iteration[i]) return a.iteration[i]! < b.iteration[i]!
  return a.attrs.occurrence < b.attrs.occurrence
}

/** `failStop`: nothing of the graph is in `attempt` or `fork`, so that a write waits for all that is before it. */
export const journal = (failStop: boolean): Journal => {
  const writes: { readonly call: Call; readonly answer: Answer }[] = []
  const passed: Passed[] = []
  const problems: string[] = []
  const known = new Map<string, { readonly call: Call; readonly answer: Answer | undefined }>()
  let inFlight = 0
  const key = (c: Call): string => `${c.attrs.occurrence} ${c.iteration.join()}`
  const asked = (call: Call): void => {
    inFlight++
    passed.push({ call })
    if (failStop && isWrite(call))
      for (const k of known.values())
        if (before(k.call, call) && k.answer?._tag !== 'Right')
          problems.push(`a write began before ${k.call.effect} ${key(k.call)} had succeeded`)
    if (isWrite(call) && known.has(key(call))) problems.push(`the write ${key(call)} was asked for twice`)
    known.set(key(call), { call, answer: undefined })
  }
  const answered = (call: Call, answer: Answer): void => {
    inFlight--
    passed.push({ call, answer })
    const bad = unclassified(call, answer)
    if (bad !== undefined) problems.push(bad)
    known.set(key(call), { call, answer })
    if (isWrite(call)) writes.push({ call, answer })
  }
  return {
    writes,
    passed,
    problems,
    inFlight: () => inFlight,
    first: () => {
      const failed = [...known.values()].filter((k) => k.answer?._tag === 'Left').map((k) => k.call)
      return failed.reduce<Call | undefined>((a, b) => (a === undefined || before(b, a) ? b : a), undefined)
    },
    around: (d) => ({
      ...d,
      perform: async (call, context) => {
        asked(call)
        const answer = await d.perform(call, context)
        answered(call, answer)
        return answer
      },
      performMany: async (batch, context) => {
        for (const call of batch.calls) asked(call)
        const done = await d.performMany!(batch, context)
        for (const [i, call] of batch.calls.entries()) answered(call, done.answers[i]!)
        return done
      },
    }),
  }
}
