import { basename, dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Built } from '../../graph/build/index.ts'
import { isLeft } from '../../graph/either.ts'
import type { Artifact } from '../../runtime/artifact.ts'
import { moduleIsWhole } from '../artifact/check.ts'
import { failed, failedWith } from '../failure.ts'
import { undisturbed } from '../stray.ts'
import { near } from './near.ts'
import type { DriversExport, GraphSource, Source } from './source.ts'
import { notImported } from './trouble.ts'

/** Imports a module and takes the graph, or the artefact, that it exports. */
export const loadModule = async (file: string, shown: string, again = 0): Promise<Source> => {
  if (basename(file) === 'module.js' && !(await moduleIsWhole(dirname(file)))) {
    const cause = `${shown} was changed: its content has not the hash that the manifest.json beside it names`
    throw failed(cause, 'build it again with quoin build')
  }
  const module = await importIt(file, shown, again)
  // A CommonJS module arrives as the default export of a wrapper, its own `default` inside.
  const inner = module.default
  const value: unknown = await (isObject(inner) && '__esModule' in inner ? inner.default : inner)
  const drivers = driversIn(module.drivers, shown)
  if (isArtifact(value))
    return {
      kind: 'artifact',
      file: shown.endsWith('module.js') ? near(dirname(file)) : shown,
      artifact: value,
      ...drivers,
    }
  if (!isBuilt(value)) throw failed(`${shown}: ${problem(module, value)}`, remedy(module))
  if (isLeft(value.sealed)) throw failedWith(value.sealed.left, shown)
  return {
    kind: 'graph',
    file: shown,
    built: value,
    graph: value.sealed.right,
    ...drivers,
    ...redactIn(module.redact, shown),
    ...planIn(module.plan, shown),
  }
}

type Module = Readonly<Record<string, unknown>>

const importIt = async (file: string, shown: string, again: number): Promise<Module> => {
  try {
    // A module is read once under one address.
    const address = `${pathToFileURL(file).href}${again === 0 ? '' : `?${again}`}`
    return await undisturbed(async () => (await import(address)) as Module)
  } catch (e) {
    throw notImported(e, file, shown)
  }
}

const isObject = (x: unknown): x is Readonly<Record<string, unknown>> => typeof x === 'object' && x !== null
/** By shape, not by class: the graph file may have loaded another copy of the library than this program. */
export const isBuilt = (x: unknown): x is Built<unknown, unknown> =>
  isObject(x) && isObject(x.sealed) && '_tag' in x.sealed
const isArtifact = (x: unknown): x is Artifact => isObject(x) && isObject(x.manifest) && typeof x.program === 'function'

const problem = (module: Module, value: unknown): string => {
  if (!('default' in module)) return 'it has no default export'
  return `its default export is ${kind(value)}, not a graph`
}
const kind = (x: unknown): string => {
  if (typeof x === 'function') return 'a function'
  if (Array.isArray(x)) return 'an array'
  if (isObject(x)) return 'an object of another kind'
  return x === undefined || x === null ? String(x) : `a ${typeof x}`
}
const remedy = (module: Module): string => {
  const other = Object.entries(module).find(([name, x]) => name !== 'default' && isBuilt(x))
  if (other !== undefined) return `it exports the graph as '${other[0]}': write export default ${other[0]}`
  if (typeof module.default === 'function') return "export the graph itself, what graph('name', inputs, body) returns"
  return "write export default graph('name', inputs, body)"
}

const driversIn = (x: unknown, shown: string): { readonly drivers?: DriversExport } => {
  if (x === undefined) return {}
  if (isObject(x) || typeof x === 'function') return { drivers: x as DriversExport }
  throw failed(
    `${shown}: its export 'drivers' is ${kind(x)}`,
    'export an object of drivers by name, or a function that returns one',
  )
}

const redactIn = (x: unknown, shown: string): { readonly redact?: readonly string[] } => {
  if (x === undefined) return {}
  if (Array.isArray(x) && x.every((r) => typeof r === 'string')) return { redact: x }
  throw failed(
    `${shown}: its export 'redact' is ${kind(x)}`,
    "export a list of places: ['customer.email', 'input.card']",
  )
}

const figures = ['roundTrips', 'queries', 'kernels', 'scratchBytes']
const planIn = (x: unknown, shown: string): Pick<GraphSource, 'plan'> => {
  if (x === undefined) return {}
  const fix = `export an object of numbers, of which there are ${figures.join(', ')}`
  if (!isObject(x) || Array.isArray(x)) throw failed(`${shown}: its export 'plan' is ${kind(x)}`, fix)
  const entries = Object.entries(x)
  if (entries.length === 0)
    throw failed(`${shown}: its export 'plan' names no figure, so nothing would be compared`, fix)
  for (const [n, v] of entries) {
    if (!figures.includes(n)) throw failed(`${shown}: its export 'plan' has no figure '${n}'`, fix)
    if (typeof v !== 'number' || Number.isNaN(v)) throw failed(`${shown}: ${n} in its export 'plan' is no number`, fix)
  }
  return { plan: x }
}
