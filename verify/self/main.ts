import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { version } from '../../codegen/version.ts'
import { asks, judged, passed } from '../gate/judge.ts'
import type { Report, Tier } from '../gate/model.ts'
import { junit, markdown, sarif } from '../gate/reports/index.ts'
import { lineOf, plain, table } from '../gate/table.ts'
import { shelvedWith } from './deep.ts'
import { duties, rows, rowsPage } from './duties/index.ts'
import { shownBy } from './evidence.ts'
import { closeMet, openProblems } from './open.ts'
import { kept } from './results.ts'
import { perform, workFor } from './run.ts'
import { readShelf, writeShelf } from './shelf.ts'
import { root, Tree } from './tree.ts'

/** `npm run gate`: what is shown of Quoin, of what kind, and what is missing. */
const { values: asked } = parseArgs({
  options: {
    fast: { type: 'boolean', default: false },
    deep: { type: 'boolean', default: false },
    // Runs only what is owed to obligations with this in their names, and nothing any more after so many seconds: hours in
    // parts. What ended is kept, and what was cut off in its middle goes on where it keeps its own results.
    only: { type: 'string' },
    seconds: { type: 'string' },
    // Judges what was kept, and runs nothing.
    'no-run': { type: 'boolean', default: false },
    // Ends well though obligations that are known to be open lack evidence; any other that does still fails.
    'accept-open': { type: 'boolean', default: false },
    // Writes docs/VERIFICATION.md, and takes what is met out of the list of what is open.
    write: { type: 'boolean', default: false },
    sarif: { type: 'string' },
    junit: { type: 'string' },
    markdown: { type: 'string' },
  },
})
const tier: Tier = asked.fast ? 'fast' : asked.deep ? 'deep' : 'default'
const say = (text: string): void => void process.stdout.write(`${text}\n`)

const start = performance.now()
const began = new Date().toISOString()
const stopped = new AbortController()
process.once('SIGINT', () => stopped.abort())

const { only } = asked
if (only !== undefined && asked.write) {
  process.stderr.write('gate: --write speaks of everything, so it goes with no --only\n')
  process.exit(2)
}
const owed = duties()
const all = only === undefined ? owed : owed.filter((d) => d.obligation.id.includes(only))
if (all.length === 0) {
  process.stderr.write(`gate: no obligation has '${only}' in its name\n`)
  process.exit(2)
}
const wanted = all.filter((d) => asks(tier, d.obligation))
const byId = new Map(all.map((d) => [d.obligation.id, d]))

const before = { tree: new Tree(), results: kept(), shelf: readShelf(), began }
const work = workFor(before, wanted)
const late = new AbortController()
const clock = asked.seconds === undefined ? undefined : setTimeout(() => late.abort(), Number(asked.seconds) * 1000)
const total = [...work.files.values()].reduce((n, f) => n + f.length, 0) + work.commands.length
if (total > 0 && !asked['no-run']) {
  say(`${total} to run; the rest is kept from earlier runs of the same content`)
  const watched = process.stderr.isTTY && process.env.CI === undefined
  const spinner = watched
    ? (await import('ora')).default({ text: `0/${total}`, stream: process.stderr }).start()
    : undefined
  let done = 0
  await perform(
    work,
    (what, ok, ms) => {
      const line = `${String(++done).padStart(String(total).length)}/${total} ${ok ? 'ok    ' : 'FAILED'} ${what} (${(ms / 1000).toFixed(1)} s)`
      if (spinner === undefined) say(`  ${line}`)
      else spinner.text = line
    },
    AbortSignal.any([stopped.signal, late.signal]),
  )
  spinner?.stop()
}
clearTimeout(clock)

const now = { tree: new Tree(), results: kept(), shelf: readShelf(), began }
const known = tier === 'deep' ? { ...now, shelf: shelvedWith(now, owed) } : now
if (tier === 'deep') writeShelf(known.shelf)
const { verdicts, later } = judged(
  all.map((d) => d.obligation),
  tier,
  (o) => shownBy(known, byId.get(o.id)!),
)
const report: Report = {
  subject: `quoin ${version}`,
  tier,
  verdicts,
  later,
  quoin: version,
  node: process.version,
  began,
  seconds: (performance.now() - start) / 1000,
}
const lines = rows.map(([row, text]) =>
  lineOf(
    `${String(row).padStart(2)} ${text}`,
    verdicts.filter((v) => v.obligation.rows.includes(row)),
    later.filter((o) => o.rows.includes(row)).length,
    plain,
  ),
)
say(table(report, plain, [['The gate', lines]]))
const page = (): string => markdown(report, [['The rows of the gate', rowsPage(report)]])
for (const [file, text] of [
  [asked.sarif, () => sarif(report)],
  [asked.junit, () => junit(report)],
  [asked.markdown, page],
  [asked.write ? join(root, 'docs/VERIFICATION.md') : undefined, page],
] as const)
  if (file !== undefined) writeFileSync(file, text())
if (asked.write) closeMet(report)
const open = asked['accept-open'] && only === undefined ? openProblems(report) : undefined
if (open !== undefined) for (const o of open) say(o)
process.exitCode = stopped.signal.aborted ? 130 : passed(report) || open?.length === 0 ? 0 : 1
