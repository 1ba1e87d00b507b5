import type { Footprint, Resource } from './effects.ts'
import { conflict } from './effects.ts'

/** What the graph says about a step. */
export interface StepFacts {
  readonly footprint: Footprint
  readonly fails: boolean
}

/**
 * Checks that steps that start as soon as those `before` them have succeeded mean what program order means. Two orders of
 * the same calls mean the same when they order each conflicting pair alike; beside that, nothing is written before
 * everything earlier that can fail has succeeded. Every write is held to follow everything before it that fails or
 * touches the world, so writes follow one another, and a reader of what was written need only follow the last such write.
 * Shares no code with `schedule.ts`. The answer is what is wrong with which step, or undefined.
 */
export const orderProblem = (
  before: readonly (readonly number[])[],
  facts: readonly StepFacts[],
): { readonly step: number; readonly problem: string } | undefined => {
  /** The last write that must have happened when a step starts; a write counts itself. */
  const lastWrite: number[] = []
  const writers = new Map<string, { readonly what: Resource; readonly at: number }>()
  let write = -1
  for (const [step, { footprint }] of facts.entries()) {
    const astray = before[step]!.find((i) => !(Number.isInteger(i) && i >= 0 && i < step))
    if (astray !== undefined) return { step, problem: `waits for ${astray}, which is no earlier step` }
    const follows = before[step]!.reduce((w, i) => Math.max(w, lastWrite[i]!), -1)
    lastWrite.push(footprint.writes.length > 0 ? step : follows)
    for (const { what, at } of footprint.reads.length === 0 ? [] : writers.values())
      if (at > follows && sees(footprint, what))
        return { step, problem: `does not wait for step ${at}, which writes what it reads` }
    // The clock is taken to see every write.
    if (write > follows && footprint.reads.some((r) => r.kind === 'clock'))
      return { step, problem: `does not wait for step ${write}, which writes` }
    if (footprint.writes.length === 0) continue
    const missed = unawaited(before, step, write, facts)
    if (missed !== undefined) return { step, problem: `writes, and does not wait for step ${missed}` }
    write = step
    // Nobody reads the log, and its lines are many.
    for (const what of footprint.writes) if (what.kind !== 'log') writers.set(JSON.stringify(what), { what, at: step })
  }
  return undefined
}

const sees = (f: Footprint, what: Resource): boolean =>
  conflict({ reads: f.reads, writes: [] }, { reads: [], writes: [what] })
const matters = (f: StepFacts): boolean => f.fails || f.footprint.reads.length > 0 || f.footprint.writes.length > 0

/** The first step from `last` up to `step` that matters and that `step` does not wait for. Looks at these steps only. */
const unawaited = (
  before: readonly (readonly number[])[],
  step: number,
  last: number,
  facts: readonly StepFacts[],
): number | undefined => {
  const reached = new Set<number>([step])
  for (const i of reached) for (const k of before[i]!) if (k >= last) reached.add(k)
  for (let i = Math.max(0, last); i < step; i++) if (matters(facts[i]!) && !reached.has(i)) return i
  return undefined
}
