import type { Probed } from '../../assumption.ts'
import type { Context, Driver } from '../../driver.ts'
import { asked, batchIsSingle, probed } from '../probing.ts'

/** Looks at the engine that is bound: its version, whether its vectors are read as they are, and whether a batch is single. */
export const probe = (driver: Driver, context: Context): Promise<readonly Probed[]> =>
  probed(
    [
      {
        assumption: 'duckdb.vectors',
        fix: 'install @duckdb/node-api@1.5.6-r.1',
        look: async () => {
          const version = await asked(driver.perform, 'select version() as v', context)
          const long = await asked(driver.perform, "select 'é' || repeat('x', 40) as v", context)
          return { ok: version.startsWith('v1.5.') && long === `é${'x'.repeat(40)}`, found: `DuckDB ${version}` }
        },
      },
      {
        assumption: 'duckdb.batch-is-single',
        fix: 'please report it; until then, batch: false keeps queries out of batches',
        look: () => batchIsSingle(driver, 'select $1::varchar as v', context),
      },
    ],
    context,
  )
