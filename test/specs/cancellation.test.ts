import { expect, test } from 'vitest'
import type { Answer, Call } from '../../graph/effects.ts'
import { emptyFootprint } from '../../graph/effects.ts'
import type { Either } from '../../graph/either.ts'
import { isLeft, left, right } from '../../graph/either.ts'
import type { Value } from '../../graph/values.ts'
import { memory } from '../../runtime/cache.ts'
import type { Context, Driver } from '../../runtime/driver.ts'
import type { Tried } from '../../runtime/drivers/retry.ts'
import { retrying } from '../../runtime/drivers/retry.ts'
import { answering, within } from '../../runtime/drivers/within.ts'
import { Run } from '../../runtime/run.ts'
import { scheduled } from '../../runtime/schedule.ts'
import { own } from '../drivers/calls.ts'
import { read } from './checker.ts'
import { edgeCover, explored } from './machine.ts'
import type { Stopping } from './protocols/cancellation.ts'
import { cancellation } from './protocols/cancellation.ts'
import { constantsOf } from './spec.ts'

const writing = (k: number, idempotent: boolean): Call => {
  const call = own(['f64', k], 'f64', { reads: [], writes: ['ledger'], idempotent })
  return { ...call, attrs: { ...call.attrs, occurrence: k } }
}
const broken: Tried = {
  failure: { tag: 'Connection', cause: 'it broke', remedy: 'wait', outcome: 'unknown' },
  passing: true,
}
const refused: Tried = { failure: { tag: 'Refused', cause: 'no', remedy: 'do not' }, passing: false }

test('a run and a driver take every step of the specification, and say of each write what it says', async () => {
  const constants = constantsOf(read(`Cancellation${process.env.QUOIN_DEEP === '1' ? 'Large' : 'Small'}.cfg`))
  const attempts = constants.Attempts as number
  const graph = explored<Stopping>(cancellation.machine(constants))
  const covered = new Set<string>()
  for (const walk of edgeCover(graph)) {
    const start = graph.states[walk[0]!.from]!
    const tries = start.idem.map(() => 0)
    const told: (Answer | undefined)[] = start.idem.map(() => undefined)
    let end: (e: Either<Tried, Value>) => void = () => undefined
    // What drivers are made of: a time limit and the caller's signal around attempts.
    const limits = { timeoutMs: 60_000, closing: new AbortController().signal, what: 'writing', writes: true }
    const perform = (call: Call, context: Context): Promise<Answer> =>
      answering(call, () =>
        within(context, limits, (signal, progress) =>
          retrying({ attempts: start.idem[call.attrs.occurrence] ? attempts : 1, baseMs: 0 }, signal, () => {
            progress.sent = true
            tries[call.attrs.occurrence]!++
            return new Promise((done) => {
              end = done
            })
          }),
        ),
      )
    const driver: Driver = { kind: 'foreign', effects: ['foreign'], assumptions: [], perform, close: async () => {} }
    const caller = new AbortController()
    const run = new Run(
      {
        drivers: { price: driver },
        memory: memory(),
        kernels: undefined as never,
        site: () => ({ node: '', place: '' }),
        footprint: () => emptyFootprint,
        removed: 0,
      },
      { signal: caller.signal },
    )
    const tasks = start.idem.map((idem, k) => ({
      after: k === 0 ? [] : [k - 1],
      waits: true as const,
      run: async () => {
        const a = await run.perform(writing(k, idem))
        told[k] = a
        return a
      },
    }))
    let answer: Answer | undefined
    void Promise.resolve(scheduled(tasks, () => null)([], [])).then((a) => {
      answer = a
    })
    const same = (s: Stopping) => {
      expect(tries).toEqual(s.tries)
      for (const [k, ph] of s.ph.entries()) {
        const a = told[k]
        const unknown = a !== undefined && isLeft(a) && 'outcome' in a.left && a.left.outcome === 'unknown'
        if (ph === 'done') expect(a).toEqual(right(1))
        else if (ph === 'failed') expect([a, unknown]).toMatchObject([{ left: { _tag: 'Refused' } }, false])
        else if (ph === 'unknown') expect([a, unknown]).toMatchObject([{ _tag: 'Left' }, true])
        else expect(a).toBeUndefined()
      }
      const over = !s.ph.some((p) => p === 'sent' || p === 'applied')
      expect(answer !== undefined).toBe(over)
      const first = s.ph.findIndex((p) => p === 'failed' || p === 'unknown')
      if (over) expect(answer).toEqual(first < 0 ? right(null) : told[first])
    }
    const turn = () => new Promise((done) => setImmediate(done))
    await turn()
    same(start)
    for (const { from, action, args, to } of walk) {
      const s = graph.states[to]!
      const k = args[0]! - 1
      if (action === 'Acknowledge') end(right(1))
      else if (action === 'Refuse') end(left(refused))
      else if (action === 'Break') end(left(broken))
      else if (action === 'Stop') caller.abort()
      await turn()
      // Before it is sent again it rests, if only for a moment.
      for (let n = 0; action === 'Break' && s.ph[k] === 'sent' && tries[k]! < s.tries[k]! && n < 1000; n++)
        await new Promise((done) => setTimeout(done, 1))
      same(s)
      covered.add(`${from} ${action} ${args} ${to}`)
    }
    caller.abort()
  }
  expect(covered.size).toBe(graph.edges.length)
}, 300_000)
