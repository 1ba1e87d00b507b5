import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { toldIn, trustTable, withTable } from '../../docs/trust-page.ts'
import { ownAssumptions } from '../../verify/assumptions/own.ts'
import { trustReport } from '../../verify/trust.ts'

const page = readFileSync(new URL('../../docs/trust.md', import.meta.url), 'utf8')

test('docs/trust.md tells the sizes of trusted code, not more than a tenth or 40 lines off, the largest first', () => {
  const [told, now] = [toldIn(page), toldIn(trustTable())]
  expect([...told.keys()].sort()).toEqual([...now.keys()].sort())
  const off = [...now].filter(([role, n]) => Math.abs(told.get(role)! - n) > Math.max(40, 0.1 * n))
  expect(off, 'npm run docs writes the table').toEqual([])
  const sizes = [...toldIn(trustTable()).values()].slice(0, -2)
  expect(sizes).toEqual([...sizes].sort((a, b) => b - a))
})
test('writing the table changes nothing else of the page', () => {
  const again = withTable(page)
  const without = (text: string): string => text.replace(/<!-- lines[\s\S]*end of lines -->/, '')
  expect(without(again)).toBe(without(page))
  expect(withTable(again)).toBe(again)
  expect(page).toContain('<!-- lines: npm run docs -->\n')
})
test('assumptions that the page names are there', () => {
  const ids = ownAssumptions().map((a) => a.id)
  const named = [...page.matchAll(/\(((?:`[\w.-]+`(?:, |,\n\s*)?)+)\)/g)].flatMap((m) =>
    [...m[1]!.matchAll(/`([\w.-]+)`/g)].map((x) => x[1]!),
  )
  const others = new Set(['basisOf', 'renewals', 'reads', 'writes'])
  expect(named.length).toBeGreaterThan(10)
  expect(named.filter((n) => !others.has(n) && !ids.includes(n))).toEqual([])
})
test('what is believed is small beside what is not, no file counts twice, and checkers import no pass', () => {
  const { groups, trusted } = trustReport()
  const files = groups.flatMap((g) => g.files.map((f) => f.file))
  expect(new Set(files).size).toBe(files.length)
  const decides = groups.filter((g) => g.standing !== 'tested').flatMap((g) => g.files.map((f) => f.file))
  // The manager is believed to ask the checkers; it is the only file beside checkers and laws.
  expect(decides.filter((f) => /^passes\/(?!check\/|laws\/)/.test(f))).toEqual(['passes/manager.ts'])
  expect(decides).toEqual(
    expect.arrayContaining(['graph/arena.ts', 'graph/eval.ts', 'runtime/answer.ts', 'codegen/memory/check.ts']),
  )
  const tested = groups.filter((g) => g.standing === 'tested').reduce((n, g) => n + g.lines, 0)
  expect(trusted).toBeLessThan(tested)
})
