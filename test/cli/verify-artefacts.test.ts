// Requirements: E16

import { createHash } from 'node:crypto'
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { basesOf } from '../../cli/verify/basis.ts'
import { readProject } from '../../cli/verify/project.ts'
import { artefactsOf } from '../../verify/gate/project/index.ts'
import { build, doubles, json, projects, put, told, verify } from './project.ts'

const { project, remove } = projects()
afterAll(remove)
const slow = 180_000
const still = {
  signal: new AbortController().signal,
  serves: () => {},
  release: <T>(f: () => Promise<T>) => f(),
  hold: <T>(f: () => Promise<T>) => f(),
}
const sha256 = (x: string | Uint8Array): string => createHash('sha256').update(x).digest('hex')

test(
  'a summary speaks of the bytes that were judged, whatever lies there afterwards',
  async () => {
    const cwd = project('judged', { 'a.ts': doubles('a') })
    await build(cwd, 'a.ts')
    const module = join(cwd, 'a.quoin/module.js')
    const before = readFileSync(module)
    const read = await readProject(cwd, [], '2026-11-22', still)
    writeFileSync(module, `${before}/* x */`)
    rmSync(join(cwd, 'a.quoin/manifest.json'))
    const [a, ...more] = artefactsOf(read)
    expect(more).toEqual([])
    expect(a).toMatchObject({ directory: 'a.quoin', wrong: [] })
    expect(a!.files['module.js']).toBe(sha256(before))
    expect(Object.keys(basesOf(read))).toEqual(['a.quoin'])
  },
  slow,
)

describe('an artefact without its graph file', () => {
  test(
    'shows nothing, whatever its manifest says',
    async () => {
      const cwd = project('alone', { 'x.quoin/manifest.json': '{}', 'x.quoin/evil.mjs': "fetch('http://evil')\n" })
      const { code } = await verify(cwd, '--fast', '--summary', 's.json', '--sarif', 'q.sarif')
      expect(code).toBe(1)
      expect(json(join(cwd, 's.json'))).toMatchObject({ predicate: { verificationResult: 'FAILED' } })
      const lines = told(join(cwd, 'q.sarif')).join('\n')
      expect(lines).toMatch(/^x\.quoin\/manifest\.json:\d+ .*manifest\.json is missing or cannot be read/m)
      expect(lines).toMatch(
        /^x\.quoin\/manifest\.json:\d+ nothing shows that the graph file of x\.quoin is in this project/m,
      )
      expect(lines).toMatch(/^x\.quoin\/evil\.mjs:1 .*fetch/m)
    },
    slow,
  )
  test(
    'is not saved by hashes that somebody has written',
    async () => {
      const cwd = project('rehashed', { 'a.ts': doubles('a'), 'b.ts': doubles('b') })
      await build(cwd, 'a.ts')
      rmSync(join(cwd, 'a.ts'))
      const [module, manifest] = [join(cwd, 'a.quoin/module.js'), join(cwd, 'a.quoin/manifest.json')]
      const code = readFileSync(module, 'utf8')
      writeFileSync(module, `${code}\n`)
      writeFileSync(manifest, readFileSync(manifest, 'utf8').replace(sha256(code), sha256(`${code}\n`)))
      put(cwd, { 'a.quoin/more.txt': '' })
      expect((await verify(cwd, '--fast', '--sarif', 'q.sarif')).code).toBe(1)
      const lines = told(join(cwd, 'q.sarif'))
      expect(lines).toHaveLength(2)
      expect(lines.join('\n')).toContain('more.txt does not belong to it')
      expect(lines.join('\n')).toContain('nothing of what it does was tried')
    },
    slow,
  )
  test(
    'is found by its name where it lies elsewhere, and held to it',
    async () => {
      const cwd = project('elsewhere', { 'src/a.ts': doubles('a'), 'out/.keep': '' })
      await build(cwd, 'src/a.ts', '--out', 'out')
      expect((await verify(cwd, '--fast')).code).toBe(0)
      put(cwd, { 'src/a.ts': doubles('a', 3) })
      const { code, out } = await verify(cwd, '--fast')
      expect([code, out]).toEqual([1, expect.stringContaining('FAILED artefact/out/a.quoin/same-bytes')])
    },
    slow,
  )
})

describe('a relaxed artefact', () => {
  const third = `import { fx, graph, t } from 'quoin'
export default graph('third', { x: t.f64 }, ({ x }) => ({ y: fx\`\${x} / 3.0\` }))
`
  const cwd = project('relaxed', { 'third.ts': third })
  test(
    'is run as it was built, and what it rounds is owed as an assumption',
    async () => {
      await build(cwd, 'third.ts', '--relax', 'reassociate', '--relax', 'reciprocal')
      const refused = await verify(cwd, '--fast')
      expect([refused.code, refused.out]).toEqual([
        1,
        expect.stringContaining('--relax reassociate --relax reciprocal'),
      ])
      const allowed = ['--relax', 'reassociate', '--relax', 'reciprocal']
      const { code, err } = await verify(cwd, '--fast', ...allowed, '--junit', 'q.xml')
      expect([code, err]).toEqual([0, ''])
      const xml = readFileSync(join(cwd, 'q.xml'), 'utf8')
      for (const owed of ['assumes-relaxed:reciprocal', 'same-wasm', 'same-wasm-relaxed-reassociate-reciprocal'])
        expect(xml).toContain(`name="graph/third.ts/${owed}"`)
    },
    slow,
  )
  test(
    'of which none is here is asked for on the command line',
    async () => {
      rmSync(join(cwd, 'third.quoin'), { recursive: true })
      const { code, out } = await verify(cwd, '--fast', '--relax', 'reciprocal', '--junit', 'q.xml')
      expect([code, out]).toEqual([0, expect.stringContaining('passed')])
      expect(readFileSync(join(cwd, 'q.xml'), 'utf8')).toContain('same-ts-relaxed-reciprocal')
    },
    slow,
  )
})

describe('what is named on the command line', () => {
  const cwd = project('named', {
    'a.ts': doubles('a'),
    'b(1.ts': 'import { graph } from "quoin"\nconst = graph\nexport default 1\n',
  })
  test(
    'is looked at once',
    async () => {
      const { code, out } = await verify(cwd, '--fast', 'a.ts', './a.ts')
      expect([code, out]).toEqual([0, expect.stringContaining('passed')])
    },
    slow,
  )
  test.each(['a.quoin', 'a.quoin/module.js', './a.quoin/'])(
    'is no artefact: %s',
    async (name) => {
      if (!existsSync(join(cwd, 'a.quoin'))) await build(cwd, 'a.ts')
      const { code, out, err } = await verify(cwd, '--fast', 'a.ts', name)
      expect([code, out, err]).toEqual([2, '', expect.stringContaining('name the graph file it was built from')])
    },
    slow,
  )
  test(
    'may have any name',
    async () => {
      const { code, out } = await verify(cwd, '--fast', 'b(1.ts')
      expect([code, out]).toEqual([1, expect.stringContaining('FAILED graph/b(1.ts/reads b(1.ts:2')])
    },
    slow,
  )
})

test(
  'two graphs that would be built to one place are told of',
  async () => {
    const cwd = project('twins', { 'a.ts': doubles('same'), 'b.ts': doubles('same', 3) })
    await build(cwd, 'b.ts')
    const { code, out } = await verify(cwd, '--fast', '--sarif', 'q.sarif')
    expect([code, out]).toEqual([1, expect.stringContaining("its graph is called 'same', as that of a.ts is")])
    expect(told(join(cwd, 'q.sarif'))).toHaveLength(1)
  },
  slow,
)

describe('reports', () => {
  const cwd = project('reports', { 'a.ts': doubles('a') })
  test(
    'that cannot be written are told of before anything is looked at',
    async () => {
      const { code, out, err } = await verify(cwd, '--sarif', 'nowhere/q.sarif')
      expect([code, out, err]).toEqual([1, '', expect.stringMatching(/nowhere\/q\.sarif cannot be written/)])
    },
    slow,
  )
  test(
    'of artefacts need one',
    async () => {
      const { code, out, err } = await verify(cwd, '--fast', '--summary', 'q.json')
      expect([code, out, err]).toEqual([1, '', expect.stringContaining('a summary speaks of artefacts')])
    },
    slow,
  )
})

describe('an earlier summary', () => {
  const cwd = project('earlier', { 'a.ts': doubles('a'), 'b.ts': doubles('b') })
  test(
    'names what is gone',
    async () => {
      await build(cwd, 'a.ts')
      await build(cwd, 'b.ts')
      expect((await verify(cwd, '--fast', '--summary', 'q.json')).code).toBe(0)
      renameSync(join(cwd, 'b.quoin'), join(cwd, 'kept'))
      const { code, out } = await verify(cwd, '--fast', '--against', 'q.json')
      expect([code, out]).toEqual([1, expect.stringContaining('FAILED artefact/b.quoin/verified')])
      expect(out).toContain('it is not there any more')
      // Of what was not asked for nothing is said.
      renameSync(join(cwd, 'kept'), join(cwd, 'b.quoin'))
      expect((await verify(cwd, '--fast', '--against', 'q.json', 'a.ts')).code).toBe(0)
    },
    slow,
  )
  test.each<[string, unknown]>([
    ['not a summary', { predicate: { verificationResult: 'PASSED', quoinBasis: { 'a.quoin': 5 } } }],
    ['one that failed', { predicate: { verificationResult: 'FAILED', quoinBasis: {} } }],
  ])(
    'that is %s is refused',
    async (_, summary) => {
      put(cwd, { 'odd.json': JSON.stringify(summary) })
      const { code, err } = await verify(cwd, '--fast', '--against', 'odd.json')
      expect([code, err]).toEqual([2, expect.stringContaining('odd.json is')])
    },
    slow,
  )
})
