import { ts } from 'ts-morph'
import type { Finding, Rule } from './finding.ts'
import { inOrder } from './finding.ts'
import { remedies } from './names.ts'
import type { Hit } from './source.ts'
import { hitsIn } from './source.ts'

/** Paths from the root, with forward slashes, to the text of each file. */
export type Sources = Readonly<Record<string, string>>

/** A place where something that a rule finds may stand, and why. */
export interface Allowance {
  readonly rule: Rule
  /** A file, or a folder with a slash at its end. */
  readonly file: string
  /** What may stand there, as the finding names it: `performance.now`. All that the rule finds, where nothing is said. */
  readonly what?: readonly string[]
  readonly reason: string
  /** The assumption that speaks of it, by id. Foreign and dynamic code need one. */
  readonly assumption?: string
  /** Where it is written down, for what is found of itself. */
  readonly declared?: { readonly file: string; readonly line: number }
}
/** Whether a rule may only be allowed together with an assumption: nobody can check what such code does. */
export const needsAssumption = (rule: Rule): boolean => rule === 'foreign-code' || rule === 'dynamic-code'

export interface Scan {
  readonly files: Sources
  readonly allow?: readonly Allowance[]
}

/**
 * What nobody declared in the files of a project: network, files and processes outside drivers, clocks and random bytes,
 * code that came as text or as machine code, arithmetic that is not the same everywhere. It reads, and runs nothing.
 * What is allowed is a list with reasons; an allowance that allows nothing is itself found.
 *
 *     const found = scan({ files: { 'score.ts': 'export const at = Date.now()' } })
 *     console.log(found[0]?.rule, found[0]?.line) // clock 1
 */
export const scan = ({ files, allow = [] }: Scan): readonly Finding[] => {
  const used = new Set<Allowance>()
  const allowed = (file: string, hit: Hit): boolean => {
    // What is allowed twice is allowed in vain once.
    const by = allow.find((a) => permits(a, file, hit))
    if (by !== undefined) used.add(by)
    return by !== undefined
  }
  const read = parsed(files)
  const found = read.files.flatMap(({ path, file, checker }) =>
    hitsIn(file, checker)
      .filter((hit) => !allowed(path, hit))
      .map((hit) => findingOf(path, file, hit)),
  )
  return [...read.unreadable, ...found, ...allow.filter((a) => !used.has(a)).map(unused)].sort(inOrder)
}

const permits = (a: Allowance, file: string, hit: Hit): boolean =>
  a.rule === hit.rule &&
  (a.file.endsWith('/') ? file.startsWith(a.file) : file === a.file) &&
  (a.what === undefined || a.what.includes(hit.what))

const unused = (a: Allowance): Finding => ({
  rule: 'unused-allowance',
  file: a.declared?.file ?? a.file,
  line: a.declared?.line ?? 1,
  column: 1,
  message: `the allowance of ${a.rule} in ${a.file}${a.what === undefined ? '' : ` (${a.what.join(', ')})`} allows nothing: ${a.reason}`,
  remedy: remedies['unused-allowance'],
})

export const findingOf = (path: string, file: ts.SourceFile, hit: Hit): Finding => {
  const { line, character } = file.getLineAndCharacterOfPosition(hit.at)
  return {
    rule: hit.rule,
    file: path,
    line: line + 1,
    column: character + 1,
    message: hit.message,
    remedy: remedies[hit.rule],
  }
}

export interface Parsed {
  readonly path: string
  readonly file: ts.SourceFile
  readonly checker: ts.TypeChecker
}
const code = /(?<!\.d)\.[cm]?[jt]sx?$/
/** Parses and resolves names, each file by itself; types are never computed and nothing is read from a disk. */
export const parsed = (
  files: Sources,
): { readonly files: readonly Parsed[]; readonly unreadable: readonly Finding[] } => {
  const deep = 'it is nested too deeply'
  const made = new Map<string, ts.SourceFile>()
  const unreadable: Finding[] = []
  const cannot = (file: string, line: number, column: number, why: string): void => {
    unreadable.push({
      rule: 'unreadable',
      file,
      line,
      column,
      message: `it cannot be read: ${why}`,
      remedy: remedies.unreadable,
    })
  }
  const paths = Object.keys(files).filter((p) => code.test(p))
  for (const path of paths) {
    try {
      made.set(`/${path}`, ts.createSourceFile(`/${path}`, files[path]!, ts.ScriptTarget.Latest, true))
    } catch {
      cannot(path, 1, 1, deep)
    }
  }
  // A parser and what resolves names recurse; a file that is too much for them is told, and the others are read.
  let checked = resolved(made)
  if (checked === undefined) {
    for (const [name, file] of made) {
      if (resolved(new Map([[name, file]])) !== undefined) continue
      made.delete(name)
      cannot(name.slice(1), 1, 1, deep)
    }
    checked = resolved(made)
  }
  const readable: Parsed[] = []
  for (const [name, file] of made) {
    const path = name.slice(1)
    const [wrong] = checked?.program.getSyntacticDiagnostics(file) ?? []
    if (checked !== undefined && wrong === undefined) readable.push({ path, file, checker: checked.checker })
    else {
      const { line, character } = file.getLineAndCharacterOfPosition(wrong?.start ?? 0)
      const why = wrong === undefined ? deep : ts.flattenDiagnosticMessageText(wrong.messageText, ' ')
      cannot(path, line + 1, character + 1, why)
    }
  }
  return { files: readable, unreadable }
}

/** Names of files that were parsed, ready to be followed; nothing where that recursed too deeply. */
const resolved = (made: ReadonlyMap<string, ts.SourceFile>) => {
  const host: ts.CompilerHost = {
    getSourceFile: (name) => made.get(name),
    getDefaultLibFileName: () => '/lib.d.ts',
    writeFile: () => undefined,
    getCurrentDirectory: () => '/',
    getCanonicalFileName: (name) => name,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => '\n',
    fileExists: (name) => made.has(name),
    readFile: () => undefined,
  }
  const options: ts.CompilerOptions = {
    noLib: true,
    noResolve: true,
    allowJs: true,
    target: ts.ScriptTarget.Latest,
    module: ts.ModuleKind.ESNext,
    moduleDetection: ts.ModuleDetectionKind.Force,
    types: [],
  }
  try {
    const program = ts.createProgram({ rootNames: [...made.keys()], options, host })
    return { program, checker: program.getTypeChecker() }
  } catch (e) {
    if (e instanceof RangeError) return undefined
    throw e
  }
}
