import { err, errColors } from './output.ts'

/**
 * QUOIN_DEBUG, a ladder: each step shows what the ones below show.
 *
 *     1 passes and times   2 what each pass did and why   3 graphs between passes   4 generated code   5 every rewrite
 */
export type DebugLevel = 0 | 1 | 2 | 3 | 4 | 5

export const debugLevel = (given = process.env.QUOIN_DEBUG): DebugLevel => {
  const n = Number(given ?? 0)
  return Number.isInteger(n) && n >= 1 ? (Math.min(n, 5) as DebugLevel) : 0
}

/** Tells something to whoever asked for this much; the text is only made when it is shown. */
export const debug = async (level: DebugLevel, text: () => string): Promise<void> => {
  if (debugLevel() < level) return
  const c = errColors()
  const lines = text().trimEnd().split('\n')
  await err(lines.map((line) => `${c.dim(`[${level}]`)} ${line}`).join('\n'))
}
