import { statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Footprint } from '../graph/effects.ts'
import type { EffectName } from '../graph/errors.ts'
import type { Graph } from '../graph/graph.ts'
import type { Driver } from '../runtime/driver.ts'
import type { DuckDbOptions } from '../runtime/drivers/duckdb/index.ts'
import type { Drivers } from '../runtime/load.ts'
import type { Bindings } from './bindings.ts'
import { effectsOf } from './explain/effects.ts'
import { failed, misused } from './failure.ts'
import type { DriversExport } from './load/index.ts'

/** A name that a graph speaks to, and which effect it asks of it. */
export interface Wanted {
  readonly driver: string
  readonly effect: EffectName
  /** What a call of this kind may touch. */
  readonly footprint: Footprint
}
export interface Given {
  readonly db?: Bindings
  readonly files?: Bindings
  readonly http?: Bindings
  readonly kv?: Bindings
  readonly drivers?: DriversExport | undefined
}
/** What the command line can bind, by the option that does it. */
type Kind = 'db' | 'files' | 'http' | 'kv'
const kinds: Readonly<Record<Kind, string>> = {
  db: 'database',
  files: 'file root',
  http: 'HTTP service',
  kv: 'key-value store',
}
const kindOf: Readonly<Partial<Record<EffectName, Kind>>> = {
  dbQuery: 'db',
  fileRead: 'files',
  fileWrite: 'files',
  httpRequest: 'http',
  kvGet: 'kv',
  kvSet: 'kv',
  kvDelete: 'kv',
}

/**
 * Binds a driver to every name a graph needs: what the command line says, then what the graph file exports, then a
 * database or store in memory. Nothing is opened before it is asked something. Clock, random and log have their own
 * defaults.
 */
export const bindDrivers = async (wanted: readonly Wanted[], given: Given, shown: string): Promise<Drivers> => {
  for (const kind of Object.keys(kinds) as Kind[]) refuseUnknown(given[kind] ?? {}, kind, wanted, shown)
  const exported = await exportedDrivers(given.drivers, shown)
  const bound: Record<string, Driver> = {}
  for (const { driver: name, effect } of wanted) {
    if (Object.hasOwn(bound, name)) continue
    const reads = wanted.every((w) => w.driver !== name || w.footprint.writes.length === 0)
    const driver = await driverFor(name, effect, given, exported, reads)
    if (driver !== undefined) bound[name] = driver
  }
  return bound
}

const driverFor = async (
  name: string,
  effect: EffectName,
  given: Given,
  exported: Drivers,
  readsOnly: boolean,
): Promise<Driver | undefined> => {
  const kind = kindOf[effect]
  const text = kind === undefined ? undefined : own(given[kind], name)
  if (kind !== undefined && text !== undefined) return bindings[kind](name, text, readsOnly)
  const ours = own(exported, name)
  if (ours !== undefined) return ours
  switch (kind) {
    case 'db':
      return database({})
    case 'kv':
      return store()
    case 'files':
      throw misused(
        `the graph ${effect === 'fileRead' ? 'reads' : 'writes'} files below '${name}', and no directory is bound to it`,
        `give one: --files ${name}=.`,
      )
    case 'http':
      throw misused(
        `the graph asks the service '${name}', and no base URL is bound to it`,
        `give one: --http ${name}=https://api.example.com; with credentials, export it as one of the 'drivers' of the graph file`,
      )
    default:
      return undefined
  }
}
const own = <T>(x: Readonly<Record<string, T>> | undefined, name: string): T | undefined =>
  x !== undefined && Object.hasOwn(x, name) ? x[name] : undefined

const database = async (options: DuckDbOptions): Promise<Driver> =>
  (await import('../runtime/drivers/duckdb/index.ts')).duckdb(options)

const store = async (): Promise<Driver> => (await import('../runtime/drivers/kv/index.ts')).kv()
const service = async (name: string, base: string): Promise<Driver> => {
  if (!/^https?:\/\//.test(base) || !URL.canParse(base))
    throw misused(`--http ${name}=${base}: that is no URL`, 'give one that begins with https:// or http://')
  return (await import('../runtime/drivers/http/index.ts')).http({ base })
}
const keyed = async (name: string, url: string): Promise<Driver> => {
  if (url === ':memory:') return store()
  if (!/^rediss?:\/\//.test(url) || !URL.canParse(url))
    throw misused(`--kv ${name}=${url}: that is no Redis URL`, 'give redis://host:port, or :memory:')
  return (await import('../runtime/drivers/redis/index.ts')).redis({ url })
}
const bindings: Readonly<Record<Kind, (name: string, text: string, readsOnly: boolean) => Promise<Driver>>> = {
  db: async (name, text, readsOnly) =>
    /^postgres(ql)?:/.test(text)
      ? serverDatabase(name, text, readsOnly)
      : database(await databaseFile(name, text, readsOnly)),
  files: (name, root) => directory(name, root),
  http: service,
  kv: keyed,
}

/** A graph that only reads cannot write there, whatever its queries call. */
const serverDatabase = async (name: string, url: string, readsOnly: boolean): Promise<Driver> => {
  if (!URL.canParse(url))
    throw misused(`--db ${name}=${url}: that is no URL`, 'give postgres://user@host:5432/database')
  const config = readsOnly ? { options: '-c default_transaction_read_only=on' } : {}
  return (await import('../runtime/drivers/postgres/index.ts')).postgres({ url, config })
}
/**
 * DuckDB would create a file that is not there, and say something hard to read about one that is no database. A graph
 * that only reads opens the file so, because then others may read it too, and the disk may be read-only.
 */
export const databaseFile = async (name: string, given: string, readsOnly: boolean): Promise<DuckDbOptions> => {
  if (given === ':memory:') return {}
  const path = resolve(given)
  const odd = await notADatabase(path)
  if (odd !== undefined) throw misused(`--db ${name}=${given}: ${odd.is}`, odd.fix)
  return { path, ...(readsOnly ? { config: { access_mode: 'READ_ONLY' } } : {}) }
}
const create = 'a new database is created with the duckdb program, or give :memory:'
const notADatabase = async (path: string): Promise<{ readonly is: string; readonly fix: string } | undefined> => {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) return { is: 'there is no such file', fix: `check the path; ${create}` }
  if (!found.isFile()) return { is: 'that is not a file', fix: 'give a DuckDB database file, or :memory:' }
  try {
    const file = await open(path)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(12), 0, 12, 0).finally(() => file.close())
    if (bytesRead === 12 && buffer.toString('latin1', 8) === 'DUCK') return undefined
  } catch (e) {
    const said = e instanceof Error ? e.message : String(e)
    return { is: `the file cannot be read: ${said}`, fix: 'check its permissions' }
  }
  const read = 'JSON, CSV and Parquet files are read by queries: select … from read_json($path)'
  return { is: 'that file is no DuckDB database', fix: `give a DuckDB database file; ${read}` }
}

const directory = async (name: string, given: string): Promise<Driver> => {
  const root = resolve(given)
  const found = statSync(root, { throwIfNoEntry: false })
  if (found?.isDirectory() !== true) {
    throw misused(
      `--files ${name}=${given}: ${found === undefined ? 'there is no such directory' : 'that is not a directory'}`,
      'create the directory, or give another one',
    )
  }
  return (await import('../runtime/drivers/files/index.ts')).files({ root })
}

/** A name that the graph does not know is a slip of the keyboard, and silently ignoring it would open another database. */
const refuseUnknown = (given: Bindings, kind: Kind, wanted: readonly Wanted[], shown: string): void => {
  const names = [...new Set(wanted.filter((w) => kindOf[w.effect] === kind).map((w) => w.driver))]
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue
    throw misused(
      `--${kind} ${name}=…: ${shown} has no ${kinds[kind]} '${name}'`,
      names.length === 0
        ? `leave the option out; the graph uses no ${kinds[kind]}`
        : `its names are ${names.map((n) => `'${n}'`).join(', ')}`,
    )
  }
}

/** What a graph file exports as `drivers`, made. */
export const exportedDrivers = async (x: DriversExport | undefined, shown: string): Promise<Drivers> => {
  if (typeof x !== 'function') return checked(x ?? {}, shown)
  try {
    return checked(await x(), shown)
  } catch (e) {
    throw failed(
      `${shown}: its export 'drivers' threw: ${e instanceof Error ? e.message : String(e)}`,
      'correct the function',
      e,
    )
  }
}
const checked = (drivers: Drivers, shown: string): Drivers => {
  for (const [name, d] of Object.entries(drivers ?? {})) {
    const isDriver = typeof d === 'object' && d !== null && typeof d.perform === 'function' && Array.isArray(d.effects)
    if (!isDriver)
      throw failed(
        `${shown}: its export 'drivers' has something else than a driver under '${name}'`,
        'give what duckdb(), files() and the others return',
      )
  }
  return drivers ?? {}
}

/** The drivers `quoin run` would bind without being told anything, for their assumptions; nothing is opened or refused. */
export const previewDrivers = async (
  wanted: readonly Wanted[],
  drivers: DriversExport | undefined,
  shown: string,
): Promise<Drivers> => {
  const exported = await exportedDrivers(drivers, shown)
  const bound: Record<string, Driver> = {}
  for (const { driver: name, effect } of wanted) {
    const kind = kindOf[effect]
    const unbound =
      kind === 'files'
        ? (await import('../runtime/drivers/files/index.ts')).files({ root: '.' })
        : kind === 'http'
          ? (await import('../runtime/drivers/http/index.ts')).http({ base: 'http://localhost' })
          : undefined
    const driver = own(exported, name) ?? unbound ?? (await driverFor(name, effect, {}, exported, false))
    if (driver !== undefined) bound[name] = driver
  }
  return bound
}

/** What a graph as written speaks to, bodies included. */
export const wantedBy = (g: Graph): readonly Wanted[] => effectsOf(g)

export const closeAll = async (drivers: Drivers): Promise<void> => {
  await Promise.allSettled(Object.values(drivers).map((d) => d.close()))
}
