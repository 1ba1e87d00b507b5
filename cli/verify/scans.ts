import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Project } from '../../verify/gate/project/index.ts'
import type { Finding } from '../../verify/scan/finding.ts'
import { rules } from '../../verify/scan/finding.ts'
import { scanGenerated } from '../../verify/scan/generated.ts'
import type { Allowance } from '../../verify/scan/scan.ts'
import { scan } from '../../verify/scan/scan.ts'
import { failed } from '../failure.ts'
import type { ReadArtefact } from './artefacts.ts'
import type { Reached } from './imports.ts'

const code = /\.[cm]?[jt]sx?$/

/**
 * What graph files, and the modules they import, do that nobody declared; and what is in artefacts that Quoin never
 * generates. Other sources of a project may do what they like.
 */
export const scansOf = async (
  root: string,
  reached: Reached,
  artefacts: readonly ReadArtefact[],
): Promise<Pick<Project, 'scanned' | 'scannedFiles' | 'packages'>> => {
  const shown = (path: string): string => relative(realpathSync(root), path).replaceAll('\\', '/')
  const sources = Object.fromEntries(reached.files.map((path) => [shown(path), readFileSync(path, 'utf8')]))
  const generated: Record<string, string | Uint8Array> = {}
  for (const { directory, present } of artefacts)
    for (const [name, bytes] of present)
      if (code.test(name)) generated[`${directory}/${name}`] = Buffer.from(bytes).toString()
      else if (name.endsWith('.wasm')) generated[`${directory}/${name}`] = bytes
  const found = [...scan({ files: sources, allow: allowances(root) }), ...(await scanGenerated(generated))]
  return {
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

const isAllowance = (x: unknown): x is Allowance => {
  const a = x as Partial<Allowance> | null
  return (
    typeof a === 'object' &&
    a !== null &&
    (rules as readonly unknown[]).includes(a.rule) &&
    typeof a.file === 'string' &&
    typeof a.reason === 'string' &&
    a.reason !== '' &&
    (a.what === undefined || (Array.isArray(a.what) && a.what.every((w) => typeof w === 'string')))
  )
}
/** What a project allows itself, each with its reason: `allow` in quoin.json. */
const allowances = (root: string): readonly Allowance[] => {
  const file = join(root, 'quoin.json')
  if (!existsSync(file)) return []
  const fix = `write { "allow": [{ "rule": "clock", "file": "src/now.ts", "reason": "…" }] }; rules are ${rules.join(', ')}`
  try {
    const { allow = [] } = JSON.parse(readFileSync(file, 'utf8')) as { readonly allow?: unknown }
    if (Array.isArray(allow) && allow.every(isAllowance)) return allow
  } catch (e) {
    throw failed(`quoin.json cannot be read: ${e instanceof Error ? e.message : String(e)}`, fix)
  }
  throw failed("quoin.json: its 'allow' is no list of allowances", fix)
}
