import { graph, row, sql, t } from 'quoin'

const db = sql('risk')

/** It says that it reads customers, and reads a second table. */
export default graph('footprint', { id: t.i64 }, ({ id }) => ({
  score: db.one('score', row({ score: t.f64 }), {
    reads: ['customers'],
  })`select c.score from customers c join blocked b on b.id = c.id where c.id = ${id}`,
}))
