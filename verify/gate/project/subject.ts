import type { Built } from '../../../graph/build/index.ts'
import type { Graph } from '../../../graph/graph.ts'
import type { Mode } from '../../../passes/index.ts'
import type { Manifest } from '../../../runtime/artifact.ts'
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
  /** The artefacts that were built from it, wherever they lie, and what is wrong with each. */
  readonly artefacts: readonly Artefact[]
}

/** How a graph is compiled, as an artefact says it was. */
export interface Build {
  readonly target: 'ts' | 'wasm'
  readonly relax: readonly Mode[]
}

/** An artefact as it lies there. Its files are read once: what is judged is what a summary speaks of. */
export interface Artefact extends Build {
  readonly directory: string
  /** Where its manifest names the graph it was made of. */
  readonly line: number
  /** Where its manifest says with which relaxed laws it was built. */
  readonly relaxLine: number
  /** sha256 of every file. */
  readonly files: Readonly<Record<string, string>>
  /** Undefined where it cannot be read as one. */
  readonly manifest?: Manifest
  readonly wrong: readonly Trouble[]
}

/** What an earlier verification says of an artefact: why it has to be verified again, or nothing. */
export interface Renewed {
  readonly directory: string
  readonly because: readonly string[]
}

/** What a project consists of, for the gate. */
export interface Project {
  readonly name: string
  readonly graphs: readonly GraphFile[]
  /** Files that look like graphs and could not be read as one. */
  readonly broken: readonly (Trouble & { readonly file: string })[]
  /** Modules that use Quoin and were not loaded, because they do not look like graph files. */
  readonly leftAlone: readonly string[]
  /** Artefacts that no graph file of the project is the source of. */
  readonly orphans: readonly Artefact[]
  /** Every artefact that was verified earlier or is there now, where an earlier verification was named. */
  readonly renewed: readonly Renewed[]
  /** What scanners found in sources and generated code. */
  readonly scanned: readonly (Trouble & { readonly rule: string; readonly place: Place })[]
  /** What is allowed because of an assumption. */
  readonly allowed: readonly {
    readonly rule: string
    readonly file: string
    readonly assumption: string
    readonly place: Place
  }[]
  /** Packages that the sources import. Scanners do not read them. */
  readonly packages: readonly string[]
  /** How many files the scanners have read. */
  readonly scannedFiles: number
  /** Versions of what assumptions depend on, as installed, and the day. */
  readonly versions: (inventory: readonly Assumption[]) => Readonly<Record<string, string>>
  readonly today: string
}

/** Every artefact of a project. */
export const artefactsOf = (p: Project): readonly Artefact[] => [...p.graphs.flatMap((g) => g.artefacts), ...p.orphans]
