import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Outside } from '../specs/traces/outside.ts'
import type { Place } from './place.ts'
import type { Played } from './play.ts'
import { play } from './play.ts'
import type { GraphPlan } from './play-graph.ts'
import { graphPlanOf, playGraph } from './play-graph.ts'
import type { FaultyProxy } from './proxy.ts'
import { noProxy, proxyBefore } from './proxy.ts'
import type { Draws } from './random.ts'
import { draws } from './random.ts'
import type { Plan } from './script.ts'
import { nameOf, planOf } from './script.ts'

export interface Campaign {
  readonly seed: number
  readonly runs: number
  readonly seconds?: number
  /** Runs at the same time, each with a proxy and a driver of its own. */
  readonly together?: number
  readonly told?: (done: number) => void
  /** Writes are numbered from here on; another campaign at the same places needs numbers of its own. */
  readonly firstId?: number
  /** Servers are killed while runs go on, and start again: so many milliseconds apart, at random. Not at all without it. */
  readonly killEveryMs?: number
}
export interface Report {
  readonly runs: number
  readonly failures: readonly {
    readonly run: number
    readonly plan: Plan | GraphPlan
    readonly problems: readonly string[]
  }[]
  /** What was thrown where nobody caught it, and what was left open. */
  readonly leaks: readonly string[]
  /** How often calls ended so, by `place fault end`. */
  readonly ends: ReadonlyMap<string, number>
  readonly heapMiB: readonly [before: number, after: number]
  readonly killed: number
  /** What drivers were asked and answered, as traces. */
  readonly seen: Outside
}

/** Plays many plans. The seed and the number of a run decide its plan, whatever runs beside it. */
export const campaign = async (places: readonly Place[], options: Campaign): Promise<Report> => {
  const { seed, together = 8, seconds = Number.POSITIVE_INFINITY, firstId = 1 } = options
  const failures: Report['failures'][number][] = []
  const ends = new Map<string, number>()
  const thrown: string[] = []
  const caught = (e: unknown): void => void thrown.push(`thrown: ${e instanceof Error ? e.stack : String(e)}`)
  process.on('uncaughtException', caught)
  process.on('unhandledRejection', caught)
  const before = resources()
  let heap = 0
  const seen = new Outside()
  const until = performance.now() + seconds * 1000
  let next = 0
  let done = 0
  const worker = async (): Promise<void> => {
    const proxies = await Promise.all(
      places.map(async (p) => [p, p.embedded === true ? noProxy() : await proxyBefore(p)] as const),
    )
    while (next < options.runs && performance.now() < until && failures.length < 50) {
      const run = next++
      const d = draws(seed * 1_000_003 + run)
      const { what, plan, played } = await one(d, proxies, firstId + run * 20, seen)
      for (const end of played.ends) count(ends, `${what}\t${end}`)
      if (played.problems.length > 0) failures.push({ run, plan, problems: played.problems })
      if (++done === 200) heap = heapMiB()
      options.told?.(done)
    }
    for (const [, proxy] of proxies) await proxy.close()
  }
  const over = new AbortController()
  const killer = killing(places, options, over.signal)
  await Promise.all(Array.from({ length: together }, worker))
  over.abort()
  const killed = await killer
  const leaks = await left(places, before)
  process.off('uncaughtException', caught)
  process.off('unhandledRejection', caught)
  const after = heapMiB()
  if (heap > 0 && after > heap + 30) leaks.push(`the heap grew from ${heap} to ${after} MiB`)
  return { runs: done, failures, leaks: [...new Set(thrown), ...leaks], ends, heapMiB: [heap, after], killed, seen }
}
/** A quarter of the runs are graphs over all servers, where there are all; the others programs of calls to one. */
const one = async (
  d: Draws,
  proxies: readonly (readonly [Place, FaultyProxy])[],
  firstId: number,
  seen: Outside,
): Promise<{ readonly what: string; readonly plan: Plan | GraphPlan; readonly played: Played }> => {
  const servers = proxies.filter(([p]) => p.embedded !== true)
  if (servers.length === 3 && d.chance(0.25)) {
    const plan = graphPlanOf(
      d,
      servers.map(([p]) => p.name),
    )
    const played = await playGraph(plan, new Map(servers.map((x) => [x[0].name, x])), firstId, seen)
    return { what: `graph\t${plan.graph}`, plan, played }
  }
  const [place, proxy] = proxies[d.below(proxies.length)]!
  const plan = planOf(d, place.name, place.embedded)
  return { what: `${place.name}\t${nameOf(plan)}`, plan, played: await play(plan, place, proxy, firstId, seen) }
}
const count = (m: Map<string, number>, key: string): void => void m.set(key, (m.get(key) ?? 0) + 1)

/** Kills one server after the other, as a crash does. */
const killing = async (
  places: readonly Place[],
  { seed, killEveryMs }: Campaign,
  over: AbortSignal,
): Promise<number> => {
  const servers = places.filter((p) => p.embedded !== true)
  if (killEveryMs === undefined || servers.length === 0) return 0
  const d = draws(seed)
  for (let killed = 0; ; killed++) {
    await sleep(killEveryMs / 2 + d.below(killEveryMs), undefined, { signal: over }).catch(() => undefined)
    if (over.aborted) return killed
    const place = d.from(servers)
    await place.stop()
    await sleep(d.below(80))
    // Somebody else may have its port for a moment: who connects to a server that is away may be given just that.
    for (let tries = 0; ; tries++) {
      try {
        await place.start()
        break
      } catch (e) {
        if (tries === 50) throw e
        await sleep(100)
      }
    }
  }
}

/** What keeps the process busy, by kind. */
const resources = (): Map<string, number> => {
  const m = new Map<string, number>()
  for (const r of process.getActiveResourcesInfo()) count(m, r)
  return m
}
const left = async (places: readonly Place[], before: ReadonlyMap<string, number>): Promise<string[]> => {
  const more = (): string[] =>
    [...resources()].flatMap(([kind, n]) =>
      n > (before.get(kind) ?? 0) ? [`${n - (before.get(kind) ?? 0)} of ${kind} are left`] : [],
    )
  for (let i = 0; i < 100 && more().length > 0; i++) await sleep(30)
  const open: string[] = []
  for (const p of places) {
    for (let i = 0; i < 100 && (await p.connections()) > 0; i++) await sleep(30)
    const n = await p.connections()
    if (n > 0) open.push(`${n} connections to ${p.name} are left`)
  }
  return [...more(), ...open]
}
let gc: (() => void) | undefined
export const heapMiB = (): number => {
  setFlagsFromString('--expose-gc')
  gc ??= runInNewContext('gc') as () => void
  gc()
  return Math.round(process.memoryUsage().heapUsed / 2 ** 20)
}
