import type { TraceEvent } from 'quoin'
import type { Outcome, Plan, Ran } from './job.ts'

/** One call of the graph: how often it went out, what it touches, and why it may go out so. */
export interface Line {
  readonly name: string
  readonly written: number
  readonly run: number
  readonly touches: string
  readonly why: string
}
export interface Why {
  readonly lines: readonly Line[]
  /** What is written by one call and touched by another, after which neither could be moved freely. */
  readonly conflicts: readonly string[]
  /** The law by which calls go together, and what it is taken from. */
  readonly laws: readonly { readonly law: string; readonly assumption: string }[]
  readonly otherAssumptions: number
}
type Told = Extract<TraceEvent, { readonly event: 'effect' | 'batch' }>
type Effect = Plan['manifest']['effects'][number]

/** The calls and batches that went out. */
export const told = (ran: Ran): readonly Told[] => ran.events.filter((e) => e.event === 'effect' || e.event === 'batch')
const roundTrips = (ran: Ran, occurrence: number): number =>
  told(ran)
    .filter((e) => e.occurrence === occurrence)
    .reduce((sum, e) => sum + (e.event === 'batch' ? e.roundTrips : 1), 0)

/** Everything here is taken from the plan and from what the runs told. */
export const whyOf = ({ plan, asWritten, runs }: Outcome): Why => {
  const { effects, inventory } = plan.manifest
  const notes = new Map(plan.optimised.steps.flatMap((s) => s.notes).map((n) => [n.occurrence, n.text]))
  const lines = effects.map((e): Line => {
    const { name, occurrence, footprint } = e
    const list = (what: string, of: Effect['footprint']['reads']): readonly string[] =>
      of.length === 0 ? [] : [`${what} ${of.map((r) => r.name).join(', ')}`]
    return {
      name: name === e.effect ? e.driver : name,
      written: roundTrips(asWritten, occurrence),
      run: roundTrips(runs[0]!, occurrence),
      touches: [...list('reads', footprint.reads), ...list('writes', footprint.writes)].join('; '),
      why: notes.get(occurrence)?.replace(/^.* batched: /, '') ?? alone(plan, e),
    }
  })
  const laws = inventory.filter((a) => a.supports.includes('BatchAnswersAsMembers'))
  return {
    lines,
    conflicts: conflictsIn(effects),
    laws: laws.map((a) => ({ law: 'many([k]) = [one(k)]', assumption: a.statement })),
    otherAssumptions: inventory.length - laws.length,
  }
}

const alone = (plan: Plan, { occurrence, footprint }: Effect): string => {
  if (footprint.writes.length === 0) return 'stands in no map: once as written'
  const steps = plan.effectProgram.blocks.flatMap((b) => b.steps)
  const mine = steps.find((s) => (s.attrs as { occurrence?: number } | null)?.occurrence === occurrence)
  return `a write is never dropped, merged or batched; waits until ${mine?.after.length ?? 0} earlier steps have succeeded`
}
const conflictsIn = (effects: readonly Effect[]): readonly string[] =>
  effects.flatMap((a) =>
    effects
      .filter((b) => b !== a)
      .flatMap((b) => {
        const touched = [...b.footprint.reads, ...b.footprint.writes]
        const both = a.footprint.writes.filter((w) => touched.some((r) => meets(w, r)))
        return both.map((w) => `${a.name} and ${b.name} at ${w.name}`)
      }),
  )
type Place = Effect['footprint']['reads'][number]
const meets = (a: Place, b: Place): boolean =>
  a.kind === b.kind && a.of === b.of && (a.name === b.name || a.name.endsWith('*') || b.name.endsWith('*'))
