import type { NodeId } from '../../graph/arena.ts'
import type { DbQueryAttrs } from '../../graph/effects.ts'
import type { Type } from '../../graph/types.ts'
import { option, record, scalar, unit } from '../../graph/types.ts'
import { keyIn } from './keys.ts'
import { addOutside } from './outside.ts'
import type { Scope } from './scope.ts'

const tables = ['users', 'orders', 'rates'] as const
const rows: Readonly<Record<(typeof tables)[number], Type>> = {
  users: record([
    ['id', scalar('i64')],
    ['name', scalar('string')],
    ['score', scalar('f64')],
  ]),
  orders: record([
    ['total', scalar('f64')],
    ['open', scalar('bool')],
    ['note', option(scalar('string'))],
  ]),
  rates: record([
    ['rate', scalar('f64')],
    ['n', scalar('i32')],
    ['since', scalar('timestamp')],
    ['price', option(scalar('decimal(2)'))],
  ]),
}
const modes = ['one', 'maybe', 'many', 'exec'] as const

/** Adds a query, and sometimes asks it twice; a lookup reads by what the body is given. */
export const addQuery = (s: Scope, lookup = false, only?: (typeof modes)[number]): NodeId | undefined => {
  const { tape } = s
  const table = tape.of(tables)
  const mode = only ?? (lookup ? tape.of(modes.slice(0, 3)) : tape.of(modes))
  const around = s.inTransaction
  const authority = around?.authority ?? tape.next(5) === 0
  if (around?.authority === true && around.who === undefined) return undefined
  const ordered = tape.next(2) === 0
  const fields = (rows[table] as { fields: readonly (readonly [string, Type])[] }).fields.map(([n]) => n)
  const attrs: DbQueryAttrs = {
    occurrence: s.occurrence(),
    // Another database may be read inside a transaction, and is no part of it.
    db: around !== undefined && mode !== 'exec' && tape.next(6) === 0 ? 'side' : 'main',
    name: `${table}-${mode}`,
    mode,
    row: mode === 'exec' ? unit : rows[table],
    sql:
      mode === 'exec'
        ? `update ${table} set touched = $1`
        : `select ${fields.join(', ')} from ${table} where id = $1${ordered ? ' order by 1' : ''}`,
    dim: mode === 'many' ? s.freshDim() : '',
    maxRows: 3,
    maxBytes: 1000,
    authority,
    batch: tape.next(6) !== 0,
    reads: mode === 'exec' ? [] : [table],
    writes: mode === 'exec' ? [table] : [],
  }
  const key = keyIn(s, lookup)
  const call = s.add('dbQuery', attrs, authority ? [around?.who ?? s.scalarOf('string'), key] : [key])
  if (mode === 'exec' && call !== undefined) s.writes.push(call)
  // Asked again, so that there is something to merge.
  if (call !== undefined && mode !== 'exec' && tape.next(3) === 0)
    s.add(
      'dbQuery',
      { ...attrs, occurrence: s.occurrence(), dim: mode === 'many' ? s.freshDim() : '' },
      s.arena.argsOf(call),
    )
  return call
}

/** Adds a call, or something that can fail: a claim, or a document that may not fit. */
export const addEffect = (s: Scope): void => {
  const { tape } = s
  switch (tape.next(20)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
      return void addQuery(s)
    case 6:
      return void s.add('nowMs', { occurrence: s.occurrence() })
    case 7:
      return void s.add('randomBytes', { occurrence: s.occurrence(), count: 1 + tape.next(4) })
    case 8: {
      const json = s.add('toJson', {}, [s.pick(() => true) ?? s.literal('f64')])!
      const call = s.add('logLine', { occurrence: s.occurrence(), level: 'info' }, [s.scalarOf('string'), json])
      return void (call === undefined || s.writes.push(call))
    }
    case 9: {
      const claim = s.pick((t) => t.kind === 'tensor' && t.elem === 'bool') ?? s.literal('bool')
      const shown = tape.next(2) === 0 ? [] : [s.scalarOf(tape.of(['f64', 'string', 'i64'] as const))]
      return void s.add('assert', { occurrence: s.occurrence(), message: 'it must hold' }, [
        claim,
        s.pick(() => true) ?? claim,
        ...shown,
      ])
    }
    case 10:
    case 11: {
      const json =
        s.pick((t) => t.kind === 'tensor' && t.elem === 'json' && t.shape.length === 0) ??
        s.add('toJson', {}, [s.pick(() => true) ?? s.literal('f64')])!
      s.add(
        'decodeJson',
        {
          occurrence: s.occurrence(),
          to: scalar(tape.of(['f64', 'i32', 'string', 'u64', 'decimal(2)', 'timestamp'] as const)),
        },
        [json],
      )
      return
    }
    default:
      return addOutside(s)
  }
}
