// Requirements: E6 E16

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { compile, graph, load, t } from 'quoin'
import type { Artifact, Summary, Verified } from 'quoin/runtime'
import { admit, isVerified } from 'quoin/runtime'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { summary } from '../../verify/gate/reports/index.ts'
import { holding, lacking, report, sha256, subjectsOf } from './subject.ts'

const squares = graph('squares', { xs: t.tensor(t.f64, 'n') }, ({ xs }) => ({ sum: xs.mul(xs).sum() }))
const folder = mkdtempSync(join(tmpdir(), 'quoin-verified-'))
let files: Readonly<Record<string, string | Uint8Array>> = {}
let passed: Summary

beforeAll(async () => {
  const compiled = await compile(squares)
  if (compiled._tag === 'Left') throw new Error(compiled.left.cause)
  files = { ...compiled.right.files }
  for (const [name, x] of Object.entries(files)) writeFileSync(join(folder, name), x)
  passed = summary(report(holding), subjectsOf('squares.quoin', files), { name: 'gate', sha256: sha256('') })
})
afterAll(() => rmSync(folder, { recursive: true }))

const causeOf = (
  r:
    | { readonly _tag: 'Left'; readonly left: { readonly _tag: string; readonly cause: string } }
    | { readonly _tag: 'Right' },
) => (r._tag === 'Left' ? `${r.left._tag}: ${r.left.cause}` : 'taken')
const xs = new Float64Array([1, 2, 3])
const answer = async (a: Artifact<{ xs: Float64Array }, { sum: number }>, strict: boolean | Summary = true) => {
  const loaded = await load(a, {}, { strict })
  if (loaded._tag === 'Left') return causeOf(loaded)
  const r = await loaded.right.run({ xs })
  return r._tag === 'Left' ? causeOf(r) : r.right.sum
}
type Squares = Artifact<{ xs: Float64Array }, { sum: number }>
const imported = async (): Promise<Squares> =>
  ((await import(pathToFileURL(join(folder, 'module.js')).href)) as { default: Squares }).default

describe('an artefact that a passed verification speaks of', () => {
  test('is taken from its directory, from its bytes, and under another name', async () => {
    for (const parts of [folder, pathToFileURL(`${folder}/`), files]) {
      const a = await admit<{ xs: Float64Array }, { sum: number }>(parts, passed)
      if (a._tag === 'Left') throw new Error(a.left.cause)
      expect(isVerified(a.right)).toBe(true)
      expect(await answer(a.right)).toBe(14)
    }
  })
  test('is loaded with its summary: what runs is what was read', async () => {
    expect(await answer(await imported(), passed)).toBe(14)
  })
  test('is held to each summary that it is loaded with, though another one has admitted it', async () => {
    const a = await admit<{ xs: Float64Array }, { sum: number }>(folder, passed)
    if (a._tag === 'Left') throw new Error(a.left.cause)
    expect(await answer(a.right, passed)).toBe(14)
    const failed = { ...passed, predicate: { ...passed.predicate, verificationResult: 'FAILED' } } as Summary
    const ofOthers = { ...passed, subject: passed.subject.map((s) => ({ ...s, digest: { sha256: sha256('other') } })) }
    expect(await answer(a.right, failed)).toMatch('its verification has not passed')
    expect(await answer(a.right, ofOthers)).toMatch('does not speak of its manifest.json')
    expect(await answer(a.right, {} as Summary)).toMatch('no in-toto statement')
  })
  test('is made of the bytes that were compared, whenever those that were given change', async () => {
    const wrong = Buffer.from(
      'export default { manifest: {}, program: () => () => ({ _tag: "Right", right: { sum: 0 } }) }',
    )
    for (let turns = 0; turns < 40; turns++) {
      const given = Object.fromEntries(Object.entries(files).map(([n, x]) => [n, Buffer.from(x as Uint8Array)]))
      const admitting = admit<{ xs: Float64Array }, { sum: number }>(given, passed)
      for (let i = 0; i < turns; i++) await undefined
      given['module.js']!.fill(' ').set(wrong)
      given['kernels.wasm']?.fill(0)
      const a = await admitting
      expect(a._tag === 'Right' ? await answer(a.right) : causeOf(a)).toBe(14)
    }
  })
  test('cannot be changed afterwards, and a copy of it is another', async () => {
    const a = await admit(folder, passed)
    if (a._tag === 'Left') throw new Error(a.left.cause)
    expect(() => Object.assign(a.right.manifest, { kernels: [] })).toThrow(TypeError)
    expect(() => (a.right.manifest.inputs as unknown[]).push('x')).toThrow(TypeError)
    expect(isVerified({ ...a.right })).toBe(false)
  })
})

describe('with one byte changed', () => {
  const names = [
    'module.ts',
    'module.js',
    'kernels.wasm',
    'manifest.json',
    'inventory.json',
    'inventory.md',
    'certificates.json',
    'names.json',
  ]
  test('every part is tried', () => expect(Object.keys(files).sort()).toEqual([...names].sort()))
  test.each(names)('%s is refused, wherever the byte is', async (name) => {
    const bytes = Buffer.from(files[name]!)
    for (const at of [0, 1, bytes.length >> 1, bytes.length - 1]) {
      const flipped = Uint8Array.from(bytes)
      flipped[at]! ^= 1
      expect(causeOf(await admit({ ...files, [name]: flipped }, passed))).toMatch(
        name === 'manifest.json' ? /^LoadFailed: .*does not speak of its manifest/ : `${name} has other bytes`,
      )
    }
    const { [name]: _, ...others } = files
    expect(causeOf(await admit(others, passed))).toMatch(/is missing|does not speak/)
  })
  test('a directory is refused, though it was imported before', async () => {
    const a = await imported()
    const path = join(folder, 'names.json')
    const text = readFileSync(path)
    writeFileSync(
      path,
      Uint8Array.from(text, (b, i) => (i === 3 ? b ^ 1 : b)),
    )
    expect(await answer(a, passed)).toContain('names.json has other bytes')
    writeFileSync(path, text)
    expect(await answer(a, passed)).toBe(14)
  })
  test('a file too many is refused', async () =>
    expect(causeOf(await admit({ ...files, 'more.js': '' }, passed))).toContain('more.js was not there'))
})

describe('what is no passed verification', () => {
  const failed = () =>
    summary(report(holding, lacking), subjectsOf('squares.quoin', files), { name: 'gate', sha256: sha256('') })
  test.each<[string, () => unknown, RegExp]>([
    ['nothing', () => undefined, /no in-toto statement/],
    ['something else', () => ({ ...passed, _type: 'x' }), /no in-toto statement/],
    ['another predicate', () => ({ ...passed, predicateType: 'x' }), /no verification summary/],
    ['one that failed', failed, /has not passed/],
    [
      'one of other bytes',
      () => ({ ...passed, subject: [{ name: 'a/manifest.json', digest: { sha256: '0' } }] }),
      /does not speak/,
    ],
    ['one without bytes', () => ({ ...passed, subject: [{ name: 'a' }] }), /names no bytes/],
  ])('%s admits nothing', async (_, of, why) => expect(causeOf(await admit(files, of()))).toMatch(why))

  test('strict mode refuses what nobody admitted, and what came from no directory', async () => {
    const compiled = await compile(squares)
    if (compiled._tag === 'Left') throw new Error(compiled.left.cause)
    expect(causeOf(await load(compiled.right, {}, { strict: true }))).toContain('nobody has admitted it')
    expect(causeOf(await load(compiled.right, {}, { strict: passed }))).toContain('no bytes to compare')
    // @ts-expect-error a verified artefact is made by `admit` alone
    const forged: Verified = compiled.right
    expect(isVerified(forged)).toBe(false)
  })
})
