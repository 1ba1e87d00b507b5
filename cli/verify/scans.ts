import { readFileSync, realpathSync } from 'node:fs'
import { relative } from 'node:path'
import type { Project } from '../../verify/gate/project/index.ts'
import type { Finding } from '../../verify/scan/finding.ts'
import { scanGenerated } from '../../verify/scan/generated.ts'
import { scan } from '../../verify/scan/scan.ts'
import type { ReadArtefact } from './artefacts.ts'
import type { Reached } from './imports.ts'
import { allowancesIn } from './settings.ts'

const code = /\.[cm]?[jt]sx?$/

/**
 * What graph files, and the modules they import, do that nobody declared; and what is in artefacts that Quoin never
 * generates. Other sources of a project may do what they like.
 */
export const scansOf = async (
  root: string,
  reached: Reached,
  artefacts: readonly ReadArtefact[],
): Promise<Pick<Project, 'scanned' | 'scannedFiles' | 'packages' | 'allowed'>> => {
  const shown = (path: string): string => relative(realpathSync(root), path).replaceAll('\\', '/')
  const sources = Object.fromEntries(reached.files.map((path) => [shown(path), readFileSync(path, 'utf8')]))
  const generated: Record<string, string | Uint8Array> = {}
  for (const { directory, present } of artefacts)
    for (const [name, bytes] of present)
      if (code.test(name)) generated[`${directory}/${name}`] = Buffer.from(bytes).toString()
      else if (name.endsWith('.wasm')) generated[`${directory}/${name}`] = bytes
  const allow = allowancesIn(root)
  const found = [...scan({ files: sources, allow }), ...(await scanGenerated(generated))]
  return {
    allowed: allow.flatMap(({ rule, file, assumption, declared }) =>
      assumption === undefined ? [] : [{ rule, file, assumption, place: declared ?? { file: 'quoin.json' } }],
    ),
    scanned: found.map(({ rule, file, line, message, remedy }: Finding) => ({
      rule,
      what: message,
      fix: remedy,
      place: { file, line },
    })),
    packages: reached.packages,
    scannedFiles: Object.keys(sources).length + Object.keys(generated).length,
  }
}
