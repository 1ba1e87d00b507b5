import type { NodeId } from '../../graph/arena.ts'
import { unit } from '../../graph/types.ts'
import type { Draft } from '../targets/draft.ts'

const shared = { db: 'main', dim: '', maxRows: 3, maxBytes: 1000, authority: false, batch: true }

/** Reads a number from a table by a key. */
export const read = (d: Draft, table: string, key: NodeId): NodeId => {
  const row = d.type('{n: i64}')
  const name = `read ${table}`
  const sql = `select n from ${table} where id = $1`
  const attrs = { ...shared, ...d.occurrence(), name, sql, mode: 'one' as const, row, reads: [table], writes: [] }
  return d.add('field', { name: 'n' }, [d.add('dbQuery', attrs, [key])])
}
/** Changes a table, and gives the number of rows changed. */
export const write = (d: Draft, table: string, key: NodeId): NodeId => {
  const name = `write ${table}`
  const sql = `update ${table} set n = $1`
  const attrs = {
    ...shared,
    ...d.occurrence(),
    name,
    sql,
    mode: 'exec' as const,
    row: unit,
    reads: [],
    writes: [table],
  }
  return d.add('dbQuery', attrs, [key])
}
export const now = (d: Draft): NodeId => d.add('nowMs', d.occurrence())
