import { graph, row, sql, t } from 'quoin'
import { duckdb } from 'quoin/drivers/duckdb'

const db = sql('risk')

/** The graph speaks to 'risk', and the driver that is exported is called otherwise. */
export default graph('unbound', { id: t.i64 }, ({ id }) => ({
  score: db.one('score', row({ score: t.f64 }))`select score from customers where id = ${id}`,
}))
export const drivers = () => ({ risks: duckdb({}) })
