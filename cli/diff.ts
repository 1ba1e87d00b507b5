import type { Graph } from '../graph/graph.ts'
import { listGraph } from '../graph/listing.ts'
import { showType } from '../graph/types.ts'
import { optimise } from '../passes/index.ts'
import { plansPage } from './diff/plans.ts'
import { sideBySide } from './diff/text.ts'
import { plansIn } from './diff/trees.ts'
import { exit } from './failure.ts'
import type { Interrupt } from './interrupt.ts'
import { loadGraph } from './load/index.ts'
import { out, outColors } from './output.ts'

export interface DiffOptions {
  readonly optimised?: true
  readonly width?: number
  readonly exitCode?: true
  readonly markdown?: true
  readonly rows: number
}

/** `quoin diff`: two graphs side by side, nodes aligned by what they compute and not by their numbers; or what becomes of plans. */
export const diff = async (a: string, b: string, options: DiffOptions, interrupt: Interrupt): Promise<void> => {
  if (options.markdown === true) {
    const [before, after] = [await plansIn(a, options.rows, interrupt), await plansIn(b, options.rows, interrupt)]
    const { text, changed } = plansPage(before, after, options.rows)
    await out(text)
    if (changed > 0 && options.exitCode === true) process.exitCode = exit.failed
    return
  }
  const graphs: Graph[] = []
  for (const name of [a, b]) {
    const { graph } = await loadGraph(name, interrupt, 'quoin diff')
    graphs.push(options.optimised === true ? optimise(graph).graph : graph)
  }
  const [left, right] = graphs as [Graph, Graph]
  const c = outColors()
  const width = Math.max(20, Math.floor(((options.width ?? process.stdout.columns ?? 160) - 7) / 2))
  const lists = graphs.map((g) => listGraph(g.arena, g.root, g.sites).listing)
  const { rows, differ } = sideBySide(lists[0]!, lists[1]!, width, c)
  const inputs = [left, right].map(inputsOf)
  const lines = [
    c.bold(`  ${`${left.name} (${a})`.padEnd(width)} │ ${right.name} (${b})`),
    ...(inputs[0] === inputs[1] ? [] : [`~ inputs ${inputs[0]}`, `         ${inputs[1]}`]),
    ...rows,
  ]
  const same = differ === 0 && inputs[0] === inputs[1]
  await out(same ? `the graphs are the same: ${lists[0]!.nodes.length} nodes\n` : `${lines.join('\n')}\n`)
  if (!same && options.exitCode === true) process.exitCode = exit.failed
}
const inputsOf = (g: Graph): string =>
  g.inputs.length === 0 ? 'none' : g.inputs.map(([n, t]) => `${n}: ${showType(t)}`).join(', ')
