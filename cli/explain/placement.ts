import type { Graph } from '../../graph/graph.ts'
import type { Topology } from '../../graph/topology.ts'
import type { Placement } from '../../passes/index.ts'
import { placement } from '../../passes/index.ts'
import { failedWith } from '../failure.ts'
import { readJson } from '../load/json-file.ts'
import type { Colors } from '../output.ts'

/** Places an optimised graph on the sites of a JSON file. */
export const placedBy = async (
  file: string,
  graph: Graph,
  target: 'ts' | 'wasm',
  shown: string,
): Promise<Placement> => {
  const fix =
    'write { "sites": [{ "name", "reaches" }], "links": [{ "from", "to", "latencyMs", "bytesPerMs" }], "inputs", "result" }'
  // What the file holds is looked at where the graph is placed.
  const placed = placement(graph, (await readJson(file, file, fix)) as Topology, target)
  if (placed._tag === 'Left') throw failedWith(placed.left, shown)
  return placed.right
}

const cost = (ms: number | null): string => (ms === null ? 'cannot be' : `${ms.toFixed(3)} ms`)

/** The placement in a table: each step and its site, what crosses, and the cost before and after. */
export const placementText = (p: Placement, c: Colors): readonly string[] => {
  const sites = Math.max(...p.before.map((b) => b.site.length))
  return [
    c.bold('Placement'),
    ...p.steps.map(
      (s, i) => `  ${`%${i}`.padStart(5)}  ${s.site.padEnd(sites)}  ${s.label}${s.pinned ? c.dim('  (pinned)') : ''}`,
    ),
    ...p.crossings.map((x) => `  ${x.from} → ${x.to}  ${x.what} of ${x.label}  ${c.dim(cost(x.costMs))}`),
    ...p.before.map((b) => `  before  ${cost(b.costMs)} with all at ${b.site} but what is bound elsewhere`),
    `  after   ${cost(p.costMs)}: work and crossings added up, by ${p.how}`,
  ]
}
