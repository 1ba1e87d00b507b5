import type { DbQueryAttrs } from '../../graph/effects.ts'
import type { Type } from '../../graph/types.ts'
import { record, scalar } from '../../graph/types.ts'
import type { Value } from '../../graph/values.ts'
import type { Probed } from '../assumption.ts'
import type { Context, Driver } from '../driver.ts'
import { messageOf } from './failure.ts'

/** One look at the outside: what was found, and whether an assumption holds by that. */
export interface Look {
  readonly assumption: string
  readonly fix: string
  readonly look: () => Promise<{ readonly ok: boolean; readonly found: string }>
}

/** Takes all looks, one after the other; one that fails is an assumption that cannot be seen to hold. */
export const probed = async (looks: readonly Look[], { signal }: Context): Promise<readonly Probed[]> => {
  const all: Probed[] = []
  const over = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('it took too long, or was cancelled')), { once: true })
  })
  over.catch(() => undefined)
  for (const { assumption, fix, look } of looks) {
    try {
      signal.throwIfAborted()
      all.push({ assumption, fix, ...(await Promise.race([look(), over])) })
    } catch (e) {
      all.push({ assumption, fix, ok: false, found: messageOf(e) })
    }
  }
  return all
}

/** A query of a driver's own, without a graph. */
export const questionOf = (sql: string, args: readonly (readonly [Type, Value])[] = []) => {
  const attrs: DbQueryAttrs = {
    occurrence: 0,
    db: 'probe',
    name: 'probe',
    sql,
    mode: 'one',
    row: record([['v', scalar('string')]]),
    dim: '',
    maxRows: 1,
    maxBytes: 10_000,
    authority: false,
    batch: true,
    reads: [],
    writes: [],
  }
  return {
    effect: 'dbQuery' as const,
    attrs,
    args: args.map(([, v]) => v),
    argTypes: args.map(([t]) => t),
    iteration: [],
  }
}
/** The text in the column `v` of the only row. */
export const asked = async (perform: Driver['perform'], sql: string, context: Context): Promise<string> => {
  const answer = await perform(questionOf(sql), context)
  if (answer._tag === 'Left') throw new Error(answer.left.cause)
  return (answer.right as { readonly v: string }).v
}
/** Whether three keys together are answered as each by itself: `text` takes a text as $1 and gives it back as `v`. */
export const batchIsSingle = async (
  { perform, performMany }: Pick<Driver, 'perform' | 'performMany'>,
  sql: string,
  context: Context,
): Promise<{ readonly ok: boolean; readonly found: string }> => {
  const keys = ["it's", 'a\\b', 'é']
  const calls = keys.map((k) => ({ ...questionOf(sql, [[scalar('string'), k]]) }))
  const same = calls.map((c) => ({ ...c, attrs: calls[0]!.attrs }))
  const params = [{ at: sql.indexOf('$1'), length: 2, number: 1 }]
  const together = await performMany!({ calls: same, plan: { params, ordered: false } }, context)
  const text = (a: unknown): string => JSON.stringify(a)
  for (const [i, call] of same.entries()) {
    const alone = await perform(call, context)
    const expected = { _tag: 'Right', right: { v: keys[i] } }
    if (text(alone) !== text(expected) || text(together.answers[i]) !== text(expected))
      return { ok: false, found: `'${keys[i]}' is answered otherwise` }
  }
  return { ok: true, found: `${keys.length} keys in ${together.roundTrips} round trip, each as by itself` }
}
