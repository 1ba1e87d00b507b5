import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { duckdb } from '../../../runtime/drivers/duckdb/index.ts'
import { calm, query } from '../calls.ts'

// A process of its own, because a limit of file sizes holds for all that a process writes. It writes until that is
// reached, says so, waits until somebody has raised it, and says what is there then.
const db = duckdb({ path: process.argv[2]! })
const ask = (mode: 'exec' | 'one', sql: string, row = '{}') => db.perform(query(mode, sql, row), calm)
const written = await ask('exec', 'create table t as select i as id from range(10) r(i)')
let rows = 10
const errors: unknown[] = written._tag === 'Left' ? [written.left] : []
for (let k = 0; k < 20 && errors.length < 2; k++) {
  const end = await ask('exec', `insert into t select i * 7919 % 1000003 from range(500000) r(i)`)
  if (end._tag === 'Right') rows += 500_000
  else errors.push(end.left)
}
const checked = await ask('exec', 'checkpoint')
if (checked._tag === 'Left') errors.push(checked.left)
const told = (xs: readonly unknown[]) =>
  xs.map((x) => ({ tag: (x as { _tag: string })._tag, cause: (x as { cause: string }).cause }))
process.stdout.write(`${JSON.stringify({ rows, errors: told(errors) })}\n`)
await once(createInterface(process.stdin), 'line')
const after = []
for (const [mode, sql, row] of [
  ['exec', 'insert into t values (1)'],
  ['one', 'select count(*) as n from t', '{n: i64}'],
] as const) {
  const end = await ask(mode, sql, row)
  after.push(end._tag === 'Right' ? String((end.right as { n?: bigint } | null)?.n ?? 'done') : end.left._tag)
}
process.stdout.write(`${JSON.stringify(after)}\n`)
await db.close?.()
process.exit(0)
