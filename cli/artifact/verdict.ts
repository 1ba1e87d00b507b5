import { createHash } from 'node:crypto'
import { compile } from '../../compile.ts'
import { isLeft } from '../../graph/either.ts'
import type { Trouble } from '../../verify/gate/project/index.ts'
import { asBuilt } from '../build.ts'
import type { Interrupt } from '../interrupt.ts'
import type { GraphSource } from '../load/index.ts'
import { near } from '../load/near.ts'
import type { Present } from './check.ts'
import { compareArtifact } from './check.ts'

/** What of an artefact is not what its graph file gives now, built the way it was built. */
export const differencesOf = async (
  source: GraphSource,
  directory: string,
  present: Present,
  interrupt: Interrupt,
): Promise<readonly Trouble[]> => {
  const compiled = await compile(source.built, asBuilt(present, { relax: [] }))
  if (interrupt.signal.aborted || isLeft(compiled)) return []
  const { reasons, first } = compareArtifact(present, {
    ...compiled.right,
    program: compiled.right.effectProgram,
    sidecar: { name: '', sites: [] },
    failures: [],
  })
  const at =
    first === undefined
      ? ''
      : `; first difference in ${first.file}${first.place === undefined ? '' : `, ${first.place}`}`
  return reasons
    .map((what) => ({ what: `${what}${at}`, fix: `quoin build ${near(source.file)}` }))
    .concat(
      reasons.length === 0 && first !== undefined
        ? [{ what: `${near(directory)} differs${at}`, fix: `quoin build ${near(source.file)}` }]
        : [],
    )
}

/** What of an artefact has other bytes than its own manifest names: all that can be said without its graph. */
export const editedIn = (present: Present): readonly Trouble[] => {
  const fix = 'build it again with quoin build'
  try {
    const text = Buffer.from(present.get('manifest.json') ?? []).toString()
    const { files = {} } = JSON.parse(text) as { readonly files?: Readonly<Record<string, string>> }
    return Object.entries(files).flatMap(([name, hash]) => {
      const bytes = present.get(name)
      if (bytes === undefined) return [{ what: `${name} is missing`, fix }]
      const is = createHash('sha256').update(bytes).digest('hex')
      return is === hash ? [] : [{ what: `${name} was edited by hand`, fix }]
    })
  } catch {
    return [{ what: 'its manifest.json is missing or cannot be read', fix }]
  }
}
