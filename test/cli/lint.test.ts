import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { quoin } from './quoin.ts'

const fixture = 'test/cli/fixtures/truths.ts'
const starts = /(if|a loop|for|switch|template|\? :|[!=]==?|&&|\|\||[-+*<>]=?|!) /

test('quoin lint finds what was planted, where it was planted, and nothing else', async () => {
  const planted = readFileSync(fixture, 'utf8')
    .split('\n')
    .flatMap((l, i) => {
      const m = /\/\/ finds: (\S+)$/.exec(l)
      return m === null ? [] : [`${i + 1} ${m[1]}`]
    })
  const r = await quoin(['lint', fixture])
  const said = r.out.split('\n').filter((l) => l.startsWith(fixture))
  const found = said.map((l) => {
    const [, line, cause] = /^[^:]+:(\d+):\d+ (.*)$/.exec(l)!
    const what = starts.exec(cause!)?.[1] ?? cause!
    return `${line} ${what === '? :' ? '?' : what === 'a loop' ? 'loop' : what}`
  })
  expect(found).toEqual(planted)
  expect(planted.length).toBeGreaterThanOrEqual(8)
  expect(r.out.match(/\n {2}fix: /g)).toHaveLength(planted.length)
  expect([r.code, r.err]).toEqual([
    1,
    `quoin: ${planted.length} places take expressions of a graph for plain JavaScript values\n`,
  ])
}, 120_000)

test('queries that DuckDB and PostgreSQL may answer differently are found where both are bound', async () => {
  const file = 'test/cli/fixtures/engines.ts'
  const lines = (text: string, mark: RegExp): readonly number[] =>
    text.split('\n').flatMap((l, i) => (mark.test(l) ? [i + 1] : []))
  const r = await quoin(['lint', file])
  const found = [...r.out.matchAll(/^[^:\n]+:(\d+):\d+ the query of 'db' is not portable: /gm)]
  expect(found.map((m) => Number(m[1]))).toEqual(lines(readFileSync(file, 'utf8'), /\/\/ finds$/))
  expect([r.code, r.err]).toEqual([1, 'quoin: 2 queries are not portable\n'])
  const report = await quoin(['lint', 'test/cli/fixtures/report.ts'])
  expect(report.out).toBe('')
  // One engine, or none at all: nobody asked.
  const folder = mkdtempSync(join(process.cwd(), 'test/cli/fixtures/lint-'))
  const one = join(folder, 'one.ts')
  const text = readFileSync(file, 'utf8')
  writeFileSync(one, text.replace(/^import .*postgres'$/m, '').replace('postgres({})', 'duckdb()'))
  expect(await quoin(['lint', one])).toMatchObject({ code: 0, out: '' })
  expect((await quoin(['lint', '--portable', one])).err).toBe('quoin: 2 queries are not portable\n')
  rmSync(folder, { recursive: true })
}, 120_000)

test('it finds nothing in the examples and in the graphs of the tests', async () => {
  const good = await quoin(['lint', 'examples', 'test/errors', 'test/cli/fixtures/loans.ts'])
  expect([good.out, good.err, good.code]).toEqual(['', '', 0])
  // One test is about such a template, and is found.
  const r = await quoin(['lint', 'test/build'])
  expect(r.out.split('\n').filter((l) => l.startsWith('test/'))).toEqual([
    expect.stringMatching(/^test\/build\/problems\.test\.ts:\d+:\d+ the template makes text of b,/),
  ])
}, 120_000)

test('files that are not there, or whose types are not, are no good news', async () => {
  expect(await quoin(['lint', 'gone.ts'])).toMatchObject({ code: 2, out: '' })
  const folder = mkdtempSync(join(tmpdir(), 'quoin-lint-'))
  writeFileSync(join(folder, 'g.ts'), "import { graph } from 'quoin'\nexport default graph('g', {}, () => 1)\n")
  const r = await quoin(['lint', join(folder, 'g.ts')])
  expect(r.code).toBe(1)
  expect(r.err).toContain("the types of 'quoin' are not found")
  rmSync(folder, { recursive: true })
}, 120_000)
