import { noPostgres, postgresBin } from '../../drivers/servers/postgres.ts'
import { realServer } from '../../drivers/servers/resp.ts'
import type { Place } from '../place.ts'
import { duckdbPlace } from './duckdb.ts'
import { filesPlace } from './files.ts'
import { httpPlace } from './http.ts'
import { postgresPlace } from './postgres.ts'
import { redisPlace } from './redis.ts'

/** Every place whose server is on this machine; why the others are missing is told. */
export const allPlaces = async (): Promise<readonly Place[]> => {
  const [bin, redis] = [postgresBin(), realServer()]
  if (bin === undefined) process.stdout.write(noPostgres)
  if (redis === undefined)
    process.stdout.write('no redis-server is on the path (QUOIN_REDIS_SERVER names one): skipped\n')
  return [
    await duckdbPlace(),
    await filesPlace(),
    await httpPlace(),
    ...(redis === undefined ? [] : [await redisPlace(redis)]),
    ...(bin === undefined ? [] : [await postgresPlace(bin)]),
  ]
}
