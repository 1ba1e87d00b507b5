import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { campaign, drawn, judged, score } from './campaign.ts'
import type { Fault } from './fault.ts'
import { seeded } from './fault.ts'
import { areas, faults } from './faults/index.ts'
import { readReport } from './trial.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

test('there are faults in every part of the house', () => {
  const least = { passes: 10, checkers: 12, codegen: 12, drivers: 8, runtime: 10, graph: 6, specs: 6 }
  for (const [area, n] of Object.entries(least))
    expect(areas[area as keyof typeof areas].length, area).toBeGreaterThanOrEqual(n)
  expect(faults.length).toBeGreaterThanOrEqual(60)
})

test.each(faults)('$file: $about', (f) => {
  expect(seeded(read(f.file), f)).not.toBe(read(f.file))
  expect(f.about.length).toBeGreaterThan(20)
  expect(f.survives === undefined || f.survives.length > 20).toBe(true)
  expect(f.tests.length).toBeGreaterThan(0)
  for (const t of f.tests) expect(read(t)).toContain('test')
})

test('no two faults are the same, and few are known to survive', () => {
  expect(new Set(faults.map((f) => JSON.stringify([f.file, f.from, f.to]))).size).toBe(faults.length)
  expect(new Set(faults.map((f) => f.about)).size).toBe(faults.length)
  expect(faults.filter((f) => f.survives !== undefined).length).toBeLessThanOrEqual(faults.length * 0.05)
})

test('a text that is not there once, or is not changed, is an error', () => {
  const f = { file: 'a.ts', from: 'x', to: 'y', about: 'x is y', tests: [] }
  expect(seeded('1 x 2', { ...f, to: '$&' })).toBe('1 $& 2')
  for (const text of ['', 'x x']) expect(() => seeded(text, f)).toThrow('not once')
  expect(() => seeded('x', { ...f, to: 'x' })).toThrow('changes nothing')
})

const fault: Fault = { file: 'sum.ts', from: 'a + b', to: 'a - b', about: 'it subtracts', tests: ['test/sum.test.ts'] }

test('what a trial says: only a failing test catches, and what was not tested is broken', () => {
  const trial = { failed: [], unloadable: [], passed: 0, late: false, ms: 1 }
  expect(judged(fault, { ...trial, failed: ['a > b'], passed: 3 }).outcome).toBe('caught')
  expect(judged(fault, { ...trial, passed: 3 }).outcome).toBe('survived')
  expect(judged(fault, trial).outcome).toBe('broken')
  expect(judged(fault, { ...trial, unloadable: ['a: no'], passed: 3 }).outcome).toBe('broken')
  expect(judged(fault, { ...trial, late: true }).outcome).toBe('hung')
  const result = (outcome: 'caught' | 'hung' | 'survived' | 'broken') => ({ fault, outcome, by: '', ms: 1 })
  expect(score([result('caught'), result('hung'), result('survived'), result('broken')])).toBe(50)
  expect(score([])).toBe(0)
})

test('a file of tests that fails without a failing test was not loaded', () => {
  const file = { name: '/t/test/a.test.ts', status: 'failed', message: 'no such thing\n at', assertionResults: [] }
  expect(readReport({ testResults: [file] }, '/t')).toEqual({
    failed: [],
    unloadable: ['test/a.test.ts: no such thing'],
    passed: 0,
  })
})

test('a seed draws each fault once, and another seed in another order', () => {
  const some = faults.slice(0, 20)
  expect(drawn(some, 1)).toEqual(drawn(some, 1))
  expect(new Set(drawn(some, 1))).toEqual(new Set(some))
  expect(drawn(some, 1)).not.toEqual(drawn(some, 2))
  expect(drawn(some, 1, 3)).toEqual(drawn(some, 1).slice(0, 3))
})

test('a small tree: what is caught, survives, hangs, breaks, or is tested by what always fails', async () => {
  const at = mkdtempSync(join(realpathSync(tmpdir()), 'quoin-small-'))
  const files = {
    'sum.ts': 'export const sum = (a: number, b: number): number => a + b\nexport const spare = 1\n',
    'test/sum.test.ts': `import { expect, test } from 'vitest'\nimport { sum } from '../sum.ts'\ntest('adds', () => expect(sum(2, 2)).toBe(4))\n`,
    'test/red.test.ts': `import { expect, test } from 'vitest'\ntest('fails', () => expect(1).toBe(2))\n`,
    'vitest.config.ts': `export default { test: { include: ['test/*.test.ts'], pool: 'forks' } }\n`,
    'package.json': '{ "type": "module" }\n',
  }
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(at, path)), { recursive: true })
      writeFileSync(join(at, path), text)
    }
    symlinkSync(realpathSync(join(root, 'node_modules')), join(at, 'node_modules'))
    const all: readonly Fault[] = [
      fault,
      { ...fault, from: 'spare = 1', to: 'spare = 2', about: 'nobody looks' },
      { ...fault, from: 'a + b', to: 'a +', about: 'it is no program' },
      { ...fault, from: 'nowhere', about: 'it is not there' },
      { ...fault, tests: ['test/red.test.ts'], about: 'its test is red' },
    ]
    const options = { root: at, seed: 1, files: Object.keys(files) }
    const ends = await campaign(all, options)
    const endless = { ...fault, from: 'a + b', to: '{ for (;;); return a + b }', about: 'it never ends' }
    const late = await campaign([endless], { ...options, limitMs: 3000 })
    const results = [...ends.results, ...late.results]
    const outcome = Object.fromEntries(results.map((r) => [r.fault.about, r.outcome]))
    expect(outcome).toEqual({
      'it subtracts': 'caught',
      'nobody looks': 'survived',
      'it is no program': 'broken',
      'it never ends': 'hung',
      'it is not there': 'broken',
      'its test is red': 'broken',
    })
    expect(ends.unsound).toEqual([expect.stringContaining('test/red.test.ts > fails')])
    expect(readFileSync(join(at, 'sum.ts'), 'utf8')).toBe(files['sum.ts'])
  } finally {
    rmSync(at, { recursive: true })
  }
}, 120_000)
