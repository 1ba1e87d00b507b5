import { parseArgs } from 'node:util'
import { campaign } from './campaign.ts'
import { allPlaces } from './places/all.ts'

// npm run faults -- --runs 10000 --seed 7 [--seconds 120] [--together 8]
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '7' },
    seconds: { type: 'string' },
    together: { type: 'string', default: '12' },
  },
})
const places = await allPlaces()
const began = performance.now()
let last = began
const report = await campaign(places, {
  runs: Number(values.runs),
  seed: Number(values.seed),
  together: Number(values.together),
  ...(values.seconds === undefined ? {} : { seconds: Number(values.seconds) }),
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
const bad = report.failures.length + report.leaks.length
const s = Math.round((performance.now() - began) / 1000)
process.stdout.write(
  `\nfaults: ${report.runs} runs of seed ${values.seed} in ${s} s, ${report.failures.length} failed, heap ${report.heapMiB.join(' to ')} MiB\n`,
)
process.exitCode = bad === 0 ? 0 : 1
