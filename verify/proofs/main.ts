import { existsSync } from 'node:fs'
import type { Cache } from './cache.ts'
import { asked, idle, open, readCache, solverName, writeCache } from './cache.ts'
import type { Obligation } from './obligations.ts'
import { hashOf, obligations, refute } from './obligations.ts'
import { startZ3 } from './z3.ts'

/**
 * `npm run prove` proves what changed, and a tenth of the rest, another one each day; `-- --all` starts from nothing.
 * `--check` writes nothing and fails where the committed cache lacks a proof.
 */
const all = process.argv.includes('--all')
const check = process.argv.includes('--check')
const limit = 300_000
/** What was proved before and takes longer is left to `--all`: the daily part has to end. */
const patience = 20_000

const tenth = (list: readonly Obligation[]): readonly Obligation[] => {
  const day = Math.floor(Date.now() / 86_400_000) % 10
  return list.filter((_, i) => i % 10 === day)
}
const failures: string[] = []
const say = (line: string): void => void process.stdout.write(`${line}\n`)

const before: Cache = all || !existsSync(new URL('./cache.json', import.meta.url)) ? {} : readCache()
const changed = open(before)
const known = new Set(changed.map((o) => o.id))
const again = tenth(asked().filter((o) => !known.has(o.id)))

// Searching is quick and finds most of what is false.
for (const o of obligations) {
  if ((o.by !== 'smt' && o.by !== 'exhaustion') || o.law.evidence.by !== 'smt') continue
  const at = refute(o.law, o.at)
  if (at !== undefined)
    failures.push(
      `${o.id} is false: ${JSON.stringify(at, (_, x) => (typeof x === 'bigint' ? `${x}n` : Object.is(x, -0) ? '-0' : typeof x === 'number' && !Number.isFinite(x) ? String(x) : x))}`,
    )
}
const proved: Record<string, string> = { ...before }
for (const id of idle(before)) delete proved[id]
if (failures.length === 0 && changed.length + again.length > 0) {
  const solver = await startZ3()
  say(`${solver.version}: ${changed.length} changed, ${again.length} of the rest`)
  for (const o of [...changed, ...again]) {
    const began = performance.now()
    const fresh = known.has(o.id)
    const answer = await solver.ask(o.query!, fresh ? limit : patience)
    const ms = performance.now() - began
    if (ms > 5000) say(`  ${o.id}: ${answer} after ${(ms / 1000).toFixed(1)} s`)
    if (answer === 'unsat') proved[o.id] = hashOf(o, solverName())
    else if (fresh || answer === 'sat')
      failures.push(`${o.id}: ${answer === 'sat' ? 'the two sides differ' : 'not decided in time'}`)
    if (!check && answer === 'unsat' && ms > 2000) writeCache(proved)
  }
}
const lacking = check ? open(readCache()).length : 0
if (lacking > 0) failures.push(`the cache lacks ${lacking} proofs: run npm run prove and commit it`)
if (!check) writeCache(proved)
for (const f of failures) say(f)
const count = (by: Obligation['by']): number => obligations.filter((o) => o.by === by).length
say(
  `${obligations.length} obligations: ${count('smt')} proved by SMT, ${count('exhaustion')} tried on every value, ${count('cells')} compared cell by cell, ${count('reason')} with a reason`,
)
process.exit(failures.length === 0 ? 0 : 1)
