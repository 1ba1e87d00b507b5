import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { holds, missing } from '../gate/judge.ts'
import type { Evidence, Finding, Report } from '../gate/model.ts'
import { root, Tree } from './tree.ts'

/** What the last run of the deep tier came to. It is committed, with the hash of what it was about. */
export interface Deep {
  readonly date: string
  readonly node: string
  /** sha256 of the library, its specifications and what Node it ran on. */
  readonly rests: string
  readonly shown: readonly { readonly id: string; readonly outcome: string; readonly evidence?: Evidence }[]
}
const file = join(root, 'verify/self/deep.json')
export const library = ['graph', 'passes', 'codegen', 'runtime', 'specs-tla', 'compile.ts', 'interpret.ts', 'engine.ts']

const ofNow = (): string => {
  const tree = new Tree()
  return tree.digest(tree.below(library))
}
export const writeDeep = (r: Report): void => {
  const shown = r.verdicts
    .filter((v) => v.obligation.tier === 'deep')
    .map((v) => ({
      id: v.obligation.id,
      outcome: v.outcome,
      ...(v.outcome === 'holds' ? { evidence: v.evidence } : {}),
    }))
  const deep: Deep = { date: r.began, node: r.node, rests: ofNow(), shown }
  writeFileSync(file, `${JSON.stringify(deep, null, 1)}\n`)
}

/** Whether the committed report is of the library as it is, and what it says. */
export const deepFinding = (): Finding => {
  let deep: Deep
  try {
    deep = JSON.parse(readFileSync(file, 'utf8')) as Deep
  } catch {
    return missing('the deep tier has no report yet')
  }
  if (deep.rests !== ofNow()) return missing(`the report of ${deep.date.slice(0, 10)} is of another content`)
  const wrong = deep.shown.filter((s) => s.outcome !== 'holds')
  if (wrong.length > 0)
    return missing(`the report of ${deep.date.slice(0, 10)} lacks ${wrong.map((w) => w.id).join(', ')}`)
  return holds({ kind: 'tested', cases: deep.shown.length, by: `gate --deep of ${deep.date.slice(0, 10)}` })
}
