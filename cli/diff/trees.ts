import { existsSync, statSync } from 'node:fs'
import { basename, relative, resolve } from 'node:path'
import { Failure } from '../failure.ts'
import type { Interrupt } from '../interrupt.ts'
import { loadGraph } from '../load/index.ts'
import { filesBelow } from '../verify/found.ts'
import type { PlanOf } from './plans.ts'
import { planOfGraph } from './plans.ts'

/** The plans of one graph file, or of all below a directory, by their paths from there. */
export const plansIn = async (given: string, rows: number, interrupt: Interrupt): Promise<readonly PlanOf[]> => {
  const at = resolve(given)
  const isTree = existsSync(at) && statSync(at).isDirectory() && !at.endsWith('.quoin')
  const plans: PlanOf[] = []
  for (const path of isTree ? filesBelow(at).graphs : [at]) {
    const file = isTree ? relative(at, path).replaceAll('\\', '/') : basename(path)
    try {
      const { graph } = await loadGraph(path, interrupt, 'quoin diff')
      const plan = planOfGraph(file, graph, rows)
      plans.push(
        'trouble' in plan || !isTree
          ? plan
          : { ...plan, requests: plan.requests.map((r) => ({ ...r, place: from(at, r.place) })) },
      )
    } catch (e) {
      // One that cannot be built is told in its row; what was asked for by name has to be there.
      if (!isTree || !(e instanceof Failure) || interrupt.signal.aborted) throw e
      plans.push({ file, trouble: e.message.split('\n').slice(0, 2).join(' ') })
    }
  }
  return plans
}
/** A place as it is called in its own tree. */
const from = (root: string, place: string): string => {
  const line = /^(.*?)(:\d+(?::\d+)?)$/.exec(place)
  if (line === null) return place
  const path = relative(root, resolve(line[1]!)).replaceAll('\\', '/')
  return path.startsWith('..') ? place : `${path}${line[2]}`
}
