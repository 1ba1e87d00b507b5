import { cpSync, globSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { conclude, packed, run } from './project.ts'

// The same graph, built twice, each time by a process of its own and in a directory of its own: the same bytes.

const { directory } = packed()

const build = (name: string): ReadonlyMap<string, Buffer> => {
  const place = join(directory, name)
  rmSync(place, { recursive: true, force: true })
  mkdirSync(place)
  cpSync(join(directory, 'graph.ts'), join(place, 'graph.ts'))
  run(place, join(directory, 'node_modules/.bin/quoin'), 'build', 'graph.ts')
  const written = globSync('**/*', { cwd: place }).filter(
    (path) => path !== 'graph.ts' && statSync(join(place, path)).isFile(),
  )
  return new Map(written.sort().map((path) => [path, readFileSync(join(place, path))]))
}

const [first, second] = [build('first'), build('second')]
const differing = [...new Set([...first.keys(), ...second.keys()])].flatMap((path) => {
  const [a, b] = [first.get(path), second.get(path)]
  if (a === undefined || b === undefined) return [`${path} was written by one build only`]
  if (a.equals(b)) return []
  return [`${path} differs from byte ${a.findIndex((byte, at) => byte !== b[at])} on`]
})
const total = [...first.values()].reduce((sum, file) => sum + file.length, 0)
conclude(
  first.size === 0 ? ['quoin build wrote nothing'] : differing,
  `two builds wrote the same ${total} bytes in ${first.size} files: ${[...first.keys()].join(', ')}`,
)
