import { existsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { exit, Failure, failed, misused } from './failure.ts'
import { near } from './load/near.ts'
import { out } from './output.ts'
import { progress } from './progress.ts'

/** `quoin lint`: finds where JavaScript would take an expression of a graph for a plain value. Runs nothing. */
export const lint = async (given: readonly string[]): Promise<void> => {
  const found = await progress(`reading ${given.join(', ')}`, () => read(given))
  if (found.length === 0) return
  await out(found.map((f) => `${near(f.file)}:${f.line}:${f.column} ${f.cause}\n  fix: ${f.remedy}`).join('\n'))
  const n = found.length === 1 ? 'one place takes' : `${found.length} places take`
  throw new Failure(exit.failed, `${n} expressions of a graph for plain JavaScript values`)
}

const read = async (given: readonly string[]) => {
  const { Project, ts } = await import('ts-morph')
  const { findingsIn, unresolved } = await import('./lint/findings.ts')
  const byConfig = new Map<string, string[]>()
  for (const g of given) {
    const path = resolve(g)
    const found = statSync(path, { throwIfNoEntry: false })
    if (found === undefined) throw misused(`there is no file ${near(path)}`, 'check the path')
    const files = found.isDirectory() ? [`${path}/**/*.{ts,mts,js,mjs}`, `!${path}/**/node_modules/**`] : [path]
    const config = configFor(found.isDirectory() ? path : dirname(path))
    byConfig.set(config, [...(byConfig.get(config) ?? []), ...files])
  }
  return [...byConfig].flatMap(([config, files]) => {
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
    return project.addSourceFilesAtPaths(files).flatMap((file) => {
      const missing = unresolved(file)
      if (missing !== undefined)
        throw failed(
          `${near(file.getFilePath())}: the types of '${missing}' are not found, so nothing can be said`,
          'install quoin where the file is, or correct the paths of its tsconfig.json',
        )
      return findingsIn(file)
    })
  })
}

/** The nearest tsconfig.json, or nothing. */
const configFor = (from: string): string => {
  for (let folder = from; ; folder = dirname(folder)) {
    const file = join(folder, 'tsconfig.json')
    if (existsSync(file)) return file
    if (dirname(folder) === folder) return ''
  }
}
