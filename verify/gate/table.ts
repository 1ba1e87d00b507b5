import { checklistOf, counts, passed, stateOf } from './judge.ts'
import type { Report, Verdict } from './model.ts'
import { evidenceKinds } from './model.ts'

/** How parts of a table are marked; a terminal makes colours of it. */
export interface Marks {
  readonly good: (s: string) => string
  readonly bad: (s: string) => string
  readonly dim: (s: string) => string
  readonly strong: (s: string) => string
}
export const plain: Marks = { good: String, bad: String, dim: String, strong: String }

const words = { holds: 'ok', missing: 'MISSING', refuted: 'FAILED' } as const
const n = (x: number): string => x.toLocaleString('en')

/** `proved 393 · tested 812`: kinds side by side, never one number. */
export const kindsOf = (verdicts: readonly Verdict[]): string => {
  const c = counts(verdicts)
  return [...evidenceKinds, 'refuted' as const]
    .filter((k) => c[k] > 0)
    .map((k) => `${k} ${n(c[k])}`)
    .join(' · ')
}

/** One line about some verdicts, and how many obligations later tiers add: state, text, kinds of evidence. */
export const lineOf = (text: string, verdicts: readonly Verdict[], later: number, m: Marks): string => {
  const told = [...(verdicts.length === 0 ? [] : [kindsOf(verdicts)]), ...(later === 0 ? [] : [`later ${n(later)}`])]
  return `  ${markOf(verdicts, later, m)} ${text.padEnd(70)} ${m.dim(told.length === 0 ? 'nothing speaks of it' : told.join(' · '))}`
}
/** What this tier does not ask for is neither well nor wrong. */
const markOf = (verdicts: readonly Verdict[], later: number, m: Marks): string => {
  if (verdicts.length === 0 && later > 0) return m.dim('later  ')
  const state = stateOf(verdicts)
  return (state === 'holds' ? m.good : m.bad)(words[state].padEnd(7))
}

const shown = 4
/** What a person reads: the checklist, what is wrong with its remedy, and one line that says it all. */
export const table = (
  r: Report,
  m: Marks = plain,
  sections: readonly (readonly [title: string, lines: readonly string[]])[] = [],
): string => {
  const wrong = r.verdicts.filter((v) => v.outcome !== 'holds')
  const fromCache = r.verdicts.flatMap((v) => (v.kept === undefined ? [] : [v.kept.date]))
  const list = wrong
    .toSorted((a, b) => Number(a.outcome === 'missing') - Number(b.outcome === 'missing'))
    .slice(0, shown)
    .flatMap((v) => told(v, m))
  return [
    m.strong(`${r.subject}: ${n(r.verdicts.length)} obligations, tier ${r.tier}`),
    '',
    ...checklistOf(r).map((c) => lineOf(c.text, c.verdicts, c.later, m)),
    ...sections.flatMap(([title, lines]) => ['', m.strong(title), ...lines]),
    ...(list.length === 0 ? [] : ['', ...list]),
    ...(wrong.length > shown
      ? [m.dim(`  … and ${wrong.length - shown} more; --markdown, --sarif and --junit write down all of them`)]
      : []),
    '',
    ...(fromCache.length === 0
      ? []
      : [
          m.dim(
            `${n(fromCache.length)} from cache of ${[...fromCache].sort()[0]!.slice(0, 16).replace('T', ' ')} or later, same content`,
          ),
        ]),
    ...(r.later.length === 0
      ? []
      : [m.dim(`${n(r.later.length)} more are asked for by later tiers, and are not counted`)]),
    `${passed(r) ? m.good(`passed, tier ${r.tier}`) : m.bad('not passed')}: ${kindsOf(r.verdicts)} (${r.seconds.toFixed(1)} s)`,
  ].join('\n')
}

const told = (v: Verdict, m: Marks): readonly string[] => {
  if (v.outcome === 'holds') return []
  const place = (v.outcome === 'refuted' ? v.place : undefined) ?? v.obligation.place
  const at = place === undefined ? '' : `${place.file}${place.line === undefined ? '' : `:${place.line}`} `
  const fix = (v.outcome === 'refuted' ? v.fix : undefined) ?? v.obligation.fix
  return [
    `  ${m.bad(words[v.outcome])} ${m.strong(v.obligation.id)} ${at}`.trimEnd(),
    `    ${v.obligation.claim}`,
    `    ${shownText(v.why)}`,
    `    fix: ${shownText(fix)}`,
  ]
}
/** Nothing of what a graph or a driver says may steer a terminal. */
const shownText = (s: string): string => s.replaceAll(/\p{Cc}+/gu, ' ')
