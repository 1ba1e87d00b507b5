import { setTimeout as sleep } from 'node:timers/promises'
import type { Compiled } from '../../compile.ts'
import type { Call } from '../../graph/effects.ts'
import type { RunError } from '../../graph/errors.ts'
import { compile } from '../../index.ts'
import { load } from '../../runtime/load.ts'
import type { Outside } from '../specs/traces/outside.ts'
import { allowed, endOf, inTime } from './check.ts'
import type { GraphName } from './graphs.ts'
import { graphs } from './graphs.ts'
import { journal } from './journal.ts'
import type { Place } from './place.ts'
import type { Played } from './play.ts'
import type { FaultyProxy } from './proxy.ts'
import type { Draws } from './random.ts'
import type { Plan } from './script.ts'
import { faultsOf } from './script.ts'

/** A run of a graph: the faults of the connections to each server, and the limits of the run. */
export interface GraphPlan extends Pick<Plan, 'timeoutMs' | 'max' | 'cancelMs'> {
  readonly graph: GraphName
  readonly from: number
  readonly faults: Readonly<Record<string, Plan['faults']>>
  readonly deadlineMs?: number
}
export const graphPlanOf = (d: Draws, places: readonly string[]): GraphPlan => ({
  graph: d.from(Object.keys(graphs) as GraphName[]),
  from: d.below(90),
  faults: Object.fromEntries(places.map((p) => [p, d.chance(0.5) ? faultsOf(d) : []])),
  timeoutMs: d.from([60, 150, 400]),
  max: 1 + d.below(3),
  ...(d.chance(0.2) ? { cancelMs: d.below(40) } : {}),
  ...(d.chance(0.2) ? { deadlineMs: 5 + d.below(60) } : {}),
})

const compiled = new Map<GraphName, Promise<Compiled>>()
const artifactOf = (name: GraphName): Promise<Compiled> => {
  const make = async (): Promise<Compiled> => {
    const c = await compile(graphs[name] as never)
    if (c._tag === 'Left') throw new Error(c.left.cause)
    return c.right as Compiled
  }
  const known = compiled.get(name) ?? make()
  compiled.set(name, known)
  return known
}
/** The drivers of the graphs, by the places they reach. */
const names: Readonly<Record<string, string>> = { postgres: 'db', redis: 'cache', http: 'shop' }
const slackMs = 6000

/** An option is shown as the list of what it holds. */
const thing = (from: number): unknown => [{ id: from, s: `s${from}`.repeat(20) }]
const listed = (from: number, f: (id: number) => unknown): unknown => [0, 1, 2, 3, 4].map((i) => f(from + i))
/** What each graph answers where nothing fails. */
const expected: Readonly<Record<GraphName, (from: number) => unknown>> = {
  reads: (from) => ({ all: listed(from, (id) => ({ v: id * 7, c: [`v${id}`.repeat(20)], s: thing(id) })) }),
  writes: (from) => ({ v: from * 7, s: thing(from) }),
  mixed: () => undefined,
  each: (from) => ({ done: listed(from, (id) => ({ v: id * 7 })) }),
  tried: () => undefined,
  apart: (from) => ({ both: { a: { v: from * 7 }, b: { s: thing(from) } } }),
}

export const playGraph = async (
  plan: GraphPlan,
  places: ReadonlyMap<string, readonly [Place, FaultyProxy]>,
  firstId: number,
  seen?: Outside,
): Promise<Played> => {
  const j = journal(plan.graph !== 'tried' && plan.graph !== 'apart')
  const problems: string[] = []
  const tag = `g${firstId}`
  const all = [...places.values()]
  for (const [p, proxy] of all) await proxy.again((n) => plan.faults[p.name]?.[n] ?? undefined)
  const drivers = Object.fromEntries(
    all.map(([p, proxy]) => [
      names[p.name]!,
      j.around(p.driver(proxy.port, { timeoutMs: plan.timeoutMs, max: plan.max, tag })),
    ]),
  )
  const loaded = await load(await artifactOf(plan.graph), drivers)
  if (loaded._tag === 'Left') throw new Error(loaded.left.cause)
  const cancel = new AbortController()
  const stop = plan.cancelMs === undefined ? undefined : setTimeout(() => cancel.abort(), plan.cancelMs)
  const work = loaded.right.run({ from: plan.from, id: firstId } as never, {
    signal: cancel.signal,
    ...(plan.deadlineMs === undefined ? {} : { deadlineMs: plan.deadlineMs }),
  })
  // Up to twelve levels of calls, each with its limit and the grace of a server that does not stop.
  const end = await inTime(work, 12 * plan.timeoutMs + 30_000)
  clearTimeout(stop)
  if (end === 'hangs') problems.push('the run hangs')
  else {
    if (j.inFlight() > 0) problems.push(`${j.inFlight()} calls are under way after the run`)
    problems.push(...(end._tag === 'Left' ? wrongError(end.left, plan, j.first) : wrongAnswer(end.right, plan)))
  }
  if ((await inTime(loaded.right.close(), slackMs)) === 'hangs') problems.push('closing hangs')
  for (const [p, proxy] of all) {
    for (let i = 0; i < 100 && proxy.open() > 0; i++) await sleep(10)
    if (proxy.open() > 0) problems.push(`${proxy.open()} connections to ${p.name} are left open`)
    await proxy.again(() => undefined)
  }
  const happened = new Map<string, ReadonlyMap<number, number>>()
  for (const [p] of all) {
    const held = await heldAt(p, j.writes, tag)
    happened.set(effectOf[p.name]!, held)
    problems.push(...brokenAt(p, j.writes, held))
  }
  // Where each write stands alone, and waits for all before it.
  if (end !== 'hangs' && ['writes', 'mixed', 'each'].includes(plan.graph)) {
    const own = plan.graph !== 'each'
    seen?.writes(j.passed, (c) => (own ? (happened.get(c.effect)?.get(idOf(c)) ?? 0) : undefined))
    seen?.block(j.passed, end)
  }
  const how = end === 'hangs' ? end : end._tag === 'Right' ? 'done' : end.left._tag
  return { problems: [...problems, ...j.problems], ends: [how] }
}

/** Whose error is told does not depend on who was first in time. */
const wrongError = (e: RunError, plan: GraphPlan, first: ReturnType<typeof journal>['first']): readonly string[] => {
  if (e._tag === 'Bug') return [`a bug: ${e.cause}`]
  if (!('occurrence' in e) || e.occurrence < 0 || plan.graph === 'tried' || plan.graph === 'apart') return []
  const wanted = first()
  const same =
    wanted !== undefined &&
    wanted.attrs.occurrence === e.occurrence &&
    JSON.stringify(wanted.iteration) === JSON.stringify(e.iteration)
  return same
    ? []
    : [`the error is that of ${e.occurrence} ${e.iteration}, not ${wanted?.attrs.occurrence} ${wanted?.iteration}`]
}
const wrongAnswer = (answer: unknown, plan: GraphPlan): readonly string[] => {
  // A conversation in which answers come twice is not the server's.
  if (Object.values(plan.faults).some((fs) => fs.some((f) => f?.fault === 'twice'))) return []
  const wanted = expected[plan.graph](plan.from)
  const shown = show(answer)
  if (wanted !== undefined && shown !== show(wanted)) return [`it answers ${shown} instead of ${show(wanted)}`]
  if (plan.graph === 'mixed' && !/"count":"1n?","mine":\["x/.test(shown))
    return [`what was written is not read: ${shown}`]
  return []
}
const show = (x: unknown): string =>
  JSON.stringify(x, (_, v: unknown) =>
    typeof v === 'bigint'
      ? `${v}n`
      : typeof v === 'object' && v !== null && !Array.isArray(v) && Symbol.iterator in v
        ? [...(v as Iterable<unknown>)]
        : v,
  )

type Writes = ReturnType<typeof journal>['writes']
const idOf = (c: Call): number => Number(String(c.args[0]).replace(/^w/, ''))
const writesAt = (place: Place, all: Writes): Writes => all.filter(({ call }) => effectOf[place.name] === call.effect)

const heldAt = async (place: Place, all: Writes, tag: string): Promise<ReadonlyMap<number, number>> => {
  const ids = [...new Set(writesAt(place, all).map(({ call }) => idOf(call)))]
  return ids.length === 0 ? new Map() : place.happened(ids, tag)
}
const brokenAt = (place: Place, all: Writes, happened: ReadonlyMap<number, number>): readonly string[] => {
  const mine = writesAt(place, all)
  return [...new Set(mine.map(({ call }) => idOf(call)))].flatMap((id) => {
    const ends = mine.filter(({ call }) => idOf(call) === id).map(({ answer }) => endOf(answer))
    const times = happened.get(id) ?? 0
    // The same row is written by each element of a map; a store that is written twice holds it once.
    const least = place.again ? Math.max(...ends.map((e) => allowed[e][0]!)) : sum(ends.map((e) => allowed[e][0]!))
    const most = place.again
      ? Math.max(...ends.map((e) => allowed[e].at(-1)!))
      : sum(ends.map((e) => allowed[e].at(-1)!))
    return times >= least && times <= most
      ? []
      : [`writes to ${place.name} ended ${ends.join()} and happened ${times} times`]
  })
}
const effectOf: Readonly<Record<string, string>> = { postgres: 'dbQuery', redis: 'kvSet', http: 'httpRequest' }
const sum = (ns: readonly number[]): number => ns.reduce((a, b) => a + b, 0)
