// Requirements: E16

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { asks, checklistOf, counts, holds, judged, missing, passed, refuted, stateOf } from '../../verify/gate/judge.ts'
import type { Evidence, Finding, Obligation, Tier, Verdict } from '../../verify/gate/model.ts'
import { checklist, evidenceKinds, tiers } from '../../verify/gate/model.ts'
import { holding, report } from './subject.ts'

const evidence: fc.Arbitrary<Exclude<Evidence, { kind: 'missing' }>> = fc.oneof(
  fc.record({ kind: fc.constant('proved' as const), by: fc.string() }),
  fc.record({ kind: fc.constant('exhausted' as const), domain: fc.string() }),
  fc.record({ kind: fc.constant('model-checked' as const), by: fc.string(), bounds: fc.string(), states: fc.nat() }),
  fc.record({ kind: fc.constant('tested' as const), cases: fc.nat(), by: fc.string() }),
  fc.record({ kind: fc.constant('assumed' as const), assumption: fc.string(), why: fc.string() }),
)
const finding: fc.Arbitrary<Finding> = fc.oneof(
  { weight: 5, arbitrary: evidence.map(holds) },
  fc.string().map((s): Finding => refuted(s)),
  fc.string().map(missing),
)
const obligations: fc.Arbitrary<readonly Obligation[]> = fc.uniqueArray(
  fc.record({
    id: fc.stringMatching(/^[a-z]{1,5}\/[a-z]{1,5}$/),
    claim: fc.string(),
    tier: fc.constantFrom(...tiers),
    checklist: fc.subarray(Object.keys(checklist) as (keyof typeof checklist)[]),
    rows: fc.constant([]),
    fix: fc.string(),
  }),
  { selector: (o) => o.id, maxLength: 20 },
)
const tier = fc.constantFrom(...tiers)
/** Which obligations somebody speaks of, and what is said. */
const said = fc.tuple(
  obligations,
  fc.array(fc.option(finding, { nil: undefined }), { minLength: 20, maxLength: 20 }),
  tier,
)

const verdictsOf = ([list, found, t]: readonly [readonly Obligation[], readonly (Finding | undefined)[], Tier]) => {
  const of = new Map(list.map((o, i) => [o.id, found[i]]))
  return judged(list, t, (o) => {
    const f = of.get(o.id)
    return f === undefined ? undefined : { ...f, rests: 'x' }
  })
}

describe('a verdict', () => {
  test('is given of each obligation once: now, or later', () =>
    fc.assert(
      fc.property(said, (s) => {
        const { verdicts, later } = verdictsOf(s)
        const ids = [...verdicts.map((v) => v.obligation.id), ...later.map((o) => o.id)]
        expect(ids.toSorted()).toEqual(s[0].map((o) => o.id).toSorted())
        for (const v of verdicts) expect(asks(s[2], v.obligation)).toBe(true)
        for (const o of later) expect(asks(s[2], o)).toBe(false)
      }),
    ))
  test('of what nobody speaks of is missing, and then nothing passes', () =>
    fc.assert(
      fc.property(said, (s) => {
        const { verdicts, later } = verdictsOf(s)
        const r = { ...report(), verdicts, later }
        for (const v of verdicts) if (s[1][s[0].indexOf(v.obligation)] === undefined) expect(v.outcome).toBe('missing')
        const spoken = [...verdicts.map((v) => v.obligation), ...later].flatMap((o) => o.checklist)
        const whole = Object.keys(checklist).every((item) => spoken.some((s) => s === item))
        expect(passed(r)).toBe(whole && verdicts.every((v) => v.outcome === 'holds'))
      }),
    ))
  test('never mixes kinds: each has a number of its own, and they are all there is', () =>
    fc.assert(
      fc.property(said, (s) => {
        const { verdicts } = verdictsOf(s)
        const c = counts(verdicts)
        expect(Object.keys(c).toSorted()).toEqual([...evidenceKinds, 'refuted'].toSorted())
        expect(Object.values(c).reduce((a, b) => a + b, 0)).toBe(verdicts.length)
        for (const k of evidenceKinds)
          if (k !== 'missing')
            expect(c[k]).toBe(verdicts.filter((v) => v.outcome === 'holds' && v.evidence.kind === k).length)
      }),
    ))
  test('asked for by a tier is asked for by every later one', () =>
    fc.assert(
      fc.property(obligations, (list) => {
        for (const o of list) {
          const asked = tiers.map((t) => asks(t, o))
          expect(asked).toEqual([...asked].sort())
          expect(asked.at(-1)).toBe(true)
        }
      }),
    ))
  test('of two obligations with one name is a mistake that is told', () => {
    const [o] = fc.sample(
      obligations.filter((l) => l.length > 0),
      { numRuns: 1, seed: 1 },
    )[0]!
    expect(() => judged([o!, o!], 'deep', () => undefined)).toThrow('two obligations')
  })
})

test('what says nothing of a line of the checklist does not pass', () => {
  expect(passed({ ...report(holding), later: [] })).toBe(true)
  for (const item of Object.keys(checklist)) {
    const others = holding.obligation.checklist.filter((i) => i !== item)
    const less = { ...holding, obligation: { ...holding.obligation, checklist: others } }
    expect(passed({ ...report(less), later: [] }), item).toBe(false)
    expect(passed({ ...report(less), later: [{ ...holding.obligation, tier: 'deep' }] }), item).toBe(true)
  }
})
test('the state of several is the worst of them, and of none that nothing is shown', () => {
  const [good, bad, none] = [holds({ kind: 'proved', by: 'z3' }), refuted('no'), missing('nothing')].map(
    (f) => ({ ...f, rests: '', obligation: report().later[0]! }) as Verdict,
  )
  expect(stateOf([])).toBe('missing')
  expect(stateOf([good!])).toBe('holds')
  expect(stateOf([good!, none!])).toBe('missing')
  expect(stateOf([none!, bad!, good!])).toBe('refuted')
})
test('the checklist has its eight lines, whatever there is', () => {
  expect(checklistOf(report()).map((l) => l.item)).toEqual([
    'passes',
    'warnings',
    'conformance',
    'inventory',
    'unsafe',
    'failures',
    'bounds',
    'cache',
  ])
})
