import type { Sources } from './imports.ts'

export const longest = 400

/** Files that are allowed to be longer, each with the reason. */
export const longer: Readonly<Record<string, string>> = {}

export const sizeViolations = (
  sources: Sources,
  allowed: Readonly<Record<string, string>> = longer,
): readonly string[] =>
  Object.entries(sources).flatMap(([path, text]) => {
    const lines = text.replace(/\n$/, '').split('\n').length
    return path.startsWith('test/') || path in allowed || lines < longest
      ? []
      : [`${path} has ${lines} lines; files stay under ${longest}`]
  })

/** An exception that nothing needs any more would silently permit the next long file. */
export const idleExceptions = (
  sources: Sources,
  allowed: Readonly<Record<string, string>> = longer,
): readonly string[] =>
  Object.keys(allowed).filter((path) => sizeViolations({ [path]: sources[path] ?? '' }, {}).length === 0)
