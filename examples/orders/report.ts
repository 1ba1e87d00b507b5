import pc from 'picocolors'
import type { Failed, Outcome, Ran } from './job.ts'
import { told, whyOf } from './why.ts'

const count = (n: number | bigint): string => n.toLocaleString('en')
const money = (cents: bigint): string => `${count(cents / 100n)}.${String(cents % 100n).padStart(2, '0')}`
type Colors = ReturnType<typeof pc.createColors>

/** The page of `npm run orders`: at most 45 lines. */
export const page = (o: Outcome, colors: boolean): string => {
  const c = pc.createColors(colors)
  return [...difference(o, c), '', ...answer(o, c), '', ...sameness(o, c), '', ...why(o, c), '', ...next(c)].join('\n')
}

const reads = (ran: Ran): number => told(ran).filter((e) => e.effect === 'kvGet').length
const difference = ({ asWritten: a, runs }: Outcome, c: Colors): readonly string[] => {
  const r = runs[0]!
  const line = (what: string, x: string | number, y: string | number, note = ''): string => {
    const [left, right] = [x, y].map((n) => (typeof n === 'number' ? count(n) : n)) as [string, string]
    return `${what.padEnd(22)}${left.padStart(9)}${c.green(right.padStart(12))}  ${c.dim(note)}`.trimEnd()
  }
  return [
    c.bold(line('', 'you wrote', 'Quoin ran')),
    line('queries', a.stats.queries.run, r.stats.queries.run, 'one of them writes'),
    line('requests for rates', a.requests, r.requests, 'as the service counted them'),
    line('reads of the store', reads(a), reads(r)),
    line('waits for the outside', a.stats.roundTrips, r.stats.roundTrips, 'one after the other'),
  ]
}

const shown = 6
const answer = ({ runs: [first] }: Outcome, c: Colors): readonly string[] => {
  const { quotes, total, atRisk } = first!.result
  return [
    `${c.bold('quoted')}  ${quotes.length} open orders, ${money(total)} EUR with tax, of which ${count(Math.round(atRisk))} EUR may not be paid`,
    ...[...quotes].slice(0, shown).map((q) => {
      const lacks = q.missing === 0 ? '' : `, ${q.missing} ${q.missing === 1 ? 'line' : 'lines'} not in stock`
      return `  ${q.id}  ${q.name.padEnd(14)}${money(q.total).padStart(10)} EUR =${money(q.charged).padStart(13)} ${q.currency}  risk ${q.risk.toFixed(3)}${lacks}`
    }),
    ...(quotes.length > shown ? [c.dim(`  … and ${quotes.length - shown} more`)] : []),
  ]
}

const sameness = ({ runs, asWritten, same }: Outcome, c: Colors): readonly string[] => {
  const places = ['as written (interpreted)', ...runs.map((r) => `compiled, on ${r.place}`)]
  const rows = asWritten.written.length
  return [
    `${c.bold('same bits, same rows written?')} ${same ? c.green('yes') : c.red('NO')}, ${rows} ${rows === 1 ? 'row' : 'rows'} each`,
    ...places.map((p) => `  ${p}`),
  ]
}

const why = (o: Outcome, c: Colors): readonly string[] => {
  const { lines, conflicts, laws, otherAssumptions } = whyOf(o)
  const { steps, failures } = o.plan.optimised
  const wide = Math.max(...lines.map((l) => l.touches.length))
  return [
    c.bold('why it may'),
    ...lines.map(
      (l) =>
        `  ${l.name.padEnd(9)} ${count(l.written).padStart(5)} → ${l.run}  ${l.touches.padEnd(wide)}  ${c.dim(l.why)}`,
    ),
    conflicts.length === 0
      ? '  order: no call writes what another one touches, so reads may go together'
      : `  order: kept between ${conflicts.join(', ')}`,
    ...laws.map((l) => `  law ${l.law}, assumed: ${l.assumption}`),
    `  and ${otherAssumptions} more assumptions (quoin inventory); ${steps.length} passes checked, ${failures.length} refused`,
  ]
}

const next = (c: Colors): readonly string[] => {
  const graph = 'examples/orders/graph.ts'
  const quoin = 'npm run quoin --'
  return [
    `${c.bold('next')}  npm run orders -- --servers          the same on PostgreSQL and Redis`,
    '      npm run orders -- --fault rates      the service fails: what is written then',
    `      ${quoin} explain ${graph} --sql`,
    `      ${quoin} explain ${graph} --why rate`,
    `      npm run orders -- --tables orders.duckdb && ${quoin} check ${graph} --db orders=orders.duckdb`,
    `      echo '{"tenant":"acme"}' | ${quoin} run ${graph} -i - --record run.json`,
    `      ${quoin} replay run.json ${graph} --step`,
  ]
}

/** The page of `npm run orders -- --fault rates`. */
export const failedPage = (failed: readonly Failed[], colors: boolean): string => {
  const c = pc.createColors(colors)
  return failed
    .flatMap((f) => [
      `${c.bold(f.place)}: the service fails, and the run ends with ${c.red(f.tag)}`,
      ...f.message.split('\n').map((l) => `  ${l}`),
      `  rows in quotation: ${f.rows}${f.rows === 0 ? ': the write waited for what failed, and never went out' : ''}`,
    ])
    .join('\n')
}
