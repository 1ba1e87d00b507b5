import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
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

/**
 * What a role consists of: files that are run for it, with all that these import and no role above has, or whole folders.
 * The manager stands by itself, because it also imports the passes, which nobody has to trust.
 */
interface Part {
  readonly role: string
  readonly standing: TrustGroup['standing']
  readonly from?: readonly string[]
  readonly folders?: readonly string[]
  readonly alone?: readonly string[]
}
const parts: readonly Part[] = [
  { role: 'what a graph means', standing: 'meaning', from: ['graph/eval', 'graph/arena'] },
  { role: 'graphs are well-formed', standing: 'checks', from: ['graph/check'] },
  { role: 'a pass kept the meaning', standing: 'checks', from: ['passes/check/index'], alone: ['passes/manager'] },
  { role: 'the effect program is its graph', standing: 'checks', from: ['codegen/program/check'] },
  { role: 'memory of kernels is kept apart', standing: 'checks', from: ['codegen/memory/check'] },
  { role: 'answers have their types', standing: 'checks', from: ['runtime/answer'] },
  { role: 'kernels and generated code', standing: 'tested', folders: ['codegen/'] },
  { role: 'drivers', standing: 'tested', folders: ['runtime/drivers/'] },
  { role: 'the runtime and the engine', standing: 'tested', folders: ['runtime/'] },
]

/**
 * How much code has to be right for an answer to be right, and in which sense: counted from the files that run.
 *
 *     const { trusted, untrusted } = trustReport()
 */
export const trustReport = (): TrustReport => {
  const taken = new Set<string>()
  const groups = parts.map(({ role, standing, from = [], folders = [], alone = [] }): TrustGroup => {
    const paths = [...reached(from), ...folders.flatMap(filesIn), ...alone.map(fileOf)]
    const files = [...new Set(paths)].filter((f) => !taken.has(f)).sort()
    for (const f of files) taken.add(f)
    const counted = files.map((file) => ({ file, lines: codeLines(read(file)) }))
    return { role, standing, files: counted, lines: total(counted) }
  })
  const passes = filesIn('passes/').filter((f) => !taken.has(f))
  return {
    groups,
    trusted: total(groups.filter((g) => g.standing !== 'tested')),
    untrusted: total(passes.map((f) => ({ lines: codeLines(read(f)) }))),
  }
}
const total = (xs: readonly { readonly lines: number }[]): number => xs.reduce((n, x) => n + x.lines, 0)

const root = new URL('../', import.meta.url)
const code = /(?<!\.d)\.(?:ts|js)$/
const read = (file: string): string => readFileSync(new URL(file, root), 'utf8')
/** A file by its name without ending, which is .ts here and .js in the package. */
const fileOf = (name: string): string => (existsSync(new URL(`${name}.ts`, root)) ? `${name}.ts` : `${name}.js`)
const filesIn = (folder: string): readonly string[] =>
  readdirSync(fileURLToPath(new URL(folder, root)), { recursive: true, encoding: 'utf8' })
    .map((f) => folder + f.replaceAll('\\', '/'))
    .filter((f) => code.test(f))

/** What some files run, themselves included: imports of types are gone by then. */
const reached = (names: readonly string[]): readonly string[] => {
  const found = new Set(names.map(fileOf))
  for (const file of found)
    for (const [, type, specifier] of read(file).matchAll(imports))
      if (type === undefined) found.add(posix.join(posix.dirname(file), specifier!))
  return [...found]
}
const imports = /^(?:import|export)\s+(type\s)?[^;'"]*?from\s+'(\.[^']+)'/gm

/** Lines that are neither blank nor comment. */
export const codeLines = (text: string): number =>
  text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .split('\n')
    .filter((l) => l.trim() !== '' && !l.trim().startsWith('//')).length
