// Requirements: E16

import { describe, expect, test } from 'vitest'
import { deepFinding, shelvedWith } from '../../verify/self/deep.ts'
import { duties } from '../../verify/self/duties/index.ts'
import type { Duty } from '../../verify/self/duty.ts'
import { duty, program, tests } from '../../verify/self/duty.ts'
import type { Known } from '../../verify/self/evidence.ts'
import { restsOf, saidBy, shownBy } from '../../verify/self/evidence.ts'
import type { Result } from '../../verify/self/results.ts'
import { workFor } from '../../verify/self/run.ts'
import type { Entry, Shelf } from '../../verify/self/shelf.ts'
import { Tree } from '../../verify/self/tree.ts'
import type { Fault } from '../seeded/fault.ts'
import { keptOf, keptWith, restsOf as restsOfFault } from '../seeded/kept.ts'

const owed = (id: string, file: string): Duty =>
  duty(id, `${id} holds`, program([file], { from: [file], reads: [] }), { tier: 'deep' })
const all: readonly Duty[] = [
  owed('a/deep', 'a.ts'),
  owed('b/deep', 'b.ts'),
  duty('c/quick', 'c', tests('test/c.test.ts')),
]
const [a] = all
const entry = (file: string, more: Partial<Entry> = {}): Entry =>
  ({
    rests: `now ${file}`,
    date: '2026-11-20T00:00:00.000Z',
    node: 'v26.10.0',
    outcome: 'holds',
    evidence: { kind: 'tested', cases: 10_000, by: 'then' },
    ...more,
  }) as Entry
const ran = (file: string, more: Partial<Result> = {}): Result => ({
  what: `node --conditions=quoin-source ${file}`,
  rests: `now ${file}`,
  date: '2026-11-22T00:00:00.000Z',
  cases: undefined,
  deep: false,
  ok: true,
  ms: 1,
  tests: [{ name: file, state: 'passed', ms: 1, note: 'evidence: 9,000 cases of seed 3' }],
  ...more,
})
const known = (shelf: Shelf, ...results: readonly Result[]): Known => ({
  tree: {
    paths: ['a.ts', 'b.ts', 'test/c.test.ts'],
    under: (f) => [f],
    reached: ({ from }) => from,
    below: () => [],
    digest: (paths) => `now ${paths.join()}`,
  },
  results,
  shelf,
  began: '2026-11-21T00:00:00.000Z',
})
const both: Shelf = { 'a/deep': entry('a.ts'), 'b/deep': entry('b.ts') }

describe('the committed report of the deep tier', () => {
  test('counts for an obligation as long as what this one rests on is the same', () => {
    expect(shownBy(known(both), a!)).toMatchObject({
      outcome: 'holds',
      evidence: { cases: 10_000 },
      kept: { date: '2026-11-20T00:00:00.000Z' },
    })
    expect(shownBy(known({ 'a/deep': entry('a.ts', { rests: 'then' }) }), a!).outcome).toBe('missing')
  })
  test('counts for no obligation of another tier', () =>
    expect(shownBy(known({ 'c/quick': entry('test/c.test.ts') }), all[2]!).outcome).toBe('missing'))
  test('does not hide what was refuted here since', () =>
    expect(shownBy(known(both, ran('a.ts', { ok: false })), a!).outcome).toBe('refuted'))
  test('saves the work', () => {
    expect(workFor(known(both), all).commands).toEqual([])
    const stale = { ...both, 'b/deep': entry('b.ts', { rests: 'then' }) }
    expect(workFor(known(stale), all).commands.map((c) => c.args.at(-1))).toEqual(['b.ts'])
  })
  test('is whole only when each obligation is in it, of its own content', () => {
    expect(deepFinding(known(both), all)).toMatchObject({ outcome: 'holds', evidence: { cases: 2 } })
    expect(deepFinding(known({ 'a/deep': entry('a.ts', { rests: 'then' }) }), all)).toEqual({
      outcome: 'missing',
      why: 'never run: b/deep; of another content: a/deep (of 2026-11-20)',
    })
    expect(
      deepFinding(known({ ...both, 'b/deep': entry('b.ts', { outcome: 'refuted', why: 'differs' } as never) }), all),
    ).toEqual({ outcome: 'refuted', why: 'b/deep: differs' })
  })
  test('is merged: what ran replaces its own entry, and what is owed no more goes', () => {
    const before = { ...both, 'b/deep': entry('b.ts', { rests: 'then' }), 'gone/deep': entry('gone.ts') }
    const after = shelvedWith(known(before, ran('a.ts')), all)
    expect(after).toEqual({
      'a/deep': {
        rests: 'now a.ts',
        date: '2026-11-22T00:00:00.000Z',
        node: process.version,
        outcome: 'holds',
        evidence: { kind: 'tested', cases: 9000, seed: 3, by: 'node --conditions=quoin-source a.ts' },
      },
      'b/deep': before['b/deep'],
    })
  })
  test('keeps a refutation, and nothing of a run of another content', () => {
    expect(shelvedWith(known(both, ran('a.ts', { ok: false })), all)['a/deep']).toMatchObject({ outcome: 'refuted' })
    expect(shelvedWith(known(both, ran('a.ts', { rests: 'later' })), all)).toEqual(both)
  })
  test('is told how many cases a program tried by the program', () => {
    expect(saidBy('900 graphs\nevidence: 10,000 cases of seed -7, 3 of them changed')).toEqual({
      cases: 10_000,
      seed: -7,
      more: '3 of them changed',
    })
    expect(saidBy('evidence: 25 cases')).toEqual({ cases: 25 })
    expect(saidBy('no evidence: 25 cases')).toEqual({})
  })
})

describe('what the deep tier rests on', () => {
  const tree = new Tree()
  const deep = duties().filter((d) => d.obligation.tier === 'deep')
  const under = (id: string): readonly string[] => {
    const source = deep.find((d) => d.obligation.id === id)?.source
    return source?.from === 'command' && source.rests !== undefined ? tree.reached(source.rests) : []
  }
  test('is never the whole tree, so that prose makes nothing stale', () => {
    for (const { obligation, source } of deep)
      if (source.from === 'command' || source.from === 'tests') {
        const at = restsOf(tree, source)
        expect(at, obligation.id).not.toBe(tree.digest(tree.paths))
      }
    for (const d of deep)
      for (const f of under(d.obligation.id)) expect(f, d.obligation.id).not.toMatch(/^docs\/|\.md$/)
  })
  test('is, for a pass, the graph, it, its checker, and what comes before it', () => {
    const merge = under('pass/merge/preserved-10000')
    for (const f of [
      'passes/merge.ts',
      'passes/check/merge.ts',
      'passes/check/order.ts',
      'passes/dce.ts',
      'graph/eval.ts',
    ])
      expect(merge).toContain(f)
    for (const f of [
      'passes/fuse.ts',
      'passes/check/fuse.ts',
      'passes/laws/float.ts',
      'codegen/version.ts',
      'package.json',
    ])
      expect(merge).not.toContain(f)
    expect(under('pass/fuse/preserved-10000')).toContain('passes/merge.ts')
  })
  test('is, for faults, where they are put and the tests that notice them', () => {
    expect(under('seeded/checkers')).toContain('test/passes/mutants.test.ts')
    expect(under('seeded/specs')).toContain('specs-tla/Lifecycle.tla')
  })
})

describe('how a seeded fault ended', () => {
  const fault: Fault = {
    file: 'graph/need.ts',
    from: 'a',
    to: 'b',
    about: 'a is b',
    tests: ['test/gate/judge.test.ts'],
  }
  const tree = { reached: () => ['x'], digest: () => 'now' }
  const rests = restsOfFault(tree, fault)
  const ledger = keptWith({}, { fault, outcome: 'caught', by: 'a test', ms: 1 }, rests)
  test('is kept for the same fault and content, and for no other', () => {
    expect(keptOf(ledger, tree, fault)).toMatchObject({ outcome: 'caught', by: 'a test' })
    expect(keptOf(ledger, { ...tree, digest: () => 'later' }, fault)).toBeUndefined()
    expect(keptOf(ledger, tree, { ...fault, to: 'c' })).toBeUndefined()
  })
  test('is not kept where nothing was tested', () =>
    expect(keptWith(ledger, { fault, outcome: 'broken', by: 'no', ms: 1 }, 'other')).toBe(ledger))
})
