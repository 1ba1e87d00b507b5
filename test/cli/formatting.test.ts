import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { compareArtifact } from '../../cli/artifact/check.ts'
import { byteDifference, textDifference } from '../../cli/artifact/difference.ts'
import { directoryName } from '../../cli/artifact/files.ts'
import { binding } from '../../cli/bindings.ts'
import { debugLevel } from '../../cli/debug.ts'
import { dot } from '../../cli/explain/dot.ts'
import { draw } from '../../cli/explain/drawing.ts'
import { gather } from '../../cli/explain/gather.ts'
import { mermaid } from '../../cli/explain/mermaid.ts'
import { explainText } from '../../cli/explain/text.ts'
import { kernelsOf, queriesOf, steps } from '../../cli/explain/view.ts'
import { failedWith } from '../../cli/failure.ts'
import { signature } from '../../cli/input.ts'
import { plain } from '../../cli/output.ts'
import { summary } from '../../cli/run.ts'
import { resultJson } from '../../cli/show/json.ts'
import { showResult } from '../../cli/show/result.ts'
import type { Generated } from '../../codegen/artifact.ts'
import { fromValue } from '../../graph/build/host.ts'
import { decodeValue } from '../../graph/json-value.ts'
import type { Type } from '../../graph/types.ts'
import { parseType } from '../../graph/types.ts'
import type { Json } from '../../graph/values.ts'
import { optimise } from '../../passes/index.ts'
import { inventory, inventoryJson, inventoryPage, trustReport } from '../../verify/index.ts'
import { codeLines } from '../../verify/trust.ts'
import loans from './fixtures/loans.ts'

const type = (text: string): Type => parseType(text) as Type
const shown = (t: string, json: Json): string => showResult(type(t), json, plain)

describe('a result for people', () => {
  test.each<[string, Json, string]>([
    ['f64', 0.5, '0.5\n'],
    ['{}', {}, '{}\n'],
    ['{a: f64, long: string}', { a: '-0', long: 'x' }, 'a     -0\nlong  x\n'],
    ['f64[K]', [1, 2], '[1, 2]\n'],
    ['i32[K]', Array.from({ length: 1234 }, (_, i) => i), '[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …] (1,234)\n'],
    ['f64[0]', [], '[]\n'],
    [
      'f64[2,2]',
      [
        [1, 2],
        [3, 4],
      ],
      '[1, 2]\n[3, 4]\n',
    ],
    ['option<f64>', null, 'none\n'],
    ['option<{a: f64}>', [{ a: 1 }], 'a  1\n'],
    ['{a: option<{b: f64}>}', { a: [{ b: 1 }] }, 'a\n  b  1\n'],
    ['union<card: i64 | cash: unit>', { card: '7' }, 'card  7\n'],
    ['union<card: i64 | cash: unit>', { cash: null }, 'cash  ()\n'],
    ['result<f64>', { ok: 2 }, '2\n'],
    ['result<f64>', { err: { tag: 'NoRow', message: 'no row' } }, 'error NoRow: no row\n'],
    [
      'list<{a: f64, s: string}>[n]',
      [
        { a: 1, s: 'one' },
        { a: 10, s: 'ten' },
      ],
      ' a  s\n 1  one\n10  ten\n',
    ],
    ['list<{a: f64}>[n]', [], 'a\nno rows\n'],
    ['{x: f64[n], total: f64, y: string[n]}', { x: [1], total: 2, y: ['a'] }, 'n\n  x  y\n  1  a\ntotal  2\n'],
    ['{x: f64[n], y: f64[m]}', { x: [1], y: [2, 3] }, 'x  [1]\ny  [2, 3]\n'],
    ['string', 'a\u001b[31m\nb\tc', 'a�[31m⏎b c\n'],
  ])('%s of %j', (t, json, text) => expect(shown(t, json)).toBe(text))

  test('cuts long tables and says how much there is', () => {
    const text = shown(
      'list<{i: i32}>[n]',
      Array.from({ length: 200 }, (_, i) => ({ i })),
    )
    expect(text.split('\n').length).toBe(23)
    expect(text).toContain('… 180 more of 200; --json prints all\n')
  })
  test.each<[string, Json]>([
    ['i64', '9007199254740993'],
    ['option<i64>', ['5']],
    ['option<i64>', null],
    ['result<i64>', { ok: '5' }],
    ['result<i64>', { err: { tag: 'NoRow', message: 'm' } }],
    ['union<a: i64 | b: unit>', { a: '1' }],
    ['list<option<f64>>[n]', [[1], null]],
    ['{a: f64[n], b: list<{c: bytes}>[m]}', { a: ['NaN', 1], b: [{ c: 'AQI=' }] }],
  ])('the JSON form of %s is that of its type', (t, json) => {
    const value = decodeValue(type(t), json)
    if (value._tag === 'Left') throw new Error('the test is wrong')
    expect(resultJson(type(t), fromValue(type(t), value.right))).toEqual(json)
  })
})

describe('differences', () => {
  test('of texts are lines, made visible', () => {
    expect(textDifference('a\nb\n', 'a\nb\n')).toBeUndefined()
    expect(textDifference('a\nb \r', 'a\nb')).toEqual({ place: 'line 2', line: 2, is: 'b ␍', should: 'b' })
    expect(textDifference('a  ', 'a')).toEqual({ place: 'line 1', line: 1, is: 'a··', should: 'a' })
    expect(textDifference('a', 'a\nb')).toEqual({ place: 'line 2', line: 2, is: '(the file ends here)', should: 'b' })
  })
  test('of bytes are places', () => {
    expect(byteDifference(new Uint8Array([1]), new Uint8Array([1]))).toBeUndefined()
    expect(byteDifference(new Uint8Array([1, 2]), new Uint8Array([1]))).toEqual({
      place: 'byte 1',
      is: '0x02',
      should: '(the file ends here)',
    })
  })

  const sha = (s: string): string => createHash('sha256').update(s).digest('hex')
  const made = (module: string, more: object = {}) => {
    const manifest = {
      quoin: '1.0.0',
      numerics: 1,
      target: 'ts',
      digest: 'd',
      key: 'k',
      ...more,
      files: { 'module.js': sha(module) },
    }
    return { 'module.js': module, 'manifest.json': JSON.stringify(manifest, null, 2), 'names.json': '{}' }
  }
  const compare = (present: Readonly<Record<string, string>>, expected: Readonly<Record<string, string>>) =>
    compareArtifact(new Map(Object.entries(present).map(([n, s]) => [n, Buffer.from(s)])), {
      files: expected,
      manifest: JSON.parse(expected['manifest.json']!),
    } as unknown as Generated)
  test('of artefacts come with their reason', () => {
    expect(compare(made('a'), made('a'))).toEqual({ reasons: [], namesMoved: false })
    expect(compare({ ...made('a'), 'module.js': 'b' }, made('a')).reasons).toEqual([
      'module.js was edited by hand: its content has not the hash that the manifest names',
    ])
    expect(compare(made('a', { digest: 'e', key: 'l' }), made('a')).reasons).toEqual([
      'it was built from another graph (digest e…, the graph has d…)',
    ])
    expect(compare(made('a', { key: 'l' }), made('a')).reasons).toEqual(['it was built with other options'])
    expect(compare(made('a', { quoin: '0.9.0', key: 'l' }), made('a')).reasons).toEqual([
      'it was built by Quoin 0.9.0 (this is 1.0.0)',
    ])
    expect(compare({ ...made('a'), 'extra.txt': '' }, made('a'))).toMatchObject({
      reasons: ['extra.txt does not belong to it'],
      first: { file: 'extra.txt' },
    })
    expect(compare({ 'manifest.json': made('a')['manifest.json'], 'names.json': '{}' }, made('a')).reasons).toEqual([
      'module.js is missing',
    ])
    expect(compare({ ...made('a'), 'manifest.json': 'x' }, made('a')).reasons).toEqual([
      'its manifest.json is missing or cannot be read',
    ])
    expect(compare({ ...made('a'), 'names.json': '{ }' }, made('a'))).toEqual({ reasons: [], namesMoved: true })
  })
})

describe('an explanation', () => {
  if (loans.sealed._tag === 'Left') throw new Error('the fixture is wrong')
  const source = loans.sealed.right
  const optimised = optimise(source)
  test('knows every query and kernel', () => {
    const ways = queriesOf(source, optimised.graph).map((q) => [q.name, q.way])
    expect(ways).toEqual([
      ['loan', 'once'],
      ['customer', 'batched'],
      ['rank', 'removed'],
    ])
    expect(kernelsOf(optimised.graph)).toMatchObject([{ name: 'k0', operations: 11, outputs: ['f64[loan]', 'f64'] }])
    expect(steps(optimised.graph)).toBeLessThan(steps(source))
  })
  test('without passes says so', () => {
    const x = gather('loans.ts', source, optimise(source, { optimize: false }), 'ts')
    const text = explainText(x, { sql: false, trust: false }, [], plain)
    expect(text).toContain('0 certificates checked and accepted, 0 refused')
    expect(text).toContain("rank      query of 'risk' (one): runs once for each element")
  })
  test('draws every box that an arrow names', () => {
    const drawing = draw(optimised.graph)
    const text = mermaid(drawing)
    const boxes = new Set([...text.matchAll(/^ +(n[\d_n]+|result)[[(]/gm)].map((m) => m[1]))
    const ends = [...text.matchAll(/^ {2}(\S+) -\.?-?-?> (\S+)$/gm)].flatMap((m) => [m[1], m[2]])
    expect(ends.length).toBeGreaterThan(10)
    expect(ends.filter((e) => !boxes.has(e))).toEqual([])
    expect(text).toContain('[("query customer<br/>risk: one")]:::effect')
    expect(text).toContain('[["kernel k0: 11 ops<br/>')
    expect(dot(drawing)).toContain('subgraph cluster_')
    expect(dot({ name: 'a"b\\', top: { id: 'f', title: '', boxes: [], frames: [] }, arrows: [] })).toContain(
      'digraph "a\\"b\\\\" {',
    )
  })
  test('rests on an inventory that is a page or data', () => {
    const entries = inventory({ graph: optimised.graph, target: 'wasm' })
    expect(entries[0]?.id).toBe('batched-sql')
    expect(inventoryPage('it', entries)).toContain(`${entries.length} assumptions`)
    expect(JSON.parse(inventoryJson(entries))).toEqual(entries)
    const twice = inventory({ graph: optimised.graph, target: 'wasm' }, [{ assumptions: entries }])
    expect(twice.map((a) => a.id)).toEqual(entries.map((a) => a.id))
  })
  test('counts the code that is trusted', () => {
    const report = trustReport()
    expect(report.groups.filter((g) => g.lines === 0)).toEqual([])
    expect(report.groups.find((g) => g.role === 'a pass kept the meaning')?.files.map((f) => f.file)).toContain(
      'passes/check/dce.ts',
    )
    expect(report.trusted).toBeGreaterThan(500)
    expect(report.untrusted).toBeGreaterThan(500)
    expect(codeLines('/** doc\n * more */\nconst a = 1 // why\n\n  // note\n}\n')).toBe(2)
  })
})

describe('small things', () => {
  test('names of directories stay inside their directory', () => {
    expect(['loans', 'a b/c', '../../etc', '', '.hidden', 'naïve', 'x'.repeat(300)].map(directoryName)).toEqual([
      'loans.quoin',
      'a-b-c.quoin',
      'etc.quoin',
      'graph.quoin',
      'hidden.quoin',
      'naïve.quoin',
      `${'x'.repeat(100)}.quoin`,
    ])
  })
  test('levels of QUOIN_DEBUG', () =>
    expect(['', '0', '1', '5', '9', 'x', '-1', '1.5'].map(debugLevel)).toEqual([0, 0, 1, 5, 5, 0, 0, 0]))
  test('bindings', () => {
    expect(binding('a=b=c', { x: 'y' })).toEqual({ x: 'y', a: 'b=c' })
    for (const wrong of ['a', '=b', 'a=', 'x=z'])
      expect(() => binding(wrong, { x: 'y' })).toThrow(/bound twice|has to be/)
  })
  test('a summary counts what ran', () => {
    expect(summary(undefined, 12_345, 'interpreted')).toBe('interpreted, 12.3 s')
    const stats = { queries: { written: 1, run: 1 }, roundTrips: 1, effects: 1, kernels: 2, kernelMs: 1, effectMs: 1 }
    expect(summary(stats, 3.14159, 'ts')).toBe('ts, 3.1 ms; 1 query written, 1 run; 2 kernel calls')
  })
  test('a signature', () =>
    expect(
      signature([
        ['a', type('f64')],
        ['b', type('string')],
      ]),
    ).toBe('a: f64, b: string'))
  test('many problems are cut, and the file is named where the problem does not', () => {
    const problems = Array.from({ length: 50 }, (_, i) => ({
      node: '',
      place: `$.nodes[${i}]`,
      cause: 'is wrong',
      remedy: 'mend it',
    }))
    const f = failedWith(
      { _tag: 'InvalidGraph', stage: 'decode', place: '', cause: 'bad', remedy: '', problems },
      'g.json',
    )
    expect(f.message).toMatch(/^g\.json: InvalidGraph: bad\n/)
    expect(f.message).toMatch(/\n {2}… and 42 more$/)
    expect(
      failedWith({ _tag: 'DriverMissing', node: 'db', place: '', cause: 'none', remedy: 'bind' }, 'g.ts').message,
    ).toBe("g.ts: DriverMissing: 'db': none\n  fix: bind")
  })
})
