import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { campaign, score } from './campaign.ts'
import { faults } from './faults/index.ts'

// Puts faults into copies of the sources and looks whether the tests notice: all of them, or as many as fit.
// npm run seeded -- [--seed 7] [--count 10] [--seconds 120] [--only passes/check] [--json report.json]
const { values } = parseArgs({
  options: {
    // Another share each day, like `npm run prove`.
    seed: { type: 'string', default: String(Math.floor(Date.now() / 86_400_000)) },
    count: { type: 'string' },
    seconds: { type: 'string' },
    // Only faults whose file begins so, or whose sentence holds it.
    only: { type: 'string', default: '' },
    json: { type: 'string' },
    together: { type: 'string', default: '2' },
  },
})
const least = 95
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const chosen = faults.filter((f) => f.file.startsWith(values.only) || f.about.includes(values.only))
const began = performance.now()
const { results, drawn, unsound } = await campaign(chosen, {
  root: fileURLToPath(new URL('../../', import.meta.url)).replace(/[\\/]$/, ''),
  seed: Number(values.seed),
  together: Number(values.together),
  ...(values.count === undefined ? {} : { count: Number(values.count) }),
  ...(values.seconds === undefined ? {} : { seconds: Number(values.seconds) }),
  told: ({ fault, outcome, by, ms }) =>
    say(`${outcome.padEnd(8)} ${fault.file}: ${fault.about} (${(ms / 1000).toFixed(1)} s)\n         ${by}`),
})

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
  `seed ${values.seed}: ${results.length} of ${drawn} faults tried in ${Math.round((performance.now() - began) / 1000)} s; ` +
    `${of('caught').length} caught by a test, ${of('hung').length} by the time limit, ${of('survived').length} survived, ` +
    `${of('broken').length} broken; mutation score ${score(results).toFixed(1)} % (at least ${least} %)`,
)
if (values.json !== undefined) {
  const plain = results.map(({ fault: { file, about }, outcome, by, ms }) => ({ file, about, outcome, by, ms }))
  const report = { seed: Number(values.seed), faults: faults.length, tried: results.length, score: score(results) }
  writeFileSync(values.json, `${JSON.stringify({ ...report, results: plain }, null, 1)}\n`)
}
const fine = unexplained.length + of('broken').length + mended.length + unsound.length === 0
// A share may be unlucky; only all of them are a score.
process.exitCode = fine && results.length > 0 && (results.length < faults.length || score(results) >= least) ? 0 : 1
