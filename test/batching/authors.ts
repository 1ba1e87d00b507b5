export { authors } from '../../bench/effects/graph.ts'

import type { Answer, Call } from '../../graph/effects.ts'
import { isLeft } from '../../graph/either.ts'
import type { Driver } from '../../runtime/driver.ts'
import { calm, good, query } from '../drivers/calls.ts'

/** Fills a DuckDB with the tables: ten tenants of 100 authors, ten posts an author, up to 8 comments a post. */
export const fill = async (driver: Driver): Promise<void> => {
  const run = async (text: string): Promise<void> => void good(await driver.perform(query('exec', text), calm))
  await run(`create table authors as select r as id, r % 10 as tenant_id, 'author ' || r as name from range(1000) t(r)`)
  await run(`create table profiles as select r as author_id, 'bio ' || r as bio from range(1000) t(r)`)
  await run(`create table posts as select r as id, r // 10 as author_id, 'post ' || r as title from range(10000) t(r)`)
  await run(
    `create table comments as select row_number() over () as id, p as post_id from range(10000) a(p), range(9) b(k) where (p * 7 + k) % 9 < p % 9`,
  )
}

/** A driver that counts what passes through it. */
export const counting = (driver: Driver): Driver & { readonly seen: { calls: number; statements: number } } => {
  const seen = { calls: 0, statements: 0 }
  return {
    ...driver,
    seen,
    perform: async (call: Call, context): Promise<Answer> => {
      seen.calls++
      seen.statements++
      return driver.perform(call, context)
    },
    ...(driver.performMany === undefined
      ? {}
      : {
          performMany: async (batch, context) => {
            const done = await driver.performMany!(batch, context)
            seen.calls += batch.calls.length
            seen.statements += done.roundTrips
            return done
          },
        }),
  }
}

/** The rows that the tables would give, without a database. */
export const modelled = (call: Call): unknown => {
  if (call.effect !== 'dbQuery') return null
  const key = Number(call.args[0])
  switch (call.attrs.name) {
    case 'author':
      return Array.from({ length: 100 }, (_, i) => ({ id: BigInt(10 * i + key), name: `author ${10 * i + key}` }))
    case 'profile':
      return { bio: `bio ${key}` }
    case 'post':
      return Array.from({ length: 10 }, (_, i) => ({ id: BigInt(10 * key + i), title: `post ${10 * key + i}` }))
    default:
      return { n: BigInt(key % 9) }
  }
}
export const orThrow = <T>(
  e: { readonly _tag: 'Left'; readonly left: unknown } | { readonly _tag: 'Right'; readonly right: T },
): T => {
  if (isLeft(e)) throw new Error(JSON.stringify(e.left))
  return e.right
}
