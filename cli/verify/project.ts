import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { clock } from '../../runtime/drivers/clock/index.ts'
import { log } from '../../runtime/drivers/log/index.ts'
import { random } from '../../runtime/drivers/random/index.ts'
import { installedVersions } from '../../verify/assumptions/versions.ts'
import type { Place } from '../../verify/gate/model.ts'
import type { GraphFile, Project, Trouble } from '../../verify/gate/project/index.ts'
import { lineOfEntry, linesOf } from '../../verify/gate/project/lines.ts'
import type { Present } from '../artifact/check.ts'
import { readArtifact } from '../artifact/check.ts'
import { directoryName } from '../artifact/files.ts'
import { differencesOf, editedIn } from '../artifact/verdict.ts'
import { closeAll, exportedDrivers, previewDrivers, wantedBy } from '../drivers.ts'
import { exit, Failure } from '../failure.ts'
import type { Interrupt } from '../interrupt.ts'
import type { GraphSource } from '../load/index.ts'
import { load } from '../load/index.ts'
import { scansOf } from './scans.ts'

const skipped = new Set(['node_modules', 'dist', 'coverage'])
const module = /(?<!\.d)\.(?:ts|mts|js|mjs)$/
/** A graph file says that it imports Quoin and exports something; only such files are run, and no test or entry is. */
const looksLikeGraph = (text: string): boolean =>
  /(?:from|import)\s*\(?['"]quoin['"]/.test(text) && /^export default |^export \{[^}]*\bas default\b/m.test(text)

interface Found {
  readonly graphs: readonly string[]
  readonly artefacts: readonly string[]
}
/** Graph files and artefacts below a directory. */
export const filesBelow = (root: string): Found => {
  const graphs: string[] = []
  const artefacts: string[] = []
  const open = [root]
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    for (const entry of readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) {
        if (entry.name.endsWith('.quoin')) artefacts.push(path)
        else if (!entry.name.startsWith('.') && !skipped.has(entry.name)) open.push(path)
      } else if (entry.isFile() && module.test(entry.name)) {
        if (!/\.(?:test|spec|config)\.\w+$/.test(entry.name) && looksLikeGraph(readFileSync(path, 'utf8')))
          graphs.push(path)
      }
    }
  }
  return { graphs: graphs.sort(), artefacts: artefacts.sort() }
}

/** Reads everything of a project that the gate speaks of. What cannot be read is trouble, never the end. */
export const readProject = async (
  root: string,
  given: readonly string[],
  today: string,
  interrupt: Interrupt,
): Promise<Project> => {
  const below = filesBelow(root)
  const files = given.length === 0 ? below.graphs : given.map((g) => resolve(g))
  const graphs: GraphFile[] = []
  const broken: Project['broken'][number][] = []
  const known = new Set<string>()
  const shown = (path: string): string => relative(root, path).replaceAll('\\', '/')
  for (const path of files) {
    try {
      const source = await load(path, interrupt)
      if (source.kind !== 'graph') continue
      const read = await graphFile(source, path, shown, interrupt)
      if (read.artefact !== undefined) known.add(read.artefact.directory)
      graphs.push(read)
    } catch (e) {
      // A file that is not there was called wrongly; one that is no graph is a finding.
      if (!(e instanceof Failure) || e.code !== exit.failed || interrupt.signal.aborted) throw e
      broken.push({
        file: shown(path),
        ...troubleOf(e, shown(path), existsSync(path) ? readFileSync(path, 'utf8') : ''),
      })
    }
  }
  const orphans = await Promise.all(
    below.artefacts
      .filter((a) => given.length === 0 && !known.has(shown(a)))
      .map(async (a) => {
        const present = (await readArtifact(a)) ?? new Map<string, Uint8Array>()
        return { directory: shown(a), line: lineOfDigest(present), wrong: editedIn(present, shown(a)) }
      }),
  )
  const artefacts = [...known, ...orphans.map((o) => o.directory)]
  return {
    name: nameOf(root),
    graphs,
    broken,
    orphans,
    ...(await scansOf(root, files, artefacts)),
    // What Quoin itself uses is found from where it lies.
    versions: (inventory) => ({ ...installedVersions(inventory, root), ...installedVersions(inventory, own) }),
    today,
  }
}

const lineOfDigest = (p: Present): number => lineOfEntry(Buffer.from(p.get('manifest.json') ?? []).toString(), 'digest')

const graphFile = async (
  source: GraphSource,
  path: string,
  shown: (path: string) => string,
  interrupt: Interrupt,
): Promise<GraphFile> => {
  const directory = join(dirname(path), directoryName(source.graph.name))
  const present = await readArtifact(directory)
  const wanted = wantedBy(source.graph)
  const exported = await exportedDrivers(source.drivers, source.file)
  const drivers = await previewDrivers(wanted, exported, source.file)
  const names = new Set(wanted.map((w) => w.driver))
  const builtIn = new Set(['clock', 'random', 'log'])
  const unbound = [...names].filter((n) => !builtIn.has(n) && !Object.hasOwn(drivers, n))
  const idle = Object.keys(exported).filter((n) => !names.has(n))
  const assuming = Object.fromEntries(
    Object.entries({ clock: clock(), random: random(), log: log(), ...drivers })
      .filter(([n]) => wanted.some((w) => w.driver === n))
      .map(([n, d]) => [n, { assumptions: d.assumptions, effects: d.effects }]),
  )
  await closeAll({ ...exported, ...drivers })
  const file = shown(path)
  const lines = linesOf(readFileSync(path, 'utf8'))
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
    ...(present === undefined
      ? {}
      : {
          artefact: {
            directory: shown(directory),
            line: lineOfDigest(present),
            wrong: await differencesOf(source, directory, shown(directory), present, interrupt),
          },
        }),
  }
}

/** A message ends in its remedy, and may begin with a place. */
const troubleOf = (e: Failure, file: string, text: string): Trouble => {
  const [first = '', ...rest] = e.message.split('\n')
  const fix = rest.map((l) => /^\s*fix: (.*)$/.exec(l)?.[1]).find((f) => f !== undefined)
  const line = new RegExp(`${file.split('/').at(-1)!.replaceAll('.', '\\.')}:(\\d+)`).exec(e.message)?.[1]
  const cause = rest.map((l) => l.trim()).find((l) => l !== '' && !l.startsWith('fix:'))
  return {
    what: cause === undefined ? first : `${first} ${cause}`,
    fix: fix ?? 'correct the file',
    place: { file, line: line === undefined ? linesOf(text).graph : Number(line) },
  }
}

/** Where Quoin lies. */
const own = fileURLToPath(new URL('../..', import.meta.url))

const nameOf = (root: string): string => {
  try {
    const { name } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly name?: string }
    if (typeof name === 'string' && name !== '') return name
  } catch {
    // A project without a package.json is called by its directory.
  }
  return root.split(/[\\/]/).at(-1) || 'project'
}
