import { createHash } from 'node:crypto'
import { isLeft, left, right } from '../../../graph/either.ts'
import type { Limit } from '../limit.ts'
import { ask, saving } from './ask.ts'
import type { Lead } from './authority.ts'
import { classifyError } from './classify.ts'
import type { Field, ServerError } from './fields.ts'
import type { Line, Reply, Request } from './line.ts'
import type { Binder } from './params.ts'
import type { Outcome } from './session.ts'
import { elementOfArray, isKnown, oid } from './types.ts'

/** A statement as the server understands it. */
export interface Statement {
  readonly key: string
  readonly name: string
  readonly sql: string
  readonly params: readonly number[]
  readonly fields: readonly Field[]
  /** In which format each column comes: 1 is binary, 0 the text of types that are not known here. */
  readonly formats: readonly number[]
}

/** What the server said of each text, so that it is asked once; shared by all connections of a driver. */
export interface Catalogue {
  readonly maxPrepared: number
  readonly known: Map<string, Statement>
  /** Texts that cannot follow from another statement inside the server. */
  readonly apart: Set<string>
  /** Whether no collation of the database calls different texts equal, once it was asked. */
  readonly texts: { plain?: boolean }
  /** What was made of plans: statements for many keys, and those that follow from others. */
  readonly forms: Forms
  readonly followers: Forms
  /** What goes before each statement, because an authority acts. */
  readonly lead?: Lead
}
export const catalogue = (maxPrepared = 256): Catalogue => ({
  maxPrepared,
  known: new Map(),
  apart: new Set(),
  texts: {},
  forms: new WeakMap(),
  followers: new WeakMap(),
})
const mostKnown = 2000

/** What was made of a plan, of what besides, and on which statements it rests. */
interface Form<T> {
  readonly value: T
  readonly rests: readonly Statement[]
}
type Forms = WeakMap<object, Form<unknown> & { readonly from: readonly unknown[] }>

/** Makes something of a plan once, as long as the statements that it rests on are known; what runs again asks nobody anew. */
export const formOf = async <T>(
  all: Catalogue,
  forms: Forms,
  plan: object,
  from: readonly unknown[],
  make: () => Promise<Outcome<Form<T>>>,
): Promise<Outcome<T>> => {
  const known = forms.get(plan)
  const same = known?.from.length === from.length && known.from.every((x, i) => x === from[i])
  if (same && known.rests.every((s) => all.known.get(s.key) === s)) return right(known.value as T)
  const made = await make()
  if (isLeft(made)) return made
  if (made.right.value !== undefined) forms.set(plan, { ...made.right, from })
  return right(made.right.value)
}

/**
 * Asks the server what a text takes and answers. Parameters whose text form fits several types are left open, so that
 * `id = $1` may be a uuid; where the query does not say, they are what they are by themselves.
 */
export const describe = async (
  line: Line,
  bound: Limit,
  all: Catalogue,
  sql: string,
  binders: readonly Pick<Binder, 'type' | 'flexible'>[],
): Promise<Outcome<Statement>> => {
  const own = binders.map((b) => b.type)
  const key = `${own.join()} ${sql}`
  const known = all.known.get(key)
  if (known !== undefined) {
    all.known.delete(key)
    all.known.set(key, known)
    return right(known)
  }
  const open = binders.some((b) => b.flexible)
  const types = binders.map((b) => (b.flexible ? 0 : b.type))
  const first = (): Promise<Outcome<Reply>> => inquire(line, bound, all, sql, types)
  let reply = await (open ? saving(line, bound, first) : first())
  if (open && isLeft(reply) && undetermined(reply.left)) reply = await inquire(line, bound, all, sql, own)
  if (open && !isLeft(reply) && reply.right.params.some((t, i) => tooOpen(t, own[i]!)))
    reply = await inquire(
      line,
      bound,
      all,
      sql,
      reply.right.params.map((t, i) => (tooOpen(t, own[i]!) ? own[i]! : t)),
    )
  if (isLeft(reply)) return reply
  const { params, fields } = reply.right
  const hash = createHash('sha256')
    .update(`${all.lead?.key ?? ''} ${params.join()} ${sql}`)
    .digest('hex')
    .slice(0, 32)
  const statement = {
    key,
    name: all.maxPrepared > 0 ? `quoin_${hash}` : '',
    sql,
    params,
    fields,
    formats: fields.map((f) => (isKnown(f.type) ? 1 : 0)),
  }
  all.known.set(key, statement)
  for (const oldest of all.known.keys()) {
    if (all.known.size <= mostKnown) break
    all.known.delete(oldest)
  }
  return right(statement)
}
/**
 * To be planned anew each time. A plan that is kept may be for any keys, of which the server assumes ten: it then looks
 * through a list of a thousand once for every row (measured: 460 ms where a plan for these keys takes 8).
 */
export const planned = (statement: Statement): Statement => ({ ...statement, name: '' })
const undetermined = (trouble: unknown): boolean => {
  const original = (trouble as { readonly original?: { readonly code?: unknown } }).original
  return ['42P18', '42725', '42883', '42804'].includes(String(original?.code))
}
/** A time that nothing but its text says the type of would be text. */
const tooOpen = (type: number, own: number): boolean =>
  (type === oid.text && own === oid.timestamptz) || (elementOfArray.get(type) === oid.text && own === 1185)

const inquire = async (
  line: Line,
  bound: Limit,
  { lead }: Catalogue,
  sql: string,
  types: readonly number[],
): Promise<Outcome<Reply>> => {
  const reply = await ask(line, bound, false, {
    led: lead !== undefined,
    write: (to) => {
      lead?.write(to)
      to.parse('', sql, types)
      to.describeStatement('')
    },
  })
  if (isLeft(reply) || reply.right.error === undefined) return reply
  return left(classifyError(reply.right.error))
}

export interface Run extends Omit<Request, 'write'> {
  readonly values: readonly (string | null)[]
  /** The most rows that are sent; 0 is all. */
  readonly most: number
  readonly writes: boolean
}
/** Runs a statement, preparing it where the connection does not know it yet. */
export const run = async (
  line: Line,
  bound: Limit,
  all: Catalogue,
  statement: Statement,
  { values, most, writes, ...request }: Run,
): Promise<Outcome<Reply>> => {
  const { name, sql, params, formats } = statement
  const reply = await ask(line, bound, writes, {
    ...request,
    led: all.lead !== undefined,
    write: (to) => {
      all.lead?.write(to)
      if (name === '') to.parse('', sql, params)
      else line.statements.prepare(to, name, sql, params, all.maxPrepared)
      to.bind(name, values, formats)
      to.execute(most)
    },
  })
  if (isLeft(reply)) {
    line.statements.forget(name)
    return reply
  }
  const { error } = reply.right
  if (error === undefined) return reply
  line.statements.forget(name)
  all.known.delete(statement.key)
  if (line.status === 'I' && isStale(error)) return left('again')
  return left(classifyError(error))
}
/** The connection has forgotten the statement, or its tables have changed: nothing ran, and it is prepared anew. */
export const isStale = (error: unknown): boolean => {
  const { code, message = '' } = (error ?? {}) as Partial<ServerError>
  return code === '26000' || (code === '0A000' && message.includes('cached plan'))
}
