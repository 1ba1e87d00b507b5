import type { Footprint, Resource } from '../../graph/effects.ts'
import { conflict } from '../../graph/effects.ts'
import type { Step } from './types.ts'

/** What the graph says about a step. */
export interface StepFacts {
  readonly footprint: Footprint
  readonly fails: boolean
}

/**
 * Checks that a block whose steps start as soon as what they wait for has succeeded means what program order means. Two
 * orders of the same calls mean the same when they order each conflicting pair alike; beside that, nothing is written
 * before everything earlier that can fail has succeeded. Every write is held to follow everything before it that fails or
 * touches the world, so writes follow one another, and a reader of what was written need only follow the last such write.
 */
export const scheduleProblem = (steps: readonly Step[], facts: readonly StepFacts[]): string | undefined => {
  const before = steps.map((s) => [...s.after, ...s.args.flatMap((a) => (a.at === 'step' ? [a.index] : []))])
  /** The last write that must have happened when a step starts; a write counts itself. */
  const lastWrite: number[] = []
  const writers = new Map<string, { readonly what: Resource; readonly at: number }>()
  let write = -1
  for (const [j, s] of steps.entries()) {
    const { footprint } = facts[j]!
    const astray = before[j]!.find((i) => !(Number.isInteger(i) && i >= 0 && i < j))
    if (astray !== undefined) return `step ${j}: ${s.op} waits for ${astray}, which is no earlier step`
    const follows = before[j]!.reduce((w, i) => Math.max(w, lastWrite[i]!), -1)
    lastWrite.push(footprint.writes.length > 0 ? j : follows)
    const looksAtTime = footprint.reads.some((r) => r.kind === 'clock')
    for (const { what, at } of footprint.reads.length === 0 ? [] : writers.values())
      if (at > follows && sees(footprint, what))
        return `step ${j}: ${s.op} does not wait for step ${at}, which writes what it reads`
    // The clock is taken to see every write.
    if (looksAtTime && write > follows) return `step ${j}: ${s.op} does not wait for step ${write}, which writes`
    if (footprint.writes.length === 0) continue
    const missed = unawaited(before, j, write, (i) => matters(facts[i]!) || steps[i]!.kind === 'kernel')
    if (missed !== undefined)
      return `step ${j}: ${s.op} writes, and does not wait for step ${missed}, ${steps[missed]!.op}`
    write = j
    // Nobody reads the log, and its lines are many.
    for (const what of footprint.writes) if (what.kind !== 'log') writers.set(JSON.stringify(what), { what, at: j })
  }
  return undefined
}

const sees = (f: Footprint, what: Resource): boolean =>
  conflict({ reads: f.reads, writes: [] }, { reads: [], writes: [what] })
const matters = (f: StepFacts): boolean => f.fails || f.footprint.reads.length > 0 || f.footprint.writes.length > 0

/** The first step from `last` up to `j` that matters and that nothing makes `j` wait for. Looks at these steps only. */
const unawaited = (
  before: readonly (readonly number[])[],
  j: number,
  last: number,
  looked: (i: number) => boolean,
): number | undefined => {
  const reached = new Set<number>([j])
  for (const i of reached) for (const k of before[i]!) if (k >= last) reached.add(k)
  for (let i = Math.max(0, last); i < j; i++) if (looked(i) && !reached.has(i)) return i
  return undefined
}
