import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { isBuiltin, registerHooks } from 'node:module'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { resolvedFrom, specifiersIn } from '../../verify/scan/imports.ts'

/** What modules have imported, by file: as Node itself has resolved it while they were loaded. */
export type Imports = ReadonlyMap<string, ReadonlyMap<string, string>>

/** Writes down what is imported from now on, until `stop`. */
export const watchImports = (): { readonly imports: Imports; readonly stop: () => void } => {
  const imports = new Map<string, Map<string, string>>()
  const hooks = registerHooks({
    resolve: (specifier, context, next) => {
      const found = next(specifier, context)
      if (context.parentURL?.startsWith('file:') === true && found.url.startsWith('file:')) {
        const [from, to] = [fileOf(context.parentURL), fileOf(found.url)]
        const known = imports.get(from) ?? new Map<string, string>()
        imports.set(from, known.set(specifier, to))
      }
      return found
    },
  })
  return { imports, stop: () => hooks.deregister() }
}
const fileOf = (url: string): string => fileURLToPath(url.replace(/[?#].*$/, ''))

const code = /(?<!\.d)\.[cm]?[jt]sx?$/
export interface Reached {
  /** Files of the project: those that were given, and what they import, however far. */
  readonly files: readonly string[]
  /** Packages that they import, which are not read. */
  readonly packages: readonly string[]
}

/**
 * Everything that files of a project run: what Node has loaded for them, and what else stands in them to be loaded later.
 * Nothing of a package that was installed is read, and nothing of Quoin; packages of the same workspace are.
 */
export const reachedFrom = (given: readonly string[], imports: Imports): Reached => {
  const files = new Set(given.filter((f) => code.test(f)).map(real))
  const packages = new Set<string>()
  const reach = (from: string, specifier: string, to: string | undefined): void => {
    if (isBuiltin(specifier) || /^quoin(?:\/|$)/.test(specifier)) return
    if (to?.includes('/node_modules/') === true || (to === undefined && isBare(specifier)))
      packages.add(packageOf(specifier, from))
    else if (to !== undefined && code.test(to)) files.add(to)
  }
  for (const file of files) {
    const loaded = imports.get(file) ?? new Map<string, string>()
    for (const [specifier, to] of loaded) reach(file, specifier, portable(to))
    for (const specifier of specifiersIn(file, readFileSync(file, 'utf8')))
      if (!loaded.has(specifier)) reach(file, specifier, found(file, specifier))
  }
  return { files: [...files].sort(), packages: [...packages].sort() }
}
const portable = (path: string): string => path.replaceAll('\\', '/')
const isBare = (specifier: string): boolean => !/^[./#]|^[a-z][a-z0-9+.-]*:/i.test(specifier)

/** What a specifier means where it was not loaded. */
const found = (from: string, specifier: string): string | undefined => {
  if (/^[./]|^file:/.test(specifier)) {
    const path = specifier.startsWith('file:')
      ? fileOf(specifier)
      : resolve(dirname(from), specifier.replace(/[?#].*$/, ''))
    const there = [path, path.replace(/\.js$/, '.ts'), path.replace(/\.mjs$/, '.mts')].find((p) => existsSync(p))
    return there === undefined ? undefined : real(there)
  }
  if (/^[a-z][a-z0-9+.-]*:/i.test(specifier)) return undefined
  const path = resolvedFrom(from, specifier)
  return path === undefined ? undefined : portable(real(path))
}
const real = (path: string): string => {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
const packageOf = (specifier: string, from: string): string => {
  const [scope = '', rest = ''] = specifier.split('/')
  if (specifier.startsWith('#') || /^[./]/.test(specifier)) return `${specifier} of ${from}`
  return scope.startsWith('@') ? `${scope}/${rest}` : scope
}
