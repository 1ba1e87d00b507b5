import type { Module } from './imports.ts'

type Edges = ReadonlyMap<string, readonly string[]>

const edgesOf = (modules: readonly Module[]): Edges =>
  new Map(
    modules.map((m) => [
      m.path,
      m.imports.flatMap((i) => (i.kind === 'value' && 'file' in i.target ? [i.target.file] : [])),
    ]),
  )

/** The shortest way from a file back to itself, if there is one. */
const loopThrough = (start: string, edges: Edges): readonly string[] | undefined => {
  const cameFrom = new Map<string, string>()
  const queue = [start]
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    for (const next of edges.get(at) ?? []) {
      if (next === start) {
        const way = [start]
        for (let step: string | undefined = at; step !== undefined && step !== start; step = cameFrom.get(step))
          way.unshift(step)
        return [start, ...way]
      }
      if (!cameFrom.has(next)) {
        cameFrom.set(next, at)
        queue.push(next)
      }
    }
  }
  return undefined
}

/** Files that load each other in a circle. Types and `import()` do not count: neither is needed to load a module. */
export const cycleViolations = (modules: readonly Module[]): readonly string[] => {
  const edges = edgesOf(modules)
  const told = new Set<string>()
  return modules.flatMap(({ path }) => {
    const loop = told.has(path) ? undefined : loopThrough(path, edges)
    if (loop === undefined) return []
    for (const file of loop) told.add(file)
    return [loop.join(' → ')]
  })
}

/** Packages that loading `entry` brings in, at once or later, each with the way to it. */
export const reachViolations = (
  modules: readonly Module[],
  entry: string,
  forbidden: readonly string[],
): readonly string[] => {
  const byPath = new Map(modules.map((m) => [m.path, m]))
  if (!byPath.has(entry)) return [`${entry} does not exist`]
  const ways = new Map<string, readonly string[]>([[entry, [entry]]])
  const violations: string[] = []
  for (const [path, way] of ways) {
    for (const { kind, target } of byPath.get(path)?.imports ?? []) {
      if (kind === 'type') continue
      if ('file' in target) {
        if (!ways.has(target.file)) ways.set(target.file, [...way, target.file])
      } else if (forbidden.includes(target.package)) violations.push([...way, target.package].join(' → '))
    }
  }
  return violations
}
