type Entry = { readonly resolved?: string; readonly optionalDependencies?: Readonly<Record<string, string>> }

/**
 * A lock file that does not name an optional package, say a binary for another platform, is refused by `npm ci` on every
 * machine. npm leaves such a package out when the registry cannot serve it at the time.
 */
export const lockViolations = (text: string): readonly string[] => {
  const { packages } = JSON.parse(text) as { readonly packages: Readonly<Record<string, Entry>> }
  return Object.entries(packages).flatMap(([path, entry]) => [
    ...(entry.resolved === undefined ? [] : [`${path} names the address that it came from`]),
    ...Object.keys(entry.optionalDependencies ?? {})
      .filter((name) => !(`node_modules/${name}` in packages || `${path}/node_modules/${name}` in packages))
      .map((name) => `${path === '' ? 'package.json' : path} may need ${name}, and the lock file has no entry for it`),
  ])
}
