// Requirements: E11

import { mkdirSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { fixture, quoin, scratch } from './quoin.ts'

const place = scratch()
afterAll(place.remove)

/** Runs in the scratch directory, so that messages show short paths; the answer is exit code and message. */
const told = async (args: readonly string[], input = ''): Promise<string> => {
  const r = await quoin(args, { cwd: place.directory, input })
  expect(r.out).toBe('')
  expect(r.err).not.toMatch(/\n\s+at .*:\d+:\d+/)
  return `${r.code ?? r.signal} ${r.err.trimEnd()}`
}
const all = (...runs: readonly (readonly string[])[]): Promise<readonly string[]> =>
  Promise.all(runs.map((args) => told(args)))
const double = `${process.cwd()}/${fixture('double.ts')}`
const report = `${process.cwd()}/${fixture('report.ts')}`
const loans = `${process.cwd()}/${fixture('loans.ts')}`

describe('the file', () => {
  test('is not there, is a directory, is of another kind', async () => {
    place.write('near.mjs', 'export default 1')
    place.write('notes.txt', 'hello')
    mkdirSync(place.path('empty'))
    expect(await all(['run', 'near.ts'], ['explain', 'no/where.ts'], ['build', 'empty'], ['run', 'notes.txt'])).toEqual(
      [
        '2 quoin: there is no file near.ts\n  fix: did you mean near.mjs?',
        '2 quoin: there is no file no/where.ts\n  fix: there is no directory no either; check the path',
        '2 quoin: empty is a directory, not a graph file\n  fix: give the file that holds the graph',
        '2 quoin: notes.txt is not a graph file\n  fix: give a module (.ts, .mts, .js, .mjs) or a document (.json)',
      ],
    )
  })
  test('is a module without a graph', async () => {
    place.write('none.mjs', 'export const a = 1')
    place.write('five.mjs', 'export default 5')
    place.write('function.mjs', 'export default () => 1')
    place.write('named.mjs', 'export const loan = { sealed: { _tag: "Left" } }')
    expect(
      await all(['run', 'none.mjs'], ['explain', 'five.mjs'], ['inventory', 'function.mjs'], ['run', 'named.mjs']),
    ).toEqual([
      "1 quoin: none.mjs: it has no default export\n  fix: write export default graph('name', inputs, body)",
      "1 quoin: five.mjs: its default export is a number, not a graph\n  fix: write export default graph('name', inputs, body)",
      "1 quoin: function.mjs: its default export is a function, not a graph\n  fix: export the graph itself, what graph('name', inputs, body) returns",
      "1 quoin: named.mjs: it has no default export\n  fix: it exports the graph as 'loan': write export default loan",
    ])
  })
  test('is a module that does not load', async () => {
    place.write('throws.ts', 'const f = () => {\n  throw new TypeError("boo")\n}\nf()')
    place.write('syntax.mjs', 'export default {\n  a: ]\n}')
    place.write('syntax.ts', 'const x: number = 1\nexport default { a: ]')
    place.write('enum.ts', '\nenum A { B }\nexport default A.B')
    place.write('imports.mjs', "import 'quoin-no-such-package'")
    place.write('path.mjs', "import './gone.ts'")
    place.write('stuck.mjs', 'await new Promise(() => {})')
    expect(
      await all(
        ...['throws.ts', 'syntax.mjs', 'syntax.ts', 'enum.ts', 'imports.mjs', 'path.mjs', 'stuck.mjs'].map((f) => [
          'run',
          f,
        ]),
      ),
    ).toEqual([
      '1 quoin: throws.ts:2: the graph file threw while it was loaded: TypeError: boo\n  fix: correct the file; it has to load without an error',
      "1 quoin: syntax.mjs:2: syntax error: Unexpected token ']'\n  fix: correct the line",
      expect.stringMatching(/^1 quoin: syntax\.ts:2: syntax error: .*\n {2}fix: correct the line$/),
      '1 quoin: enum.ts:2: TypeScript enum is not supported in strip-only mode\n  fix: Node strips types and runs what is left: use only syntax that can be erased',
      "1 quoin: imports.mjs imports 'quoin-no-such-package', which is not installed\n  fix: make quoin-no-such-package a dependency of the project the graph is in, or correct the import",
      '1 quoin: path.mjs imports gone.ts, which is not there\n  fix: correct the import; paths are written with their ending',
      '1 quoin: nothing is going on any more, and there is no answer\n  fix: look for an await in the graph file whose promise is never settled',
    ])
  })
  test('holds a graph that is wrong', async () => {
    const r = await quoin(['run', fixture('wrong.ts'), '-i', '-'], { input: '{}' })
    expect(r.code).toBe(1)
    expect(r.err).toMatch(
      /^quoin: InvalidGraph: graph 'wrong' has 1 problem\n {2}test\/cli\/fixtures\/wrong\.ts:6 'add': add of 'a' and 'b' needs one shape, but was given f64\[loan\] and f64\[customer\]\n {4}fix: /,
    )
  })
})

describe('a JSON document', () => {
  const header = '"quoin":1,"numerics":1,"name":"c","stage":"source","inputs":[{"name":"x","type":"f64"}]'
  const input = '{"op":"input","attrs":{"name":"x","type":"f64"},"type":"f64"}'
  const add = (a: number, b: number): string => `{"op":"add","args":[${a},${b}],"type":"f64"}`
  test('is not JSON, is empty, is something else, has a cycle', async () => {
    place.write('cut.json', '{"a": ')
    place.write('comma.json', '{\n  "a": 1,\n  b\n}')
    place.write('void.json', '')
    place.write('bytes.json', new Uint8Array([0x22, 0xff, 0x22]))
    place.write('list.json', '[1]')
    place.write('cycle.json', `{${header},"nodes":[${input},${add(2, 0)},${add(1, 0)}],"root":2}`)
    const fix = 'fix: give a graph as JSON, as quoin explain --format json prints it under "graph"'
    const answers = await all(...['cut', 'comma', 'void', 'bytes', 'list', 'cycle'].map((f) => ['run', `${f}.json`]))
    expect(answers.slice(0, 4)).toEqual([
      `1 quoin: cut.json:1:7: not JSON: Unexpected end of JSON input\n  ${fix}`,
      `1 quoin: comma.json:3:3: not JSON: Expected double-quoted property name\n  ${fix}`,
      `1 quoin: void.json is empty\n  ${fix}`,
      '1 quoin: bytes.json is not UTF-8 text\n  fix: save it as UTF-8',
    ])
    expect(answers[4]).toMatch(
      /^1 quoin: list\.json: InvalidGraph: the document is not a graph: 1 problem\n.*expected an object, not an array\n/,
    )
    expect(answers[5]).toMatch(
      /^1 quoin: cycle\.json: InvalidGraph: .*\n.*\$\.nodes\[1\]\.args\[0\].*a graph has no cycles, not 2\n/,
    )
  })
  test('of 100 MB is answered in reasonable time', async () => {
    place.write('numbers.json', `[${'0.123456,'.repeat(11_000_000)}0]`)
    place.write('deep.json', '['.repeat(100_000_000))
    const bad = '{"op":"zork","args":[7],"type":"f64"}'
    place.write('nodes.json', `{${header},"nodes":[${input}${`,${bad}`.repeat(2_600_000)}],"root":0}`)
    // The helper kills what takes longer than 50 seconds; alone on a machine each takes a few.
    const answers = await all(['run', 'numbers.json'], ['run', 'deep.json'])
    const nodes = await told(['run', 'nodes.json'])
    expect(answers[0]).toContain('expected an object, not an array')
    expect(answers[1]).toMatch(/^1 quoin: deep\.json is nested more than 2,000 deep\n/)
    expect(nodes).toMatch(/^1 quoin: nodes\.json: InvalidGraph: .*\n.*\$\.nodes\[1\]/)
    expect(nodes.split('\n').length).toBeLessThan(20)
  }, 160_000)
})

describe('the command line', () => {
  test('has an unknown command, option, choice, or too much', async () => {
    expect(
      await all(
        ['ruin', 'x'],
        ['run', 'x', '--jsn'],
        ['run', double, '-t', 'gpu'],
        ['run'],
        ['build', 'a', 'b'],
        ['run', double, '--db', 'x'],
      ),
    ).toEqual([
      "2 quoin: unknown command 'ruin'\n(Did you mean run?)",
      "2 quoin: unknown option '--jsn'\n(Did you mean --json?)\n(quoin run --help says more)",
      "2 quoin: option '-t, --target <target>' argument 'gpu' is invalid. Allowed choices are interpret, ts, wasm.\n(quoin run --help says more)",
      "2 quoin: missing required argument 'graph'\n(quoin run --help says more)",
      "2 quoin: too many arguments for 'build'. Expected 1 argument but got 2: a, b.\n(quoin build --help says more)",
      "2 quoin: option '--db <name=path>' argument 'x' is invalid. It has to be 'name=path'.\n(quoin run --help says more)",
    ])
    const bare = await quoin([])
    expect(bare.code).toBe(2)
    expect(bare.err).toMatch(/^Usage: quoin /)
  })
  test('binds what is not there', async () => {
    place.write('who.json', '{"who":"you"}')
    place.write('shock.json', '{"shock":0}')
    expect(
      await all(
        ['run', loans, '-i', 'shock.json', '-t', 'interpret', '--db', 'rsk=x.db'],
        ['run', loans, '-i', 'shock.json', '-t', 'interpret', '--db', 'risk=gone.db'],
        ['run', report, '-i', 'who.json', '-t', 'interpret'],
        ['run', report, '-i', 'who.json', '-t', 'interpret', '--files', 'out=gone'],
      ),
    ).toEqual([
      `2 quoin: --db rsk=…: ${loans} has no database 'rsk'\n  fix: its names are 'risk'`,
      '2 quoin: --db risk=gone.db: there is no such file\n  fix: check the path; a new database is created with the duckdb program, or give :memory:',
      "2 quoin: the graph writes files below 'out', and no directory is bound to it\n  fix: give one: --files out=.",
      '2 quoin: --files out=gone: there is no such directory\n  fix: create the directory, or give another one',
    ])
  })
})

test('--input is missing, is not there, is not JSON, has wrong types', async () => {
  place.write('broken.json', '{"x": 1,}')
  place.write('types.json', '{"x": "one", "y": 2}')
  expect(
    await all(
      ['run', double],
      ['run', double, '-i', 'gone.json'],
      ['run', double, '-i', 'broken.json'],
      ['run', double, '-i', 'types.json'],
      ['run', double, '-i', '-'],
    ),
  ).toEqual([
    '1 quoin: the graph needs inputs: x: f64\n  fix: give them as a JSON object with --input file.json, or --input - for standard input',
    '2 quoin: there is no file gone.json\n  fix: check the path',
    '1 quoin: broken.json:1:9: not JSON: Expected double-quoted property name\n  fix: give a JSON object of x: f64',
    '1 quoin: types.json does not fit the inputs of the graph: $.y is not expected; the fields are x; $.x is the string "one", not a number (f64)\n  fix: give a JSON object of x: f64',
    '1 quoin: standard input is empty\n  fix: give a JSON object of x: f64',
  ])
})
