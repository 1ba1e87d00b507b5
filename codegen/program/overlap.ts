import type { Block, Program, Step } from './types.ts'
import { asksOutside, waitsFor } from './types.ts'

/** What a step costs whoever stands beside it: it waits for the outside, it computes for long, or neither. */
export const weightOf = (p: Program, s: Step): 'waits' | 'heavy' | 'light' => {
  if (asksOutside(s) || s.blocks.some((b) => p.blocks[b]!.waits)) return 'waits'
  return s.kind === 'kernel' || s.blocks.length > 0 ? 'heavy' : 'light'
}

/** Whether anything of weight in a block may happen while something else waits; if not, program order is as fast. */
export const overlaps = (p: Program, b: Block): boolean => {
  const weights = b.steps.map((s) => weightOf(p, s))
  const heavy = b.steps.map((_, k) => k).filter((k) => weights[k] !== 'light')
  return heavy.some((k, n) => {
    const earlier = heavy[n - 1]
    if (earlier === undefined || (weights[k] === 'heavy' && weights[earlier] === 'heavy')) return false
    return !follows(b.steps, k, earlier)
  })
}
/** Whether step k waits for an earlier step, through whatever steps stand between them. */
const follows = (steps: readonly Step[], k: number, earlier: number): boolean => {
  const reached = new Set([k])
  for (const i of reached) for (const j of waitsFor(steps[i]!)) if (j >= earlier) reached.add(j)
  return reached.has(earlier)
}
