import type { Call } from '../../../graph/effects.ts'
import type { Either } from '../../../graph/either.ts'
import { left, right } from '../../../graph/either.ts'
import { authorityOf } from '../../request.ts'
import type { Failure } from '../failure.ts'
import { messageOf } from '../failure.ts'
import type { Messages } from './messages.ts'
import type { Catalogue } from './statement.ts'
import { catalogue } from './statement.ts'
import { oid } from './types.ts'

/** As whom the database is to see the statements of an authority. */
export interface Acting {
  /** The role they run with; the one that connects must be a member of it. */
  readonly role?: string
  /** Settings for policies to read: `{ 'app.tenant': '7' }` is `current_setting('app.tenant')`. */
  readonly settings?: Readonly<Record<string, string>>
}
export type Authorities =
  | Readonly<Record<string, Acting>>
  | ((authority: string) => Acting | undefined | Promise<Acting | undefined>)

/** What goes before each statement of an authority, in the same implicit transaction, so that it ends with it. */
export interface Lead {
  /** Statements of leads with one key mean the same; those of another role may mean other tables. */
  readonly key: string
  readonly write: (to: Messages) => void
}

const leadOf = ({ role, settings = {} }: Acting): Lead => {
  // The role comes last: it might not be allowed to set what the one that connects may set.
  const pairs = [...Object.entries(settings), ...(role === undefined ? [] : [['role', role] as const])]
  const sql = `select ${pairs.map((_, i) => `pg_catalog.set_config($${2 * i + 1}, $${2 * i + 2}, true)`).join(', ')}`
  const values = pairs.flat()
  return {
    key: JSON.stringify([role ?? null, settings.search_path ?? null]),
    write: (to) => {
      to.parse(
        '',
        sql,
        values.map(() => oid.text),
      )
      to.bind('', values, [])
      to.execute(0)
    },
  }
}

/** What the server said of texts, as each authority sees them. */
export interface Catalogues {
  readonly of: (call: Call) => Promise<Either<Failure, Catalogue>>
}
const mostRoles = 100

export const cataloguesFor = (maxPrepared: number | undefined, authorities: Authorities | undefined): Catalogues => {
  const plain = catalogue(maxPrepared)
  const byKey = new Map<string, Catalogue>()
  const under = (acting: Acting): Catalogue => {
    if (acting.role === undefined && Object.keys(acting.settings ?? {}).length === 0) return plain
    const lead = leadOf(acting)
    const known = byKey.get(lead.key) ?? catalogue(maxPrepared)
    byKey.delete(lead.key)
    byKey.set(lead.key, known)
    if (byKey.size > mostRoles) byKey.delete(byKey.keys().next().value!)
    return { ...known, lead }
  }
  return {
    of: async (call) => {
      const authority = authorityOf(call)
      if (authority === undefined || authorities === undefined) return right(plain)
      try {
        const own = typeof authorities === 'object' && Object.hasOwn(authorities, authority)
        const found = typeof authorities === 'function' ? await authorities(authority) : own && authorities[authority]
        return found === undefined || found === false ? left(unknown(authority, '')) : right(under(found))
      } catch (e) {
        return left(unknown(authority, `: ${messageOf(e)}`, e))
      }
    },
  }
}

const unknown = (authority: string, why: string, original?: unknown): Failure => ({
  tag: 'Refused',
  cause: `there is no role for the authority '${authority.slice(0, 100)}'${why}`,
  remedy: "name it in the driver: postgres({ authorities: { tenant: { role: 'tenant_role' } } })",
  ...(original === undefined ? {} : { original }),
})
