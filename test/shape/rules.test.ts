import { describe, expect, test } from 'vitest'
import { arrowViolations, homeless } from './rules/arrows.ts'
import { cycleViolations, reachViolations } from './rules/cycles.ts'
import type { Module, Sources } from './rules/imports.ts'
import { parse, readModules } from './rules/imports.ts'
import { lockViolations } from './rules/lock.ts'
import { idleExceptions, sizeViolations } from './rules/size.ts'

// A rule that cannot fail holds nothing: here each one meets what it must refuse, and what it must let pass.

const entries = { quoin: 'index.ts', 'quoin/runtime': 'runtime/index.ts' }
const modules = (sources: Sources): readonly Module[] => readModules(parse(sources), entries)
const arrows = (path: string, text: string): readonly string[] => arrowViolations(modules({ [path]: text }))

describe('reading imports', () => {
  const read = (text: string) => modules({ 'passes/a.ts': text })[0]!.imports.map(({ kind, target }) => [kind, target])

  test.each([
    ["import { x } from '../graph/b.ts'", 'value', { file: 'graph/b.ts' }],
    ["import '../graph/b.ts'", 'value', { file: 'graph/b.ts' }],
    ["export * from './b.ts'", 'value', { file: 'passes/b.ts' }],
    ["import { type X } from './b.ts'", 'value', { file: 'passes/b.ts' }],
    ["import type { X } from './b.ts'", 'type', { file: 'passes/b.ts' }],
    ["export type { X } from './b.ts'", 'type', { file: 'passes/b.ts' }],
    ["let x: import('./b.ts').X", 'type', { file: 'passes/b.ts' }],
    ["const f = () => import('./b.ts')", 'lazy', { file: 'passes/b.ts' }],
    ["import { load } from 'quoin/runtime'", 'value', { file: 'runtime/index.ts' }],
    ["import * as b from 'binaryen'", 'value', { package: 'binaryen' }],
    ["import * as E from 'fp-ts/lib/Either.js'", 'value', { package: 'fp-ts' }],
    ["import { x } from '@duckdb/node-api/lib/x'", 'value', { package: '@duckdb/node-api' }],
    ["import { x } from 'node:fs'", 'value', { package: 'node:fs' }],
  ])('%s', (text, kind, target) => expect(read(text)).toEqual([[kind, target]]))
})

describe('arrows', () => {
  test.each([
    ['graph/a.ts', "import type { X } from '../passes/b.ts'"],
    ['graph/a.ts', "import { graph } from 'quoin'"],
    ['passes/fusion.ts', "import { x } from '../codegen/b.ts'"],
    ['codegen/lower.ts', "import type { X } from '../passes/b.ts'"],
    ['codegen/lower.ts', "const f = () => import('../runtime/b.ts')"],
    ['runtime/load.ts', "import { x } from '../graph/builder.ts'"],
    ['runtime/load.ts', "import { x } from '../codegen/artifact.ts'"],
    ['runtime/load.ts', "import type { X } from '../passes/manager.ts'"],
    ['passes/check/fusion.ts', "import { x } from '../fusion.ts'"],
    ['passes/check/fusion.ts', "import type { X } from '../fusion.ts'"],
    ['codegen/targets/wasm/a.ts', "import { x } from '../ts/b.ts'"],
    ['verify/gate.ts', "import { x } from '../cli/main.ts'"],
    ['index.ts', "import { x } from './cli/main.ts'"],
    ['examples/a/main.ts', "import { x } from '../../cli/main.ts'"],
    ['bench/main.ts', "import { x } from '../cli/main.ts'"],
    ['cli/main.ts', "import { x } from '../test/a.ts'"],
  ])('%s may not: %s', (path, text) =>
    expect(arrows(path, text)).toEqual([expect.stringContaining(`${path}:1 imports `)]),
  )

  test.each([
    ['graph/a.ts', "import { x } from './deep/b.ts'"],
    ['passes/fusion.ts', "import { x } from '../graph/b.ts'"],
    ['passes/manager.ts', "import { x } from './check/fusion.ts'"],
    ['passes/check/fusion.ts', "import { x } from './common.ts'\nimport { y } from '../../graph/eval.ts'"],
    [
      'codegen/targets/wasm/a.ts',
      "import { x } from './b.ts'\nimport { y } from '../common.ts'\nimport b from 'binaryen'",
    ],
    ['codegen/targets/index.ts', "import { x } from './ts/index.ts'\nimport { y } from './wasm/index.ts'"],
    ['runtime/load.ts', "import { left } from '../graph/either.ts'\nimport type { Graph } from '../graph/builder.ts'"],
    ['runtime/load.ts', "import type { Artifact } from '../codegen/artifact.ts'"],
    ['verify/gate.ts', "import { x } from '../passes/check/a.ts'\nimport { y } from '../codegen/targets/ts/index.ts'"],
    ['index.ts', "export * from './graph/index.ts'\nexport * from './runtime/index.ts'"],
    ['test/cli.test.ts', "import { x } from '../cli/main.ts'\nimport { y } from 'quoin'"],
  ])('%s may: %s', (path, text) => expect(arrows(path, text)).toEqual([]))

  test('a file outside every room is named', () =>
    expect(homeless(['graph/a.ts', 'utils/a.ts', 'helper.ts', 'vitest.config.ts'])).toEqual([
      'utils/a.ts',
      'helper.ts',
    ]))
})

describe('circles', () => {
  test('are named once, with the way round', () =>
    expect(
      cycleViolations(
        modules({
          'graph/a.ts': "import { b } from './b.ts'",
          'graph/b.ts': "export { c } from './c.ts'",
          'graph/c.ts': "import './a.ts'",
          'graph/d.ts': "import './a.ts'",
        }),
      ),
    ).toEqual(['graph/a.ts → graph/b.ts → graph/c.ts → graph/a.ts']))

  test('of a file with itself count', () =>
    expect(cycleViolations(modules({ 'graph/a.ts': "import './a.ts'" }))).toEqual(['graph/a.ts → graph/a.ts']))

  test('through the name of the package count', () =>
    expect(
      cycleViolations(modules({ 'index.ts': "export * from './graph/a.ts'", 'graph/a.ts': "import 'quoin'" })),
    ).toHaveLength(1))

  test('of types and of later imports do not', () =>
    expect(
      cycleViolations(
        modules({
          'graph/a.ts': "import type { B } from './b.ts'\nconst f = () => import('./c.ts')",
          'graph/b.ts': "import './a.ts'",
          'graph/c.ts': "import './a.ts'",
        }),
      ),
    ).toEqual([]))
})

describe('reach', () => {
  const tree = modules({
    'runtime/index.ts': "import './load.ts'\nimport type { D } from './drivers/duckdb/index.ts'",
    'runtime/load.ts': "const f = () => import('./late.ts')",
    'runtime/late.ts': "import * as b from 'binaryen'",
    'runtime/drivers/duckdb/index.ts': "import d from '@duckdb/node-api'",
  })

  test('goes through files and later imports, and tells the way', () =>
    expect(reachViolations(tree, 'runtime/index.ts', ['binaryen', '@duckdb/node-api'])).toEqual([
      'runtime/index.ts → runtime/load.ts → runtime/late.ts → binaryen',
    ]))
  test('of a file that does not exist is no pass', () =>
    expect(reachViolations(tree, 'runtime/entry.ts', [])).toEqual(['runtime/entry.ts does not exist']))
  test('does not go through types', () =>
    expect(reachViolations(tree, 'runtime/index.ts', ['@duckdb/node-api'])).toEqual([]))
})

describe('size', () => {
  const lines = (n: number): string => 'x\n'.repeat(n)

  test('400 lines are too many, 399 are not', () =>
    expect(sizeViolations({ 'graph/a.ts': lines(400), 'graph/b.ts': lines(399) })).toEqual([
      expect.stringContaining('graph/a.ts has 400'),
    ]))
  test('tests and what is listed may be longer', () =>
    expect(
      sizeViolations({ 'test/a.test.ts': lines(900), 'graph/t.ts': lines(900) }, { 'graph/t.ts': 'a table' }),
    ).toEqual([]))
  test('an exception for a short or absent file is idle', () =>
    expect(idleExceptions({ 'graph/t.ts': lines(3) }, { 'graph/t.ts': 'a table', 'graph/gone.ts': 'once' })).toEqual([
      'graph/t.ts',
      'graph/gone.ts',
    ]))
})

describe('lock file', () => {
  const lock = (packages: object): readonly string[] => lockViolations(JSON.stringify({ packages }))
  const wants = { optionalDependencies: { 'b-linux': '1.0.0' } }

  test('an optional package without an entry is found', () =>
    expect(lock({ '': wants })).toEqual([expect.stringContaining('package.json may need b-linux')]))
  test('an address is found', () => expect(lock({ 'node_modules/a': { resolved: 'x' } })).toHaveLength(1))
  test('a complete one passes', () =>
    expect(lock({ 'node_modules/a': wants, 'node_modules/a/node_modules/b-linux': {} })).toEqual([]))
})
