// Requirements: E9 E16

import { afterAll, describe, expect, test } from 'vitest'
import { allowancesIn } from '../../cli/verify/settings.ts'
import { doubles, projects, put, told, verify } from './project.ts'

const { project, remove } = projects()
afterAll(remove)

describe('quoin.json', () => {
  const cwd = project('settings', {})
  const read = (text: string): unknown => {
    put(cwd, { 'quoin.json': text })
    try {
      return allowancesIn(cwd)
    } catch (e) {
      return (e as Error).message
    }
  }
  const entry = (more: object): string =>
    JSON.stringify({ allow: [{ rule: 'clock', file: 'a.ts', reason: 'x', ...more }] })
  test.each<[string, string]>([
    ['{"alow":[]}', "there is no setting 'alow'"],
    ['[]', 'it is a list, and no object'],
    ['null', 'it is null, and no object'],
    ['{', 'cannot be read: '],
    ['{"allow":{}}', "'allow' is no list"],
    ['{"allow":[3]}', 'allow[0] is a number, and no object'],
    [entry({ rule: 'clocks' }), 'allow[0].rule is "clocks"'],
    [entry({ file: undefined }), 'allow[0].file is not there'],
    [entry({ reason: ' ' }), 'allow[0].reason is " "'],
    [entry({ what: 'Date.now' }), 'allow[0].what is "Date.now"'],
    [entry({ why: 'x' }), "allow[0] has no field 'why'"],
    [entry({ rule: 'foreign-code' }), 'allow[0].assumption is not there'],
    [entry({ rule: 'dynamic-code', assumption: '' }), 'allow[0].assumption is ""'],
  ])('%s says nothing, and what of it is told', (text, said) =>
    expect(read(text)).toContain(`quoin.json${said.startsWith('cannot') ? ' ' : ': '}${said}`),
  )
  test('that is not there allows nothing, and one that is right says where each stands', () => {
    expect(allowancesIn(project('none', {}))).toEqual([])
    expect(
      read(
        '{ "allow": [\n  { "rule": "clock", "file": "a.ts", "reason": "x" },\n\n  { "rule": "foreign-code", "file": "b/", "reason": "y", "assumption": "z" }] }',
      ),
    ).toEqual([
      { rule: 'clock', file: 'a.ts', reason: 'x', declared: { file: 'quoin.json', line: 2 } },
      { rule: 'foreign-code', file: 'b/', reason: 'y', assumption: 'z', declared: { file: 'quoin.json', line: 4 } },
    ])
  })
})

test('foreign code is allowed by an assumption that is there, and each line that breaks a rule twice is told twice', async () => {
  const allow = (assumption: string): string =>
    JSON.stringify({ allow: [{ rule: 'dynamic-code', file: 'a.ts', reason: 'because', assumption }] })
  const cwd = project('allowed', {
    'a.ts': `${doubles('a')}export const f = new Function('return 1')\n`,
    'quoin.json': allow('mine'),
  })
  expect((await verify(cwd, '--fast', '--sarif', 'q.sarif')).code).toBe(1)
  expect(told(`${cwd}/q.sarif`)).toEqual([expect.stringMatching(/^quoin\.json:1 .*nobody declares 'mine'/)])
  put(cwd, { 'quoin.json': allow('generated-text') })
  expect((await verify(cwd, '--fast')).code).toBe(0)
  put(cwd, { 'quoin.json': '{}', 'a.ts': `${doubles('a')}export const k = Math.exp(1) + Math.sin(2)\n` })
  expect((await verify(cwd, '--fast', '--sarif', 'q.sarif')).code).toBe(1)
  expect(told(`${cwd}/q.sarif`)).toEqual([
    expect.stringMatching(/^a\.ts:3 .*Math\.exp/),
    expect.stringMatching(/^a\.ts:3 .*Math\.sin/),
  ])
}, 180_000)
