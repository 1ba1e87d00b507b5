import type { SqlFacts } from '../../graph/sql/facts.ts'
import { sqlFacts } from '../../graph/sql/facts.ts'
import { isKnown } from '../../graph/sql/functions.ts'
import { portableTypes } from '../../graph/sql/portable-table.ts'
import { statementsOf } from './bodies.ts'
import type { Described, Touched } from './finding.ts'
import type { Client, Lock } from './postgres.ts'

type Event = 'insert' | 'delete' | 'update' | 'truncate'
/** Bits of pg_trigger.tgtype. */
const bits: Readonly<Record<Event, number>> = { insert: 4, delete: 8, update: 16, truncate: 32 }

interface Relation {
  readonly oid: string
  readonly names: readonly string[]
  readonly kind: string
}
type Item =
  | {
      readonly is: 'relation'
      readonly oid: string
      readonly how: 'reads' | 'writes'
      readonly events: readonly Event[]
      readonly via: string
    }
  | { readonly is: 'function'; readonly oid: string; readonly via: string }

/**
 * What a statement touches beyond its text. The server has followed views, rules and policies when it parsed it; triggers,
 * cascades, defaults and the bodies of functions are followed here, through the catalogue. The look-ups of foreign keys
 * that only refuse a write do not count: they change no answer, and a write waits for everything before it anyway.
 * Nor do sequences behind defaults.
 */
export const reach = async (
  client: Client,
  sql: string,
  locks: readonly Lock[],
): Promise<Pick<Described, 'touches' | 'unseen' | 'outsideTypes'>> => {
  const parsed = sqlFacts(sql)
  const facts = parsed._tag === 'Right' ? parsed.right : undefined
  const walk = new Walk(client)
  const own = new Set(
    facts === undefined ? [] : (await walk.relations([...facts.reads, ...facts.writes])).map((r) => r.oid),
  )
  for (const { oid, reads, writes } of locks) {
    const view = [...own].length > 0 && !own.has(oid) ? await walk.through(oid, own) : ''
    if (reads) walk.add({ is: 'relation', oid, how: 'reads', events: [], via: view })
    if (writes) walk.add({ is: 'relation', oid, how: 'writes', events: eventsOf(facts, sql), via: view })
  }
  if (facts !== undefined) await walk.functions(facts.functions, '')
  await walk.run()
  return { touches: walk.touches, unseen: [...walk.unseen], outsideTypes: await walk.types(sql, locks) }
}

/** What happens to rows; MERGE may do anything to them. */
const eventsOf = (f: SqlFacts | undefined, sql: string): readonly Event[] => {
  switch (f?.statement) {
    case 'insert':
      return f.reads.some((r) => f.writes.includes(r)) ? ['insert', 'update'] : ['insert']
    case 'delete':
      return ['delete']
    case 'update':
      return /\bmerge\b/i.test(sql) ? ['insert', 'update', 'delete'] : ['update']
    default:
      return ['insert', 'update', 'delete', 'truncate']
  }
}

class Walk {
  readonly touches: Touched[] = []
  readonly unseen = new Set<string>()
  readonly #client: Client
  readonly #open: Item[] = []
  readonly #seen = new Set<string>()
  constructor(client: Client) {
    this.#client = client
  }

  add(item: Item): void {
    const key = item.is === 'function' ? `f ${item.oid}` : `${item.how} ${item.oid} ${item.events.join()}`
    if (this.#seen.has(key)) return
    this.#seen.add(key)
    this.#open.push(item)
  }
  async run(): Promise<void> {
    // A limit, so that a catalogue of thousands of triggers cannot keep the command for ever.
    for (let n = 0, item = this.#open.shift(); item !== undefined && n < 2000; n++, item = this.#open.shift())
      await (item.is === 'function' ? this.#function(item.oid, item.via) : this.#relation(item))
    if (this.#open.length > 0) this.unseen.add('more than 2,000 views, triggers and functions follow from it')
  }

  /** The relations that names stand for, as this session finds them. */
  async relations(names: readonly string[]): Promise<readonly Relation[]> {
    const wanted = names.filter((n) => !n.startsWith('file:') && !n.includes('*')).map(quoted)
    if (wanted.length === 0) return []
    return this.#read(
      `where c.oid in (select pg_catalog.to_regclass(n)::oid from pg_catalog.unnest($1::text[]) n) and n.nspname not in ('pg_catalog', 'information_schema')`,
      [wanted],
    )
  }
  async #read(where: string, values: readonly unknown[]): Promise<readonly Relation[]> {
    const { rows } = await this.#client.query(
      `select c.oid::text as oid, n.nspname as schema, c.relname as name, c.relkind as kind, pg_catalog.pg_table_is_visible(c.oid) as visible
       from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace ${where}`,
      values,
    )
    return rows.map((r) => {
      const [schema, name] = [String(r.schema), String(r.name)]
      const full = `${schema}.${name}`
      return {
        oid: String(r.oid),
        kind: String(r.kind),
        names: schema === 'public' ? [name] : r.visible === true ? [name, full] : [full],
      }
    })
  }

  /** By which of the query's own relations the server came to another one. */
  async through(oid: string, own: ReadonlySet<string>): Promise<string> {
    const { rows } = await this.#client.query(
      `with recursive d(top, oid, depth) as (
         select o, o, 0 from pg_catalog.unnest($1::oid[]) o
         union select d.top, p.refobjid, d.depth + 1 from d join pg_catalog.pg_rewrite r on r.ev_class = d.oid
           join pg_catalog.pg_depend p on p.objid = r.oid and p.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
            and p.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and p.refobjid <> d.oid where d.depth < 30)
       select c.relname as name, c.relkind as kind from d join pg_catalog.pg_class c on c.oid = d.top where d.oid = $2::oid and d.depth > 0 limit 1`,
      [[...own], oid],
    )
    const [r] = rows
    if (r === undefined) return 'through a policy of row level security'
    return `through ${r.kind === 'v' ? 'view' : 'a rule on'} ${String(r.name)}`
  }

  async #relation({ oid, how, events, via }: Extract<Item, { is: 'relation' }>): Promise<void> {
    const [r] = await this.#read('where c.oid = $1::oid', [oid])
    if (r === undefined) return
    this.touches.push({ how, names: r.names, via })
    const link = (what: string): string => (via === '' ? `through ${what}` : `${via}, ${what}`)
    await this.#kin(oid, how, link)
    if (r.kind === 'v') await this.#depends(oid, link(`view ${r.names[0]}`))
    if (how !== 'writes') return
    await this.#triggers(oid, events, (name) => link(`trigger ${name} on ${r.names[0]}`))
    await this.#cascades(oid, events, (name) => link(`foreign key ${name}`))
    if (events.includes('insert')) await this.#defaults(oid, link(`a default of ${r.names[0]}`))
  }

  /** Partitions and inheriting tables hold rows of the table, and it holds theirs. */
  async #kin(oid: string, how: 'reads' | 'writes', via: (what: string) => string): Promise<void> {
    const { rows } = await this.#client.query(
      `with recursive down(oid) as (select $1::oid union select inhrelid from down join pg_catalog.pg_inherits on inhparent = oid),
         up(oid) as (select $1::oid union select inhparent from up join pg_catalog.pg_inherits on inhrelid = oid)
       select oid::text from (select oid from down union select oid from up) k where oid <> $1::oid`,
      [oid],
    )
    if (rows.length === 0) return
    for (const r of await this.#read('where c.oid = any($1::oid[])', [rows.map((k) => k.oid)]))
      this.touches.push({ how, names: r.names, via: via('partitions or inheritance'), kin: true })
  }

  /** What the definition of a view refers to. */
  async #depends(view: string, via: string): Promise<void> {
    const { rows } = await this.#client.query(
      `select distinct p.refobjid::text as oid, p.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass as relation
       from pg_catalog.pg_rewrite r join pg_catalog.pg_depend p on p.objid = r.oid and p.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
       where r.ev_class = $1::oid and p.refobjid <> $1::oid and r.ev_type = '1'
         and p.refclassid in ('pg_catalog.pg_class'::pg_catalog.regclass, 'pg_catalog.pg_proc'::pg_catalog.regclass)`,
      [view],
    )
    for (const r of rows)
      if (r.relation === true) this.add({ is: 'relation', oid: String(r.oid), how: 'reads', events: [], via })
      else this.add({ is: 'function', oid: String(r.oid), via })
  }

  async #triggers(table: string, events: readonly Event[], via: (name: string) => string): Promise<void> {
    const mask = events.reduce((m, e) => m | bits[e], 0)
    const { rows } = await this.#client.query(
      `select tgname as name, tgfoid::text as fn from pg_catalog.pg_trigger
       where tgrelid = $1::oid and not tgisinternal and tgenabled in ('O', 'A') and (tgtype & $2::int) <> 0`,
      [table, mask],
    )
    for (const r of rows) this.add({ is: 'function', oid: String(r.fn), via: via(String(r.name)) })
  }

  async #cascades(table: string, events: readonly Event[], via: (name: string) => string): Promise<void> {
    const { rows } = await this.#client.query(
      `select conname as name, conrelid::text as child, confdeltype as del, confupdtype as upd from pg_catalog.pg_constraint
       where contype = 'f' and confrelid = $1::oid`,
      [table],
    )
    for (const r of rows) {
      const child = (event: Event): void =>
        this.add({ is: 'relation', oid: String(r.child), how: 'writes', events: [event], via: via(String(r.name)) })
      if (events.includes('delete') && r.del === 'c') child('delete')
      if (events.includes('delete') && (r.del === 'n' || r.del === 'd')) child('update')
      if (events.includes('update') && ['c', 'n', 'd'].includes(String(r.upd))) child('update')
    }
  }

  async #defaults(table: string, via: string): Promise<void> {
    const { rows } = await this.#client.query(
      `select distinct p.refobjid::text as fn from pg_catalog.pg_attrdef d join pg_catalog.pg_depend p on p.objid = d.oid
       and p.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass and p.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass where d.adrelid = $1::oid`,
      [table],
    )
    for (const r of rows) this.add({ is: 'function', oid: String(r.fn), via })
  }

  /** Functions by the names a text uses: those of the system are known, or touch nothing. */
  async functions(names: readonly string[], via: string): Promise<void> {
    const parts = names.filter((n) => !n.startsWith('operator ')).map((n) => n.split('.'))
    const { rows } = await this.#client.query(
      `select p.oid::text as oid, p.proname as name from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
       join rows from (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) f(schema, name) on p.proname = f.name
       where n.nspname not in ('pg_catalog', 'information_schema') and (n.nspname = f.schema or (f.schema is null and pg_catalog.pg_function_is_visible(p.oid)))`,
      [parts.map((p) => p.at(-2) ?? null), parts.map((p) => p.at(-1)!)],
    )
    for (const r of rows) {
      const what = `function ${String(r.name)}()`
      this.add({ is: 'function', oid: String(r.oid), via: via === '' ? `through ${what}` : `${via}, ${what}` })
    }
  }

  async #function(oid: string, via: string): Promise<void> {
    const { rows } = await this.#client.query(
      `select p.proname as name, l.lanname as language, p.prosrc as source, p.provolatile as volatility, n.nspname as schema,
         case when p.prokind in ('f', 'p') then pg_catalog.pg_get_functiondef(p.oid) else '' end as definition, p.prokind as kind
       from pg_catalog.pg_proc p join pg_catalog.pg_language l on l.oid = p.prolang join pg_catalog.pg_namespace n on n.oid = p.pronamespace where p.oid = $1::oid`,
      [oid],
    )
    const [f] = rows
    if (f === undefined || f.schema === 'pg_catalog' || f.volatility === 'i' || f.kind === 'a') return
    const bodies = statementsOf(String(f.language), String(f.source), String(f.definition))
    if (bodies === undefined) {
      const why = f.language === 'plpgsql' ? 'makes SQL while it runs' : `is written in ${String(f.language)}`
      this.unseen.add(
        `${via === '' ? 'it calls' : `${via}:`} ${String(f.name)}(), which ${why}, so what it touches cannot be seen`,
      )
      return
    }
    for (const { facts: b, text } of bodies) {
      for (const r of await this.relations(b.reads))
        this.add({ is: 'relation', oid: r.oid, how: 'reads', events: [], via })
      for (const r of await this.relations(b.writes))
        this.add({ is: 'relation', oid: r.oid, how: 'writes', events: eventsOf(b, text), via })
      await this.functions(
        b.functions.filter((n) => !isKnown(n)),
        via,
      )
    }
  }

  /** Columns of the tables a text reads that it mentions, and whose types the engines treat differently. */
  async types(sql: string, locks: readonly Lock[]): Promise<readonly string[]> {
    const words = [...new Set(sql.toLowerCase().match(/[a-z_\u0080-\uffff][\w$\u0080-\uffff]*/g) ?? [])]
    const all = /\*/.test(sql)
    const { rows } = await this.#client.query(
      `select c.relname as rel, a.attname as name, t.typname as type, pg_catalog.format_type(a.atttypid, a.atttypmod) as shown
       from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid join pg_catalog.pg_type t on t.oid = a.atttypid
       where a.attrelid = any($1::oid[]) and a.attnum > 0 and not a.attisdropped and ($2 or a.attname = any($3::text[])) order by 1, 2`,
      [locks.map((l) => l.oid), all, words],
    )
    return rows
      .filter((r) => !Object.hasOwn(portableTypes, String(r.type)))
      .map((r) => `column ${String(r.rel)}.${String(r.name)} is ${String(r.shown)}`)
  }
}

/** As SQL reads it: names in footprints are as the parser gives them. */
const quoted = (name: string): string =>
  name
    .split('.')
    .map((p) => `"${p.replaceAll('"', '""')}"`)
    .join('.')
