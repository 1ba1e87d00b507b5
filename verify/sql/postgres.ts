import type { Describer } from './duckdb.ts'
import { fitsPostgres, takesPostgres } from './elems.ts'
import type { Described, DescribedColumn, Refused } from './finding.ts'
import { reach } from './postgres-reach.ts'

/** The part of `pg` that is used; the package is an optional peer. */
export interface Client {
  connect(): Promise<void>
  query(text: string, values?: readonly unknown[]): Promise<{ readonly rows: Record<string, unknown>[] }>
  query(submittable: object): unknown
  end(): Promise<void>
  on(event: 'error', listener: () => void): void
}
interface Field {
  readonly name: string
  readonly tableID: number
  readonly columnID: number
  readonly dataTypeID: number
  readonly dataTypeModifier: number
}
interface Connection {
  parse(query: object): void
  describe(what: object): void
  sync(): void
  once(event: 'parameterDescription', listener: (m: { readonly dataTypeIDs: readonly number[] }) => void): void
  removeListener(event: string, listener: unknown): void
}

/**
 * Connects, and describes statements inside one transaction that only reads and is rolled back: they are parsed, planned
 * no further and never run. The locks that parsing takes are given back after each.
 */
export const postgresDescriber = async (url: string): Promise<Describer> => {
  const pg = (await import('pg')) as unknown as { readonly default: { readonly Client: new (o: object) => Client } }
  const client = new pg.default.Client({
    connectionString: url,
    connectionTimeoutMillis: 5000,
    application_name: 'quoin check',
    // A server that hangs ends the command with a sentence.
    query_timeout: 30_000,
  })
  client.on('error', () => {})
  await client.connect()
  try {
    await client.query('begin transaction read only')
    await client.query("set local statement_timeout = '20s'; set local lock_timeout = '5s'")
  } catch (e) {
    await client.end().catch(() => undefined)
    throw e
  }
  return {
    describe: async (sql) => {
      await client.query('savepoint quoin')
      try {
        const raw = await describe(client, sql).catch((e: unknown) => refused(sql, e))
        if ('message' in raw) return raw
        const locks = await locksOf(client)
        return { ...(await columnsOf(client, sql, raw)), ...(await reach(client, sql, locks)) }
      } finally {
        await client.query('rollback to savepoint quoin').catch(() => undefined)
      }
    },
    close: async () => {
      await client.query('rollback').catch(() => undefined)
      await client.end()
    },
  }
}

interface Raw {
  readonly fields: readonly Field[]
  readonly params: readonly number[]
}
/** Parse and Describe of the extended protocol; nothing is bound or executed. */
const describe = (client: Client, text: string): Promise<Raw> =>
  new Promise((resolve, reject) => {
    let fields: readonly Field[] = []
    let params: readonly number[] = []
    const heard = (m: { readonly dataTypeIDs: readonly number[] }): void => {
      params = m.dataTypeIDs
    }
    let connection: Connection | undefined
    client.query({
      submit: (c: Connection) => {
        connection = c
        c.once('parameterDescription', heard)
        c.parse({ text, name: '', types: [] })
        c.describe({ type: 'S', name: '' })
        c.sync()
      },
      handleRowDescription: (m: { readonly fields: readonly Field[] }) => {
        fields = m.fields
      },
      // After an error the client itself waits until the server is ready again.
      handleError: (e: unknown) => {
        connection?.removeListener('parameterDescription', heard)
        reject(e instanceof Error ? e : new Error(String(e)))
      },
      handleReadyForQuery: () => {
        connection?.removeListener('parameterDescription', heard)
        resolve({ fields, params })
      },
    })
  })

export interface Lock {
  readonly oid: string
  readonly reads: boolean
  readonly writes: boolean
}
/** The relations that parsing and rewriting have locked: views, rules and policies are followed by the server itself. */
const locksOf = async (client: Client): Promise<readonly Lock[]> => {
  const { rows } = await client.query(`
    select l.relation::text as oid, bool_or(l.mode in ('AccessShareLock', 'RowShareLock')) as reads,
      bool_or(l.mode in ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')) as writes
    from pg_catalog.pg_locks l join pg_catalog.pg_class c on c.oid = l.relation
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where l.pid = pg_catalog.pg_backend_pid() and l.locktype = 'relation'
      and l.database = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database())
      and n.nspname not in ('pg_catalog', 'pg_toast', 'information_schema') and c.relkind in ('r', 'p', 'v', 'm', 'f')
    group by l.relation`)
  return rows.map((r) => ({ oid: String(r.oid), reads: r.reads === true, writes: r.writes === true }))
}

const outerJoin = /\b(?:left|right|full|rollup|cube|grouping)\b/i

const columnsOf = async (client: Client, sql: string, raw: Raw): Promise<Pick<Described, 'columns' | 'params'>> => {
  const types = await typesOf(client, [...raw.fields.map((f) => f.dataTypeID), ...raw.params])
  const sources = raw.fields.filter((f) => f.tableID !== 0)
  const { rows } = await client.query(
    `select a.attrelid::text as rel, a.attnum as num, a.attnotnull as full, c.relkind as kind
     from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid where a.attrelid = any($1::oid[])`,
    [[...new Set(sources.map((f) => f.tableID))]],
  )
  const known = new Map(rows.map((r) => [`${String(r.rel)}.${String(r.num)}`, r]))
  const columns = raw.fields.map((f): DescribedColumn => {
    const t = types(f.dataTypeID)
    const source = known.get(`${f.tableID}.${f.columnID}`)
    const stored = source !== undefined && ['r', 'p', 'f'].includes(String(source.kind))
    const nullable = !stored ? 'unknown' : source.full !== true ? 'yes' : outerJoin.test(sql) ? 'unknown' : 'no'
    return {
      name: f.name,
      type: t.name,
      fits: t.text ? ['string'] : fitsPostgres(t.oid, f.dataTypeModifier),
      list: t.list,
      nullable,
    }
  })
  const params = raw.params.map((oid) => {
    const t = types(oid)
    return { type: t.name, takes: t.text ? undefined : takesPostgres(t.oid), list: t.list }
  })
  return { columns, params }
}

interface TypeOf {
  readonly oid: number
  readonly name: string
  readonly list: boolean
  /** An enumeration: its labels are texts. */
  readonly text: boolean
}
/** Names of types; domains are what they are made of, arrays their elements. */
const typesOf = async (client: Client, oids: readonly number[]): Promise<(oid: number) => TypeOf> => {
  const { rows } = await client.query(
    `with recursive t(oid, start, base, kind, elem, depth) as (
       select oid, oid, typbasetype, typtype, case when typcategory = 'A' then typelem else 0 end, 0 from pg_catalog.pg_type where oid = any($1::oid[])
       union all
       select p.oid, t.start, p.typbasetype, p.typtype, case when p.typcategory = 'A' then p.typelem else 0 end, t.depth + 1
       from t join pg_catalog.pg_type p on p.oid = case when t.kind = 'd' then t.base else t.elem end
       where t.depth < 20 and (t.kind = 'd' or t.elem <> 0))
     select distinct on (start) start::int as start, oid::int as oid, pg_catalog.format_type(start, null) as name, kind,
       bool_or(elem <> 0) over (partition by start) as list from t order by start, depth desc`,
    [[...new Set(oids)]],
  )
  const known = new Map(rows.map((r) => [Number(r.start), r]))
  return (oid) => {
    const r = known.get(oid)
    return r === undefined
      ? { oid, name: 'unknown', list: false, text: false }
      : { oid: Number(r.oid), name: String(r.name), list: r.list === true, text: r.kind === 'e' }
  }
}

const remedies: Readonly<Record<string, string>> = {
  '42P01': 'create the table, correct its name, or give the database that has it',
  '42703': 'correct the name of the column',
  '42601': 'correct the SQL',
  '42883': 'correct the name or cast the arguments',
  '42P18': 'say its type: cast($1 as …)',
  '42501': 'connect as a role that may, or grant it',
  '57014': 'try again when the server is less busy',
  '55P03': 'try again: somebody holds a lock on the table',
}
const refused = (sql: string, e: unknown): Refused => {
  const { message, hint, code, position } = e as { message?: string; hint?: string; code?: string; position?: string }
  // The server counts characters, JavaScript UTF-16 units.
  const at =
    position === undefined
      ? undefined
      : Array.from(sql)
          .slice(0, Number(position) - 1)
          .join('').length
  return {
    message: message ?? String(e),
    remedy: hint ?? remedies[code ?? ''] ?? 'correct the query for this database',
    at,
  }
}
