import { DuckDBInstance } from '@duckdb/node-api'
import { Client } from 'pg'
import { postgresBin, startPostgres } from '../drivers/servers/postgres.ts'

/** One cell as both engines give it: numbers by their value, everything else by its text. */
export type Cell = string | boolean | number | null
export type Answer =
  | { readonly rows: readonly (readonly Cell[])[]; readonly names: readonly string[] }
  | { readonly error: string }

/** An engine that answers a text; errors are values. */
export type Ask = (sql: string) => Promise<Answer>
export interface Both {
  readonly postgres: Ask
  readonly duckdb: Ask
  readonly close: () => Promise<void>
}

const booleans = 16
/** Oids of numbers. */
const numbers: ReadonlySet<number> = new Set([20, 21, 23, 700, 701, 1700])
const duckNumbers = /^(?:U?(?:TINY|SMALL|BIG|HUGE)INT|INTEGER|FLOAT|DOUBLE|DECIMAL.*)$/

/** An exact number in one spelling; what is no finite decimal is itself. */
const plain = (text: string): string => {
  if (!/^-?\d+(?:\.\d+)?$/.test(text)) return String(Number(text) + 0)
  const cut = text.includes('.') ? text.replace(/\.?0+$/, '') : text
  return cut === '-0' ? '0' : cut
}
/** Doubles go by their bits, all other numbers by their digits. */
const number = (text: string, double: boolean): Cell => (double ? Number(text) + 0 : plain(text))

export const bothEngines = async (): Promise<Both> => {
  const server = await startPostgres(postgresBin()!)
  const client = new Client({ connectionString: server.url })
  await client.connect()
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  return {
    postgres: async (text) => {
      try {
        const types = { getTypeParser: () => (x: string) => x }
        const r = await client.query({ text, rowMode: 'array', types: types as never })
        const rows = (r.rows as (string | null)[][]).map((row) =>
          row.map((x, i): Cell => {
            const type = r.fields[i]!.dataTypeID
            return x === null ? null : type === booleans ? x === 't' : numbers.has(type) ? number(x, type === 701) : x
          }),
        )
        return { rows, names: r.fields.map((f) => f.name) }
      } catch (e) {
        return { error: e instanceof Error ? e.message : String(e) }
      }
    },
    duckdb: async (text) => {
      try {
        const r = await connection.runAndReadAll(text)
        const types = r.columnTypes().map(String)
        const rows = r
          .getRows()
          .map((row) =>
            row.map(
              (x, i): Cell =>
                x === null
                  ? null
                  : typeof x === 'boolean'
                    ? x
                    : duckNumbers.test(types[i]!)
                      ? number(String(x), types[i] === 'DOUBLE')
                      : String(x),
            ),
          )
        return { rows, names: r.columnNames() }
      } catch (e) {
        return { error: e instanceof Error ? e.message : String(e) }
      }
    },
    close: async () => {
      await client.end()
      connection.disconnectSync()
      instance.closeSync()
      await server.close()
    },
  }
}

/** Asks both for the same. */
export const onBoth = async (
  b: Both,
  sql: string,
): Promise<{ readonly postgres: Answer; readonly duckdb: Answer }> => ({
  postgres: await b.postgres(sql),
  duckdb: await b.duckdb(sql),
})

/** The table of the examples, with the values at which engines like to differ. */
export const exampleTable = [
  'create table t (i integer, b bigint, f double precision, s varchar, ok boolean, d date, ts timestamp, m decimal(10,2))',
  `insert into t values
    (1, 10000000000, 0.5, 'a', true, date '2024-01-31', timestamp '2024-01-31 10:11:12.345678', 1.25),
    (-7, -3, -2.5, 'B', false, date '1999-12-31', timestamp '1969-12-31 23:59:59.5', -1.25),
    (null, null, null, null, null, null, null, null),
    (7, 3, 1e15, 'é z', true, date '2020-02-29', timestamp '2020-02-29 00:00:00', 99.99),
    (0, 0, 0, '', false, date '1970-01-01', timestamp '1970-01-01 00:00:00', 0),
    (12, 5, 3.5, '  e\u0301😀%_a ', null, date '2021-01-03', timestamp '2021-01-03 12:30:00', 0.05)`,
]
