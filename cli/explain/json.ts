import { encodeGraph } from '../../graph/json.ts'
import { print } from '../../graph/text.ts'
import { showType } from '../../graph/types.ts'
import type { TrustReport } from '../../verify/trust.ts'
import type { Explained } from './gather.ts'
import { statementsOf } from './sql.ts'

/** Everything `explain` knows, for programs: nothing is cut. */
export const explainJson = (x: Explained, trust: TrustReport): object => ({
  name: x.source.name,
  digest: x.digest,
  inputs: x.source.inputs.map(([name, type]) => ({ name, type: showType(type) })),
  output: x.output,
  target: x.target,
  steps: x.optimised.steps.map((s) => ({ ...s, accepted: true })),
  failures: x.optimised.failures,
  queries: x.queries.map((q) => {
    const [first, ...others] = statementsOf(q, x.source.name)
    const elsewhere = q.plan === undefined ? {} : Object.fromEntries(others.map((o) => [o.engine, o.sql]))
    return { ...q, runs: q.way === 'removed' ? null : first!.sql, ...(others.length > 0 && { elsewhere }) }
  }),
  effects: x.effects,
  kernels: x.kernels,
  assumptions: x.assumptions,
  trust,
  graph: encodeGraph(x.source),
  optimised: encodeGraph(x.optimised.graph),
  text: { source: print(x.source), optimised: print(x.optimised.graph) },
})
