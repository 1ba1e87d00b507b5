import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './tree.ts'

/** How one test ended. */
export interface TestResult {
  /** The titles around it and its own, joined by ` > `. */
  readonly name: string
  readonly state: 'passed' | 'failed' | 'skipped'
  readonly ms: number
  readonly note?: string
}
/** What a test file, or a command, came to, and of which content that is true. */
export interface Result {
  /** `test/passes/properties.test.ts`, or the name of a command. */
  readonly what: string
  /** sha256 of all it rests on. */
  readonly rests: string
  readonly date: string
  /** Number of cases that was asked for, where somebody did. */
  readonly cases: number | undefined
  readonly deep: boolean
  readonly ok: boolean
  readonly ms: number
  readonly tests: readonly TestResult[]
}

/** Results lie in files of their own, so that a run which is stopped loses only what was under way. */
const folder = join(root, '.gate')

/** What was asked of a run by its environment. */
export const asked = (): Pick<Result, 'cases' | 'deep'> => ({
  cases: process.env.QUOIN_CASES === undefined ? undefined : Number(process.env.QUOIN_CASES),
  deep: process.env.QUOIN_DEEP !== undefined,
})
const nameOf = (r: Pick<Result, 'what' | 'cases' | 'deep'>): string =>
  `${r.what.replaceAll(/[^\w.-]+/g, '-')}.${createHash('sha256').update(`${r.what} ${r.cases} ${r.deep}`).digest('hex').slice(0, 8)}.json`

export const keep = (r: Result): void => {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, nameOf(r))
  writeFileSync(`${file}.${process.pid}`, `${JSON.stringify(r, null, 1)}\n`)
  renameSync(`${file}.${process.pid}`, file)
}

/** Everything that was kept, readable or not so. */
export const kept = (): readonly Result[] => {
  try {
    return readdirSync(folder)
      .filter((f) => f.endsWith('.json'))
      .flatMap((f) => {
        try {
          const r = JSON.parse(readFileSync(join(folder, f), 'utf8')) as Result
          return typeof r.what === 'string' && Array.isArray(r.tests) ? [r] : []
        } catch {
          return []
        }
      })
  } catch {
    return []
  }
}
