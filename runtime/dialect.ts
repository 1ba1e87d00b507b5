import type { Dialect } from '../graph/effects.ts'
import type { RunError } from '../graph/errors.ts'
import type { Driver } from './driver.ts'

/** Why a driver may not answer a query that is written for one engine; a driver without a dialect takes every query. */
export const wrongDialect = (
  query: string,
  wanted: Dialect | undefined,
  name: string,
  driver: Pick<Driver, 'dialect'>,
): RunError | undefined =>
  wanted === undefined || wanted === 'portable' || driver.dialect === undefined || driver.dialect === wanted
    ? undefined
    : {
        _tag: 'DriverMissing',
        node: query,
        place: '',
        cause: `query '${query}' is written for ${wanted}, and the driver bound to '${name}' speaks ${driver.dialect}`,
        remedy: `bind a driver for ${wanted} to '${name}', or write the query in the portable subset (docs/sql.md) and declare { dialect: 'portable' }`,
      }
