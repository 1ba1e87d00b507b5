import { checklistOf, counts, stateOf } from '../judge.ts'
import type { Evidence, Report, Verdict } from '../model.ts'
import { evidenceKinds } from '../model.ts'
import { kindsOf } from '../table.ts'

const words = { holds: 'holds', missing: '**missing**', refuted: '**failed**' } as const

/** How an evidence is told in one cell of a table. */
export const evidenceText = (e: Evidence): string => {
  switch (e.kind) {
    case 'proved':
      return `proved by ${e.by}`
    case 'exhausted':
      return `every case tried: ${e.domain}`
    case 'model-checked':
      return `model-checked by ${e.by}, ${e.bounds}${e.states === 0 ? '' : `, ${e.states.toLocaleString('en')} states`}`
    case 'tested':
      return `tested, ${e.cases.toLocaleString('en')} ${e.cases === 1 ? 'case' : 'cases'}${e.seed === undefined ? '' : `, seed ${e.seed}`}: ${e.by}`
    case 'assumed':
      return `assumed: ${e.assumption}`
    case 'missing':
      return `missing: ${e.why}`
  }
}
const cell = (s: string): string => s.replaceAll('|', '\\|').replaceAll('\n', ' ').replaceAll('<', '&lt;')

/** A page for readers: the checklist, what is not shown, and one row an obligation, by registry. */
export const markdown = (
  r: Report,
  sections: readonly (readonly [title: string, lines: readonly string[]])[] = [],
): string => {
  const wrong = r.verdicts.filter((v) => v.outcome !== 'holds')
  const c = counts(r.verdicts)
  const byRegistry = [...Map.groupBy(r.verdicts, (v) => v.obligation.id.split('/')[0]!)]
  return [
    `# What is shown of ${r.subject}`,
    '',
    `Written by the gate (tier ${r.tier}) on ${r.began.slice(0, 10)} with Node ${r.node.replace(/^v/, '')}; not edited by hand.`,
    `${r.verdicts.length} obligations: ${kindsOf(r.verdicts)}. ${r.later.length} more are asked for by later tiers.`,
    'Kinds of evidence are never added up: what is tested is not proved.',
    '',
    '| deployment checklist | state | evidence |',
    '|---|---|---|',
    ...checklistOf(r).map(
      (l) =>
        `| ${l.text} | ${l.verdicts.length === 0 && l.later > 0 ? 'later' : words[stateOf(l.verdicts)]} | ${[kindsOf(l.verdicts), ...(l.later === 0 ? [] : [`later ${l.later}`])].filter((t) => t !== '').join(' · ')} |`,
    ),
    '',
    ...sections.flatMap(([title, lines]) => [`## ${title}`, '', ...lines, '']),
    '## What is not shown',
    '',
    ...(wrong.length === 0
      ? ['Nothing that this tier asks for.']
      : [
          '| obligation | state | why |',
          '|---|---|---|',
          ...wrong.map(
            (v) =>
              `| \`${cell(v.obligation.id)}\` ${cell(v.obligation.claim)} | ${words[v.outcome]} | ${cell(whyOf(v))} |`,
          ),
        ]),
    '',
    '## Evidence by registry',
    '',
    `| registry | ${evidenceKinds.join(' | ')} | failed |`,
    `|---|${evidenceKinds.map(() => '--:').join('|')}|--:|`,
    ...byRegistry.map(([name, list]) => {
      const n = counts(list)
      return `| ${name} | ${evidenceKinds.map((k) => n[k]).join(' | ')} | ${n.refuted} |`
    }),
    `| all | ${evidenceKinds.map((k) => c[k]).join(' | ')} | ${c.refuted} |`,
    '',
  ].join('\n')
}
const whyOf = (v: Verdict): string => (v.outcome === 'holds' ? '' : v.why)
