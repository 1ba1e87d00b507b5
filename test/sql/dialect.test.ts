import { expect, test } from 'vitest'
import type { Dialect } from '../../graph/effects.ts'
import { digest } from '../../graph/text.ts'
import { compile, graph, load, row, sql, t } from '../../index.ts'
import { interpret } from '../../interpret.ts'
import { duckdb } from '../../runtime/drivers/duckdb/index.ts'

const X = row({ x: t.i64 })
const made = (dialect?: Dialect, text = 'select 1::bigint as x') =>
  graph('g', {}, () => sql('db', dialect === undefined ? {} : { dialect }).one('q', X)({ sql: text, parameters: [] }))
const artifactOf = async (g: ReturnType<typeof made>) => {
  const c = await compile(g)
  if (c._tag === 'Left') throw new Error(JSON.stringify(c.left))
  return c.right
}

test('a driver of another engine is refused when the artefact is loaded, and by the interpreter', async () => {
  const wrong = {
    _tag: 'DriverMissing',
    node: 'q',
    cause: "query 'q' is written for postgres, and the driver bound to 'db' speaks duckdb",
    remedy:
      "bind a driver for postgres to 'db', or write the query in the portable subset (docs/sql.md) and declare { dialect: 'portable' }",
  }
  expect(await load(await artifactOf(made('postgres')), { db: duckdb() })).toMatchObject({ _tag: 'Left', left: wrong })
  expect(await interpret(made('postgres'), { db: duckdb() }, {})).toMatchObject({ _tag: 'Left', left: wrong })
})
test.each([undefined, 'duckdb', 'portable'] as const)('%s runs on DuckDB', async (dialect) => {
  const loaded = await load(await artifactOf(made(dialect)), { db: duckdb() })
  if (loaded._tag === 'Left') throw new Error(loaded.left.cause)
  expect(await loaded.right.run({})).toMatchObject({ _tag: 'Right', right: { x: 1n } })
  await loaded.right.close()
  const driver = duckdb()
  expect(await interpret(made(dialect), { db: driver }, {})).toMatchObject({ _tag: 'Right', right: { x: 1n } })
  await driver.close()
})
test('the manifest says the dialect, and what is not portable', async () => {
  const entry = async (g: ReturnType<typeof made>) => (await artifactOf(g)).manifest.effects[0]
  expect(await entry(made())).toMatchObject({ notPortable: [] })
  expect(await entry(made())).not.toHaveProperty('dialect')
  expect(await entry(made('duckdb', 'select 7 / 2 as x'))).toMatchObject({
    dialect: 'duckdb',
    notPortable: ['/ other than cast(… as double precision) / nullif(…, 0)'],
  })
})
test('what is declared portable is held to it when the graph is built', () => {
  const { sealed } = made('portable', 'select 7 / 2 as x')
  expect(sealed).toMatchObject({
    _tag: 'Left',
    left: {
      problems: [
        {
          node: 'q',
          cause: "query 'q' is declared portable and is not: / other than cast(… as double precision) / nullif(…, 0)",
        },
      ],
    },
  })
})
test('a query says more than its database, and saying nothing changes no digest', () => {
  const own = graph('g', {}, () => sql('db', { dialect: 'duckdb' }).one('q', X, { dialect: 'portable' })`select 1 as x`)
  const digests = [made(), made('duckdb'), made('portable')].map((g) =>
    g.sealed._tag === 'Right' ? digest(g.sealed.right) : '',
  )
  expect(new Set(digests).size).toBe(3)
  if (own.sealed._tag === 'Left') throw new Error('refused')
  const { arena, root } = own.sealed.right
  expect(arena.opOf(root).attrs).toMatchObject({ dialect: 'portable' })
})
