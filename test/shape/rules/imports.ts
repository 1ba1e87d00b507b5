import { posix } from 'node:path'
import type { SourceFile } from 'ts-morph'
import { Node, Project, SyntaxKind, ts } from 'ts-morph'

/** Paths from the root of the repository, with forward slashes, to the text of each file. */
export type Sources = Readonly<Record<string, string>>

/**
 * One import. `type` is erased when the program runs; `lazy` is a call of `import()`. What it names is a `file` of ours,
 * or a `package` (a package of npm or of Node).
 */
export type Import = {
  readonly kind: 'value' | 'type' | 'lazy'
  readonly line: number
  readonly target: { readonly file: string } | { readonly package: string }
}

export type Module = { readonly path: string; readonly imports: readonly Import[] }

/** What `quoin` and `quoin/runtime` stand for inside the repository: the specifier to the file. */
export type Entries = Readonly<Record<string, string>>

/** Parses without ever type-checking: a program of a few hundred files takes about a second. */
export const parse = (sources: Sources): readonly SourceFile[] => {
  const project = new Project({
    useInMemoryFileSystem: true,
    skipLoadingLibFiles: true,
    skipFileDependencyResolution: true,
  })
  return Object.entries(sources).map(([path, text]) => project.createSourceFile(`/${path}`, text))
}

export const pathOf = (file: SourceFile): string => file.getFilePath().slice(1)

export const readModules = (files: readonly SourceFile[], entries: Entries): readonly Module[] =>
  files.map((file) => ({ path: pathOf(file), imports: importsOf(file, entries) }))

const importsOf = (file: SourceFile, entries: Entries): readonly Import[] => {
  const path = pathOf(file)
  const found: Import[] = []
  const add = (kind: Import['kind'], node: Node, specifier: string) =>
    found.push({ kind, line: node.getStartLineNumber(), target: resolve(path, specifier, entries) })

  // Only `import type` and `export type` vanish: under verbatimModuleSyntax `import { type A }` still loads the module.
  for (const d of file.getImportDeclarations()) add(d.isTypeOnly() ? 'type' : 'value', d, d.getModuleSpecifierValue())
  for (const d of file.getExportDeclarations()) {
    const specifier = d.getModuleSpecifierValue()
    if (specifier !== undefined) add(d.isTypeOnly() ? 'type' : 'value', d, specifier)
  }
  for (const node of file.getDescendantsOfKind(SyntaxKind.ImportType)) {
    const literal = node.getArgument().asKind(SyntaxKind.LiteralType)?.getLiteral()
    if (Node.isStringLiteral(literal)) add('type', node, literal.getLiteralValue())
  }
  for (const call of file.getDescendantsOfKind(SyntaxKind.CallExpression)) {
    const [argument] = call.getArguments()
    const named = Node.isStringLiteral(argument) || Node.isNoSubstitutionTemplateLiteral(argument)
    if (call.getExpression().getKind() === ts.SyntaxKind.ImportKeyword && named) {
      add('lazy', call, argument.getLiteralValue())
    }
  }
  return found
}

const resolve = (from: string, specifier: string, entries: Entries): Import['target'] => {
  const entry = entries[specifier]
  if (entry !== undefined) return { file: entry }
  if (specifier.startsWith('.')) return { file: posix.join(posix.dirname(from), specifier) }
  const parts = specifier.split('/')
  return { package: specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier) }
}
