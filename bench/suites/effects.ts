import type { ChildProcess } from 'node:child_process'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { isDeepStrictEqual } from 'node:util'
import type { PostgresServer } from '../../test/drivers/servers/postgres.ts'
import { noPostgres, postgresBin, startPostgres } from '../../test/drivers/servers/postgres.ts'
import { median, quantile, summarise } from '../arithmetic.ts'
import type { Command, Counts } from '../effects/proxy.ts'
import { plain } from '../effects/quoin.ts'
import { fill } from '../effects/tables.ts'
import type { Runner } from '../effects/variants.ts'
import { variants } from '../effects/variants.ts'
import type { Note, Options, Outcome, Row } from '../harness.ts'
import { uniform } from '../uniform.ts'
import type { Suite } from './suite.ts'

const delays = [0, 1, 5] as const
const tenant = 1
/** Slow contenders take part in fewer rounds, so that a latency takes no longer than they do three times. */
const enough = 3_000
/** So long everybody runs before anything is timed, so that what is measured is what a service costs that has been running. */
const warmMs = 1_000

interface Sample {
  readonly ms: number
  readonly cpuMs: number
}

/** The workload on one server through one proxy, at each latency, with indexes or without. */
const authors =
  (indexed: boolean) =>
  async ({ rounds }: Options): Promise<Outcome> => {
    const workload = `authors, ${indexed ? 'indexed' : 'no indexes'}`
    const bin = postgresBin()
    if (bin === undefined) {
      const note = { workload, peer: 'all', reason: noPostgres.trim() }
      return { rows: [], skipped: [note], refused: [] }
    }
    const server = await startPostgres(bin)
    const proxy = await startProxy(server)
    const present: Runner[] = []
    const skipped: Note[] = []
    try {
      const { Pool } = (await import('pg')).default
      const pool = new Pool({ connectionString: server.url, max: 1 })
      await fill(pool, indexed)
      await pool.end()
      for (const v of await variants({ ...server, port: proxy.port })) {
        if ('absent' in v) skipped.push({ workload, peer: v.name, reason: v.absent })
        else present.push(v)
      }
      const { equal, refused } = await compared(present)
      for (const v of equal) await warm(v)
      const outcomes: Outcome[] = []
      for (const delayMs of delays)
        outcomes.push(await atDelay(`${workload}, +${delayMs} ms`, delayMs, proxy, equal, rounds))
      return {
        rows: outcomes.flatMap((o) => o.rows),
        skipped,
        refused: refused.map((r) => ({ workload, ...r })),
        tables: outcomes.flatMap((o) => o.tables ?? []),
      }
    } finally {
      for (const v of present) await v.close()
      proxy.close()
      await server.close()
    }
  }

/** Everybody's answer against ours, before anything is timed. */
const compared = async (
  all: readonly Runner[],
): Promise<{ readonly equal: readonly Runner[]; readonly refused: readonly { peer: string; reason: string }[] }> => {
  const equal: Runner[] = []
  const refused: { peer: string; reason: string }[] = []
  let first: unknown
  for (const v of all) {
    const answer = plain(await v.run(tenant))
    first ??= answer
    if (isDeepStrictEqual(answer, first)) equal.push(v)
    else refused.push({ peer: v.name, reason: `its answer is not ours: ${JSON.stringify(answer).slice(0, 200)}` })
  }
  return { equal, refused }
}

const warm = async (v: Runner): Promise<void> => {
  for (const began = performance.now(); performance.now() - began < warmMs; ) await v.run(tenant)
}

const atDelay = async (
  workload: string,
  delayMs: number,
  proxy: Proxy,
  all: readonly Runner[],
  rounds: number,
): Promise<Outcome> => {
  await proxy.tell({ delayMs })
  const counts: Counts[] = []
  const most: number[] = []
  for (const v of all) {
    await v.run(tenant)
    await proxy.tell('reset')
    const { ms } = await sample(v)
    counts.push(await proxy.tell('counts'))
    most.push(Math.max(1, Math.min(rounds * 4, Math.floor(enough / ms))))
  }
  const samples: Sample[][] = all.map(() => [])
  // In another order each round: nobody always follows whoever leaves most garbage behind.
  const shuffle = uniform(new Float64Array(rounds * 4 * all.length), 0, 1, 1)
  for (let round = 0; round < rounds * 4; round++) {
    const place = shuffle.subarray(round * all.length, (round + 1) * all.length)
    const order = [...all.keys()].sort((a, b) => place[a]! - place[b]!)
    for (const i of order) if (round < most[i]!) samples[i]!.push(await sample(all[i]!))
  }
  const times = (i: number): readonly number[] => samples[i]!.map((s) => s.ms)
  const rows: Row[] = []
  for (const [o, own] of all.entries()) {
    if (!own.ours) continue
    for (const [i, v] of all.entries())
      if (!v.ours)
        rows.push({ workload: `${workload}: ${own.name}`, peer: v.name, ...summarise(times(o), times(i)), unit: 'ms' })
  }
  const figures = all.map((v, i) => [
    v.name,
    counts[i]!.statements,
    counts[i]!.roundTrips,
    median(times(i)).toFixed(1),
    quantile(times(i), 0.99).toFixed(1),
    median(samples[i]!.map((s) => s.cpuMs)).toFixed(1),
    samples[i]!.length,
  ])
  const columns = ['contender', 'statements', 'serial round trips', 'median ms', 'p99 ms', 'client CPU ms', 'runs']
  return { rows, skipped: [], refused: [], tables: [{ title: workload, columns, rows: figures }] }
}

const sample = async (v: Runner): Promise<Sample> => {
  const cpu = process.cpuUsage()
  const began = performance.now()
  await v.run(tenant)
  const ms = performance.now() - began
  const { user, system } = process.cpuUsage(cpu)
  return { ms, cpuMs: (user + system) / 1000 }
}

interface Proxy {
  readonly port: number
  readonly tell: (command: Command) => Promise<Counts>
  readonly close: () => void
}
const startProxy = async (server: PostgresServer): Promise<Proxy> => {
  const child: ChildProcess = fork(new URL('../effects/proxy.ts', import.meta.url), [String(server.port)])
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  return {
    port,
    tell: async (command) => {
      const answered = once(child, 'message')
      child.send(command)
      return ((await answered) as [Counts])[0]
    },
    close: () => void child.kill(),
  }
}

export const effects: Suite = {
  about: 'nested queries on PostgreSQL against DataLoader, Effect and queries by hand, at 0, 1 and 5 ms a round trip',
  workloads: { 'authors-indexed': authors(true), 'authors-unindexed': authors(false) },
}
