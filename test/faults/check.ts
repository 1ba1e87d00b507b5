import type { Answer, Call } from '../../graph/effects.ts'
import { effectErrors } from '../../graph/errors.ts'

/** An answer that no fault may lead to: a bug, a tag the effect does not have, an Unknown that hides what was said. */
export const unclassified = (call: Call, a: Answer): string | undefined => {
  if (a._tag === 'Right') return undefined
  const e = a.left
  const shown = `${e._tag}: ${e.cause}`
  if (e._tag === 'Cancelled') return undefined
  if (!(effectErrors[call.effect] as readonly string[]).includes(e._tag)) return `${call.effect} ended with ${shown}`
  if (e.cause === '' || e.remedy === '') return `${e._tag} does not say why, or what to do`
  // A write that was stopped is Unknown with an outcome: nobody said anything.
  if (e._tag === 'Unknown' && !('original' in e) && !('outcome' in e)) return `nothing is kept of ${shown}`
  return undefined
}

/** How a call ended, for tables and for the rule of writes. */
export type End = 'done' | 'failed' | 'unknown'
export const endOf = (a: Answer): End =>
  a._tag === 'Right' ? 'done' : 'outcome' in a.left && a.left.outcome === 'unknown' ? 'unknown' : 'failed'

/** What the other side may hold of a write that ended so: how often it happened. */
export const allowed: Readonly<Record<End, readonly number[]>> = { done: [1], failed: [0], unknown: [0, 1] }

/** The answer, or that there was none in time. */
export const inTime = async <T>(work: Promise<T>, ms: number): Promise<T | 'hangs'> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'hangs'>((resolve) => {
    timer = setTimeout(() => resolve('hangs'), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
