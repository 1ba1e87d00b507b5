import type { Evidence, EvidenceKind, Finding, Item, Obligation, Report, Tier, Verdict } from './model.ts'
import { checklist, evidenceKinds, tiers } from './model.ts'

/** What shows an obligation, with the hash of what that rests on. */
export type Shown = Finding & Pick<Verdict, 'rests' | 'kept'>

export const holds = (evidence: Exclude<Evidence, { kind: 'missing' }>): Finding => ({ outcome: 'holds', evidence })
export const missing = (why: string): Finding => ({ outcome: 'missing', why })
export const refuted = (why: string, more: Pick<Extract<Finding, { outcome: 'refuted' }>, 'place' | 'fix'> = {}) =>
  ({ outcome: 'refuted', why, ...more }) as const satisfies Finding

/** Whether a tier asks for an obligation. */
export const asks = (tier: Tier, o: Obligation): boolean => tiers.indexOf(o.tier) <= tiers.indexOf(tier)

/** Binds each obligation of a tier to what shows it. What nothing shows is missing: there is no other way out. */
export const judged = (
  obligations: readonly Obligation[],
  tier: Tier,
  shown: (o: Obligation) => Shown | undefined,
): Pick<Report, 'verdicts' | 'later'> => {
  const twice = obligations.find((o, i) => obligations.findIndex((p) => p.id === o.id) !== i)
  if (twice !== undefined) throw new Error(`bug: two obligations are called ${twice.id}`)
  const verdicts = obligations
    .filter((o) => asks(tier, o))
    .map((obligation): Verdict => {
      const found = shown(obligation) ?? { ...missing('nothing here speaks of it'), rests: '' }
      return { ...found, obligation }
    })
  return { verdicts, later: obligations.filter((o) => !asks(tier, o)) }
}

/** A line of the checklist of which nothing speaks is as little met as one of which somebody says that it is not. */
export const passed = (r: Report): boolean =>
  r.verdicts.every((v) => v.outcome === 'holds') &&
  checklistOf(r).every(({ verdicts, later }) => verdicts.length > 0 || later > 0)

/** How many obligations have evidence of each kind. Those that are refuted have none. */
export const counts = (verdicts: readonly Verdict[]): Readonly<Record<EvidenceKind | 'refuted', number>> => {
  const n = Object.fromEntries([...evidenceKinds, 'refuted'].map((k) => [k, 0])) as Record<
    EvidenceKind | 'refuted',
    number
  >
  for (const v of verdicts) n[v.outcome === 'holds' ? v.evidence.kind : v.outcome]++
  return n
}

/** The state of some obligations together: the worst of them. Of none, nothing is shown. */
export const stateOf = (verdicts: readonly Verdict[]): Verdict['outcome'] =>
  verdicts.some((v) => v.outcome === 'refuted')
    ? 'refuted'
    : verdicts.length === 0 || verdicts.some((v) => v.outcome === 'missing')
      ? 'missing'
      : 'holds'

/** The eight lines of the deployment checklist. */
export const checklistOf = (
  r: Pick<Report, 'verdicts' | 'later'>,
): readonly {
  readonly item: Item
  readonly text: string
  readonly verdicts: readonly Verdict[]
  readonly later: number
}[] =>
  (Object.keys(checklist) as Item[]).map((item) => ({
    item,
    text: checklist[item],
    verdicts: r.verdicts.filter((v) => v.obligation.checklist.includes(item)),
    later: r.later.filter((o) => o.checklist.includes(item)).length,
  }))
