import type { Either } from '../graph/either.ts'
import { left, right } from '../graph/either.ts'
import type { RunError } from '../graph/errors.ts'
import type { AnyQueries, Artifact, Sidecar } from './artifact.ts'
import { moduleFunction } from './module-text.ts'

/** What `quoin verify --summary` writes: a verification summary of in-toto and SLSA. */
export interface Summary {
  readonly _type: typeof summaryTypes.statement
  readonly subject: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[]
  readonly predicateType: typeof summaryTypes.predicate
  readonly predicate: {
    readonly verifier: { readonly id: string; readonly version: Readonly<Record<string, string>> }
    readonly timeVerified: string
    readonly resourceUri: string
    readonly policy: { readonly uri: string; readonly digest: { readonly sha256: string } }
    readonly verificationResult: 'PASSED' | 'FAILED'
    readonly verifiedLevels: readonly string[]
    readonly quoinEvidence: Readonly<Record<string, number>>
    /** On what the verification of each artefact rested, part by part, so that it is told when it has to be renewed. */
    readonly quoinBasis?: Readonly<
      Record<string, { readonly digest: string; readonly parts: Readonly<Record<string, string>> }>
    >
  }
}
export const summaryTypes = {
  statement: 'https://in-toto.io/Statement/v1',
  predicate: 'https://slsa.dev/verification_summary/v1',
} as const

/** Nothing outside this module can name this, and nothing but `admit` puts it on a value. */
declare const verified: unique symbol
/** An artefact whose every byte a passed verification speaks of. Only `admit` makes one. */
export type Verified<A extends Artifact = Artifact> = A & { readonly [verified]: true }

/** What was admitted, with the sha256 of each of its files. */
const admitted = new WeakMap<object, Hashes>()
type Hashes = ReadonlyMap<string, string>
/** Whether `admit` has made it; a copy of it is another value. */
export const isVerified = <A extends Artifact>(a: A): a is Verified<A> => admitted.has(a)

/** Where the parts of an artefact are: its directory, or their bytes by name. */
export type Parts = string | URL | Readonly<Record<string, string | Uint8Array>>

/**
 * The artefact in a directory, if a verification has passed that speaks of exactly these bytes. The bytes that were
 * compared are the bytes that run: each file is read once, and the code is made of what was read. One that is changed,
 * missing or too many is refused. A summary says who looked at what; that it is genuine, its signature says, which is
 * checked where it is fetched.
 *
 *     const scores = await admit('score-book.quoin', JSON.parse(summaryText))
 *     if (scores._tag === 'Right') await load(scores.right, drivers, { strict: true })
 */
export const admit = async <Input = unknown, Output = unknown, Queries extends AnyQueries = AnyQueries>(
  parts: Parts,
  summary: unknown,
): Promise<Either<RunError, Verified<Artifact<Input, Output, Queries>>>> => {
  try {
    const wrong = unfitSummary(summary)
    if (wrong !== undefined) return left(refused(wrong))
    const bytes = await bytesOf(parts)
    const hashes = await hashesOf(bytes)
    const changed = difference(hashes, summary as Summary)
    if (changed !== undefined) return left(refused(changed))
    const made = await artifactFrom(bytes)
    const fixed = frozen({ ...made, manifest: frozen(made.manifest) }) as Verified<Artifact<Input, Output, Queries>>
    admitted.set(fixed, hashes)
    return right(fixed)
  } catch (e) {
    return left(refused(e instanceof Error ? e.message : String(e)))
  }
}

/**
 * The same for an artefact that was imported from a directory: what is there is read again, and that is what runs. One
 * that was admitted already is held to this summary as well, which may be another one.
 */
export const admitImported = async <Input, Output>(
  a: Artifact<Input, Output>,
  summary: unknown,
): Promise<Either<RunError, Verified<Artifact<Input, Output>>>> => {
  const hashes = admitted.get(a)
  if (hashes !== undefined) {
    const wrong = unfitSummary(summary) ?? difference(hashes, summary as Summary)
    return wrong === undefined ? right(a as Verified<Artifact<Input, Output>>) : left(refused(wrong))
  }
  const names = a.names()
  return names instanceof URL
    ? admit<Input, Output>(new URL('./', names), summary)
    : left(refused('it was not read from a directory, so there are no bytes to compare'))
}

export const notVerified = (): RunError => refused('nobody has admitted it')
const refused = (cause: string): RunError => ({
  _tag: 'LoadFailed',
  node: '',
  place: '',
  cause: `strict: the artefact is not verified: ${cause}`,
  remedy: 'build it, run quoin verify --summary, and admit(directory, summary) what was looked at',
})

const isObject = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === 'object' && x !== null && !Array.isArray(x)
const unfitSummary = (s: unknown): string | undefined => {
  if (!isObject(s) || s._type !== summaryTypes.statement) return 'the summary is no in-toto statement (v1)'
  if (s.predicateType !== summaryTypes.predicate) return 'the statement is no verification summary (v1)'
  if (!isObject(s.predicate) || s.predicate.verificationResult !== 'PASSED') return 'its verification has not passed'
  const subjects = s.subject
  const sound =
    Array.isArray(subjects) &&
    subjects.every(
      (x) => isObject(x) && typeof x.name === 'string' && isObject(x.digest) && typeof x.digest.sha256 === 'string',
    )
  return sound ? undefined : 'the summary names no bytes'
}

const bytesOf = async (parts: Parts): Promise<ReadonlyMap<string, Uint8Array>> => {
  if (typeof parts === 'string' || parts instanceof URL) {
    const { readdir, readFile } = await import('node:fs/promises')
    const { join } = await import('node:path')
    const { fileURLToPath } = await import('node:url')
    const folder = parts instanceof URL ? fileURLToPath(parts) : parts
    const names = await readdir(folder)
    return new Map(
      await Promise.all(names.map(async (n) => [n, new Uint8Array(await readFile(join(folder, n)))] as const)),
    )
  }
  // A copy of our own: whoever gave the bytes may change his while they are looked at. (A slice of a Buffer is none.)
  return new Map(
    Object.entries(parts).map(([n, x]) => [n, typeof x === 'string' ? new TextEncoder().encode(x) : new Uint8Array(x)]),
  )
}

const hashesOf = async (bytes: ReadonlyMap<string, Uint8Array>): Promise<Hashes> => {
  const { createHash } = await import('node:crypto')
  return new Map([...bytes].map(([n, b]) => [n, createHash('sha256').update(b).digest('hex')]))
}
/** Why these are not the bytes of the summary; nothing when each is. */
const difference = (hash: Hashes, { subject }: Summary): string | undefined => {
  const folderOf = (name: string): string => name.slice(0, Math.max(0, name.lastIndexOf('/')))
  const basename = (name: string): string => name.slice(name.lastIndexOf('/') + 1)
  const groups = Map.groupBy(subject, (s) => folderOf(s.name))
  // A summary may speak of several artefacts, and a directory may be renamed: the manifest tells which one this is.
  const own = [...groups.values()].find((g) =>
    g.some((s) => basename(s.name) === 'manifest.json' && s.digest.sha256 === hash.get('manifest.json')),
  )
  if (own === undefined) return 'the summary does not speak of its manifest.json'
  const named = new Map(own.map((s) => [basename(s.name), s.digest.sha256]))
  for (const [name, sha256] of named) {
    if (!hash.has(name)) return `${name} is missing`
    if (hash.get(name) !== sha256) return `${name} has other bytes than were verified`
  }
  const more = [...hash.keys()].find((n) => !named.has(n))
  return more === undefined ? undefined : `${more} was not there when it was verified`
}

const artifactFrom = async (bytes: ReadonlyMap<string, Uint8Array>): Promise<Artifact> => {
  const text = (name: string): string => new TextDecoder().decode(bytes.get(name))
  const code = text('module.js')
  const made = moduleFunction(code)
  const url = `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`
  const artifact = (made?.() ?? ((await import(url)) as { default: unknown }).default) as Artifact
  const wasm = bytes.get('kernels.wasm')
  const sidecar = frozen(
    bytes.has('names.json') ? (JSON.parse(text('names.json')) as Sidecar) : { name: '', sites: [] },
  )
  return {
    ...artifact,
    names: () => sidecar,
    kernels: wasm === undefined ? artifact.kernels : { wasm: () => new Uint8Array(wasm) },
  }
}

/** Nobody changes what was verified after it was: plain data all the way down. */
const frozen = <T>(x: T, seen = new Set<unknown>()): T => {
  if (typeof x !== 'object' || x === null || seen.has(x) || ArrayBuffer.isView(x)) return x
  seen.add(x)
  for (const v of Object.values(x)) frozen(v, seen)
  return Object.freeze(x)
}
