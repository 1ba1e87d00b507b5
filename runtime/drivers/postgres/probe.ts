import type { Probed } from '../../assumption.ts'
import type { Context, Driver } from '../../driver.ts'
import { asked, batchIsSingle, probed } from '../probing.ts'

/** Looks at the server that is bound: its version, what its transactions and texts mean, and whether a batch is single. */
export const probe = (driver: Driver, context: Context): Promise<readonly Probed[]> => {
  const setting = (name: string): Promise<string> =>
    asked(driver.perform, `select current_setting('${name}') as v`, context)
  return probed(
    [
      {
        assumption: 'postgres.wire',
        fix: 'use PostgreSQL 13 to 18',
        look: async () => {
          const number = Number(await setting('server_version_num'))
          return { ok: number >= 130_000 && number < 190_000, found: `server version ${Math.floor(number / 10_000)}` }
        },
      },
      {
        assumption: 'postgres.autocommit',
        fix: "set default_transaction_isolation to 'read committed', or state the isolation of transactions in the graph",
        look: async () => {
          const level = await setting('default_transaction_isolation')
          return { ok: level === 'read committed', found: `default isolation ${level}` }
        },
      },
      {
        assumption: 'postgres.batch-is-single',
        fix: 'set standard_conforming_strings to on: texts are read so when a query is put into a batch',
        look: async () => {
          const on = await setting('standard_conforming_strings')
          return { ok: on === 'on', found: `standard_conforming_strings ${on}` }
        },
      },
      {
        assumption: 'postgres.batch-is-single',
        fix: 'please report it; until then, batch: false keeps queries out of batches',
        look: () => batchIsSingle(driver, 'select $1::text as v', context),
      },
    ],
    context,
  )
}
