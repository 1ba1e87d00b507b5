import { createHash } from 'node:crypto'
import { basename, dirname, join } from 'node:path'
import { digest } from '../../graph/text.ts'
import type { Artefact } from '../../verify/gate/project/index.ts'
import { lineOfEntry } from '../../verify/gate/project/lines.ts'
import type { Present } from '../artifact/check.ts'
import { readArtifact, wholeManifestIn } from '../artifact/check.ts'
import { directoryName } from '../artifact/files.ts'
import { differencesOf, editedIn } from '../artifact/verdict.ts'
import { asBuilt } from '../build.ts'
import type { Interrupt } from '../interrupt.ts'
import type { GraphSource } from '../load/index.ts'

/** The files of an artefact, read once: what is compared, scanned and signed are these bytes. */
export interface ReadArtefact {
  readonly path: string
  /** From the root of the project. */
  readonly directory: string
  readonly present: Present
}
export const readArtefacts = async (
  directories: readonly string[],
  shown: (path: string) => string,
): Promise<readonly ReadArtefact[]> => {
  const all: ReadArtefact[] = []
  for (const path of directories) {
    const present = await readArtifact(path)
    if (present !== undefined) all.push({ path, directory: shown(path), present })
  }
  return all
}

/** An artefact, with what is wrong with it: all of it where its source is here, else what it says of itself. */
export const artefactOf = async (
  { directory, path, present }: ReadArtefact,
  source: GraphSource | undefined,
  interrupt: Interrupt,
): Promise<Artefact> => {
  const { target = 'wasm', relax = [] } = asBuilt(present, { relax: [] })
  const manifest = wholeManifestIn(present)
  const text = Buffer.from(present.get('manifest.json') ?? []).toString()
  const hashed = [...present].map(([n, bytes]) => [n, createHash('sha256').update(bytes).digest('hex')] as const)
  return {
    directory,
    line: lineOfEntry(text, 'digest'),
    relaxLine: lineOfEntry(text, 'relax'),
    files: Object.fromEntries(hashed),
    target,
    relax,
    wrong:
      source === undefined
        ? editedIn(present, directory)
        : await differencesOf(source, path, directory, present, interrupt),
    ...(manifest === undefined ? {} : { manifest }),
  }
}

/** A graph file that was read, and where an artefact of it is built unless another place is given. */
export interface Sourced {
  readonly source: GraphSource
  readonly path: string
  readonly beside: string
}
export const sourced = (source: GraphSource, path: string): Sourced => ({
  source,
  path,
  beside: join(dirname(path), directoryName(source.graph.name)),
})
/**
 * Which graph an artefact was built from: the one beside it, or else the one of its name, wherever it lies. Where several
 * have that name, the digest in the manifest decides.
 */
export const sourceOf = (a: ReadArtefact, graphs: readonly Sourced[]): Sourced | undefined => {
  const named = graphs.filter(({ beside }) => basename(beside) === basename(a.path))
  const near = named.filter(({ beside }) => beside === a.path)
  const [first, ...others] = near.length > 0 ? near : named
  if (others.length === 0) return first
  const is = wholeManifestIn(a.present)?.digest
  return others.find(({ source }) => digest(source.graph) === is) ?? first
}

/** Graphs that would be built to one place, of which an artefact can be one alone: each with the file that comes first. */
export const sharing = (
  graphs: readonly Sourced[],
  artefacts: readonly ReadArtefact[],
): readonly (readonly [Sourced, Sourced])[] =>
  artefacts.flatMap((a) => {
    const [first, ...others] = graphs.filter((g) => g.beside === a.path)
    return others.map((o) => [o, first!] as const)
  })
