import type { Probed } from '../../assumption.ts'
import type { Context } from '../../driver.ts'
import type { Look } from '../probing.ts'
import { probed } from '../probing.ts'
import type { HttpOptions } from './options.ts'
import type { Service } from './service.ts'

/**
 * Looks at the service that is bound, by HEAD of its base: whether it answers, and alike; whether what is secret travels
 * encrypted; and whether it knows the credentials. What its paths do, nobody can see from outside.
 */
export const probe = (
  { base, headers, credentials }: HttpOptions,
  { head }: Pick<Service, 'head'>,
  context: Context,
): Promise<readonly Probed[]> => {
  const secrets = headers !== undefined || credentials !== undefined
  // Of a function nobody knows which authorities it has.
  const known = typeof credentials === 'object' ? Object.entries(credentials) : []
  return probed(
    [
      {
        assumption: 'http.reads-only-read',
        fix: 'check that the service runs and can be reached, and its base',
        look: async () => {
          const [first, second] = [await head({}, context.signal), await head({}, context.signal)]
          return { ok: first === second && first < 500, found: `HEAD of its base: status ${first}, again ${second}` }
        },
      },
      {
        assumption: 'http.credentials',
        fix: 'use a base with https:, so that nobody on the way sees or changes what is sent',
        look: async () => {
          const { protocol, hostname } = new URL(base)
          const encrypted = protocol === 'https:'
          const here = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
          const how = encrypted ? 'encrypted' : here ? 'not encrypted, on this machine' : 'not encrypted'
          return {
            ok: encrypted || here || !secrets,
            found: `${how}, ${secrets ? 'with' : 'without'} headers of its own`,
          }
        },
      },
      ...known.map(
        ([authority, own]): Look => ({
          assumption: 'http.credentials',
          fix: `check the credentials of the authority '${authority}'`,
          look: async () => {
            const status = await head(own, context.signal)
            return { ok: status !== 401 && status !== 403 && status < 500, found: `'${authority}': status ${status}` }
          },
        }),
      ),
    ],
    context,
  )
}
