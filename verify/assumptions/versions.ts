import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ts } from 'ts-morph'
import type { Assumption } from '../../runtime/assumption.ts'
import type { Sources } from '../scan/scan.ts'

/** Where Quoin lies. */
const own = fileURLToPath(new URL('../..', import.meta.url))

/**
 * The versions that are installed, of what an inventory depends on: as Quoin finds them, which is what runs, and what it
 * does not find as a directory does. Programs other than Node say theirs when they are asked.
 */
export const installedVersions = (inventory: readonly Assumption[], root: string): Readonly<Record<string, string>> => {
  const names = inventory.flatMap((a) => a.dependsOn.flatMap((d) => (d.on === 'package' ? [d.name] : [])))
  const found = [...new Set(names)].flatMap((name) => {
    const version = versionOf(name, own) ?? versionOf(name, root)
    return version === undefined ? [] : [[name, version] as const]
  })
  return Object.fromEntries([['node', process.versions.node], ...found])
}
/** As Node finds packages: in the directory, then in those around it. */
const versionOf = (name: string, root: string): string | undefined => {
  for (let at = root; ; at = join(at, '..')) {
    const file = join(at, 'node_modules', name, 'package.json')
    if (existsSync(file)) {
      try {
        const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version?: unknown }
        return typeof version === 'string' ? version : undefined
      } catch {
        return undefined
      }
    }
    if (join(at, '..') === at) return undefined
  }
}

/** The versions that a lock file of npm pins. */
export const lockedVersions = (lock: string): Readonly<Record<string, string>> => {
  const { packages = {} } = JSON.parse(lock) as {
    readonly packages?: Readonly<Record<string, { readonly version?: string }>>
  }
  return Object.fromEntries(
    Object.entries(packages).flatMap(([path, { version }]) => {
      const name = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path)?.[1]
      return name === undefined || version === undefined ? [] : [[name, version]]
    }),
  )
}

/** The packages of npm that sources import, types included. */
export const packagesIn = (sources: Sources): readonly string[] => {
  const found = new Set<string>()
  for (const text of Object.values(sources))
    for (const { fileName } of ts.preProcessFile(text, true, true).importedFiles) {
      const [scope = '', rest = ''] = fileName.split('/')
      const name = scope.startsWith('@') ? `${scope}/${rest}` : scope
      if (/^(?:@[\w.-]+\/)?[\w-][\w.-]*$/.test(name) && name !== 'quoin') found.add(name)
    }
  return [...found].sort()
}

/** Whether a specification below `specs-tla` defines a property, as `Lifecycle!CanRun`. */
export const specified =
  (root: string) =>
  (property: string): boolean => {
    const [module = '', name = ''] = property.split('!')
    const file = join(root, 'specs-tla', `${module}.tla`)
    return existsSync(file) && new RegExp(`^${name}(\\(.*\\))? ==`, 'm').test(readFileSync(file, 'utf8'))
  }
