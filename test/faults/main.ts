import { parseArgs } from 'node:util'
import { campaign } from './campaign.ts'
import { allPlaces } from './places/all.ts'
import { everyPosition } from './positions.ts'
import { proxyBefore } from './proxy.ts'

// All positions of an exchange, then random runs; without --seconds as many as --runs says, with it as many as fit.
// npm run faults -- --runs 10000 --seed 7 [--seconds 120] [--together 8]
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '7' },
    seconds: { type: 'string' },
    together: { type: 'string', default: '12' },
    // How many milliseconds lie between two servers that are killed; 0: none is.
    kills: { type: 'string', default: '5000' },
  },
})
const places = await allPlaces()
const began = performance.now()
let last = began
const seconds = values.seconds === undefined ? Number.POSITIVE_INFINITY : Number(values.seconds)

// At most half the time goes to the positions; where it is short, every second or third of them is tried.
const positions: string[] = []
const cuts = new Map<string, number>()
const step = seconds < 60 ? 7 : seconds < 200 ? 3 : 1
let id = 5e8
for (const place of places.filter((p) => p.embedded !== true)) {
  const proxy = await proxyBefore(place)
  for (const kind of ['read', 'many', 'write'] as const)
    for (const fault of ['reset', 'truncate'] as const) {
      id += 10_000
      const { runs, wrong, ends } = await everyPosition(
        place,
        proxy,
        kind,
        fault,
        id,
        fault === 'reset' ? step : 3 * step,
      )
      positions.push(...wrong)
      cuts.set(`${place.name} ${kind} ${fault}`, runs)
      process.stdout.write(`${place.name}: ${kind}, ${fault} at ${runs} positions: ${JSON.stringify(ends)}\n`)
    }
  await proxy.close()
}
const report = await campaign(places, {
  runs: Number(values.runs),
  seed: Number(values.seed),
  together: Number(values.together),
  ...(Number(values.kills) > 0 ? { killEveryMs: Number(values.kills) } : {}),
  seconds: seconds - (performance.now() - began) / 1000,
  told: (done) => {
    if (performance.now() - last < 10_000) return
    last = performance.now()
    process.stdout.write(`${done} runs\n`)
  },
})
for (const p of places) await p.close()

const rows = [...report.ends].map(([key, n]) => [...key.split('\t'), n] as const).sort()
const tags = [...new Set(rows.map(([, , end]) => String(end)))].sort()
const lines = [...new Set(rows.map(([place, fault]) => `${place}\t${fault}`))]
process.stdout.write(`${['driver', 'fault', ...tags].map((t) => t.padStart(12)).join('')}\n`)
for (const line of lines)
  process.stdout.write(
    `${[...line.split('\t'), ...tags.map((tag) => String(report.ends.get(`${line}\t${tag}`) ?? ''))].map((t) => t.padStart(12)).join('')}\n`,
  )
for (const { run, plan, problems } of report.failures)
  process.stdout.write(`\nrun ${run} of seed ${values.seed}: ${problems.join('; ')}\n${JSON.stringify(plan)}\n`)
for (const leak of report.leaks) process.stdout.write(`\n${leak}\n`)
for (const p of positions) process.stdout.write(`\n${p}\n`)
for (const t of report.seen.strange())
  process.stdout.write(`\nno behaviour of its specification: ${JSON.stringify(t)}\n`)
const bad = report.seen.strange().length + report.failures.length + report.leaks.length + positions.length
const cut = [...cuts.values()].reduce((a, b) => a + b, 0)
const s = Math.round((performance.now() - began) / 1000)
process.stdout.write(
  `\nfaults: ${report.runs} runs of seed ${values.seed} and ${cut} positions in ${s} s, ${report.killed} servers killed, ${bad} failed, heap ${report.heapMiB.join(' to ')} MiB\n`,
)
process.exitCode = bad === 0 ? 0 : 1
