import { catalogueFunctions, words } from './functions.ts'

/** What a call of a function touches beside its arguments; `*` is anything. */
export interface Touch {
  readonly reads: readonly string[]
  readonly writes: readonly string[]
}
type Named = (argument: string) => Touch
const reads = (name: string): Touch => ({ reads: [name], writes: [] })
const writes = (name: string): Touch => ({ reads: [], writes: [name] })
const anything: Touch = { reads: ['*'], writes: ['*'] }

/** By the text of the first argument, `*` where it is not written out. */
const table: Readonly<Record<string, Named>> = {
  nextval: writes,
  setval: writes,
  currval: reads,
  lastval: () => reads('*'),
  // What is set may change what every name means (search_path) or every answer (TimeZone, the seed).
  set_config: () => anything,
  setseed: () => anything,
  current_setting: () => reads('pg_settings'),
  pg_read_file: (file) => reads(`file:${file}`),
  pg_read_binary_file: (file) => reads(`file:${file}`),
  pg_ls_dir: (file) => reads(`file:${file}/*`),
  pg_stat_file: (file) => reads(`file:${file}`),
  lo_get: () => reads('pg_largeobject'),
  lo_import: (file) => ({ reads: [`file:${file}`], writes: ['pg_largeobject'] }),
  lo_export: () => ({ reads: ['pg_largeobject'], writes: ['file:*'] }),
  pg_notify: () => writes('pg_notify'),
  table_to_xml: reads,
  query_table: reads,
  write_log: () => writes('duckdb_logs'),
}
const locks = words(`
  pg_advisory_lock pg_advisory_lock_shared pg_advisory_unlock pg_advisory_unlock_all pg_advisory_unlock_shared
  pg_advisory_xact_lock pg_advisory_xact_lock_shared pg_try_advisory_lock pg_try_advisory_lock_shared
  pg_try_advisory_xact_lock pg_try_advisory_xact_lock_shared
`)
const largeObjects = words('lo_create lo_put lo_unlink lo_from_bytea lo_creat')
const servers = words('pg_cancel_backend pg_terminate_backend pg_reload_conf')
/** They run SQL that they are given as text, here or elsewhere. */
const runners = words('dblink dblink_exec dblink_open dblink_fetch query_to_xml query postgres_query postgres_execute')

/** What a known function touches, or nothing for one that only computes. Readers of files are told apart elsewhere. */
export const touchOf = (name: string, argument: string | undefined): Touch | undefined => {
  const known = Object.hasOwn(table, name) ? table[name] : undefined
  if (known !== undefined) return known(argument ?? '*')
  if (locks.has(name)) return writes('pg_advisory_lock')
  if (largeObjects.has(name)) return writes('pg_largeobject')
  if (servers.has(name)) return writes('pg_stat_activity')
  if (runners.has(name)) return anything
  // Every change of tables conflicts with what lists the catalogue.
  return catalogueFunctions.has(name) ? reads(name) : undefined
}
