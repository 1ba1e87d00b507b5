import { existsSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { clock } from '../../runtime/drivers/clock/index.ts'
import { log } from '../../runtime/drivers/log/index.ts'
import { random } from '../../runtime/drivers/random/index.ts'
import { installedVersions } from '../../verify/assumptions/versions.ts'
import type { Place } from '../../verify/gate/model.ts'
import type { Artefact, GraphFile, Project, Trouble } from '../../verify/gate/project/index.ts'
import type { Lines } from '../../verify/gate/project/lines.ts'
import { linesOf } from '../../verify/gate/project/lines.ts'
import { closeAll, exportedDrivers, previewDrivers, wantedBy } from '../drivers.ts'
import { exit, Failure, misused } from '../failure.ts'
import type { Interrupt } from '../interrupt.ts'
import type { GraphSource } from '../load/index.ts'
import { load } from '../load/index.ts'
import type { Sourced } from './artefacts.ts'
import { artefactOf, readArtefacts, sharing, sourced, sourceOf } from './artefacts.ts'
import { filesBelow } from './found.ts'
import type { Imports } from './imports.ts'
import { reachedFrom, watchImports } from './imports.ts'
import { scansOf } from './scans.ts'

/** Reads everything of a project that the gate speaks of. What cannot be read is trouble, never the end. */
export const readProject = async (
  root: string,
  given: readonly string[],
  today: string,
  interrupt: Interrupt,
): Promise<Project> => {
  const { imports, stop } = watchImports()
  try {
    return await readWatched(root, given, today, interrupt, imports)
  } finally {
    stop()
  }
}
const readWatched = async (
  root: string,
  given: readonly string[],
  today: string,
  interrupt: Interrupt,
  imports: Imports,
): Promise<Project> => {
  const below = filesBelow(root)
  const files = given.length === 0 ? below.graphs : named(given)
  const loaded: Sourced[] = []
  const broken: Project['broken'][number][] = []
  const shown = (path: string): string => relative(root, path).replaceAll('\\', '/')
  for (const path of files) {
    try {
      const source = await load(path, interrupt)
      if (source.kind === 'graph') loaded.push(sourced(source, path))
      else broken.push({ file: shown(path), ...compiledAlready })
    } catch (e) {
      // A file that is not there was called wrongly; one that is no graph is a finding.
      if (!(e instanceof Failure) || e.code !== exit.failed || interrupt.signal.aborted) throw e
      broken.push({ file: shown(path), ...troubleOf(e, shown(path), textOf(path)) })
    }
  }
  const places = [...new Set([...loaded.map((l) => l.beside), ...(given.length === 0 ? below.artefacts : [])])]
  const artefacts = await readArtefacts(places.sort(), shown)
  for (const [one, first] of sharing(loaded, artefacts))
    broken.push({
      file: shown(one.path),
      what: `its graph is called '${one.source.graph.name}', as that of ${shown(first.path)} is, and both are built to ${shown(first.beside)}`,
      fix: 'give one of them another name',
    })
  const graphs: GraphFile[] = []
  const orphans: Artefact[] = []
  const own = new Map<Sourced, Artefact[]>(loaded.map((l) => [l, []]))
  for (const a of artefacts) {
    const from = sourceOf(a, loaded)
    const judged = await artefactOf(a, from?.source, interrupt)
    if (from === undefined) orphans.push(judged)
    else own.get(from)!.push(judged)
  }
  for (const l of loaded) {
    try {
      graphs.push(await graphFile(l.source, shown(l.path), linesOf(textOf(l.path)), own.get(l)!))
    } catch (e) {
      if (!(e instanceof Failure) || e.code !== exit.failed || interrupt.signal.aborted) throw e
      broken.push({ file: shown(l.path), ...troubleOf(e, shown(l.path), textOf(l.path)) })
    }
  }
  return {
    name: nameOf(root),
    graphs,
    broken,
    orphans,
    renewed: [],
    leftAlone: given.length === 0 ? below.others.map(shown) : [],
    ...(await scansOf(root, reachedFrom(files, imports), artefacts)),
    versions: (inventory) => installedVersions(inventory, root),
    today,
  }
}

/** What the user named, each file once. An artefact is not a source: it is looked at together with its graph file. */
const named = (given: readonly string[]): readonly string[] => {
  for (const g of given)
    if (/\.quoin(?:[\\/][^\\/]*)?$/.test(resolve(g)))
      throw misused(
        `${g} is an artefact, already compiled`,
        'name the graph file it was built from, and the artefact beside it is verified with it; or name nothing, and all are',
      )
  return [...new Set(given.map((g) => resolve(g)))]
}
const compiledAlready: Trouble = {
  what: 'its default export is an artefact, already compiled',
  fix: "write export default graph('name', inputs, body), or leave out the default export",
}

const textOf = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '')

const graphFile = async (
  source: GraphSource,
  file: string,
  lines: Lines,
  artefacts: readonly Artefact[],
): Promise<GraphFile> => {
  const wanted = wantedBy(source.graph)
  const exported = await exportedDrivers(source.drivers, source.file)
  const drivers = await previewDrivers(wanted, exported, source.file)
  const names = new Set(wanted.map((w) => w.driver))
  const unbound = [...names].filter((n) => !Object.hasOwn(always, n) && !Object.hasOwn(drivers, n))
  const idle = Object.keys(exported).filter((n) => !names.has(n))
  const assuming = Object.fromEntries(
    Object.entries({ ...always, ...drivers })
      .filter(([n]) => names.has(n))
      .map(([n, d]) => [n, { assumptions: d.assumptions, effects: d.effects }]),
  )
  await closeAll({ ...exported, ...drivers })
  const at = (n: string): Place => ({ file, line: lines.driver(n) })
  return {
    file,
    lines,
    name: source.graph.name,
    built: source.built,
    graph: source.graph,
    drivers: assuming,
    unbound: [
      ...unbound.map((n) => ({
        what: `nothing is bound to '${n}'`,
        fix: `export a driver under that name in 'drivers' of ${file}`,
        place: at(n),
      })),
      ...idle.map((n) => ({
        what: `a driver is exported as '${n}', and the graph speaks to ${[...names].map((w) => `'${w}'`).join(', ') || 'nobody'}`,
        fix: 'correct its name, or leave it out',
        place: at(n),
      })),
    ],
    ...(source.plan === undefined ? {} : { plan: source.plan }),
    artefacts,
  }
}
/** What is bound without anybody saying so. */
const always = { clock: clock(), random: random(), log: log() }

/** A message ends in its remedy, and may begin with a place. */
const troubleOf = (e: Failure, file: string, text: string): Trouble => {
  const [first = '', ...rest] = e.message.split('\n')
  const fix = rest.map((l) => /^\s*fix: (.*)$/.exec(l)?.[1]).find((f) => f !== undefined)
  const line = new RegExp(`${RegExp.escape(file.split('/').at(-1)!)}:(\\d+)`).exec(e.message)?.[1]
  const cause = rest.map((l) => l.trim()).find((l) => l !== '' && !l.startsWith('fix:'))
  return {
    what: cause === undefined ? first : `${first} ${cause}`,
    fix: fix ?? 'correct the file',
    place: { file, line: line === undefined ? linesOf(text).graph : Number(line) },
  }
}

const nameOf = (root: string): string => {
  try {
    const { name } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly name?: string }
    if (typeof name === 'string' && name !== '') return name
  } catch {
    // A project without a package.json is called by its directory.
  }
  return root.split(/[\\/]/).at(-1) || 'project'
}
