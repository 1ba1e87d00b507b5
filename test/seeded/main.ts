import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Tree } from '../../verify/self/tree.ts'
import type { Result } from './campaign.ts'
import { campaign, score } from './campaign.ts'
import { areas, faults } from './faults/index.ts'
import { keptOf, keptWith, nameOf, readLedger, restsOf, writeLedger } from './kept.ts'

// Puts faults into copies of the sources and looks whether the tests notice: all of them, or as many as fit.
// npm run seeded -- [--seed 7] [--count 10] [--seconds 120] [--only passes/check] [--json report.json] [--again report.json]
// npm run seeded -- --area checkers: keeps how each fault ended in verify/self/seeded.json, and tries what is not of this content.
const { values } = parseArgs({
  options: {
    // Another share each day, like `npm run prove`.
    seed: { type: 'string', default: String(Math.floor(Date.now() / 86_400_000)) },
    count: { type: 'string' },
    seconds: { type: 'string' },
    // Only faults whose file begins so, or whose sentence holds it.
    only: { type: 'string', default: '' },
    // Faults of one part of the house, or of all; what was kept is not tried again.
    area: { type: 'string' },
    json: { type: 'string' },
    // An earlier report: only what it does not know as caught.
    again: { type: 'string' },
    together: { type: 'string', default: '2' },
  },
})
const least = 95
const say = (line: string): void => void process.stdout.write(`${line}\n`)
interface Kept {
  readonly results: readonly { readonly file: string; readonly about: string; readonly outcome: string }[]
}
const kept = values.again === undefined ? { results: [] } : (JSON.parse(readFileSync(values.again, 'utf8')) as Kept)
const done = new Set(kept.results.flatMap((r) => (r.outcome === 'caught' ? [`${r.file} ${r.about}`] : [])))
const area = values.area === undefined || values.area === 'all' ? faults : areas[values.area as keyof typeof areas]
if (area === undefined) {
  say(`there is no area '${values.area}': ${Object.keys(areas).join(', ')}, all`)
  process.exit(2)
}
const wanted = area.filter(
  (f) => (f.file.startsWith(values.only) || f.about.includes(values.only)) && !done.has(`${f.file} ${f.about}`),
)
const keeps = values.area !== undefined
const tree = new Tree()
let ledger = keeps ? readLedger() : {}
const before: Result[] = wanted.flatMap((fault) => {
  const kept = keeps ? keptOf(ledger, tree, fault) : undefined
  // What survived is tried again: somebody may have written a test.
  return kept === undefined || (kept.outcome === 'survived' && fault.survives === undefined)
    ? []
    : [{ fault, outcome: kept.outcome, by: kept.by, ms: 0 }]
})
const chosen = wanted.filter((f) => !before.some((r) => r.fault === f))
if (before.length > 0) say(`${before.length} of ${wanted.length} were tried before, on the same content`)
const rests = new Map(keeps ? chosen.map((f) => [f, restsOf(tree, f)]) : [])
const began = performance.now()
// What was begun is ended, and the copies go.
const stop = new AbortController()
for (const s of ['SIGINT', 'SIGTERM'] as const) process.once(s, () => stop.abort())
const {
  results: tried,
  drawn,
  unsound,
} = await campaign(chosen, {
  root: fileURLToPath(new URL('../../', import.meta.url)).replace(/[\\/]$/, ''),
  seed: Number(values.seed),
  together: Number(values.together),
  signal: stop.signal,
  ...(values.count === undefined ? {} : { count: Number(values.count) }),
  ...(values.seconds === undefined ? {} : { seconds: Number(values.seconds) }),
  told: (r) => {
    const { fault, outcome, by, ms } = r
    say(`${outcome.padEnd(8)} ${nameOf(fault)} (${(ms / 1000).toFixed(1)} s)\n         ${by}`)
    if (!keeps) return
    // Another part may have been tried at the same time.
    ledger = keptWith({ ...readLedger() }, r, rests.get(fault)!)
    writeLedger(ledger)
  },
})
const results = [...before, ...tried]

const of = (outcome: string): typeof results => results.filter((r) => r.outcome === outcome)
const unexplained = of('survived').filter((r) => r.fault.survives === undefined)
const known = of('survived').filter((r) => r.fault.survives !== undefined)
const mended = results.filter((r) => r.fault.survives !== undefined && r.outcome !== 'survived')
for (const file of unsound) say(`fails without a fault: ${file}`)
for (const { fault } of known) say(`known to survive: ${fault.file}: ${fault.about}, because ${fault.survives}`)
for (const { fault } of mended) say(`no longer survives, take its reason away: ${fault.file}: ${fault.about}`)
for (const { fault } of unexplained) say(`SURVIVED: ${fault.file}: ${fault.about}`)
for (const { fault, by } of of('broken')) say(`BROKEN: ${fault.file}: ${fault.about}: ${by}`)
say(
  `seed ${values.seed}: ${tried.length} of ${drawn} faults tried in ${Math.round((performance.now() - began) / 1000)} s; ` +
    `${of('caught').length} caught by a test, ${of('hung').length} by the time limit, ${of('survived').length} survived, ` +
    `${of('broken').length} broken; mutation score ${score(results).toFixed(1)} % (at least ${least} %)`,
)
if (keeps)
  say(
    `evidence: ${results.length} cases, ${score(results).toFixed(1)} % noticed` +
      (known.length === 0 ? '' : `; not noticed: ${known.map((r) => r.fault.about).join('; ')}`),
  )
if (values.json !== undefined) {
  const plain = results.map(({ fault: { file, about }, outcome, by, ms }) => ({ file, about, outcome, by, ms }))
  const report = { seed: Number(values.seed), faults: faults.length, tried: results.length, score: score(results) }
  writeFileSync(values.json, `${JSON.stringify({ ...report, results: plain }, null, 1)}\n`)
}
const fine = unexplained.length + of('broken').length + mended.length + unsound.length === 0
// A share may be unlucky; only all of them are a score.
const whole = !keeps || results.length === wanted.length
process.exitCode =
  fine && whole && results.length > 0 && (results.length < faults.length || score(results) >= least) ? 0 : 1
