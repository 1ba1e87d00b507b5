import type { Report, Verdict } from '../model.ts'

/** JUnit's XML, for continuous integration: a suite a registry, a case an obligation. What later tiers ask is skipped. */
export const junit = (r: Report): string => {
  const suites = Map.groupBy(r.verdicts, (v) => suiteOf(v.obligation.id))
  const later = Map.groupBy(r.later, (o) => suiteOf(o.id))
  const names = [...new Set([...suites.keys(), ...later.keys()])]
  const wrong = r.verdicts.filter((v) => v.outcome !== 'holds').length
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${text(r.subject)}" tests="${r.verdicts.length + r.later.length}" failures="${wrong}" skipped="${r.later.length}" time="${r.seconds.toFixed(3)}">`,
    ...names.flatMap((name) => {
      const verdicts = suites.get(name) ?? []
      const skipped = later.get(name) ?? []
      const failures = verdicts.filter((v) => v.outcome !== 'holds').length
      const stamp = r.began.replace(/\.\d+Z$/, '')
      return [
        `  <testsuite name="${text(name)}" tests="${verdicts.length + skipped.length}" failures="${failures}" errors="0" skipped="${skipped.length}" time="0" timestamp="${stamp}">`,
        ...verdicts.map(caseOf),
        ...skipped.map(
          (o) =>
            `    <testcase classname="${text(name)}" name="${text(o.id)}" time="0"><skipped message="asked for by tier ${o.tier}"/></testcase>`,
        ),
        '  </testsuite>',
      ]
    }),
    '</testsuites>',
    '',
  ].join('\n')
}
const suiteOf = (id: string): string => id.split('/')[0]!

const caseOf = (v: Verdict): string => {
  const o = v.obligation
  const head = `    <testcase classname="${text(suiteOf(o.id))}" name="${text(o.id)}" time="0"${o.place === undefined ? '' : ` file="${text(o.place.file)}"`}`
  if (v.outcome === 'holds') return `${head}/>`
  return `${head}><failure type="${v.outcome}" message="${text(v.why)}">${text(`${o.claim}\nfix: ${(v.outcome === 'refuted' ? v.fix : undefined) ?? o.fix}`)}</failure></testcase>`
}

const named: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;', '\n': '&#10;' }
/** XML has no way to write most control characters: they are shown as what they are not. */
const text = (s: string): string =>
  s
    .toWellFormed()
    .replaceAll(/[^\P{Cc}\t\n]|[\ufffe\uffff]/gu, '\ufffd')
    .replaceAll(/[<>&"\n]/g, (c) => named[c]!)
