import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as io from 'io-ts'
import type { Artifact } from '../../runtime/artifact.ts'
import type { Basis } from '../../verify/assumptions/basis.ts'
import { basisOf, renewals } from '../../verify/assumptions/basis.ts'
import type { Artefact, Project } from '../../verify/gate/project/index.ts'
import { artefactsOf } from '../../verify/gate/project/index.ts'
import type { Bound } from '../../verify/inventory.ts'
import { inventory } from '../../verify/inventory.ts'
import { misused } from '../failure.ts'

/** On what the verification of each artefact of a project rests now. */
export const basesOf = (p: Project): Readonly<Record<string, Basis>> => {
  const all: readonly (readonly [Artefact, Bound])[] = [
    ...p.graphs.flatMap((g) => g.artefacts.map((a) => [a, g.drivers] as const)),
    ...p.orphans.map((o) => [o, []] as const),
  ]
  return Object.fromEntries(
    all.flatMap(([{ directory, manifest }, drivers]) => {
      if (manifest === undefined) return []
      const entries = inventory({ manifest } as Artifact, drivers)
      return [
        [directory, basisOf({ manifest }, { inventory: entries, versions: p.versions(entries), specs: {} })] as const,
      ]
    }),
  )
}

const Kept = io.type({
  predicate: io.type({
    verificationResult: io.string,
    quoinBasis: io.record(io.string, io.type({ digest: io.string, parts: io.record(io.string, io.string) })),
  }),
})

/** What an earlier summary kept of each artefact. */
export const keptIn = (file: string): Readonly<Record<string, Basis>> => {
  if (!existsSync(file)) throw misused(`there is no file ${file}`, 'give what quoin verify --summary has written')
  const none = misused(`${file} is no summary of quoin verify`, 'give what quoin verify --summary has written')
  let json: unknown
  try {
    json = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw none
  }
  const kept = Kept.decode(json)
  if (kept._tag === 'Left') throw none
  if (kept.right.predicate.verificationResult !== 'PASSED')
    throw misused(
      `${file} is the summary of a verification that has not passed, so nothing was verified then`,
      'give the summary of one that has passed',
    )
  return kept.right.predicate.quoinBasis
}

/** The project, with why each artefact has to be verified again. What was not asked for now is not told of. */
export const against = (p: Project, root: string, kept: Readonly<Record<string, Basis>>, all: boolean): Project => {
  const now = basesOf(p)
  const here = new Set(artefactsOf(p).map((a) => a.directory))
  const because = new Map(renewals(kept, now).map((r) => [r.artifact, r.because]))
  const gone = Object.keys(kept).filter((d) => !here.has(d) && (all || !existsSync(join(root, d))))
  return {
    ...p,
    renewed: [...here, ...gone]
      .sort()
      .map((directory) => ({
        directory,
        because: because.get(directory) ?? (Object.hasOwn(now, directory) ? [] : ['its manifest.json cannot be read']),
      })),
  }
}
