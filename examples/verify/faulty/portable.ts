import { graph, row, sql, t } from 'quoin'

const db = sql('risk', { dialect: 'portable' })

/** Declared to mean the same on each engine, and written for one. */
export default graph('portable', {}, () => ({
  loans: db.many('loans', row({ n: t.i64 }), { maxRows: 10, maxBytes: 1000 })`select distinct on (n) n from loans`,
}))
