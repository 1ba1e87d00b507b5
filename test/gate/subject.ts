import { createHash } from 'node:crypto'
import type { Item, Report, Verdict } from '../../verify/gate/model.ts'
import { checklist } from '../../verify/gate/model.ts'
import type { Subject } from '../../verify/gate/reports/index.ts'

export const sha256 = (x: string | Uint8Array): string => createHash('sha256').update(x).digest('hex')
/** The files of an artefact as a summary names them. */
export const subjectsOf = (folder: string, files: Readonly<Record<string, string | Uint8Array>>): readonly Subject[] =>
  Object.entries(files).map(([name, x]) => ({ name: `${folder}/${name}`, sha256: sha256(x) }))

const obligation = (id: string): Verdict['obligation'] => ({
  id,
  claim: `${id} is <as> it "should" be & stays so`,
  tier: 'default',
  checklist: Object.keys(checklist) as Item[],
  rows: [1],
  fix: 'look at it',
})
export const holding: Verdict = {
  obligation: obligation('pass/a/preserved'),
  outcome: 'holds',
  evidence: { kind: 'tested', cases: 300, seed: 7, by: 'test/a.test.ts' },
  rests: sha256('a'),
}
export const proved: Verdict = {
  obligation: obligation('law/b/E=f64'),
  outcome: 'holds',
  evidence: { kind: 'proved', by: 'z3-solver' },
  rests: sha256('b'),
  kept: { date: '2026-11-21T08:00:00.000Z' },
}
export const lacking: Verdict = {
  obligation: { ...obligation('spec/C/traces'), place: { file: 'specs-tla/C d.tla' } },
  outcome: 'missing',
  why: 'nobody looked',
  rests: '',
}
export const wrong: Verdict = {
  obligation: obligation('graph/e/wasm'),
  outcome: 'refuted',
  why: 'answers \u0007 another value',
  place: { file: 'e.ts', line: 9 },
  fix: 'report it',
  rests: sha256('e'),
}
export const report = (...verdicts: readonly Verdict[]): Report => ({
  subject: 'a project',
  tier: 'default',
  verdicts,
  later: [{ ...obligation('pass/a/preserved-10000'), tier: 'deep' }],
  quoin: '0.1.0',
  node: 'v26.0.0',
  began: '2026-11-22T01:02:03.456Z',
  seconds: 1.25,
})
