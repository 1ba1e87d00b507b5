import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Generated } from '../../codegen/artifact.ts'
import type { Manifest } from '../../runtime/artifact.ts'
import type { Difference } from './difference.ts'
import { byteDifference, textDifference } from './difference.ts'
import { artifactFiles, bytesOf } from './files.ts'

/** What an artefact directory holds now. */
export type Present = ReadonlyMap<string, Uint8Array>
type Committed = Partial<Manifest> & { readonly files?: Readonly<Record<string, string>> }

export const readArtifact = async (directory: string): Promise<Present | undefined> => {
  const names = await readdir(directory).catch(() => undefined)
  if (names === undefined) return undefined
  const found = new Map<string, Uint8Array>()
  for (const n of names.sort()) {
    const bytes = await readFile(join(directory, n)).catch(() => undefined)
    found.set(n, bytes ?? new Uint8Array())
  }
  return found
}

export interface Verdict {
  /** Why the artefact is not the one that would be generated; empty when it is. */
  readonly reasons: readonly string[]
  readonly first?: { readonly file: string } & Partial<Difference>
  /** Names and source lines moved: nothing that runs is concerned. */
  readonly namesMoved: boolean
}

/**
 * Compares an artefact with what would be generated now. Two questions are kept apart: is it whole, as its own manifest
 * says (else somebody edited it), and was it built from this graph, with these options, by this version.
 */
export const compareArtifact = (present: Present, expected: Generated): Verdict => {
  const committed = manifestIn(present)
  const edited = committed === undefined ? [] : editedFiles(present, committed)
  const other = committed === undefined ? [] : builtOtherwise(committed, expected.manifest)
  const first = firstDifference(present, expected.files, edited)
  const reasons = [
    ...(committed === undefined ? ['its manifest.json is missing or cannot be read'] : []),
    ...edited.map((f) => `${f} was edited by hand: its content has not the hash that the manifest names`),
    ...(other.length === 0 ? [] : [`it was built ${other.join(', and ')}`]),
  ]
  // Equal keys and hashes, and still another text: then the manifest itself was touched, or a file came or went.
  if (reasons.length === 0 && first !== undefined) reasons.push(unexplained(first.file, present, expected.files))
  const names = present.get('names.json')
  const namesMoved = names === undefined || Buffer.compare(names, bytesOf(expected.files['names.json'])) !== 0
  return { reasons, namesMoved, ...(first === undefined ? {} : { first }) }
}

const manifestIn = (present: Present): Committed | undefined => {
  try {
    const json = JSON.parse(Buffer.from(present.get('manifest.json') ?? []).toString()) as unknown
    return typeof json === 'object' && json !== null ? json : undefined
  } catch {
    return undefined
  }
}
/** The manifest that lies there, with the hash of each file; undefined where it says less than a manifest has to. */
export const wholeManifestIn = (present: Present): (Manifest & Required<Committed>) | undefined => {
  const m = manifestIn(present)
  const whole =
    m !== undefined &&
    [m.quoin, m.digest, m.key].every((t) => typeof t === 'string') &&
    (m.target === 'ts' || m.target === 'wasm') &&
    [m.effects, m.kernels, m.inventory].every(Array.isArray) &&
    typeof m.files === 'object' &&
    m.files !== null &&
    Object.values(m.files).every((h) => typeof h === 'string')
  return whole ? (m as Manifest & Required<Committed>) : undefined
}
const editedFiles = (present: Present, { files = {} }: Committed): readonly string[] =>
  Object.entries(files)
    .filter(([name, hash]) => {
      const bytes = present.get(name)
      return bytes !== undefined && createHash('sha256').update(bytes).digest('hex') !== hash
    })
    .map(([name]) => name)

/** Whether the code of an artefact is the code its manifest names; kernels are checked by whoever loads them. */
export const moduleIsWhole = async (directory: string): Promise<boolean> => {
  const present = await readArtifact(directory)
  const committed = present === undefined ? undefined : manifestIn(present)
  return present === undefined || committed === undefined || !editedFiles(present, committed).includes('module.js')
}

/** From which graph, with which options, by which version: the parts of the key, told apart. */
const builtOtherwise = (is: Committed, should: Manifest): readonly string[] => {
  if (is.key === should.key) return []
  const parts: string[] = []
  if (is.quoin !== should.quoin) parts.push(`by Quoin ${String(is.quoin)} (this is ${should.quoin})`)
  if (is.numerics !== should.numerics) parts.push(`for numerics ${String(is.numerics)} (this is ${should.numerics})`)
  if (is.target !== should.target) parts.push(`for target ${String(is.target)} (asked for ${should.target})`)
  if (is.digest !== should.digest)
    parts.push(`from another graph (digest ${short(is.digest)}, the graph has ${short(should.digest)})`)
  return parts.length > 0 ? parts : ['with other options']
}
const short = (hash: string | undefined): string => `${String(hash).slice(0, 12)}…`

const firstDifference = (present: Present, files: Generated['files'], edited: readonly string[]): Verdict['first'] => {
  // What was edited by hand comes first: that is what its author has to find.
  const order = [...edited, ...artifactFiles.filter((f) => f !== 'names.json' && !edited.includes(f))]
  for (const file of order) {
    const [is, should] = [present.get(file), (files as Readonly<Record<string, string | Uint8Array>>)[file]]
    if (is === undefined && should === undefined) continue
    if (is === undefined || should === undefined) return { file }
    const d =
      typeof should === 'string' ? textDifference(Buffer.from(is).toString(), should) : byteDifference(is, should)
    if (d !== undefined) return { file, ...d }
  }
  const foreign = [...present.keys()].find((f) => !(artifactFiles as readonly string[]).includes(f))
  return foreign === undefined ? undefined : { file: foreign }
}
const unexplained = (file: string, present: Present, files: Generated['files']): string => {
  if (!present.has(file)) return `${file} is missing`
  if (!Object.hasOwn(files, file)) return `${file} does not belong to it`
  return `${file} was edited by hand`
}
