// Requirements: E9

import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { binaryen } from '../../codegen/targets/wasm/load.ts'
import { compileGraph } from '../../compile.ts'
import { describeError } from '../../graph/errors.ts'
import type { Rule } from '../../verify/scan/finding.ts'
import { findingText, rules } from '../../verify/scan/finding.ts'
import { scanGenerated } from '../../verify/scan/generated.ts'
import { ownAllowances } from '../../verify/scan/own.ts'
import type { Allowance } from '../../verify/scan/scan.ts'
import { scan } from '../../verify/scan/scan.ts'
import { ownSources } from '../../verify/scan/tree.ts'
import type { GraphCase } from '../arbitraries/graphs.ts'
import { graphs } from '../arbitraries/graphs.ts'

const found = (text: string, path = 'a.ts') =>
  scan({ files: { [path]: text } }).map((f) => `${f.rule} ${f.line}:${f.column}`)

/** What is planted, and what must be found of it. */
const planted: readonly (readonly [text: string, found: readonly string[]])[] = [
  ["import { readFile } from 'node:fs/promises'", ['outside-call 1:26']],
  ["import pg from 'pg'", ['outside-call 1:16']],
  ["const { get } = await import('https')", ['outside-call 1:30']],
  ["const fs = require('fs')", ['outside-call 1:20']],
  ["import net = require('node:net')", ['outside-call 1:22']],
  ["export * from '@duckdb/node-api/lib/x'", ['outside-call 1:15']],
  ["export { spawn } from 'node:child_process'", ['outside-call 1:23']],
  ["const r = 1\nawait fetch('https://example.com')", ['outside-call 2:7']],
  ["await globalThis.fetch('x')", ['outside-call 1:7']],
  ["(globalThis as { fetch: unknown })['fetch']", ['outside-call 1:1']],
  ['const { fetch } = globalThis', ['outside-call 1:19']],
  ['export const o = { fetch }', ['outside-call 1:20']],
  ['declare const fetch: (x: string) => void\nfetch("x")', ['outside-call 2:1']],
  ["process.getBuiltinModule('fs')", ['outside-call 1:1']],
  ["import process from 'node:process'", ['outside-call 1:21']],
  ['const { getBuiltinModule } = process', ['outside-call 1:30']],
  ["const p = process\np.getBuiltinModule('node:fs')", ['outside-call 1:11']],
  ['const p = globalThis.process', ['outside-call 1:11']],
  ["globalThis.globalThis.fetch('x')", ['outside-call 1:1']],
  ['process.exit(0)', ['outside-call 1:1']],
  ["declare global { var fetch: any }\nfetch('x')", ['outside-call 2:1']],
  ["import type { fetch } from './t.ts'\nfetch('x')", ['outside-call 2:1']],
  ["import { type fetch } from './t.ts'\nfetch('x')", ['outside-call 2:1']],
  ["interface fetch {}\nfetch('x')", ['outside-call 2:1']],
  ["new Worker('./w.js')", ['outside-call 1:5']],
  ["new BroadcastChannel('a')", ['outside-call 1:5']],
  ["navigator.sendBeacon('x')", ['outside-call 1:1']],
  ["import { hostname } from 'node:os'", ['outside-call 1:26']],
  ['m.f32x4.relaxed_madd(a, b, c)', ['relaxed-simd 1:9']],
  ["const op = 'i8x16.relaxed_swizzle'", ['relaxed-simd 1:12']],
  ['const all = Features.RelaxedSIMD', ['relaxed-simd 1:22']],
  ['const x = Math.exp(1)', ['inexact-math 1:11']],
  ['const { sin } = Math', ['inexact-math 1:17']],
  ["const f = Math['log']", ['inexact-math 1:11']],
  ['const x = a ** 0.5', ['inexact-math 1:13']],
  ['let x = 3\nx **= y', ['inexact-math 2:3']],
  ['const x = 2 ** Math.PI', ['inexact-math 1:13']],
  ['const x = 2 ** 0.3', ['inexact-math 1:13']],
  ['const x = 2 ** (1 / 3)', ['inexact-math 1:13']],
  ['const x = 10 ** 30', ['inexact-math 1:14']],
  ["const code = 'return Math.tanh(x)'", ['inexact-math 1:14']],
  ['const m = Math', ['inexact-math 1:11']],
  ['const code = `Math.pow(${a}, ${b})`', ['inexact-math 1:14']],
  ['const code = `${a} + Math.cos(${b})`', ['inexact-math 1:18']],
  ["import koffi from 'koffi'", ['foreign-code 1:19']],
  ["await import('koffi' as string)", ['foreign-code 1:14']],
  ["process.dlopen(m, './a.node')", ['foreign-code 1:1']],
  ["const a = require('./build/a.node')", ['foreign-code 1:19']],
  ['await WebAssembly.instantiate(bytes)', ['foreign-code 1:7']],
  ['const w = new globalThis.WebAssembly.Module(bytes)', ['foreign-code 1:15']],
  ["import { WASI } from 'node:wasi'", ['foreign-code 1:22']],
  ["eval('1')", ['dynamic-code 1:1']],
  ["const f = new Function('a', 'return a')", ['dynamic-code 1:15']],
  ["(async () => {}).constructor('x')", ['dynamic-code 1:18']],
  ["new (async()=>{}).constructor('x')", ['dynamic-code 1:19']],
  ["const C = (() => {}).constructor\nC('x')()", ['dynamic-code 1:22']],
  ["[]['constructor']['constructor']('x')()", ['dynamic-code 1:4', 'dynamic-code 1:19']],
  ['const { constructor: C } = f', ['dynamic-code 1:9']],
  ["const { ['constructor']: C } = f", ['dynamic-code 1:9']],
  ['let C\n;({ constructor: C } = f)', ['dynamic-code 2:5']],
  ["import 'data:text/javascript,1'", ['dynamic-code 1:8']],
  ["import 'https://example.com/x.js'", ['outside-call 1:8']],
  ["await import('http://example.com/x.js')", ['outside-call 1:14']],
  ['await import(name)', ['dynamic-code 1:7']],
  ["import { runInThisContext } from 'node:vm'", ['dynamic-code 1:34']],
  ["setTimeout('go()', 1)", ['dynamic-code 1:1']],
  ['const all = Object.keys(globalThis)', ['dynamic-code 1:25']],
  ["import { createRequire } from 'node:module'", ['dynamic-code 1:31']],
  ["import { registerHooks } from 'node:module'", ['dynamic-code 1:31']],
  ['const t = Date.now()', ['clock 1:11']],
  ['const t = new Date()', ['clock 1:11']],
  ['const t = Date()', ['clock 1:11']],
  ['const { now } = Date', ['clock 1:17']],
  ['class D extends Date {}', ['clock 1:17']],
  ['const t = performance.now()', ['clock 1:11']],
  ['const p = performance', ['clock 1:11']],
  ["import { performance } from 'node:perf_hooks'", ['clock 1:29']],
  ['process.hrtime.bigint()', ['clock 1:1']],
  ['Temporal.Now.instant()', ['clock 1:1']],
  ['const { hrtime } = process', ['clock 1:20']],
  ['const { Now } = Temporal', ['clock 1:17']],
  ['const t = new Date(...[])', ['clock 1:11']],
  ['const t = new Intl.DateTimeFormat().format()', ['clock 1:15']],
  ["const t = new Event('x').timeStamp", ['clock 1:15']],
  ['const r = Math.random()', ['randomness 1:11']],
  ["import { randomBytes, createHash } from 'node:crypto'", ['randomness 1:41']],
  ["const { randomUUID } = await import('node:crypto')", ['randomness 1:37']],
  ['crypto.getRandomValues(a)', ['randomness 1:1']],
]
/** What looks alike and is none of it. */
const fine: readonly string[] = [
  'const x = Math.sqrt(Math.abs(2)) + Math.PI',
  'const t = emit.Math',
  'const code = `Math.imul(${a}, 3)`',
  'const x = 2 ** 32 + 10 ** 3 + 2 ** -(4 + n)',
  'const { sqrt, PI } = Math',
  'const { env, argv } = process',
  'if (x.constructor === Object) throw x.constructor.name',
  'class A { constructor() {} }',
  'const d = new Date(...[], 0)',
  'const x = 10n ** 18n, y = a ** BigInt(2)',
  'const d = new Date(0), u = Date.UTC(2026, 0)',
  'if (x instanceof Date) throw x',
  'let d: Date, f: Function, m: typeof Math',
  "import type { Pool } from 'pg'",
  "import { createHash } from 'node:crypto'",
  "const { createHash } = await import('node:crypto')",
  "import { join } from 'node:path'",
  "import { env } from 'node:process'",
  'const f = (fetch: () => void) => fetch()',
  'class A { fetch() { return this.fetch() } }',
  'const o = { eval: 1, Math: 2 }; o.eval + o.Math',
  "import { Date } from './dates.ts'\nDate.now()",
  "if (typeof fetch === 'undefined') throw 1",
  'const { console } = globalThis',
  "const text = 'relaxed rules, and fetch it'",
  '// Date.now() and Math.exp(1)',
  'const x: import("node:fs").Stats = y',
]

describe('the scanner', () => {
  test.each(planted)('finds %s', (text, expected) => expect(found(text)).toEqual(expected))
  test.each(fine)('lets pass %s', (text) => expect(found(text)).toEqual([]))
  test('has something planted for every rule that a source file can break', () => {
    const of = new Set(planted.flatMap(([, f]) => f.map((x) => x.split(' ')[0])))
    expect(rules.filter((r) => !of.has(r))).toEqual(['generated-effect', 'unreadable', 'unused-allowance'])
  })
  test('reads JavaScript too, tells file, place, message and remedy, and reads no types', () => {
    const [one, ...rest] = scan({
      files: { 'src/b.mjs': 'export const at = () =>\n  Date.now()\n', 'src/b.d.ts': 'fetch()', 'a.json': '{}' },
    })
    expect([one, rest]).toEqual([
      {
        rule: 'clock',
        file: 'src/b.mjs',
        line: 2,
        column: 3,
        message: 'Date.now reads a clock',
        remedy: expect.stringContaining('now()'),
      },
      [],
    ])
    expect(findingText(one!)).toMatch(/^src\/b\.mjs:2:3 clock: Date\.now reads a clock\n {2}fix: use now\(\)/)
  })
  test('what cannot be parsed is found instead of passed over', () => {
    const deep = `const x = ${'('.repeat(5000)}Date.now()${')'.repeat(5000)}`
    expect(found(deep)).toEqual(['unreadable 1:1'])
    expect(found('const a = 1\nconst = fetch()')).toEqual(['unreadable 2:7'])
    expect(found(`const x = ${'1 + '.repeat(3000)}Date.now()`)).toEqual(['clock 1:12011'])
    expect(found(`x${'.a()'.repeat(5000)}\nDate.now()`)).toEqual(['clock 2:1'])
  })
})

test('a name that one file declares for the types of all hides nothing in the others', () => {
  const files = { 'a.ts': 'declare global { var fetch: any; var process: any }\nexport {}', 'b.ts': "fetch('x')" }
  expect(scan({ files }).map((f) => `${f.file} ${f.rule}`)).toEqual(['b.ts outside-call'])
})

describe('an allowance', () => {
  const files = { 'src/clock.ts': 'Date.now()\nperformance.now()', 'src/a.ts': '' }
  const allow = (file: string, rule: Rule = 'clock', what?: readonly string[]): Allowance => ({
    rule,
    file,
    reason: 'it is told',
    ...(what === undefined ? {} : { what }),
  })
  const left = (...allows: readonly Allowance[]) =>
    scan({ files, allow: allows }).map((f) => `${f.rule} ${f.file}:${f.line}`)

  test('is of a rule, in a file or a folder, and of what it names', () => {
    expect(left(allow('src/clock.ts'))).toEqual([])
    expect(left(allow('src/'))).toEqual([])
    expect(left(allow('src/', 'clock', ['Date.now']))).toEqual(['clock src/clock.ts:2'])
  })
  test('that allows nothing is found', () => {
    expect(left(allow('src/'), allow('src/a.ts'))).toEqual(['unused-allowance src/a.ts:1'])
    expect(left(allow('src/clock'), allow('src/'))).toEqual(['unused-allowance src/clock:1'])
    expect(left(allow('src/'), allow('src/clock.ts', 'randomness'))).toEqual(['unused-allowance src/clock.ts:1'])
    expect(left(allow('src/'), allow('src/', 'clock', ['Date']))).toEqual(['unused-allowance src/:1'])
  })
})

test('nothing in the sources of Quoin is undeclared, and nothing is allowed in vain', () => {
  const files = ownSources(fileURLToPath(new URL('../../', import.meta.url)))
  expect(Object.keys(files).length).toBeGreaterThan(500)
  expect(scan({ files, allow: ownAllowances }).map(findingText)).toEqual([])
  const native: readonly Rule[] = ['foreign-code', 'dynamic-code']
  expect(ownAllowances.filter((a) => native.includes(a.rule) && a.assumption === undefined)).toEqual([])
})

describe('generated code', () => {
  const built = async (numbers: number, target: 'ts' | 'wasm') => {
    const [{ graph: g }] = fc.sample(graphs(), { seed: numbers, numRuns: 1 }) as [GraphCase]
    const compiled = await compileGraph(g, { target })
    if (compiled._tag === 'Left') throw new Error(describeError(compiled.left))
    const { 'module.ts': ts, 'module.js': js, 'kernels.wasm': wasm } = compiled.right.files
    return { 'g.quoin/module.ts': ts, 'g.quoin/module.js': js, ...(wasm ? { 'g.quoin/kernels.wasm': wasm } : {}) }
  }
  test.each(['ts', 'wasm'] as const)('of graphs of every kind touches nothing (%s)', async (target) => {
    let bytes = 0
    for (let seed = 1; seed <= 25; seed++) {
      const files = await built(seed, target)
      bytes += files['g.quoin/module.js'].length
      expect((await scanGenerated(files)).map(findingText), `seed ${seed}`).toEqual([])
    }
    expect(bytes).toBeGreaterThan(100_000)
  })
  test.each([
    ["import { x } from './other.js'", 'import brings code'],
    ["export * from 'node:fs'", 'node:fs reaches the outside'],
    ["export * from './other.js'", 'brings code'],
    ["await fetch('https://example.com')", 'fetch reaches the outside'],
    ['const t = Date.now()', 'Date.now reads a clock'],
    ['const r = Math.random()', 'Math.random draws'],
    ['const r = Math.exp(1)', 'Math.exp may differ'],
    ["process.env['HOME']", 'process is a global that'],
    ["new Function('1')()", 'Function makes code'],
    ['queueMicrotask(Array)', 'queueMicrotask is a global'],
    ['(() => {}).constructor("x")', '.constructor can make code'],
    ['(() => {})["constructor"]("x")', '.constructor can make code'],
    ['new Object.constructor("x")', '.constructor can make code'],
  ])('with %s in it is refused', async (line, message) => {
    const files = await built(1, 'wasm')
    const at = 'g.quoin/module.js'
    const lines = files[at].split('\n').length
    const found = await scanGenerated({ [at]: `${files[at]}\n${line}\n` })
    expect(found.map((f) => [f.rule, f.line])).toEqual([['generated-effect', lines + 1]])
    expect(found[0]!.message).toContain(message)
  })
  test('of WebAssembly may import nothing, relax nothing, and has to be a module', async () => {
    const b = await binaryen()
    const of = async (text: string): Promise<readonly string[]> => {
      const m = b.parseText(text)
      m.setFeatures(b.Features.SIMD128 | b.Features.RelaxedSIMD)
      const bytes = m.emitBinary()
      m.dispose()
      return (await scanGenerated({ 'k.wasm': bytes })).map((f) => f.message)
    }
    expect(await of('(module (func (export "f") (result f32) (f32.const 1)))')).toEqual([])
    expect(await of('(module (import "env" "now" (func (result f64))) (import "env" "mem" (memory 1 2)))')).toEqual([
      'imports env.mem (memory), and kernels import nothing',
      'imports env.now (function), and kernels import nothing',
    ])
    const [relaxed, ...rest] = await of(
      '(module (func (export "f") (param v128) (result v128) (f32x4.relaxed_madd (local.get 0) (local.get 0) (local.get 0))))',
    )
    expect([relaxed, rest]).toEqual([expect.stringContaining('relaxed_madd may give other bits'), []])
    expect((await scanGenerated({ 'k.wasm': new Uint8Array([0, 1]) })).map((f) => f.message)).toEqual([
      'this is no WebAssembly module that can be read',
    ])
    const whole = b.parseText('(module (import "a" "b" (func)))').emitBinary()
    expect((await scanGenerated({ 'k.wasm': whole.slice(0, 24) })).length).toBe(1)
  })
})
