// Requirements: E16

import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import * as formats from 'ajv-formats'
import { describe, expect, test } from 'vitest'
import { validateXML } from 'xmllint-wasm'
import { junit, markdown, sarif, summary } from '../../verify/gate/reports/index.ts'
import { table } from '../../verify/gate/table.ts'
import { holding, lacking, proved, report, sha256, wrong } from './subject.ts'

const read = (name: string): string => readFileSync(new URL(`schemas/${name}`, import.meta.url), 'utf8')
const ajv = new Ajv2020({ allErrors: true, strict: false })
;(formats.default as unknown as (a: Ajv2020) => void)(ajv)
const [sarifSchema, summarySchema] = ['sarif.json', 'summary.json'].map((n) =>
  ajv.compile(JSON.parse(read(n)) as object),
)
const problems = (schema: typeof sarifSchema, json: unknown): unknown => (schema!(json) ? [] : schema!.errors)
const xmlProblems = async (xml: string): Promise<readonly string[]> =>
  (await validateXML({ xml: { fileName: 'report.xml', contents: xml }, schema: read('junit.xsd') })).errors.map(
    (e) => e.message,
  )

const good = report(holding, proved)
const bad = report(holding, proved, lacking, wrong)
const subjects = [{ name: 'a.quoin/module.js', sha256: sha256('a') }]
const policy = { name: 'verify/default', sha256: sha256('b') }

describe('SARIF', () => {
  test.each([
    ['with nothing wrong', good],
    ['with what is wrong', bad],
    ['of nothing', report()],
  ] as const)('%s validates', (_, r) => expect(problems(sarifSchema, JSON.parse(sarif(r)))).toEqual([]))
  test('names each wrong thing with its place, its remedy, and a fingerprint', () => {
    const { results } = (JSON.parse(sarif(bad)) as { runs: { results: Record<string, unknown>[] }[] }).runs[0]!
    expect(results).toHaveLength(2)
    expect(results[0]).toMatchObject({ ruleId: 'spec/traces', ruleIndex: 0, kind: 'fail', level: 'error' })
    expect(JSON.stringify(results[0])).toContain('"uri":"specs-tla/C%20d.tla"')
    expect(results[1]).toMatchObject({ ruleId: 'graph/wasm', kind: 'fail', level: 'error' })
    expect(JSON.stringify(results[1])).toContain('"startLine":9')
    expect(JSON.stringify(results[1])).toContain('report it')
    expect(results[1]!.partialFingerprints).toEqual({ 'quoinObligation/v1': 'graph/e/wasm' })
  })
  test('a file may have any name, and an id any number of numbers at its end', () => {
    const odd = {
      ...wrong,
      obligation: { ...wrong.obligation, id: 'scan/a/clock:3:2' },
      place: { file: 'a b/x#y?.ts' },
    }
    const text = sarif(report(odd))
    expect(text).toContain('"uri": "a%20b/x%23y%3F.ts"')
    expect(text).toContain('"ruleId": "scan/clock"')
  })
  test('the schema refuses what the standard does', () => {
    const json = JSON.parse(sarif(bad)) as { runs: { results: { level: string; kind: string }[] }[]; version: string }
    expect(problems(sarifSchema, { ...json, version: '2.0.0' })).not.toEqual([])
    expect(problems(sarifSchema, { ...json, extra: 1 })).not.toEqual([])
    json.runs[0]!.results[0]!.kind = 'open'
    expect(problems(sarifSchema, json)).not.toEqual([])
  })
})

describe('JUnit', () => {
  test.each([
    ['with nothing wrong', good],
    ['with what is wrong', bad],
    ['of nothing', report()],
  ] as const)('%s validates', async (_, r) => expect(await xmlProblems(junit(r))).toEqual([]))
  test('has a case an obligation, failures that say the remedy, and what later tiers ask for as skipped', () => {
    const xml = junit(bad)
    expect(xml.match(/<testcase /g)).toHaveLength(5)
    expect(xml.match(/<failure /g)).toHaveLength(2)
    expect(xml).toContain('fix: report it')
    expect(xml).toContain('is &lt;as&gt; it &quot;should&quot; be &amp; stays so')
    expect(xml).not.toContain('\u0007')
    expect(xml).toContain('<skipped message="asked for by tier deep"/>')
    expect(xml).toContain('tests="5" failures="2" skipped="1"')
  })
  test('the schema refuses another form', async () =>
    expect(await xmlProblems(junit(bad).replaceAll('testcase', 'case'))).not.toEqual([]))
})

describe('the verification summary', () => {
  test.each([
    ['passed', good, 'PASSED'],
    ['failed', bad, 'FAILED'],
  ] as const)('that %s validates', (_, r, result) => {
    const s = summary(r, subjects, policy)
    expect(problems(summarySchema, JSON.parse(JSON.stringify(s)))).toEqual([])
    expect(s.predicate.verificationResult).toBe(result)
  })
  test('keeps kinds of evidence apart', () => {
    expect(summary(bad, subjects, policy).predicate.quoinEvidence).toEqual({
      proved: 1,
      exhausted: 0,
      'model-checked': 0,
      tested: 1,
      assumed: 0,
      missing: 1,
      refuted: 1,
    })
  })
  test('the schema refuses one that is bound to nothing, or claims levels though it failed', () => {
    expect(problems(summarySchema, summary(good, [], policy))).not.toEqual([])
    const failed = summary(bad, subjects, policy)
    const levels = { ...failed, predicate: { ...failed.predicate, verifiedLevels: ['QUOIN_GATE_DEFAULT'] } }
    expect(problems(summarySchema, levels)).not.toEqual([])
  })
})

describe('what people read', () => {
  test('has the eight lines of the checklist, what is wrong with its remedy, and is honest about what was kept', () => {
    const text = table(bad)
    const lines = text.split('\n')
    expect(lines.filter((l) => /^ {2}(?:ok|MISSING|FAILED) {1,7}\S/.test(l)).length).toBeGreaterThanOrEqual(8)
    expect(text).toContain('FAILED graph/e/wasm e.ts:9')
    expect(text).toContain('fix: report it')
    expect(text).not.toContain('\u0007')
    expect(text).toContain('1 from cache of 2026-11-21 08:00 or later, same content')
    expect(text).toContain('1 more are asked for by later tiers, and are not counted')
    expect(lines.at(-1)).toBe('not passed: proved 1 · tested 1 · missing 1 · refuted 1 (1.3 s)')
    expect(table(good)).toContain('\npassed, tier default: proved 1 · tested 1')
  })
  test('fits on a screen, however much is wrong', () => {
    const many = Array.from({ length: 100 }, (_, i) => ({
      ...wrong,
      obligation: { ...wrong.obligation, id: `x/${i}/y` },
    }))
    expect(table(report(...many)).split('\n').length).toBeLessThan(45)
    expect(table(report(...many))).toContain('… and 96 more')
  })
  test('is a page of Markdown as well, without a number that adds kinds up', () => {
    const page = markdown(bad)
    expect(page).toContain(
      '| all passes preserve the meaning | **failed** | proved 1 · tested 1 · missing 1 · refuted 1 · later 1 |',
    )
    expect(page).toContain('| `graph/e/wasm`')
    expect(page).toContain('| spec | 0 | 0 | 0 | 0 | 0 | 1 | 0 |')
    expect(markdown(good)).toContain('Nothing that this tier asks for.')
  })
})
