import { execFileSync } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, expect, test } from 'vitest'

// tsc and rolldown make what is published of what is tested. Here they make it of a program that compiles graphs and runs
// them, and what it says has to stay the same to the last bit: files, answers, errors, worlds.

const root = fileURLToPath(new URL('../../', import.meta.url))
const cases = 30
const seed = 20261121
const bin = (name: string): string => join(root, 'node_modules/.bin', name)
let place = ''
const lines = (file: string): readonly string[] =>
  execFileSync(process.execPath, ['--conditions=quoin-source', file, String(cases), String(seed)], {
    cwd: place,
    encoding: 'utf8',
    maxBuffer: 2 ** 24,
  })
    .trimEnd()
    .split('\n')

beforeAll(async () => {
  place = mkdtempSync(join(realpathSync(tmpdir()), 'quoin-compiled-'))
  symlinkSync(realpathSync(join(root, 'node_modules')), join(place, 'node_modules'))
  writeFileSync(join(place, 'package.json'), '{ "type": "module" }\n')
  const config = {
    extends: join(root, 'tsconfig.build.json'),
    compilerOptions: { rootDir: root, outDir: join(place, 'out'), declaration: false, declarationMap: false },
    include: [join(root, 'test/package/meaning.ts')],
  }
  writeFileSync(join(place, 'tsconfig.json'), JSON.stringify(config))
  execFileSync(bin('tsc'), ['-p', join(place, 'tsconfig.json')], { cwd: place, stdio: 'pipe' })
  const bundle = await rolldown({
    input: join(place, 'out/test/package/meaning.js'),
    platform: 'node',
    // What is published leaves packages outside as well.
    external: (id) => /^[@a-z]/.test(id),
  })
  await bundle.write({ dir: join(place, 'one'), format: 'esm' })
  await bundle.close()
}, 300_000)
afterAll(() => rmSync(place, { recursive: true, force: true }))

test(`as written, compiled by tsc, and bundled by rolldown: ${cases} graphs mean the same (seed ${seed})`, () => {
  const written = lines(join(root, 'test/package/meaning.ts'))
  expect(written).toHaveLength(cases + 1)
  // Equal because empty, or because all of them fail, would show nothing.
  expect(new Set(written).size).toBeGreaterThan(cases * 0.9)
  expect(Number(/^\d+/.exec(written.at(-1)!)![0])).toBeGreaterThan(cases)
  expect(lines(join(place, 'out/test/package/meaning.js'))).toEqual(written)
  expect(lines(join(place, 'one/meaning.js'))).toEqual(written)
}, 300_000)
