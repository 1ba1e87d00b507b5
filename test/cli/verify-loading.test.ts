// Requirements: E16

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { filesBelow } from '../../cli/verify/found.ts'
import { doubles, projects, put, told, verify } from './project.ts'
import { quoin } from './quoin.ts'

const { project, remove } = projects()
afterAll(remove)
const slow = 180_000
const early = (text: string): string => `import { graph } from 'quoin'\n${text}\nexport default graph\n`

describe('a graph file that ends the process', () => {
  const cwd = project('ends', {
    'a.ts': doubles('a'),
    'exits.ts': early('process.exit(0)'),
    'hides.ts': `import { exit } from 'node:process'\n${early('try { exit(0) } catch {}')}`,
    'rejects.ts': early("void Promise.reject(new Error('not today'))"),
    'late.ts': `${early("await new Promise(() => setTimeout(() => { throw new Error('in a timer') }, 1))")}`,
  })
  test(
    'is found, with its line, and the others are looked at',
    async () => {
      const { code, out } = await verify(cwd, '--fast', '--sarif', 'q.sarif')
      expect([code, out]).toEqual([1, expect.stringContaining('not passed')])
      const lines = told(`${cwd}/q.sarif`).filter((l) => l.includes('can be built'))
      expect(lines.map((l) => l.replace(/ not so.*loaded: Error: /, ' ').replace(/\. Fix.*/, ''))).toEqual([
        'exits.ts:2 process.exit(0) was called',
        'hides.ts:3 process.exit(0) was called',
        'late.ts:2 in a timer',
        'rejects.ts:2 not today',
      ])
    },
    slow,
  )
  test(
    'is no success for the other commands either',
    async () => {
      const { code, err } = await quoin(['build', 'exits.ts'], { cwd })
      expect([code, err]).toEqual([1, expect.stringMatching(/exits\.ts:2: .*process\.exit\(0\) was called/)])
    },
    slow,
  )
  test(
    'after it was loaded is no success',
    async () => {
      const later = project('later', {
        'a.ts': `${doubles('a')}setTimeout(() => process.exit(0), 150)\nconst wait = setInterval(() => {}, 1)\nsetTimeout(() => clearInterval(wait), 5000)\n`,
      })
      const { code, err } = await verify(later)
      expect([code, err]).toEqual([1, expect.stringMatching(/a\.ts:3: .*process\.exit\(0\) was called/)])
    },
    slow,
  )
})

test(
  'a reader that leaves makes no success of a failure',
  async () => {
    const cwd = project('pipe', { 'a.ts': `${doubles('a')}export const at = Date.now()\n` })
    const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url))
    const child = spawn(process.execPath, ['--conditions=quoin-source', main, 'verify', '--fast'], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stdout.destroy()
    child.stderr.destroy()
    expect((await once(child, 'close'))[0]).toBe(1)
  },
  slow,
)

test(
  'an error in a promise that nobody awaits is told with its place',
  async () => {
    const cwd = project('astray', {
      'a.ts': `${doubles('a')}export const drivers = () => {\n  setImmediate(() => { throw new Error('nobody waits') })\n  return {}\n}\n`,
    })
    const { code, err } = await quoin(['run', 'a.ts', '-i', '-'], { cwd, input: '{"xs":[1]}' })
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/a\.ts:4: threw, and nothing caught it: Error: nobody waits/),
    ])
  },
  slow,
)

test('graphs are found that import Quoin by another module, export their default at the end, or are documents', async () => {
  const cwd = project('found', {
    'lib/graphs.ts': "export { graph, t } from 'quoin'\n",
    'lib/other.ts': 'export default 1\n',
    'a.ts': doubles('a').replace("'quoin'", "'./lib/graphs.ts'"),
    'b.ts': doubles('b').replace('export default', 'const b =').concat('export{b as default}\n'),
    'c.ts': doubles('c'),
  })
  const { out } = await quoin(['explain', 'c.ts', '--format', 'json'], { cwd })
  put(cwd, { 'd.json': JSON.stringify((JSON.parse(out) as { graph: unknown }).graph) })
  const found = filesBelow(cwd)
  const names = (paths: readonly string[]): readonly string[] => paths.map((p) => p.slice(cwd.length + 1))
  expect(names(found.graphs)).toEqual(['a.ts', 'b.ts', 'c.ts', 'd.json'])
  expect(names(found.others)).toEqual(['lib/graphs.ts'])
  const { code, out: said } = await verify(cwd, '--fast')
  expect([code, said]).toEqual([0, expect.stringContaining('left alone, having no default export: lib/graphs.ts')])
}, 180_000)
