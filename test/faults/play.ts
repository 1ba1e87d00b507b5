import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer, Call } from '../../graph/effects.ts'
import { sameValue } from '../../graph/values.ts'
import type { Context, Driver } from '../../runtime/driver.ts'
import { calm } from '../drivers/calls.ts'
import type { Outside } from '../specs/traces/outside.ts'
import { allowed, endOf, inTime, unclassified } from './check.ts'
import type { Place } from './place.ts'
import type { FaultyProxy } from './proxy.ts'
import type { Plan, Step } from './script.ts'

export interface Played {
  readonly problems: readonly string[]
  /** How each call ended: `done`, `unknown`, or the tag of its error. */
  readonly ends: readonly string[]
}
interface Asked {
  readonly call: Call
  readonly answer: Answer
  readonly expected?: unknown
  readonly write?: number
}

/** What a broken line may lead to: an answer that is cut off may not be readable, and nobody refused anything. */
const ofFaults: ReadonlySet<string> = new Set([
  'Timeout',
  'Connection',
  'Cancelled',
  'Unavailable',
  'Decode',
  'Unknown',
])
/** A service that got half a request says that it is a bad one. */
const cutShort = (e: object): boolean => JSON.stringify(e).includes('"status":400')
/** A server may take so long to notice that a query was cancelled, before its connection is given up. */
const graceMs = 2000
const slackMs = 3000
/** A busy machine may need more than one time limit for a call that works. */
const recoveryMs = 20_000

/** Plays a plan on a driver of its own and says which rules it broke. */
export const play = async (
  plan: Plan,
  place: Place,
  proxy: FaultyProxy,
  firstId: number,
  seen?: Outside,
): Promise<Played> => {
  const problems: string[] = []
  const doubles = plan.faults.some((f) => f?.fault === 'twice')
  await proxy.again((n) => plan.faults[n] ?? undefined)
  const tag = `f${firstId}`
  const driver = place.driver(proxy.port, { timeoutMs: plan.timeoutMs, max: plan.max, tag })
  const cancel = new AbortController()
  const stop = plan.cancelMs === undefined ? undefined : setTimeout(() => cancel.abort(), plan.cancelMs)
  let id = firstId
  const asked: Asked[] = []
  for (const step of plan.steps) {
    const given = step.map((s) => (s.do === 'write' ? id++ : 0))
    const work = Promise.all(step.map((s, i) => ask(place, driver, s, given[i]!, { signal: cancel.signal })))
    const got = await inTime(work, plan.timeoutMs + graceMs + slackMs)
    if (got === 'hangs') {
      problems.push(`a step hangs: ${JSON.stringify(step)}`)
      break
    }
    asked.push(...got.flat())
    // A conversation in which answers come twice is not the server's.
    for (const [i, s] of step.entries())
      if (s.do === 'many' && !doubles)
        seen?.batch(
          s.keys.map(String),
          got[i]!.map((a) => a.answer),
          'none',
        )
  }
  clearTimeout(stop)
  for (const { call, answer, expected } of asked) {
    const bad = unclassified(call, answer)
    if (bad !== undefined) problems.push(bad)
    if (answer._tag === 'Left' && !doubles && !ofFaults.has(answer.left._tag) && !cutShort(answer.left))
      problems.push(`${call.effect} ended with ${answer.left._tag}: ${answer.left.cause}`)
    if (answer._tag === 'Left' && answer.left._tag === 'Cancelled' && !cancel.signal.aborted)
      problems.push(`cancelled by nobody: ${answer.left.cause}`)
    if (answer._tag === 'Right' && expected !== undefined && !doubles && !sameValue(answer.right, expected as never))
      problems.push(`a read answers ${JSON.stringify(answer.right)}`)
  }
  if (!doubles) problems.push(...(await recovers(place, driver, proxy, plan)))
  if ((await inTime(driver.close(), 2 * slackMs)) === 'hangs') problems.push('closing hangs')
  for (let i = 0; i < 100 && proxy.open() > 0; i++) await sleep(10)
  if (proxy.open() > 0) problems.push(`${proxy.open()} connections are left open`)
  await proxy.again(() => undefined)
  problems.push(...(await broken(asked, place, tag, seen)))
  return {
    problems,
    ends: asked.map(({ answer }) =>
      endOf(answer) === 'failed' ? (answer as { left: { _tag: string } }).left._tag : endOf(answer),
    ),
  }
}

const ask = async (
  place: Place,
  driver: Driver,
  step: Step[number],
  id: number,
  context: Context,
): Promise<readonly Asked[]> => {
  if (step.do === 'many') {
    const batch = place.many(step.keys)
    const { answers } = await driver.performMany!(batch, context)
    return batch.calls.map((call, i) => ({ call, answer: answers[i]!, expected: place.answer(step.keys[i]!) }))
  }
  const call = step.do === 'read' ? place.read(step.key) : place.write(id)
  const answer = await driver.perform(call, context)
  return [step.do === 'read' ? { call, answer, expected: place.answer(step.key) } : { call, answer, write: id }]
}

/** When the faults are over, calls must work again: at the latest when each connection that is there was found out. */
const recovers = async (place: Place, driver: Driver, proxy: FaultyProxy, plan: Plan): Promise<readonly string[]> => {
  proxy.script = () => undefined
  let last: Answer | 'hangs' = 'hangs'
  const until = performance.now() + recoveryMs
  while (performance.now() < until) {
    last = await inTime(driver.perform(place.read(7), calm), plan.timeoutMs + graceMs + slackMs)
    if (last !== 'hangs' && last._tag === 'Right') return []
  }
  return [`it does not recover: ${last === 'hangs' ? 'it hangs' : JSON.stringify((last as { left: unknown }).left)}`]
}

const broken = async (
  asked: readonly Asked[],
  place: Place,
  tag: string,
  seen: Outside | undefined,
): Promise<readonly string[]> => {
  const writes = asked.filter((a) => a.write !== undefined)
  if (writes.length === 0) return []
  const happened = await place.happened(
    writes.map((a) => a.write!),
    tag,
  )
  return writes.flatMap(({ write, call, answer }) => {
    const times = happened.get(write!) ?? 0
    // Each of them is a run of its own.
    seen?.writes([{ call }, { call, answer }], () => times)
    if (allowed[endOf(answer)].includes(times)) return []
    const said = answer._tag === 'Left' ? `${answer.left._tag}: ${answer.left.cause}` : 'done'
    return [`a write that ended as ${endOf(answer)} (${said}) happened ${times} times`]
  })
}
