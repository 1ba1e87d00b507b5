import { resolve } from 'node:path'
import { isLeft } from '../graph/either.ts'
import type { QueryReport } from '../verify/sql/check.ts'
import { checkQueries } from '../verify/sql/check.ts'
import type { Finding } from '../verify/sql/finding.ts'
import type { Bindings } from './bindings.ts'
import { databaseFile } from './drivers.ts'
import { exit, Failure, failed, failedWith, misused } from './failure.ts'
import type { Interrupt } from './interrupt.ts'
import { loadGraph } from './load/index.ts'
import { out, outColors } from './output.ts'
import { progress } from './progress.ts'
import { table } from './show/table.ts'

export interface CheckOptions {
  readonly db: Bindings
  readonly partial?: true
  readonly strict?: true
  readonly json?: true
}

/** `quoin check`: asks databases about the queries of a graph, and compares. */
export const check = async (graph: string, options: CheckOptions, interrupt: Interrupt): Promise<void> => {
  const source = await loadGraph(graph, interrupt, 'quoin check')
  const databases: Record<string, string> = {}
  for (const [name, given] of Object.entries(options.db)) databases[name] = await address(name, given)
  const report = await progress(`asking ${Object.keys(databases).join(', ')}`, () =>
    interrupt.release(() => checkQueries(source.graph, databases)),
  )
  if (isLeft(report)) {
    if (report.left._tag !== 'NoDatabase') throw failedWith(report.left, source.file)
    throw failed(report.left.cause, report.left.remedy, report.left)
  }
  const names = [...new Set(report.right.queries.map((q) => q.db))]
  for (const name of Object.keys(databases)) {
    if (names.includes(name)) continue
    const fix =
      names.length === 0 ? 'the graph asks no database' : `its databases are ${names.map((n) => `'${n}'`).join(', ')}`
    throw misused(`--db ${name}=…: ${source.file} has no database '${name}'`, fix)
  }
  const left = names.filter((n) => !Object.hasOwn(databases, n))
  await out(options.json === true ? JSON.stringify(report.right, null, 2) : text(report.right))
  const bad = count(report.right, 'error') + (options.strict === true ? count(report.right, 'warning') : 0)
  // What nobody asked about is not known to fit.
  if (left.length > 0 && options.partial !== true)
    throw failed(
      `${left.map((n) => `'${n}'`).join(', ')} ${left.length === 1 ? 'was' : 'were'} not asked${bad > 0 ? `, and ${bad} of what was found does not fit` : ''}`,
      `add ${left.map((n) => `--db ${n}=…`).join(' ')}, or --partial to leave ${left.length === 1 ? 'it' : 'them'} out`,
    )
  if (bad > 0)
    throw new Failure(
      exit.failed,
      `${bad} ${bad === 1 ? 'thing does' : 'things do'} not fit ${Object.keys(databases).join(', ')}`,
    )
}

const address = async (name: string, given: string): Promise<string> => {
  if (/^postgres(?:ql)?:\/\//.test(given)) {
    if (!URL.canParse(given)) throw misused(`--db ${name}=…: that is no URL`, 'give postgres://user@host/database')
    return given
  }
  if (given === ':memory:') return given
  await databaseFile(name, given, true)
  return resolve(given)
}

const all = (r: QueryReport): readonly Finding[] => r.queries.flatMap((q) => q.findings)
const count = (r: QueryReport, level: Finding['level']): number => all(r).filter((f) => f.level === level).length

const text = (r: QueryReport): string => {
  const c = outColors()
  const paint = { error: c.red, warning: c.yellow, note: c.dim }
  const found = all(r).map(
    (f) => `${f.place === '' ? '' : `${f.place} `}${paint[f.level](f.level)}: ${f.cause}\n  fix: ${f.remedy}`,
  )
  const cells = (f: (q: QueryReport['queries'][number]) => string): readonly string[] => r.queries.map(f)
  const number = (level: Finding['level']) => (q: QueryReport['queries'][number]) =>
    q.asked ? String(q.findings.filter((f) => f.level === level).length) : ''
  const rows = table(
    [
      { name: 'query', right: false, cells: cells((q) => q.name) },
      { name: 'database', right: false, cells: cells((q) => q.db) },
      { name: 'errors', right: true, cells: cells(number('error')) },
      { name: 'warnings', right: true, cells: cells(number('warning')) },
      { name: 'notes', right: true, cells: cells(number('note')) },
      { name: '', right: false, cells: cells((q) => (q.asked ? '' : 'not asked: no --db for it')) },
    ],
    c,
  )
  return [...found, ...(found.length === 0 ? [] : ['']), ...rows].join('\n')
}
