import type { Report, Verdict } from '../model.ts'

/** SARIF 2.1.0, for code hosts and editors: what is refuted or missing, with place and remedy. What holds is counted. */
export const sarif = (r: Report): string => {
  const wrong = r.verdicts.filter((v) => v.outcome !== 'holds')
  const rules = [...new Map(wrong.map((v) => [ruleOf(v), v])).entries()]
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'quoin',
            version: r.quoin,
            informationUri: 'https://www.npmjs.com/package/quoin',
            rules: rules.map(([id, v]) => ({
              id,
              shortDescription: { text: id },
              help: { text: v.obligation.fix },
              defaultConfiguration: { level: 'error' },
            })),
          },
        },
        invocations: [{ executionSuccessful: true, startTimeUtc: r.began }],
        originalUriBaseIds: { ROOT: { description: { text: 'the root of what was looked at' } } },
        results: wrong.map((v) => resultOf(v, rules)),
        properties: { subject: r.subject, tier: r.tier, obligations: r.verdicts.length, later: r.later.length },
      },
    ],
  }
  return `${JSON.stringify(log, null, 2)}\n`
}

/** The claim without the member it is about: `pass/dce/preserved` is an instance of `pass/preserved`. */
const ruleOf = (v: Verdict): string => {
  const parts = v.obligation.id.split('/')
  return parts.length < 3 ? v.obligation.id : `${parts[0]}/${parts.at(-1)!.replace(/(?::\d+)+$/, '')}`
}

const resultOf = (v: Verdict, rules: readonly (readonly [string, Verdict])[]): object => {
  if (v.outcome === 'holds') throw new Error('bug: what holds is no result')
  const place = (v.outcome === 'refuted' ? v.place : undefined) ?? v.obligation.place
  const fix = (v.outcome === 'refuted' ? v.fix : undefined) ?? v.obligation.fix
  return {
    ruleId: ruleOf(v),
    ruleIndex: rules.findIndex(([id]) => id === ruleOf(v)),
    // That something is shown is the rule, so what is missing fails it like what is refuted.
    kind: 'fail',
    level: 'error',
    message: {
      text: `${v.outcome === 'missing' ? 'nothing shows that ' : 'not so: '}${v.obligation.claim}: ${v.why}. Fix: ${fix}`,
    },
    ...(place === undefined
      ? {}
      : {
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: place.file.split('/').map(encodeURIComponent).join('/'), uriBaseId: 'ROOT' },
                ...(place.line === undefined ? {} : { region: { startLine: place.line } }),
              },
            },
          ],
        }),
    partialFingerprints: { 'quoinObligation/v1': v.obligation.id },
  }
}
