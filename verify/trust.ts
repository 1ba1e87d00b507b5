import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Code that has one role in the argument that an answer is right, with its size. */
export interface TrustGroup {
  readonly role: string
  /**
   * `meaning`: says what is right, so there is nothing to check it against. `checks`: runs on every compile, in
   * production too. `tested`: compared with the meaning by tests, not on every compile.
   */
  readonly standing: 'meaning' | 'checks' | 'tested'
  readonly files: readonly { readonly file: string; readonly lines: number }[]
  readonly lines: number
}
export interface TrustReport {
  readonly groups: readonly TrustGroup[]
  /** Lines that decide: those that say what is right, and those that check it. */
  readonly trusted: number
  /** Lines of passes, which nobody has to trust. */
  readonly untrusted: number
}

const parts: readonly (readonly [role: string, standing: TrustGroup['standing'], places: readonly string[]])[] = [
  [
    'what a graph means',
    'meaning',
    [
      'graph/eval',
      'graph/need',
      'graph/reduction',
      'graph/prims',
      'graph/numbers',
      'graph/meaning/',
      'graph/elementary/',
    ],
  ],
  ['graphs are well-formed', 'checks', ['graph/check']],
  ['a pass kept the meaning', 'checks', ['passes/check/']],
  ['the effect program is its graph', 'checks', ['codegen/program/check']],
  ['kernels and generated code', 'tested', ['codegen/kernels/', 'codegen/targets/', 'codegen/program/lower']],
  ['the runtime', 'tested', ['runtime/']],
]

/**
 * How much code has to be right for an answer to be right, and in which sense: counted from the files that run.
 *
 *     const { trusted, untrusted } = trustReport()
 */
export const trustReport = (): TrustReport => {
  const groups = parts.map(([role, standing, places]): TrustGroup => {
    const files = places.flatMap(filesIn)
    return { role, standing, files, lines: total(files) }
  })
  const checkers = new Set(filesIn('passes/check/').map((f) => f.file))
  return {
    groups,
    trusted: total(groups.filter((g) => g.standing !== 'tested')),
    untrusted: total(filesIn('passes/').filter((f) => !checkers.has(f.file))),
  }
}
const total = (xs: readonly { readonly lines: number }[]): number => xs.reduce((n, x) => n + x.lines, 0)

const root = new URL('../', import.meta.url)
const code = /(?<!\.d)\.(?:ts|js)$/
/** A folder ends in a slash; a file is named without its ending, which is .ts here and .js in the package. */
const filesIn = (place: string): TrustGroup['files'] => {
  const folder = place.slice(0, place.lastIndexOf('/') + 1)
  const wanted = place.slice(folder.length)
  return readdirSync(fileURLToPath(new URL(folder, root)), { recursive: wanted === '', encoding: 'utf8' })
    .map((f) => f.replaceAll('\\', '/'))
    .filter((f) => code.test(f) && (wanted === '' || f.replace(code, '') === wanted))
    .sort()
    .map((f) => ({ file: folder + f, lines: codeLines(readFileSync(new URL(folder + f, root), 'utf8')) }))
}

/** Lines that are neither blank nor comment. */
export const codeLines = (text: string): number =>
  text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .split('\n')
    .filter((l) => l.trim() !== '' && !l.trim().startsWith('//')).length
