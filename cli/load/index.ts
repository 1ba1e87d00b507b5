import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { failed, misused } from '../failure.ts'
import type { Interrupt } from '../interrupt.ts'
import { progress } from '../progress.ts'
import { loadDocument } from './document.ts'
import { loadModule } from './module.ts'
import { near } from './near.ts'
import type { GraphSource, Source } from './source.ts'

export { near } from './near.ts'
export type { DriversExport, GraphSource, Source } from './source.ts'

const modules = ['.ts', '.mts', '.js', '.mjs']

/** Reads what the user named: a graph module, a JSON document or an artefact directory. */
export const load = async (given: string, interrupt: Interrupt): Promise<Source> => {
  const file = locate(given)
  const shown = near(file)
  if (extname(file) === '.json') return progress(`reading ${shown}`, () => loadDocument(file, shown))
  if (!modules.includes(extname(file))) {
    throw misused(`${shown} is not a graph file`, `give a module (${modules.join(', ')}) or a document (.json)`)
  }
  // A graph file may compute for as long as it likes, and leaves nothing half done when it is stopped.
  return progress(`loading ${shown}`, () => interrupt.release(() => loadModule(file, shown)))
}

let reloads = 0
/** A file that changed, read again; modules that it imports stay as they were. */
export const reloaded = (given: string): Promise<Source> => {
  const file = locate(given)
  const shown = near(file)
  return extname(file) === '.json' ? loadDocument(file, shown) : loadModule(file, shown, ++reloads)
}

/** The same where only a graph as written will do. */
export const loadGraph = async (given: string, interrupt: Interrupt, what: string): Promise<GraphSource> => {
  const source = await load(given, interrupt)
  if (source.kind === 'graph') return source
  throw failed(`${source.file} is an artefact, already compiled`, `give ${what} the graph file it was built from`)
}

const locate = (given: string): string => {
  const path = resolve(given)
  const found = stat(path)
  if (found === 'denied')
    throw misused(`${given} cannot be read: permission denied`, 'check the permissions of the file and its directories')
  if (found === undefined) throw misused(`there is no file ${given}`, suggestion(path))
  if (!found.isDirectory()) return path
  const module = join(path, 'module.js')
  if (existsSync(join(path, 'manifest.json')) && existsSync(module)) return module
  const inside = graphsIn(path)
  throw misused(
    `${given} is a directory, not a graph file`,
    inside.length === 0
      ? 'give the file that holds the graph'
      : `give the file: ${inside
          .slice(0, 5)
          .map((f) => join(given, f))
          .join(', ')}${inside.length > 5 ? ' …' : ''}`,
  )
}
const stat = (path: string): ReturnType<typeof statSync> | 'denied' | undefined => {
  try {
    return statSync(path)
  } catch (e) {
    return (e as NodeJS.ErrnoException).code === 'EACCES' ? 'denied' : undefined
  }
}
const graphsIn = (directory: string): readonly string[] => {
  try {
    return readdirSync(directory).filter((f) => [...modules, '.json'].includes(extname(f)) && !f.endsWith('.d.ts'))
  } catch {
    return []
  }
}

/** The same name with another ending is the likeliest slip, and a directory that is not there the next. */
const suggestion = (path: string): string => {
  const folder = dirname(path)
  if (!existsSync(folder)) return `there is no directory ${near(folder)} either; check the path`
  const stem = basename(path, extname(path)).toLowerCase()
  const alike = graphsIn(folder).find((f) => basename(f, extname(f)).toLowerCase() === stem)
  return alike === undefined ? 'check the path' : `did you mean ${near(join(folder, alike))}?`
}
