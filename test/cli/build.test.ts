// Requirements: E6

import { appendFileSync, chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { fixture, quoin, scratch, withoutPrivileges } from './quoin.ts'

const place = scratch()
afterAll(place.remove)
const double = fixture('double.ts')
const build = (...more: readonly string[]) => quoin(['build', double, '--out', place.directory, ...more])
const built = (file: string): string => place.path(`double.quoin/${file}`)

describe('quoin build', () => {
  test('writes an artefact, finds it unchanged, and checks it', async () => {
    expect((await build()).out).toMatch(/^wrote .*double\.quoin \(8 files/)
    const [again, check] = await Promise.all([build(), build('--check')])
    expect(again.out).toMatch(/^nothing to do: /)
    expect(check).toMatchObject({ code: 0, err: '' })
    expect(check.out).toMatch(/double\.quoin is up to date\n$/)
    expect(readdirSync(place.directory)).toEqual(['double.quoin'])
  })
  test('--check tells an edit from another build, and names the first difference', async () => {
    const original = readFileSync(built('module.js'), 'utf8')
    writeFileSync(built('module.js'), original.replace('return Promise.resolve(', 'return  Promise.resolve('))
    const line = original.split('\n').findIndex((l) => l.includes('return Promise.resolve(')) + 1
    const edited = await build('--check')
    expect(edited.code).toBe(1)
    expect(edited.err).toContain(
      'is not what would be generated: module.js was edited by hand: its content has not the hash that the manifest names\n',
    )
    expect(edited.err).toContain(`/double.quoin/module.js, line ${line}\n    is        return  Promise`)
    expect(edited.err).toContain(`  fix: quoin build ${double} --out ${place.directory}\n`)
    writeFileSync(built('module.js'), original)

    const manifest = readFileSync(built('manifest.json'), 'utf8')
    writeFileSync(
      built('manifest.json'),
      manifest.replace('"quoin": "', '"quoin": "0.0.').replace(/"key": "./, '"key": "-'),
    )
    const [other, target] = await Promise.all([build('--check'), build('--check', '--target', 'ts')])
    expect(other.err).toMatch(
      /it was built by Quoin 0\.0\.[\d.]+ \(this is [\d.]+\)\n {2}first difference: .*manifest\.json, line \d+\n/,
    )
    expect(target.err).toContain('for target wasm (asked for ts)')
    writeFileSync(built('manifest.json'), manifest)

    appendFileSync(built('inventory.md'), 'x')
    rmSync(built('certificates.json'))
    const both = await build('--check')
    expect(both.err).toContain('inventory.md was edited by hand')
    expect((await build()).out).toMatch(/^replaced /)
    expect((await build('--check')).code).toBe(0)
  })
  test('a name or a line that moved is a note, because no code is concerned', async () => {
    const names = readFileSync(built('names.json'), 'utf8')
    writeFileSync(built('names.json'), names.replace('"name": "double"', '"name": "twice"'))
    const check = await build('--check')
    expect(check.code).toBe(0)
    expect(check.err).toContain('names or source lines moved')
    writeFileSync(built('names.json'), names)
  })
  test('refuses what it would destroy, and where it cannot write, leaving nothing', async () => {
    writeFileSync(built('mine.txt'), 'precious')
    place.write('file', '')
    const before = readFileSync(built('module.js'), 'utf8')
    const [foreign, through, proc, none] = await Promise.all([
      build('--target', 'ts'),
      quoin(['build', double, '--out', place.path('file/deep')]),
      quoin(['build', double, '--out', '/proc/nowhere']),
      quoin(['build', double, '--out', place.path('none'), '--check']),
    ])
    expect(foreign.code).toBe(1)
    expect(foreign.err).toMatch(/holds 'mine\.txt', which is not a file of an artefact, so it is not replaced\n/)
    expect(readFileSync(built('module.js'), 'utf8')).toBe(before)
    expect(through.err).toMatch(
      /cannot be written: a part of the path is a file\n {2}fix: choose another place with --out\n$/,
    )
    expect(proc.code).toBe(1)
    expect(proc.err).toMatch(/^quoin: \/proc\/nowhere\/double\.quoin cannot be written: .*\n {2}fix: .*\n$/)
    expect(none.err).toMatch(/there is no artefact .* to check\n {2}fix: build it first: quoin build /)
    expect(readdirSync(place.directory).sort()).toEqual(['double.quoin', 'file'])
  })
  const through = withoutPrivileges()
  test.runIf(through !== undefined)('a directory without permission is one message', async () => {
    place.write('locked/x', '')
    chmodSync(place.path('locked'), 0o500)
    const r = await quoin(['build', double, '--out', place.path('locked')], { through: through! })
    chmodSync(place.path('locked'), 0o700)
    expect(r).toMatchObject({ code: 1, out: '' })
    expect(r.err).toMatch(/cannot be written: permission denied\n/)
    expect(existsSync(place.path('locked/double.quoin'))).toBe(false)
  })
})
