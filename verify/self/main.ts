import { version } from '../../codegen/version.ts'
import { asks, judged, passed } from '../gate/judge.ts'
import type { Report, Tier } from '../gate/model.ts'
import { lineOf, plain, table } from '../gate/table.ts'
import { writeDeep } from './deep.ts'
import { duties, rows } from './duties/index.ts'
import { shownBy } from './evidence.ts'
import { openProblems } from './open.ts'
import { kept } from './results.ts'
import { perform, workFor } from './run.ts'
import { Tree } from './tree.ts'

/** `npm run gate`: what is shown of Quoin, of what kind, and what is missing. */
const flags = new Set(process.argv.slice(2))
const tier: Tier = flags.has('--fast') ? 'fast' : flags.has('--deep') ? 'deep' : 'default'
const say = (text: string): void => void process.stdout.write(`${text}\n`)

const start = performance.now()
const began = new Date().toISOString()
const stopped = new AbortController()
process.once('SIGINT', () => stopped.abort())

const all = duties()
const wanted = all.filter((d) => asks(tier, d.obligation))
const byId = new Map(all.map((d) => [d.obligation.id, d]))

const before = { tree: new Tree(), results: kept(), began }
const work = workFor(before, wanted)
const total = [...work.files.values()].reduce((n, f) => n + f.length, 0) + work.commands.length
if (total > 0 && !flags.has('--no-run')) {
  say(`${total} to run; the rest is kept from earlier runs of the same content`)
  let done = 0
  await perform(
    work,
    (what, ok, ms) =>
      say(
        `  ${String(++done).padStart(String(total).length)}/${total} ${ok ? 'ok    ' : 'FAILED'} ${what} (${(ms / 1000).toFixed(1)} s)`,
      ),
    stopped.signal,
  )
}

const known = { tree: new Tree(), results: kept(), began }
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
const ofRow = (row: number) => verdicts.filter((v) => v.obligation.rows.includes(row))
const lines = rows.map(([row, text]) => lineOf(`${String(row).padStart(2)} ${text}`, ofRow(row), plain))
say(table(report, plain, [['The gate', lines]]))
if (tier === 'deep' && !stopped.signal.aborted) writeDeep(report)
const open = flags.has('--accept-open') ? openProblems(report) : undefined
if (open !== undefined) for (const o of open) say(o)
process.exitCode = stopped.signal.aborted ? 130 : passed(report) || open?.length === 0 ? 0 : 1
