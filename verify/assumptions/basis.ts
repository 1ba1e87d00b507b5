import { createHash } from 'node:crypto'
import { canonical } from '../../graph/make.ts'
import type { Artifact } from '../../runtime/artifact.ts'
import type { Assumption } from '../../runtime/assumption.ts'
import { properties as registered } from '../../runtime/properties.ts'
import type { Properties } from './closure.ts'
import { propertiesBelow } from './closure.ts'

/** What stands around an artefact when it is verified. */
export interface Ground {
  /** What it rests on, drivers and Quoin's own entries included, closed: what `inventory` answers. */
  readonly inventory: readonly Assumption[]
  /** Versions of what that depends on, as installed. */
  readonly versions: Readonly<Record<string, string>>
  /** Specifications by file name, as text. */
  readonly specs: Readonly<Record<string, string>>
  readonly properties?: Properties
}

/**
 * What a verification rested on, part by part: `assumption ieee-754` and the digest of its entry, `version pg` and 8.23.1,
 * `spec Lifecycle.tla` and the digest of its text. The digest is over all parts.
 */
export interface Basis {
  readonly digest: string
  readonly parts: Readonly<Record<string, string>>
}

/**
 * On what a verification of an artefact rests. Equal digests mean that nothing has changed that could make it another;
 * the same artefact, inventory, versions and specifications give the same digest on every machine.
 *
 *     const basis = basisOf(artifact, { inventory: inventory(artifact, drivers), versions, specs })
 */
export const basisOf = ({ manifest }: Pick<Artifact, 'manifest'>, ground: Ground): Basis => {
  const { inventory, versions, specs } = ground
  const properties: Properties = ground.properties ?? registered
  // Which nodes use an entry follows from the code, which has its own part.
  const entries = inventory.map((a) => [`assumption ${a.id}`, sha256(canonical({ ...a, usedBy: '' }))] as const)
  const named = inventory.flatMap((a) => a.dependsOn.flatMap((d) => (d.on === 'part' ? [] : [d.name])))
  const below = new Set(inventory.flatMap((a) => a.supports.flatMap((p) => propertiesBelow(p, properties))))
  const parts = Object.fromEntries(
    [
      ['graph', manifest.digest] as const,
      ['code', sha256(canonical({ ...manifest, inventory: [] }))] as const,
      ['compiler', `${manifest.quoin}, numerics ${manifest.numerics}`] as const,
      ...entries,
      ...[...new Set(named)].map((n) => [`version ${n}`, versions[n] ?? 'unknown'] as const),
      ...[...below].flatMap((p) =>
        properties[p] === undefined ? [] : [[`property ${p}`, sha256(canonical(properties[p]))] as const],
      ),
      ...Object.entries(specs).map(([file, text]) => [`spec ${file}`, sha256(text)] as const),
    ].sort(([a], [b]) => (a < b ? -1 : 1)),
  )
  return { digest: sha256(canonical(parts)), parts }
}
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** An artefact that has to be verified again. */
export interface Renewal {
  readonly artifact: string
  /** Why, a sentence each. */
  readonly because: readonly string[]
}

/**
 * Which artefacts have to be verified again, and why: what was kept when they were verified, by name, against what holds
 * now. One whose digest is the same is left alone.
 *
 *     for (const { artifact, because } of renewals(kept, now)) console.log(artifact, because.join('; '))
 */
export const renewals = (
  kept: Readonly<Record<string, Basis>>,
  now: Readonly<Record<string, Basis>>,
): readonly Renewal[] =>
  [...new Set([...Object.keys(kept), ...Object.keys(now)])].sort().flatMap((artifact): readonly Renewal[] => {
    const [before, after] = [own(kept, artifact), own(now, artifact)]
    if (before === undefined) return [{ artifact, because: ['it was never verified'] }]
    if (after === undefined) return [{ artifact, because: ['it is not there any more'] }]
    if (before.digest === after.digest && digestIsOf(before)) return []
    const because = changes(before.parts, after.parts)
    return [{ artifact, because: because.length > 0 ? because : ['what was kept of it is not what was verified'] }]
  })
const own = (bases: Readonly<Record<string, Basis>>, name: string): Basis | undefined =>
  Object.hasOwn(bases, name) ? bases[name] : undefined
/** What was kept may have been edited. */
const digestIsOf = ({ digest, parts }: Basis): boolean => digest === sha256(canonical(parts))

const changes = (before: Basis['parts'], after: Basis['parts']): readonly string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].sort().flatMap((part) => {
    const [was, is] = [before[part], after[part]]
    if (was === is) return []
    const [kind = '', ...rest] = part.split(' ')
    const name = rest.join(' ')
    if (kind === 'version') return [`${name} was ${was ?? 'not needed'} and is ${is ?? 'not needed'}`]
    if (kind === 'compiler') return [`it was compiled by Quoin ${was}, and this is ${is}`]
    const what = words[kind] ?? kind
    const subject = name === '' ? what : `${what} ${name}`
    return [
      was === undefined ? `${subject} is new` : is === undefined ? `${subject} is gone` : `${subject} has changed`,
    ]
  })
const words: Readonly<Record<string, string>> = {
  graph: 'the graph',
  code: 'the generated code',
  assumption: 'the assumption',
  property: 'the property',
  spec: 'the specification',
}
