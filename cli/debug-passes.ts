import { isLeft } from '../graph/either.ts'
import type { Graph } from '../graph/graph.ts'
import { print } from '../graph/text.ts'
import type { Optimised, Step } from '../passes/index.ts'
import { pipeline, runPass } from '../passes/index.ts'
import { debug, debugLevel } from './debug.ts'

/** The ladder of QUOIN_DEBUG over what the optimiser did. */
export const debugOptimised = async (source: Graph, optimised: Optimised): Promise<void> => {
  if (debugLevel() === 0) return
  const between = debugLevel() >= 3 ? replay(source, optimised.steps) : new Map<Step, Graph>()
  await debug(3, () => `graph as written\n${print(source)}`)
  for (const s of optimised.steps) {
    const did = s.changed ? 'changed' : 'no change'
    const times = `${s.ms.toFixed(2)} ms, checked in ${s.checkMs.toFixed(2)} ms`
    await debug(1, () => `${s.pass}: ${did}, ${s.nodesBefore} → ${s.nodesAfter} nodes, ${times}`)
    for (const note of s.notes) await debug(2, () => `  ${note.text}`)
    await debug(5, () => `  certificate ${JSON.stringify(s.certificate)}`)
    const after = between.get(s)
    if (s.changed && after !== undefined) await debug(3, () => `graph after ${s.pass}\n${print(after)}`)
  }
  for (const f of optimised.failures) await debug(1, () => `${f.pass}: dropped: ${f.cause}`)
}

/** The optimiser keeps the last graph only; passes are functions, so going again gives the ones between. */
const replay = (source: Graph, steps: readonly Step[]): ReadonlyMap<Step, Graph> => {
  const graphs = new Map<Step, Graph>()
  let now = source
  for (const s of steps) {
    const pass = pipeline.find((p) => p.name === s.pass)
    if (pass === undefined) break
    const ran = runPass(pass, now)
    if (isLeft(ran)) break
    now = ran.right.graph
    graphs.set(s, now)
  }
  return graphs
}
