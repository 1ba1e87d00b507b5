import { randomBytes } from 'node:crypto'
import type { Probed } from '../../assumption.ts'
import type { Context } from '../../driver.ts'
import { probed } from '../probing.ts'

/** Looks at the server that is bound: whether it forgets silently, and whether several keys are read as each alone. Writes nothing. */
export const probe = (
  send: (args: readonly string[], signal: AbortSignal) => Promise<unknown>,
  context: Context,
): Promise<readonly Probed[]> => {
  const field = async (section: string, name: string): Promise<string> =>
    new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(String(await send(['INFO', section], context.signal)))?.[1] ?? ''
  return probed(
    [
      {
        assumption: 'redis.keeps',
        fix: 'set maxmemory-policy to noeviction, or accept that entries go before their time',
        look: async () => {
          const [version, most, policy] = [
            await field('server', 'redis_version'),
            await field('memory', 'maxmemory'),
            await field('memory', 'maxmemory_policy'),
          ]
          const ok = policy === 'noeviction' || most === '0'
          return { ok, found: `version ${version}, maxmemory ${most}, maxmemory-policy ${policy}` }
        },
      },
      {
        assumption: 'redis.keeps',
        fix: 'connect to the primary',
        look: async () => {
          const role = await field('replication', 'role')
          return { ok: role === 'master', found: `its role is ${role}` }
        },
      },
      {
        assumption: 'redis.mget-is-get',
        fix: 'please report it; until then, batch: false keeps calls out of batches',
        look: async () => {
          const key = `quoin:probe:${randomBytes(8).toString('hex')}`
          const many = await send(['MGET', key, key], context.signal)
          const one = await send(['GET', key], context.signal)
          const ok = Array.isArray(many) && many.length === 2 && many.every((v) => v === one)
          return { ok, found: ok ? 'a missing key is missing in both' : 'they answer otherwise' }
        },
      },
    ],
    context,
  )
}
