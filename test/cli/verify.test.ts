// Requirements: E16

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { admit } from 'quoin/runtime'
import { afterAll, describe, expect, test } from 'vitest'
import { json, projects, told, verify } from './project.ts'
import { quoin } from './quoin.ts'

const { project, remove } = projects()
afterAll(remove)

const doubles = `import { graph, t } from 'quoin'
export const plan = { roundTrips: 0, queries: 0 }
export default graph('doubles', { xs: t.tensor(t.f64, 'n') }, ({ xs }) => ({ sum: xs.mul(2).sum() }))
`
const names = `import { graph, row, sql, t } from 'quoin'
const db = sql('main')
export default graph('names', { id: t.i64 }, ({ id }) => ({
  name: db.maybe('name', row({ name: t.string }))\`select name from people where id = \${id}\`,
}))
`

describe('a project without fault', () => {
  const cwd = project('well', {
    'src/doubles.ts': doubles,
    'src/names.ts': names,
    // Looks like nothing: it is not loaded.
    'src/main.ts': "import { graph } from 'quoin'\nthrow new Error(String(graph))\n",
    'src/doubles.test.ts': "import 'quoin'\nexport default 1\n",
  })
  test('passes, and says of what kind the evidence is', async () => {
    expect((await quoin(['build', 'src/doubles.ts'], { cwd })).code).toBe(0)
    const reports = ['--sarif', 'q.sarif', '--junit', 'q.xml', '--markdown', 'q.md', '--summary', 'q.json']
    const { code, out, err } = await verify(cwd, ...reports)
    expect([code, err]).toEqual([0, ''])
    const lines = out.split('\n')
    expect(lines[0]).toMatch(/^well: \d+ obligations, tier default$/)
    expect(lines.filter((l) => l.startsWith('  ok      '))).toHaveLength(8)
    expect(out).toMatch(/passed, tier default: proved \d+ · exhausted \d+ · tested 4 · assumed \d+ \(/)
    expect(out).not.toContain('from cache')
    expect(lines.at(-2)).toBe('left alone, having no default export: src/main.ts')
    expect(json(join(cwd, 'q.sarif'))).toMatchObject({ version: '2.1.0', runs: [{ results: [] }] })
    expect(readFileSync(join(cwd, 'q.xml'), 'utf8')).toContain('name="graph/src/names.ts/same-wasm"')
    expect(readFileSync(join(cwd, 'q.md'), 'utf8')).toContain('| all passes preserve the meaning | holds |')
  }, 120_000)
  test('is honest about what it kept, and its summary admits the artefact and nothing else', async () => {
    const { code, out } = await verify(cwd, '--against', 'q.json')
    expect(code).toBe(0)
    expect(out).toMatch(/\n4 from cache of \d{4}-\d\d-\d\d \d\d:\d\d or later, same content\n/)
    const summary = json(join(cwd, 'q.json'))
    expect((await admit(join(cwd, 'src/doubles.quoin'), summary))._tag).toBe('Right')
    const kept = readFileSync(join(cwd, 'src/doubles.quoin/names.json'), 'utf8')
    writeFileSync(join(cwd, 'src/doubles.quoin/names.json'), kept.replace('doubles', 'triples'))
    expect(await admit(join(cwd, 'src/doubles.quoin'), summary)).toMatchObject({ left: { _tag: 'LoadFailed' } })
    writeFileSync(join(cwd, 'src/doubles.quoin/names.json'), kept)
  }, 120_000)
  test('has to be verified again when what it rests on changes', async () => {
    const summary = json(join(cwd, 'q.json')) as {
      predicate: { quoinBasis: Record<string, { parts: Record<string, string>; digest: string }> }
    }
    const basis = summary.predicate.quoinBasis['src/doubles.quoin']!
    basis.parts['version binaryen'] = '1.0.0'
    basis.digest = 'of another basis'
    writeFileSync(join(cwd, 'old.json'), JSON.stringify(summary))
    const { code, out } = await verify(cwd, '--fast', '--against', 'old.json')
    expect(code).toBe(1)
    expect(out).toContain('FAILED artefact/src/doubles.quoin/verified')
    expect(out).toMatch(/binaryen was 1\.0\.0 and is \d/)
  }, 120_000)
})

describe('what is wrong is told with file, line and remedy', () => {
  const cwd = project('ill', {
    'plan.ts': doubles.replace("'doubles'", "'plan'").replace('queries: 0', 'queries: 3'),
    'unbuilt.ts':
      "import { graph, t } from 'quoin'\nexport default graph('unbuilt', { x: t.f64 }, ({ x }) => ({ y: x.add(x.no) }))\n",
    'no-graph.ts': "import { graph } from 'quoin'\nexport default { graph }\n",
    'throws.ts': "import 'quoin'\nthrow new Error('not today')\nexport default 1\n",
    'unbound.ts': `${names.replace("'names'", "'unbound'")}export const drivers = { other: { effects: [], perform: () => {}, assumptions: [], close: async () => {} } }\n`,
    'clock.ts': `${doubles.replace("'doubles'", "'clock'")}export const at = Date.now()\n`,
    'random.ts': `${doubles.replace("'doubles'", "'random'")}export const r = Math.random()\n`,
    'far.ts': `import { far } from './lib/far.js'\n${doubles.replace("'doubles'", "'far'")}export const f = far\n`,
    'lib/far.ts': "export const far = () => fetch('https://example.com')\n",
    'text.ts': `${doubles.replace("'doubles'", "'text'")}export const code = eval('1')\n`,
    'edited.ts': doubles.replace("'doubles'", "'edited'"),
    'stale.ts': doubles.replace("'doubles'", "'stale'"),
    'orphan.ts': doubles.replace("'doubles'", "'orphan'"),
    'quoin.json': JSON.stringify({ allow: [{ rule: 'clock', file: 'never.ts', reason: 'nothing is there' }] }),
  })
  test('by a gate that fails', async () => {
    for (const g of ['edited', 'stale', 'orphan']) expect((await quoin(['build', `${g}.ts`], { cwd })).code).toBe(0)
    const module = join(cwd, 'edited.quoin/module.js')
    writeFileSync(module, `${readFileSync(module, 'utf8')}fetch('https://example.com')\n`)
    writeFileSync(join(cwd, 'stale.ts'), doubles.replace("'doubles'", "'stale'").replace('mul(2)', 'mul(3)'))
    writeFileSync(join(cwd, 'orphan.ts'), '')
    writeFileSync(join(cwd, 'orphan.quoin/inventory.md'), 'nothing to see here\n')
    const r = await verify(cwd, '--fast', '--sarif', 'q.sarif')
    expect(r.code).toBe(1)
    expect(r.err).toMatch(/^quoin: \d+ of \d+ obligations are not met\n$/)
    expect(r.out).toContain('not passed: ')
  }, 180_000)
  test.each<[string, RegExp]>([
    ['a plan that is not kept', /^plan\.ts:2 .*queries: expected 3, found 0.*Fix: /],
    ['a graph that cannot be built', /^unbuilt\.ts:2 .*Fix: /],
    ['a default export that is no graph', /^no-graph\.ts:2 .*not a graph.*Fix: write export default graph/],
    ['a file that throws', /^throws\.ts:\d+ .*not today.*Fix: /],
    [
      'a name without a driver',
      /^unbound\.ts:\d+ .*a driver is exported as 'other', and the graph speaks to 'main'.*Fix: /,
    ],
    ['a clock that is read while a graph is built', /^clock\.ts:4 .*Date\.now.*Fix: /],
    ['randomness', /^random\.ts:4 .*Math\.random.*Fix: /],
    ['a call of the outside in what a graph file imports', /^lib\/far\.ts:1 .*fetch.*Fix: /],
    ['code that is made of text', /^text\.ts:4 .*eval.*Fix: /],
    [
      'an artefact that was edited by hand',
      /^edited\.quoin\/module\.js:\d+ .*module\.js was edited by hand.*Fix: quoin build/,
    ],
    ['generated code that reaches outside', /^edited\.quoin\/module\.js:\d+ .*fetch.*Fix: /],
    ['an artefact of another graph', /^stale\.quoin\/manifest\.json:\d+ .*from another graph.*Fix: quoin build/],
    [
      'an artefact without its graph, and edited',
      /^orphan\.quoin\/manifest\.json:\d+ .*inventory\.md was edited.*Fix: /,
    ],
    ['an allowance of nothing', /^quoin\.json:1 .*in never\.ts allows nothing.*Fix: /],
  ])('%s', (_, line) => {
    const lines = told(join(cwd, 'q.sarif'))
    expect(lines.filter((l) => line.test(l)).length, lines.join('\n')).toBe(1)
  })
})

describe('used wrongly it says so and does nothing', () => {
  const empty = project('empty', { 'a.ts': 'export default 1\n' })
  const broken = project('broken', { 'a.ts': doubles, 'quoin.json': '{ "allow": [{ "rule": "everything" }] }' })
  test.each<[string, string, readonly string[], number, RegExp]>([
    ['two tiers', empty, ['--fast', '--deep'], 2, /exclude one another/],
    ['nothing to verify', empty, [], 1, /there is no graph here/],
    ['a file that is not there', empty, ['b.ts'], 2, /there is no file/],
    ['a project file that says nothing', broken, ['--fast'], 1, /quoin\.json: allow\[0\]\.rule is "everything"/],
    ['no earlier summary', empty, ['--against', 'no.json'], 2, /there is no file no\.json/],
  ])('%s', async (_, cwd, args, code, said) => {
    const r = await verify(cwd, ...args)
    expect(`${r.out}${r.err}`).toMatch(said)
    expect(r.code).toBe(code)
    expect(existsSync(join(cwd, 'q.sarif'))).toBe(false)
  })
})
