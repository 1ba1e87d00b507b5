import { existsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { exit, Failure, failed, misused } from './failure.ts'
import { near } from './load/near.ts'
import { out } from './output.ts'
import { progress } from './progress.ts'

/**
 * `quoin lint`: finds where JavaScript would take an expression of a graph for a plain value, and queries that the engines
 * they are used with may answer differently. Runs nothing.
 */
export const lint = async (
  given: readonly string[],
  { portable = false }: { portable?: boolean } = {},
): Promise<void> => {
  const { plain, queries } = await progress(`reading ${given.join(', ')}`, () => read(given, portable))
  const found = [...plain, ...queries]
  if (found.length === 0) return
  await out(found.map((f) => `${near(f.file)}:${f.line}:${f.column} ${f.cause}\n  fix: ${f.remedy}`).join('\n'))
  const count = (n: number, one: string, many: string): readonly string[] =>
    n === 0 ? [] : [n === 1 ? `one ${one}` : `${n} ${many}`]
  const said = [
    ...count(plain.length, 'place takes', 'places take').map(
      (s) => `${s} expressions of a graph for plain JavaScript values`,
    ),
    ...count(queries.length, 'query is', 'queries are').map((s) => `${s} not portable`),
  ]
  throw new Failure(exit.failed, said.join(', '))
}

const read = async (given: readonly string[], portable: boolean) => {
  const { Project, ts } = await import('ts-morph')
  const { findingsIn, unresolved } = await import('./lint/findings.ts')
  const { boundIn, unportable } = await import('./lint/queries.ts')
  const byConfig = new Map<string, string[]>()
  for (const g of given) {
    const path = resolve(g)
    const found = statSync(path, { throwIfNoEntry: false })
    if (found === undefined) throw misused(`there is no file ${near(path)}`, 'check the path')
    const files = found.isDirectory() ? [`${path}/**/*.{ts,mts,js,mjs}`, `!${path}/**/node_modules/**`] : [path]
    const config = configFor(found.isDirectory() ? path : dirname(path))
    byConfig.set(config, [...(byConfig.get(config) ?? []), ...files])
  }
  const all = [...byConfig].flatMap(([config, files]) => {
    // Without a configuration, modules are resolved as Node does; JavaScript has types here as well.
    const compilerOptions = {
      allowJs: true,
      skipLibCheck: true,
      noEmit: true,
      ...(config === '' ? { strict: true, module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022 } : {}),
    }
    const project = new Project({
      compilerOptions,
      ...(config === '' ? {} : { tsConfigFilePath: config, skipAddingFilesFromTsConfig: true }),
    })
    return project.addSourceFilesAtPaths(files).map((file) => {
      const missing = unresolved(file)
      if (missing !== undefined)
        throw failed(
          `${near(file.getFilePath())}: the types of '${missing}' are not found, so nothing can be said`,
          'install quoin where the file is, or correct the paths of its tsconfig.json',
        )
      return file
    })
  })
  const bound = Map.groupBy(all.flatMap(boundIn), ([database]) => database)
  const several = (database: string): boolean => new Set(bound.get(database)?.map(([, engine]) => engine)).size > 1
  return {
    plain: all.flatMap(findingsIn),
    queries: all.flatMap((file) => unportable(file, portable ? () => true : several)),
  }
}

/** The nearest tsconfig.json, or nothing. */
const configFor = (from: string): string => {
  for (let folder = from; ; folder = dirname(folder)) {
    const file = join(folder, 'tsconfig.json')
    if (existsSync(file)) return file
    if (dirname(folder) === folder) return ''
  }
}
