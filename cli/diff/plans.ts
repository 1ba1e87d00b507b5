import type { Graph } from '../../graph/graph.ts'
import { optimise } from '../../passes/index.ts'
import { kernelsOf } from '../explain/view.ts'
import type { Requests } from './requests.ts'
import { requestsOf } from './requests.ts'

/** What a graph file costs, or why it cannot be told. */
export type PlanOf =
  | { readonly file: string; readonly name: string; readonly requests: readonly Requests[]; readonly kernels: number }
  | { readonly file: string; readonly trouble: string }

export const planOfGraph = (file: string, g: Graph, rows: number): PlanOf => {
  const { graph } = optimise(g)
  return { file, name: g.name, requests: requestsOf(graph, rows), kernels: kernelsOf(graph).length }
}

const total = (list: readonly Requests[]): number => list.reduce((n, r) => n + r.times, 0)
const number = (n: number): string => (Number.isFinite(n) ? n.toLocaleString('en-US') : '∞')
const change = (a: number, b: number): string => (a === b ? number(a) : `**${number(a)} → ${number(b)}**`)
const cell = (text: string): string => text.replaceAll('|', '\\|').replace(/\s+/g, ' ')
const code = (text: string): string => `\`${text.replaceAll('`', "'")}\``

/** Calls with the same effect and name are one, however often it is written; the place is where it stands now. */
const byName = (list: readonly Requests[]): ReadonlyMap<string, { readonly place: string; readonly times: number }> => {
  const found = new Map<string, { readonly place: string; readonly times: number }>()
  for (const r of list) {
    const key = `${r.effect === 'dbQuery' ? 'query' : r.effect} '${r.name}'`
    const known = found.get(key)
    found.set(key, { place: known?.place ?? r.place, times: (known?.times ?? 0) + r.times })
  }
  return found
}
const changes = (a: readonly Requests[], b: readonly Requests[]): readonly string[] => {
  const [before, after] = [byName(a), byName(b)]
  return [...new Set([...after.keys(), ...before.keys()])].flatMap((key) => {
    const [x, y] = [before.get(key), after.get(key)]
    if (x?.times === y?.times) return []
    const where = y === undefined || y.place === '' ? '' : `, ${y.place}`
    const what = x === undefined ? 'new' : y === undefined ? 'gone' : `${number(x.times)} → ${number(y.times)}`
    return [`${cell(key)}: ${what}${x === undefined ? `, ${number(y!.times)}` : ''}${where}`]
  })
}

/**
 * What a change does to plans, as Markdown for a comment: a row for each graph whose requests or kernels changed. Files stand
 * for one another by their path.
 */
export const plansPage = (
  before: readonly PlanOf[],
  after: readonly PlanOf[],
  rows: number,
): { readonly text: string; readonly changed: number } => {
  const old = new Map(before.map((p) => [p.file, p]))
  const now = new Set(after.map((p) => p.file))
  const lines: string[] = []
  for (const p of after) {
    const was = old.get(p.file)
    if ('trouble' in p) lines.push(`| ${code(p.file)} | | | cannot be built: ${cell(p.trouble)} |`)
    else if (was === undefined || 'trouble' in was)
      lines.push(
        `| ${code(p.name)} | ${number(total(p.requests))} | ${p.kernels} | ${was === undefined ? 'new' : 'could not be built before'} |`,
      )
    else {
      const what = changes(was.requests, p.requests)
      const same = total(was.requests) === total(p.requests) && was.kernels === p.kernels && what.length === 0
      if (!same)
        lines.push(
          `| ${code(p.name)} | ${change(total(was.requests), total(p.requests))} | ${change(was.kernels, p.kernels)} | ${what.join('<br>')} |`,
        )
    }
  }
  for (const p of before) if (!now.has(p.file)) lines.push(`| ${code('name' in p ? p.name : p.file)} | | | gone |`)
  const graphs = `${after.length} ${after.length === 1 ? 'graph' : 'graphs'}`
  if (lines.length === 0) return { text: `### Plans\n\nNo plan of ${graphs} changes.\n`, changed: 0 }
  return {
    text: [
      '### Plans',
      '',
      '| graph | requests of a run | loops | what changes |',
      '| --- | --- | --- | --- |',
      ...lines,
      '',
      `Of ${graphs}, ${lines.length} ${lines.length === 1 ? 'changes' : 'change'}. Lists of unknown length are counted with ${number(rows)} elements; calls that are asked together are one request.`,
      '',
    ].join('\n'),
    changed: lines.length,
  }
}
