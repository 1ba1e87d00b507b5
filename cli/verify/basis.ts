import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Artifact, Manifest } from '../../runtime/artifact.ts'
import type { Basis } from '../../verify/assumptions/basis.ts'
import { basisOf, renewals } from '../../verify/assumptions/basis.ts'
import type { Project } from '../../verify/gate/project/index.ts'
import type { Bound } from '../../verify/inventory.ts'
import { inventory } from '../../verify/inventory.ts'
import { misused } from '../failure.ts'

/** On what the verification of each artefact of a project rests now. */
export const basesOf = (p: Project, root: string): Readonly<Record<string, Basis>> => {
  const all: readonly (readonly [string, Bound])[] = [
    ...p.graphs.flatMap((g) => (g.artefact === undefined ? [] : [[g.artefact.directory, g.drivers] as const])),
    ...p.orphans.map((o) => [o.directory, []] as const),
  ]
  return Object.fromEntries(
    all.flatMap(([directory, drivers]) => {
      const artifact = manifestOf(join(root, directory))
      if (artifact === undefined) return []
      const entries = inventory(artifact, drivers)
      return [[directory, basisOf(artifact, { inventory: entries, versions: p.versions(entries), specs: {} })] as const]
    }),
  )
}
const manifestOf = (directory: string): Artifact | undefined => {
  try {
    const manifest = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8')) as Manifest
    return Array.isArray(manifest.inventory) ? ({ manifest } as Artifact) : undefined
  } catch {
    // What is wrong with it, the comparison of its bytes tells.
    return undefined
  }
}

/** Why artefacts have to be verified again, by directory: what an earlier summary kept, against what holds now. */
export const renewalsOf = (p: Project, root: string, file: string): ReadonlyMap<string, readonly string[]> => {
  if (!existsSync(file)) throw misused(`there is no file ${file}`, 'give what quoin verify --summary has written')
  let kept: Readonly<Record<string, Basis>> | undefined
  try {
    const { predicate } = JSON.parse(readFileSync(file, 'utf8')) as { predicate?: { quoinBasis?: typeof kept } }
    kept = predicate?.quoinBasis
  } catch {
    kept = undefined
  }
  if (kept === undefined || typeof kept !== 'object')
    throw misused(`${file} is no summary of quoin verify`, 'give what quoin verify --summary has written')
  return new Map(renewals(kept, basesOf(p, root)).map(({ artifact, because }) => [artifact, because]))
}

/** The project, each artefact with why it has to be verified again. */
export const against = (p: Project, root: string, file: string | undefined): Project => {
  if (file === undefined) return p
  const why = renewalsOf(p, root, file)
  const renewed = <A extends { readonly directory: string }>(a: A): A => ({ ...a, renew: why.get(a.directory) ?? [] })
  return {
    ...p,
    graphs: p.graphs.map((g) => (g.artefact === undefined ? g : { ...g, artefact: renewed(g.artefact) })),
    orphans: p.orphans.map(renewed),
  }
}
