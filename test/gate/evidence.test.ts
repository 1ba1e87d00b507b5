// Requirements: E16

import { describe, expect, test } from 'vitest'
import { effects } from '../../graph/effects.ts'
import { ops } from '../../graph/ops/index.ts'
import { checkers, pipeline } from '../../passes/index.ts'
import { obligations as proofs } from '../../verify/proofs/obligations.ts'
import { duties, rows } from '../../verify/self/duties/index.ts'
import type { Source } from '../../verify/self/duty.ts'
import { duty, named, tests } from '../../verify/self/duty.ts'
import type { Known } from '../../verify/self/evidence.ts'
import { shownBy } from '../../verify/self/evidence.ts'
import type { Result } from '../../verify/self/results.ts'
import { workFor } from '../../verify/self/run.ts'
import { Tree } from '../../verify/self/tree.ts'

const file = 'test/a.test.ts'
const tree: Known['tree'] = {
  paths: [file],
  under: () => [file],
  reached: ({ from }) => from,
  below: () => [],
  digest: (paths) => `now ${paths.join()}`,
}
const result = (more: Partial<Result> = {}): Result => ({
  what: file,
  rests: `now ${file}`,
  date: '2026-11-22T01:00:00.000Z',
  cases: undefined,
  deep: false,
  ok: true,
  ms: 1,
  tests: [
    { name: 'means the same, 300 graphs each, seed 7 > dce', state: 'passed', ms: 1 },
    { name: 'another', state: 'passed', ms: 1 },
  ],
  ...more,
})
const told = (source: Source, ...results: readonly Result[]) =>
  shownBy({ tree, results, shelf: {}, began: '2026-11-22T02:00:00.000Z' }, duty('a/b', 'a is b', source))
const dce = tests(file, / > dce$/)

describe('what tests show', () => {
  test('is evidence with their cases and seed, and says that it was kept', () =>
    expect(told(dce, result())).toEqual({
      outcome: 'holds',
      evidence: { kind: 'tested', cases: 300, seed: 7, by: file },
      rests: `now ${file}`,
      kept: { date: '2026-11-22T01:00:00.000Z' },
    }))
  test('is not said to be kept when it was found out now', () =>
    expect(told(dce, result({ date: '2026-11-22T02:00:01.000Z' }))).not.toHaveProperty('kept'))
  test('counts its tests where they name no cases', () =>
    expect(told(tests(file, /another/), result())).toMatchObject({ evidence: { kind: 'tested', cases: 1 } }))
  test('counts a share of what its name speaks of, where it draws no more', () =>
    expect(told(tests(file, / > dce$/, { share: 1 / 3 }), result())).toMatchObject({ evidence: { cases: 100 } }))
  test('is of another kind where they try everything', () =>
    expect(told(tests(file, / > dce$/, { as: { kind: 'exhausted', domain: 'two' } }), result())).toMatchObject({
      evidence: { kind: 'exhausted', domain: 'two' },
    }))

  test.each<[string, Source, readonly Result[], string]>([
    ['nobody ran', dce, [], 'was not run'],
    ['was run on other content', dce, [result({ rests: 'then' })], 'on other content'],
    ['has no such test', tests(file, /nobody/), [result()], 'no test of'],
    ['is not there', tests('test/b.test.ts'), [result()], 'there is no test/b.test.ts'],
    ['has too few cases', tests(file, / > dce$/, { cases: 1000 }), [result()], '300 cases were tried, and 1,000'],
    ['was skipped', dce, [result({ tests: [{ name: 'x > dce', state: 'skipped', ms: 0 }] })], 'was skipped here'],
  ])('is missing where it %s', (_, source, results, why) => {
    const shown = told(source, ...results)
    expect(shown.outcome).toBe('missing')
    expect(shown).toMatchObject({ why: expect.stringContaining(why) as string })
  })
  test('is missing where the deep tier is asked for, and another ran', () => {
    const deep = tests(file, /another/, { deep: true })
    expect(told(deep, result()).outcome).toBe('missing')
    expect(told(deep, result({ deep: true })).outcome).toBe('holds')
  })
  test('is a refutation where one fails, however many others passed with more cases', () => {
    const failed = result({ ok: false, tests: [{ name: 'x > dce', state: 'failed', ms: 1, note: 'differs\nat 3' }] })
    const many = result({ cases: 10_000, tests: [{ name: '10000 graphs, seed 1 > dce', state: 'passed', ms: 1 }] })
    expect(told(dce, failed, many)).toMatchObject({ outcome: 'refuted', why: 'x > dce: differs' })
    expect(told(dce, many)).toMatchObject({ evidence: { cases: 10_000 } })
  })
  test('is a refutation where the file does not even begin', () =>
    expect(told(dce, result({ ok: false, tests: [] }))).toMatchObject({ outcome: 'refuted' }))
})

describe('what a command shows', () => {
  const lint: Source = { from: 'command', name: 'npm', args: ['run', 'lint'] }
  const ran = result({ what: 'npm run lint' })
  test('needs that it ended well, on this content', () => {
    expect(told(lint, ran)).toMatchObject({ outcome: 'holds', evidence: { kind: 'tested', cases: 1 } })
    expect(told(lint, { ...ran, rests: 'then' }).outcome).toBe('missing')
    expect(told(lint, { ...ran, ok: false }).outcome).toBe('refuted')
  })
})

describe('what has to run', () => {
  const known = (...results: readonly Result[]) => ({ tree, results, shelf: {}, began: '' })
  const owed = [duty('a/b', 'a', dce), duty('a/c', 'a', tests(file, / > dce$/, { cases: 1000 }))]
  test('is what nothing that was kept answers for', () => {
    expect([...workFor(known(), owed).files]).toEqual([
      ['', [file]],
      ['QUOIN_CASES=1000', [file]],
    ])
    expect([...workFor(known(result()), owed).files]).toEqual([['QUOIN_CASES=1000', [file]]])
    const many = result({ cases: 1000, tests: [{ name: '1000 graphs > dce', state: 'passed', ms: 1 }] })
    expect([...workFor(known(result(), many), owed).files]).toEqual([])
  })
  test('is what failed, too: somebody wants to see it', () => {
    const failed = result({ ok: false, tests: [{ name: 'x > dce', state: 'failed', ms: 1 }] })
    expect([...workFor(known(failed), owed).files].length).toBe(2)
  })
})

describe('the obligations of Quoin', () => {
  const all = duties()
  const ids = new Set(all.map((d) => d.obligation.id))
  test('have one name each', () => expect(ids.size).toBe(all.length))
  test('follow from the registries: nothing that is registered is without', () => {
    for (const { name } of pipeline) expect(ids).toContain(`pass/${name}/preserved-10000`)
    for (const kind of Object.keys(checkers)) expect(ids).toContain(`checker/${kind}/mutants`)
    for (const op of Object.keys(ops)) for (const t of ['ts', 'wasm']) expect(ids).toContain(`op/${op}/${t}`)
    for (const e of Object.keys(effects)) expect(ids).toContain(`effect/${e}/conforms`)
    expect(all.filter((d) => d.obligation.id.startsWith('law/')).length).toBe(proofs.length)
  })
  test('fill each row of the gate', () => {
    expect(rows.map(([row]) => row)).toEqual(Array.from({ length: 15 }, (_, i) => i + 1))
    for (const [row] of rows)
      expect(all.filter((d) => d.obligation.rows.includes(row)).length, `${row}`).toBeGreaterThan(0)
  })
  test('name test files that are there', () => {
    const { paths } = new Tree()
    for (const { source } of all) if (source.from === 'tests') expect(paths).toContain(source.file)
  })
})

describe('what a test rests on', () => {
  const real = new Tree()
  test('is what it imports, however far, and what decides how anything ends', () => {
    const under = real.under('test/passes/wide.test.ts')
    for (const f of ['passes/check/fuse.ts', 'graph/arena.ts', 'package-lock.json', 'vitest.config.ts'])
      expect(under).toContain(f)
    expect(under).not.toContain('runtime/load.ts')
  })
  test('is everything, where it reads files or starts programs', () =>
    expect(real.under('test/passes/corpus.test.ts')).toEqual(real.paths))
  test('is never what the gate writes', () => expect(real.paths).not.toContain('docs/VERIFICATION.md'))
  test('is told apart by one byte', () => {
    expect(real.digest(['graph/arena.ts'])).toBe(new Tree().digest(['graph/arena.ts']))
    expect(real.digest(['graph/arena.ts'])).not.toBe(real.digest(['graph/need.ts']))
  })
  expect(named('a', 'b').test('a > bc')).toBe(false)
})
