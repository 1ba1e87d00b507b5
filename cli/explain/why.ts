import type { NodeId } from '../../graph/arena.ts'
import type { Graph } from '../../graph/graph.ts'
import { History } from '../../passes/index.ts'
import { misused } from '../failure.ts'
import type { Colors } from '../output.ts'
import { lineOf, named, placesOf } from './names.ts'

const most = 60

/** How a node of the optimised graph came to be: rules in the order in which they were applied, and where it began. */
export const whyText = (source: Graph, name: string, c: Colors): string => {
  const history = new History(source)
  const found = named(history.graph, name)
  if (found.length === 0) {
    const last = Math.max(0, placesOf(history.graph).size - 1)
    throw misused(
      `there is no node ${name} in the optimised graph`,
      `name one as quoin explain prints it, from %0 to %${Math.min(last, topOf(history.graph))}, %4.0.%2 for a node of a body, or a call by its name`,
    )
  }
  return `${found.map((id) => one(history, source, id, c).join('\n')).join('\n\n')}\n`
}
const topOf = (g: Graph): number =>
  [...placesOf(g).values()].filter((p) => /^%\d+$/.test(p)).reduce((m, p) => Math.max(m, Number(p.slice(1))), 0)

const one = (history: History, source: Graph, id: NodeId, c: Colors): readonly string[] => {
  const { events, origins } = history.of(id)
  const shown = events.slice(0, most).map(({ pass, rule, before, from, made }) => {
    const { arena } = before
    const was = from === undefined ? '' : `  ${placeOr(before, from, arena.opOf(from).name)}`
    return `  ${c.cyan(pass.padEnd(9))} ${rule === '' ? 'made it, as a part of something larger' : rule}${was}${from === undefined ? '' : ` → ${arena.opOf(made).name}`}`
  })
  const places = placesOf(source)
  return [
    c.bold(lineOf(history.graph, id)),
    ...(shown.length === 0 ? ['  no rule: it is as it was written'] : shown),
    ...(events.length > most ? [c.dim(`  … and ${events.length - most} more`)] : []),
    c.bold('As written'),
    ...(origins.length === 0 ? ['  nothing: it is new'] : origins.map((o) => `  ${lineOf(source, o, places)}`)),
  ]
}
const placeOr = (g: Graph, id: NodeId, op: string): string => {
  const place = placesOf(g).get(id)
  return place === undefined ? op : `${place} ${op}`
}
