import { createHash } from 'node:crypto'
import { compile } from '../../compile.ts'
import { isLeft } from '../../graph/either.ts'
import type { Manifest, Sidecar } from '../../runtime/artifact.ts'
import type { Trouble } from '../../verify/gate/project/index.ts'
import { lineOfEntry } from '../../verify/gate/project/lines.ts'
import { asBuilt } from '../build.ts'
import type { Interrupt } from '../interrupt.ts'
import type { GraphSource } from '../load/index.ts'
import { near } from '../load/near.ts'
import type { Present } from './check.ts'
import { compareArtifact, wholeManifestIn } from './check.ts'
import { artifactFiles } from './files.ts'

/** What of an artefact is not what its graph file gives now, built the way it was built. */
export const differencesOf = async (
  source: GraphSource,
  directory: string,
  shown: string,
  present: Present,
  interrupt: Interrupt,
): Promise<readonly Trouble[]> => {
  const fix = `quoin build ${near(source.file)}`
  const compiled = await compile(source.built, asBuilt(present, { relax: [] }))
  if (interrupt.signal.aborted) return []
  if (isLeft(compiled)) return [{ what: `nothing is generated now: ${compiled.left.cause}`, fix: compiled.left.remedy }]
  const { reasons, first, namesMoved } = compareArtifact(present, {
    ...compiled.right,
    program: compiled.right.effectProgram,
    sidecar: { name: '', sites: [] },
    failures: [],
  })
  const at =
    first === undefined
      ? ''
      : `; first difference in ${first.file}${first.place === undefined ? '' : `, ${first.place}`}`
  const found = reasons.length === 0 && first !== undefined ? [`${near(directory)} differs`] : reasons
  const edited = first !== undefined && reasons.some((r) => r.startsWith(`${first.file} `))
  const drift = driftOf(present, compiled.right.manifest)
  // What was built from something else is told at the manifest, which says from what.
  const place = edited
    ? { place: { file: `${shown}/${first.file}`, line: first.line ?? 1 } }
    : drift === undefined
      ? {}
      : { place: { file: `${shown}/manifest.json`, line: drift.line } }
  // A comment may move lines without a new build; more than that nobody may write there.
  const names = namesMoved && !onlyMoved(present.get('names.json'), compiled.right.files['names.json'])
  return [
    ...found.map((what) => ({ what: `${what}${drift === undefined ? '' : `: ${drift.what}`}${at}`, fix, ...place })),
    ...(names ? [{ what: 'names.json speaks of other calls than the graph has, or was edited by hand', fix }] : []),
  ]
}

/** Who decodes its answers, or hands it inputs, does so by other types than its graph has now: what of them, and where it stands. */
const driftOf = (present: Present, now: Manifest): { readonly what: string; readonly line: number } | undefined => {
  const manifest = wholeManifestIn(present)
  if (manifest === undefined) return undefined
  const text = Buffer.from(present.get('manifest.json') ?? []).toString()
  const { inputs, output } = manifest
  if (output !== now.output) return { what: moved('answer', output, now.output), line: lineOfEntry(text, 'output') }
  const was = new Map(inputs)
  const [name, type] = now.inputs.find(([n, t]) => was.get(n) !== t) ?? []
  return name === undefined || type === undefined
    ? undefined
    : { what: moved(`input '${name}'`, was.get(name), type), line: lineOfEntry(text, 'inputs') }
}
const moved = (what: string, was: string | undefined, is: string): string =>
  `its ${what} was ${was ?? 'not there'}, and the graph's is ${is}`

/** Whether two lists of names speak of the same calls, so that only names and lines can differ. */
const onlyMoved = (is: Uint8Array | undefined, should: string): boolean => {
  const [a, b] = [sidecarIn(Buffer.from(is ?? []).toString()), sidecarIn(should)]
  return a !== undefined && b !== undefined && a === b
}
/** The calls that a sidecar speaks of; undefined where it is none, or holds anything else. */
const sidecarIn = (text: string): string | undefined => {
  try {
    const { name, sites, ...more } = JSON.parse(text) as Sidecar
    const sound =
      typeof name === 'string' &&
      Object.keys(more).length === 0 &&
      sites.every(([at, ...words]) => Number.isInteger(at) && words.length === 2 && words.every(isText))
    return sound ? sites.map(([at]) => at).join() : undefined
  } catch {
    return undefined
  }
}
const isText = (x: unknown): boolean => typeof x === 'string'

/** What of an artefact its own manifest does not answer for: all that can be said without its graph. */
export const editedIn = (present: Present, shown: string): readonly Trouble[] => {
  const fix = 'build it again with quoin build'
  const file = `${shown}/manifest.json`
  const text = Buffer.from(present.get('manifest.json') ?? []).toString()
  const manifest = wholeManifestIn(present)
  if (manifest === undefined)
    return [{ what: 'its manifest.json is missing or cannot be read', fix, place: { file, line: 1 } }]
  const { files } = manifest
  const named = new Set([...Object.keys(files), 'manifest.json', 'names.json'])
  const owed = artifactFiles.filter((f) => f !== 'kernels.wasm' || manifest.target === 'wasm')
  return [...new Set([...owed, ...named, ...present.keys()])].flatMap((name) => {
    const bytes = present.get(name)
    const place = { file, line: lineOfEntry(text, name) }
    if (bytes === undefined) return [{ what: `${name} is missing`, fix, place }]
    if (!(artifactFiles as readonly string[]).includes(name))
      return [{ what: `${name} does not belong to it`, fix, place }]
    if (!named.has(name)) return [{ what: `its manifest names no hash of ${name}`, fix, place }]
    const hash = Object.hasOwn(files, name) ? files[name] : undefined
    const is = createHash('sha256').update(bytes).digest('hex')
    return hash === undefined || is === hash ? [] : [{ what: `${name} was edited by hand`, fix, place }]
  })
}
