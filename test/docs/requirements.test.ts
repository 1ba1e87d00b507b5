import { expect, test } from 'vitest'
import { allRequirements } from '../../docs/requirements.ts'
import { citations, citedIn, requirementProblems, requirementsPage, stateOf } from '../../docs/requirements-page.ts'

test('every id that a test cites is a requirement, and every path named as evidence is there', () =>
  expect(requirementProblems(citations())).toEqual([]))

test('each family of ids is whole', () => {
  const numbers = Map.groupBy(allRequirements, (r) => r.id[0]!)
  for (const [family, list] of numbers) expect(list.map((r) => r.id)).toEqual(list.map((_, i) => `${family}${i + 1}`))
  expect(Object.fromEntries([...numbers].map(([f, l]) => [f, l.length]))).toEqual({ E: 18, K: 12, L: 3, M: 2, C: 7 })
})

test('ids stand on a line of their own at any place of a file', () => {
  expect(citedIn('// Requirements: E5 E12\nimport x')).toEqual(['E5', 'E12'])
  expect(citedIn("const s = '// Requirements: E5'")).toEqual([])
})

test('what is wrong with a citation is told', () => {
  const list = [
    { id: 'A1', text: '' },
    { id: 'A1', text: '' },
    { id: 'A2', text: '', evidence: ['gone.ts'] },
    { id: 'A3', text: '', lacks: 'all of it' },
  ]
  expect(requirementProblems(new Map([['a.test.ts', ['A1', 'A9', 'A1']]]), list, () => false)).toEqual([
    'A1 is there twice',
    'a.test.ts cites A9, which is no requirement',
    'a.test.ts cites A1 twice',
    'A2 names gone.ts, which is not there',
    'A3 says what is lacking of nothing',
  ])
})

test('only tests show a requirement, and what is lacking is told', () => {
  const r = { id: 'A1', text: '' }
  expect(stateOf(r, [])).toBe('open')
  expect(stateOf(r, ['a'])).toBe('shown')
  expect(stateOf({ ...r, evidence: ['page'] }, [])).toBe('in part')
  expect(stateOf({ ...r, lacks: 'half' }, ['a'])).toBe('in part')
})

test('rows without evidence are printed as open', () => {
  const page = requirementsPage((_, rows) => rows.map((r) => r.join(' | ')).join('\n'), new Map())
  expect(page).toContain('K10 | A GPU as a target. | **open** | ')
  expect(page).toMatch(/^0 are shown, \d+ in part, \d+ are open: E1, /m)
})
