import type { Answer, Call } from '../../graph/effects.ts'
import { sameValue } from '../../graph/values.ts'
import { calm } from '../drivers/calls.ts'
import { allowed, endOf, inTime, unclassified } from './check.ts'
import type { Place } from './place.ts'
import type { Fault, FaultyProxy, Way } from './proxy.ts'

/** One exchange on a driver that is new: a read, a batch or a write. */
export interface Exchanged {
  readonly call: Call
  readonly answer: Answer
}
export type Kind = 'read' | 'many' | 'write'

export const exchanged = async (
  place: Place,
  port: number,
  kind: Kind,
  id: number,
  timeoutMs: number,
): Promise<{ readonly got: readonly Exchanged[] | 'hangs'; readonly expected: readonly unknown[] }> => {
  const driver = place.driver(port, { timeoutMs, max: 1 })
  const keys = [id % 100, (id + 1) % 100, id % 100]
  const work = async (): Promise<readonly Exchanged[]> => {
    if (kind === 'many') {
      const batch = place.many(keys)
      const { answers } = await driver.performMany!(batch, calm)
      return batch.calls.map((call, i) => ({ call, answer: answers[i]! }))
    }
    const call = kind === 'read' ? place.read(keys[0]!) : place.write(id)
    return [{ call, answer: await driver.perform(call, calm) }]
  }
  const got = await inTime(work(), timeoutMs + 3000)
  const closed = await inTime(driver.close(), 3000)
  const expected = kind === 'write' ? [] : (kind === 'many' ? keys : keys.slice(0, 1)).map(place.answer)
  return { got: closed === 'hangs' ? 'hangs' : got, expected }
}

/** What is wrong with the end of an exchange; writes are looked at when the server is at rest. */
export const wrong = (
  { got, expected }: Awaited<ReturnType<typeof exchanged>>,
  fault: Fault['fault'],
): string | undefined => {
  if (got === 'hangs') return 'it hangs'
  for (const [i, { call, answer }] of got.entries()) {
    const bad = unclassified(call, answer)
    if (bad !== undefined) return bad
    // Bytes that come twice are another conversation than the server's; TCP does not do that.
    if (fault === 'twice' || answer._tag === 'Left' || expected[i] === undefined) continue
    if (!sameValue(answer.right, expected[i] as never)) return `it answers ${JSON.stringify(answer.right)}`
  }
  return undefined
}

/** Spoils one exchange at every byte of both directions, and says where the rules were broken. */
export const everyPosition = async (
  place: Place,
  proxy: FaultyProxy,
  kind: Kind,
  fault: 'reset' | 'truncate',
  firstId: number,
  step = 1,
): Promise<{ readonly runs: number; readonly wrong: readonly string[]; readonly ends: Record<string, number> }> => {
  const problems: string[] = []
  const ends: Record<string, number> = {}
  let id = firstId
  await proxy.again(() => undefined)
  await exchanged(place, proxy.port, kind, id++, 2000)
  const { up, down } = proxy.passed()[0]!
  const ids: (readonly [id: number, way: Way, after: number, end: ReturnType<typeof endOf>])[] = []
  let runs = 0
  for (const [way, most] of [
    ['up', up],
    ['down', down],
  ] as const) {
    for (let after = 0; after <= most; after += step) {
      // The first connection only: whatever is tried again works.
      await proxy.again((n) => (n === 0 ? { fault, way, after } : undefined))
      const mine = id++
      const e = await exchanged(place, proxy.port, kind, mine, 2000)
      runs++
      const bad = wrong(e, fault)
      if (bad !== undefined) problems.push(`${place.name} ${kind}: ${fault} ${way} after ${after}: ${bad}`)
      if (e.got === 'hangs') continue
      const end = endOf(e.got[0]!.answer)
      ends[end] = (ends[end] ?? 0) + 1
      if (kind === 'write') ids.push([mine, way, after, end])
    }
  }
  await proxy.again(() => undefined)
  const happened = await place.happened(ids.map(([i]) => i))
  for (const [i, way, after, end] of ids)
    if (!allowed[end].includes(happened.get(i) ?? 0))
      problems.push(
        `${place.name} write: ${fault} ${way} after ${after}: ${end}, and happened ${happened.get(i) ?? 0} times`,
      )
  return { runs, wrong: problems, ends }
}
