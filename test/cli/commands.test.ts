import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeGraph } from '../../graph/json.ts'
import { Draft } from '../targets/draft.ts'
import { fixture, quoin, scratch } from './quoin.ts'

const place = scratch()
afterAll(place.remove)
const shock = '{"shock": 0.02}'
const answer = {
  id: ['1', '2', '3'],
  pd: [0.9255320548339719, 0.988108868355613, 0.5299640517645717],
  total: 164.73538132223806,
}

describe('quoin run', () => {
  test.each(['interpret', 'ts', 'wasm'])('--target %s --json prints one document', async (target) => {
    const r = await quoin(['run', fixture('loans.ts'), '--input', '-', '--json', '--target', target], { input: shock })
    expect(r).toMatchObject({ code: 0, err: '' })
    expect(JSON.parse(r.out)).toEqual(answer)
  })
  test('prints a result for people, and says on standard error what ran', async () => {
    const input = place.write('shock.json', shock)
    const r = await quoin(['run', fixture('loans.ts'), '-i', input])
    expect(r.out).toBe(
      'loan\n  id                  pd\n   1  0.9255320548339719\n   2   0.988108868355613\n   3  0.5299640517645717\ntotal  164.73538132223806\n',
    )
    expect(r.err).toMatch(/^wasm, [\d.]+ m?s; 5 queries written, 2 run; 1 kernel call\n$/)
  })
  test('gives back every kind of value as it came', async () => {
    const given =
      '{"points":[{"x":1.5,"tag":["a"]},{"x":"NaN","tag":null}],"maybe":[[1],null,[2.5]],"grid":[[1,2,3],[4,5,6]],' +
      '"on":true,"when":"2026-11-21T10:00:00.000001Z","price":"12.50"}'
    const r = await quoin(['run', fixture('lists.ts'), '-i', '-', '--json'], { input: given })
    expect(r.out).toBe(`${given}\n`)
  })
  test('uses the drivers of the graph file, and keeps what it prints out of the answer', async () => {
    const r = await quoin(['run', fixture('bound.ts'), '--json'])
    expect(r).toMatchObject({ code: 0, out: '{"threads":"1"}\n', err: 'bound.ts is loaded\n' })
  })
  test('writes below the directory that --files binds', async () => {
    const r = await quoin(['run', fixture('report.ts'), '-i', '-', '--files', `out=${place.directory}`], {
      input: '{"who":"you"}',
    })
    expect(r).toMatchObject({ code: 0, out: 'done  ()\n' })
    expect(await import('node:fs').then((fs) => fs.readFileSync(place.path('hello.txt'), 'utf8'))).toBe('hello you')
  })
  test('runs a graph that is a JSON document, and what was built from it', async () => {
    const { out } = await quoin(['explain', fixture('loans.ts'), '--format', 'json'])
    const graph = place.write('loans.json', JSON.stringify((JSON.parse(out) as { graph: unknown }).graph))
    const built = await quoin(['build', graph, '--target', 'ts'])
    expect(built.out).toMatch(
      /^wrote .*loans\.quoin \(7 files, [\d.]+ KiB; 1 kernel as TypeScript; 2 calls to the outside; \d+ assumptions\)\n$/,
    )
    const [fromJson, fromDirectory] = await Promise.all([
      quoin(['run', graph, '-i', '-', '--json'], { input: shock }),
      quoin(['run', place.path('loans.quoin'), '-i', '-', '--json'], { input: shock }),
    ])
    expect(JSON.parse(fromJson.out)).toEqual(answer)
    expect(JSON.parse(fromDirectory.out)).toEqual(answer)
    const other = await quoin(['run', place.path('loans.quoin'), '--target', 'wasm', '-i', '-'], { input: shock })
    expect(other.code).toBe(2)
    expect(other.err).toContain('was built for ts, so it does not run with --target wasm')
  })
})

describe('quoin diff', () => {
  /** A graph of two inputs, as a JSON document. */
  const written = (name: string, ...ops: readonly ('sqrt' | 'exp' | 'neg')[]): string => {
    const d = new Draft()
    const sum = d.add('add', {}, [d.in('f64'), d.in('f64')])
    return place.write(
      `${name}.json`,
      JSON.stringify(encodeGraph(d.graph(ops.reduce((x, op) => d.add(op, {}, [x]), sum)))),
    )
  }
  test('shows two graphs side by side, aligned by what they compute', async () => {
    const [a, b] = [written('one', 'sqrt'), written('two', 'exp', 'neg')]
    const r = await quoin(['diff', a, b, '--width', '100', '--exit-code'])
    expect(r).toMatchObject({ code: 1, err: '' })
    const rows = r.out.trimEnd().split('\n').slice(1)
    expect(rows.map((l) => l.replace(/ +/g, ' ').trimEnd())).toEqual([
      ' … 1 the same',
      ' %1 input : f64 {"name":"i1","type":"f64"} │ %1 input : f64 {"name":"i1","type":"f64"}',
      ' %2 add %0 %1 : f64 │ %2 add %0 %1 : f64',
      '- %3 sqrt %2 : f64 │',
      '+ │ %3 exp %2 : f64',
      '+ │ %4 neg %3 : f64',
    ])
  })
  test('says so when there is no difference, also in what runs', async () => {
    const [a, b] = [written('plain', 'sqrt'), written('twice', 'neg', 'neg', 'sqrt')]
    const [same, differ, runs] = await Promise.all([
      quoin(['diff', a, a, '--exit-code']),
      quoin(['diff', a, b, '--exit-code']),
      quoin(['diff', a, b, '--exit-code', '--optimised']),
    ])
    expect(same).toMatchObject({ code: 0, out: 'the graphs are the same: 4 nodes\n' })
    expect(differ.code).toBe(1)
    expect(runs).toMatchObject({ code: 0, err: '' })
  })
})

describe('quoin explain --why', () => {
  test('tells the rules that made a node, in order', async () => {
    const r = await quoin(['explain', fixture('loans.ts'), '--why', 'customer'])
    expect(r).toMatchObject({ code: 0, err: '' })
    expect(r.out).toMatch(/^%2\.0\.%2 dbQuery 'customer'/)
    expect(r.out).toContain('As written\n')
  })
  test('a node that is not there is a question of use', async () => {
    const r = await quoin(['explain', fixture('loans.ts'), '--why', '%4711'])
    expect(r).toMatchObject({ code: 2, out: '' })
    expect(r.err).toContain('there is no node %4711 in the optimised graph')
  })
})

describe('quoin explain', () => {
  test('explain shows a statement for many elements for each engine that the query is for', async () => {
    const { code, out } = await quoin(['explain', fixture('portable.ts'), '--sql'])
    expect(code).toBe(0)
    const at = (name: string): string => new RegExp(`^  ${name} [\\s\\S]*?(?=^  \\w|^\\w)`, 'm').exec(out)![0]
    const engines = (name: string) => [...at(name).matchAll(/for many elements, on (\w+)/g)].map((m) => m[1])
    expect(engines('both')).toEqual(['DuckDB', 'PostgreSQL'])
    expect(at('both')).toMatch(/DuckDB\n[\s\S]*::BIGINT\[\][\s\S]*PostgreSQL\n[\s\S]*::int8\[\]/)
    expect([engines('post'), engines('duck')]).toEqual([['PostgreSQL'], ['DuckDB']])
    expect(out).not.toContain('as DuckDB runs it')
    const { queries } = JSON.parse((await quoin(['explain', fixture('portable.ts'), '--format', 'json'])).out)
    expect(Object.keys(queries[0].elsewhere)).toEqual(['PostgreSQL'])
    expect(queries.slice(1).map((q: object) => 'elsewhere' in q)).toEqual([false, false])
  })
  test('says what each pass did and why', async () => {
    const { code, out } = await quoin(['explain', fixture('loans.ts'), '--sql', '--trust'])
    expect(code).toBe(0)
    const told = [
      "query 'rank' removed: nothing projects field rank",
      "query 'customer' batched: one call answers all elements",
      '11 array operations fused into 1 loop',
      '6 certificates checked and accepted, 0 refused',
      "customer  query of 'risk' (one): one call for all elements",
      "rank      query of 'risk' (one): does not run",
      'k0   11 operations → 2 outputs',
      'the first: One statement that answers many keys',
      'where c.id in (select unnest(',
      'a pass kept the meaning',
      'Graph as written',
      'Optimised graph',
    ]
    expect(told.filter((t) => !out.includes(t))).toEqual([])
    expect(out).not.toContain('\u001b')
  })
  test('draws, and prints the code', async () => {
    const [mermaid, dot, code] = await Promise.all([
      quoin(['explain', fixture('loans.ts'), '--format', 'mermaid']),
      quoin(['explain', fixture('loans.ts'), '--format', 'dot']),
      quoin(['explain', fixture('double.ts'), '--code', '--target', 'ts']),
    ])
    expect(mermaid.out).toMatch(/^%% loans\nflowchart TD\n/)
    expect(dot.out).toMatch(/^digraph "loans" \{\n/)
    expect(code.out).toContain('Effect program\nblock 0')
    expect(code.out).toContain('export default artifact')
  })
  test('prints kernels in WebAssembly under the names of what they compute', async () => {
    const { out } = await quoin(['explain', fixture('loans.ts'), '--code'])
    expect(out).toContain('kernels.wasm, as text\n(module')
    expect(out).toMatch(/\(func \$"?k0 [^\n]*(mul|add|div|sub)/)
    expect(out).toMatch(/local\.get \$in0/)
  })
  test('places the steps on the sites of a file', async () => {
    const file = place.path('sites.json')
    const link = (from: string, to: string) => ({ from, to, latencyMs: 2, bytesPerMs: 10_000 })
    const sites = [
      { name: 'edge', reaches: [] },
      { name: 'server', reaches: ['*'] },
    ]
    const links = [link('edge', 'server'), link('server', 'edge')]
    writeFileSync(file, JSON.stringify({ sites, links, inputs: 'edge', result: 'edge' }))
    const [text, json] = await Promise.all([
      quoin(['explain', fixture('loans.ts'), '--sites', file]),
      quoin(['explain', fixture('loans.ts'), '--sites', file, '--format', 'json']),
    ])
    expect(text.out).toMatch(/%0 {2}server {2}dbQuery loan/)
    expect(text.out).toMatch(/before .* with all at edge/)
    expect(text.out).toContain('by a least cut')
    expect(JSON.parse(json.out)).toMatchObject({ placement: { certificate: { kind: 'place', found: { by: 'cut' } } } })
    writeFileSync(file, JSON.stringify({ sites: sites.slice(0, 1), links: [], inputs: 'edge', result: 'edge' }))
    const no = await quoin(['explain', fixture('loans.ts'), '--sites', file])
    expect(no).toMatchObject({ code: 1, err: expect.stringContaining("edge does not reach 'risk'") })
  })
  test('QUOIN_DEBUG is a ladder on standard error', async () => {
    const told = async (level: string) =>
      (await quoin(['explain', fixture('double.ts')], { env: { QUOIN_DEBUG: level } })).err
    const [one, five] = await Promise.all([told('1'), told('5')])
    expect(one.split('\n').filter((l) => l !== '' && !l.startsWith('[1] '))).toEqual([])
    for (const step of [
      '[1] fuse: changed',
      '[2]   1 array operation',
      '[3] graph after fuse',
      '[5]   certificate {"kind":"fuse"}',
    ]) {
      expect(five).toContain(step)
    }
  })
})

describe('quoin inventory', () => {
  test('is a page, or data, with the assumptions of the drivers', async () => {
    const [md, json] = await Promise.all([
      quoin(['inventory', fixture('loans.ts')]),
      quoin(['inventory', fixture('loans.ts'), '--format', 'json', '--target', 'ts']),
    ])
    expect(md.out).toMatch(/^# What graph 'loans' rests on\n/)
    const ids = (JSON.parse(json.out) as { id: string }[]).map((a) => a.id)
    expect(ids).toContain('batched-sql')
    expect(ids).toContain('duckdb.batch-is-single')
    expect(ids).not.toContain('wasm-engine')
  })
})

describe('help', () => {
  let texts: readonly string[] = []
  beforeAll(async () => {
    const ask = (...args: string[]) => quoin(args).then((r) => (r.code === 0 ? r.out : `exit ${r.code}`))
    texts = await Promise.all([
      ask('--help'),
      ask('run', '--help'),
      ask('build', '-h'),
      ask('help', 'explain'),
      ask('inventory', '--help'),
      ask('--version'),
    ])
  })
  test('names every command, with examples, in lines that fit', () => {
    for (const name of ['run', 'build', 'explain', 'inventory', 'assumptions'])
      expect(texts[0]).toContain(`\n  ${name} `)
    for (const text of texts.slice(0, 5)) {
      expect(text).toContain('Examples:\n')
      expect(text.split('\n').filter((l) => l.length > 105)).toEqual([])
    }
  })
  test('--version is the version of the package', () => expect(texts[5]).toMatch(/^\d+\.\d+\.\d+\n$/))
})

test('a reader that leaves ends the process quietly', async () => {
  writeFileSync(place.path('pipe.sh'), '"$@" | head -c 10')
  const { spawnSync } = await import('node:child_process')
  const { scripts } = JSON.parse(await import('node:fs').then((fs) => fs.readFileSync('package.json', 'utf8'))) as {
    scripts: { quoin: string }
  }
  const r = spawnSync(
    'bash',
    [
      '-o',
      'pipefail',
      place.path('pipe.sh'),
      process.execPath,
      ...scripts.quoin.split(' ').slice(1),
      'explain',
      fixture('loans.ts'),
      '--format',
      'json',
    ],
    { encoding: 'utf8' },
  )
  expect({ status: r.status, err: r.stderr }).toEqual({ status: 0, err: '' })
})
