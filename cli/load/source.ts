import type { Built } from '../../graph/build/index.ts'
import type { Graph } from '../../graph/graph.ts'
import type { Artifact } from '../../runtime/artifact.ts'
import type { Drivers } from '../../runtime/load.ts'
import type { RunPlan } from '../../verify/plan.ts'

/** What a graph file may export as `drivers`: drivers by name, or how to make them. */
export type DriversExport = Drivers | (() => Drivers | Promise<Drivers>)

/** A graph file that was read: a graph as written, or an artefact. */
export type Source =
  | {
      readonly kind: 'graph'
      readonly file: string
      readonly built: Built<unknown, unknown>
      readonly graph: Graph<'source'>
      readonly drivers?: DriversExport
      /** What a graph file exports as `redact`: the places that recordings leave out. */
      readonly redact?: readonly string[]
      /** What a graph file exports as `plan`: what its runs may cost, for `quoin verify`. */
      readonly plan?: Partial<RunPlan>
    }
  | { readonly kind: 'artifact'; readonly file: string; readonly artifact: Artifact; readonly drivers?: DriversExport }
export type GraphSource = Extract<Source, { kind: 'graph' }>
