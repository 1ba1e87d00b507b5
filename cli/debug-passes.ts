import type { Graph } from '../graph/graph.ts'
import { print } from '../graph/text.ts'
import type { Optimised } from '../passes/index.ts'
import { debug, debugLevel } from './debug.ts'

/** The ladder of QUOIN_DEBUG over what the optimiser did. */
export const debugOptimised = async (source: Graph, optimised: Optimised): Promise<void> => {
  if (debugLevel() === 0) return
  await debug(3, () => `graph as written\n${print(source)}`)
  for (const s of optimised.steps) {
    await debug(1, () => `${s.pass}: ${s.changed ? 'changed' : 'no change'}, ${s.nodesBefore} → ${s.nodesAfter} nodes, ${s.ms.toFixed(2)} ms, checked in ${s.checkMs.toFixed(2)} ms`)
    for (const note of s.notes) await debug(2, () => `  ${note.text}`)
    await debug(5, () => `  certificate ${JSON.stringify(s.certificate)}`)
  }
  for (const f of optimised.failures) await debug(1, () => `${f.pass}: dropped: ${f.cause}`)
  await debug(3, () => `optimised graph\n${print(optimised.graph)}`)
}
