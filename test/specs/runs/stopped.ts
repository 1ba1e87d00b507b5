import type { Answer, Call } from '../../../graph/effects.ts'
import { emptyFootprint } from '../../../graph/effects.ts'
import type { Either } from '../../../graph/either.ts'
import { isLeft, left, right } from '../../../graph/either.ts'
import type { Value } from '../../../graph/values.ts'
import { memory } from '../../../runtime/cache.ts'
import type { Context, Driver } from '../../../runtime/driver.ts'
import type { Tried } from '../../../runtime/drivers/retry.ts'
import { retrying } from '../../../runtime/drivers/retry.ts'
import { answering, within } from '../../../runtime/drivers/within.ts'
import { Run } from '../../../runtime/run.ts'
import { scheduled } from '../../../runtime/schedule.ts'
import { own } from '../../drivers/calls.ts'

const writing = (k: number, idempotent: boolean): Call => {
  const call = own(['f64', k], 'f64', { reads: [], writes: ['ledger'], idempotent })
  return { ...call, attrs: { ...call.attrs, occurrence: k } }
}
export const ends = {
  acknowledged: right(1),
  broken: left({
    failure: { tag: 'Connection', cause: 'it broke', remedy: 'wait', outcome: 'unknown' },
    passing: true,
  }),
  refused: left({ failure: { tag: 'Refused', cause: 'no', remedy: 'do not' }, passing: false }),
} as const satisfies Record<string, Either<Tried, Value>>

/** How a write ended: `done`, `failed`, or nobody knows. */
export const endOf = (a: Answer): 'done' | 'failed' | 'unknown' =>
  !isLeft(a) ? 'done' : 'outcome' in a.left && a.left.outcome === 'unknown' ? 'unknown' : 'failed'

/**
 * Writes of a run that may be stopped, one after the other, over a driver made of what drivers are made of: a time limit
 * and the caller's signal around attempts. An attempt ends when it is told to.
 */
export const stoppable = (
  idem: readonly boolean[],
  attempts: number,
  heard: { readonly sent?: (k: number, times: number) => void; readonly told?: (k: number, a: Answer) => void } = {},
) => {
  const tries = idem.map(() => 0)
  const told: (Answer | undefined)[] = idem.map(() => undefined)
  let open: ((e: Either<Tried, Value>) => void) | undefined
  const limits = { timeoutMs: 60_000, closing: new AbortController().signal, what: 'writing', writes: true }
  const perform = (call: Call, context: Context): Promise<Answer> =>
    answering(call, () =>
      within(context, limits, (signal, progress) =>
        retrying({ attempts: idem[call.attrs.occurrence] ? attempts : 1, baseMs: 0 }, signal, () => {
          const k = call.attrs.occurrence
          progress.sent = true
          tries[k]!++
          heard.sent?.(k, tries[k]!)
          return new Promise((done) => {
            open = done
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
  const tasks = idem.map((again, k) => ({
    after: k === 0 ? [] : [k - 1],
    waits: true as const,
    run: async () => {
      const a = await run.perform(writing(k, again))
      told[k] = a
      heard.told?.(k, a)
      return a
    },
  }))
  return {
    tries,
    told,
    /** Whether an attempt is under way that has not been told how it ends. */
    underWay: (): boolean => open !== undefined,
    end: (how: keyof typeof ends): void => {
      const tell = open!
      open = undefined
      tell(ends[how])
    },
    stop: (): void => {
      open = undefined
      caller.abort()
    },
    answer: Promise.resolve(scheduled(tasks, () => null)([], [])),
  }
}
