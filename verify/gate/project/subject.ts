import type { Built } from '../../../graph/build/index.ts'
import type { Graph } from '../../../graph/graph.ts'
import type { Assumption } from '../../../runtime/assumption.ts'
import type { Bound } from '../../inventory.ts'
import type { RunPlan } from '../../plan.ts'
import type { Place } from '../model.ts'
import type { Lines } from './lines.ts'

/** Something wrong, with its place and what to do. */
export interface Trouble {
  readonly what: string
  readonly fix: string
  readonly place?: Place
}

/** A graph file of the user's, read. */
export interface GraphFile {
  /** From the root of the project, with forward slashes. */
  readonly file: string
  readonly name: string
  readonly built: Built<unknown, unknown>
  readonly graph: Graph<'source'>
  /** Where in the file what is spoken of stands. */
  readonly lines: Lines
  /** The drivers it would be bound to, for what they assume; and those that are not there. */
  readonly drivers: Bound
  readonly unbound: readonly Trouble[]
  /** What its runs may cost, as the file itself says in its export `plan`. */
  readonly plan?: Partial<RunPlan>
  /** The artefact beside it, and what is wrong with it; undefined if there is none. */
  readonly artefact?: Artefact
}

/** An artefact as it lies there. */
export interface Artefact {
  readonly directory: string
  /** Where its manifest names the graph it was made of. */
  readonly line: number
  readonly wrong: readonly Trouble[]
  /** Why it has to be verified again, where an earlier verification was named. */
  readonly renew?: readonly string[]
}

/** What a project consists of, for the gate. */
export interface Project {
  readonly name: string
  readonly graphs: readonly GraphFile[]
  /** Files that look like graphs and could not be read as one. */
  readonly broken: readonly (Trouble & { readonly file: string })[]
  /** Artefacts that no graph file of the project is the source of. */
  readonly orphans: readonly Artefact[]
  /** What scanners found in sources and generated code; undefined where they did not run. */
  readonly scanned: readonly (Trouble & { readonly rule: string; readonly place: Place })[] | undefined
  /** How many files the scanners have read. */
  readonly scannedFiles: number
  /** Versions of what assumptions depend on, as installed, and the day. */
  readonly versions: (inventory: readonly Assumption[]) => Readonly<Record<string, string>>
  readonly today: string
}
