// Requirements: E9 E16

import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { specifiersIn } from '../../verify/scan/imports.ts'
import { doubles, projects, put, told, verify } from './project.ts'

const { project, remove } = projects()
afterAll(remove)

test('what a file imports is what is there when it runs', () => {
  const text = `import a from './a.ts'
import type b from './b.ts'
import { type c } from './c.ts'
// import d from './d.ts'
export * from './e.ts'
export type { f } from './f.ts'
const g = () => import(\`./g.ts\`), h = require('./h.cjs'), i = import('./i.ts' as string)
let j: import('./j.ts').J
import k = require('./k.cjs')
const text = "from './l.ts'"
import '#m'
`
  expect([...specifiersIn('x.ts', text)].sort()).toEqual(
    ['#m', './a.ts', './c.ts', './e.ts', './g.ts', './h.cjs', './i.ts', './k.cjs'].sort(),
  )
  expect(specifiersIn('x.ts', `${'('.repeat(9000)}1`)).toEqual([])
})

test('what graph files import is looked at, however it is named, and packages are said not to be', async () => {
  const at = (name: string): string => `export const ${name} = Date.now()\n`
  const graph = (name: string, text: string): string => `${text}\n${doubles(name)}`
  const cwd = project('imports', {
    'package.json': JSON.stringify({
      type: 'module',
      imports: { '#clock': './lib/alias.ts', '#late': './lib/late.ts' },
    }),
    'a.ts': graph('a', 'await import(`./lib/template.ts`)'),
    'b.ts': graph('b', "import '#clock'"),
    'c.ts': graph('c', "import 'workspace'\nimport 'installed'"),
    'd.ts': graph('d', "export const later = () => import('#late')"),
    'e.ts': graph(
      'e',
      "// import './lib/never.ts'\nimport type { never } from './lib/never.ts'\nexport type N = typeof never",
    ),
    'f.ts': graph('f', "const name = './lib/computed.ts'\nawait import(name)"),
    'lib/template.ts': at('template'),
    'lib/alias.ts': at('alias'),
    'lib/late.ts': at('late'),
    'lib/computed.ts': at('computed'),
    'lib/never.ts': at('never'),
    'packages/workspace/package.json': JSON.stringify({ name: 'workspace', type: 'module', exports: './index.ts' }),
    'packages/workspace/index.ts': at('workspace'),
  })
  symlinkSync(join(cwd, 'packages/workspace'), join(cwd, 'node_modules/workspace'), 'dir')
  mkdirSync(join(cwd, 'node_modules/installed'))
  put(join(cwd, 'node_modules/installed'), {
    'package.json': JSON.stringify({ name: 'installed', type: 'module', exports: './index.js' }),
    'index.js': at('installed'),
  })
  const { code } = await verify(cwd, '--fast', '--sarif', 'q.sarif', '--junit', 'q.xml')
  expect(code).toBe(1)
  const places = told(join(cwd, 'q.sarif')).map((l) => l.split(' ')[0])
  expect(places.sort()).toEqual([
    'f.ts:2',
    'lib/alias.ts:1',
    'lib/computed.ts:1',
    'lib/late.ts:1',
    'lib/template.ts:1',
    'packages/workspace/index.ts:1',
  ])
  const owed = readFileSync(join(cwd, 'q.xml'), 'utf8').match(/name="scan\/package-[^"]*"/g)
  expect(owed).toEqual(['name="scan/package-installed"'])
}, 180_000)
