import { createHash } from 'node:crypto'
import { compile } from '../../compile.ts'
import { isLeft } from '../../graph/either.ts'
import type { Trouble } from '../../verify/gate/project/index.ts'
import { lineOfEntry } from '../../verify/gate/project/lines.ts'
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
  shown: string,
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
  const edited = first !== undefined && reasons.some((r) => r.startsWith(`${first.file} `))
  // What was built from something else is told at the manifest, which says from what.
  const place = edited ? { place: { file: `${shown}/${first.file}`, line: first.line ?? 1 } } : {}
  const fix = `quoin build ${near(source.file)}`
  const wrong = reasons.length === 0 && first !== undefined ? [`${near(directory)} differs`] : reasons
  return wrong.map((what) => ({ what: `${what}${at}`, fix, ...place }))
}

/** What of an artefact has other bytes than its own manifest names: all that can be said without its graph. */
export const editedIn = (present: Present, shown: string): readonly Trouble[] => {
  const fix = 'build it again with quoin build'
  const file = `${shown}/manifest.json`
  try {
    const text = Buffer.from(present.get('manifest.json') ?? []).toString()
    const { files = {} } = JSON.parse(text) as { readonly files?: Readonly<Record<string, string>> }
    return Object.entries(files).flatMap(([name, hash]) => {
      const bytes = present.get(name)
      const place = { file, line: lineOfEntry(text, name) }
      if (bytes === undefined) return [{ what: `${name} is missing`, fix, place }]
      const is = createHash('sha256').update(bytes).digest('hex')
      return is === hash ? [] : [{ what: `${name} was edited by hand`, fix, place }]
    })
  } catch {
    return [{ what: 'its manifest.json is missing or cannot be read', fix, place: { file, line: 1 } }]
  }
}
