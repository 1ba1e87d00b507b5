// Requirements: E6

import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { fixture, quoin, scratch } from './quoin.ts'

const place = scratch()
afterAll(place.remove)

describe('quoin eject', () => {
  test('writes a module that runs without Quoin, and writes over nothing unasked', async () => {
    const to = place.path('double.ts')
    const first = await quoin(['eject', fixture('double.ts'), '--out', to])
    expect(first).toMatchObject({ code: 0, err: '' })
    expect(first.out).toMatch(/^wrote .*double\.ts \(\d+ lines; it exports double\)\n$/)
    const main = place.write(
      'main.ts',
      "import { double } from './double.ts'\nprocess.stdout.write(JSON.stringify(double({ x: 21 })))",
    )
    expect(execFileSync(process.execPath, [main], { cwd: place.directory, encoding: 'utf8' })).toBe(
      '{"_tag":"Right","right":{"y":42}}',
    )
    const [again, shown] = await Promise.all([
      quoin(['eject', fixture('double.ts'), '--out', to]),
      quoin(['eject', fixture('double.ts'), '--out', '-']),
    ])
    expect(again.out).toMatch(/^nothing to do: /)
    expect(shown.out).toBe(readFileSync(to, 'utf8'))
    writeFileSync(to, 'mine')
    const refused = await quoin(['eject', fixture('double.ts'), '--out', to])
    expect(refused).toMatchObject({ code: 1, out: '' })
    expect(refused.err).toContain(
      'is there, and says something else\n  fix: choose another place with --out, or give --force',
    )
    expect(readFileSync(to, 'utf8')).toBe('mine')
    expect((await quoin(['eject', fixture('double.ts'), '--out', to, '--force'])).code).toBe(0)
    expect(readFileSync(to, 'utf8')).toBe(shown.out)
    expect(readdirSync(place.directory).sort()).toEqual(['double.ts', 'main.ts'])
  })
  test('says what is wrong with a graph, and where it cannot write', async () => {
    const [wrong, nowhere] = await Promise.all([
      quoin(['eject', fixture('wrong.ts')]),
      quoin(['eject', fixture('double.ts'), '--out', place.path('no/such/file.ts')]),
    ])
    expect(wrong).toMatchObject({ code: 1, out: '' })
    expect(nowhere.code).toBe(1)
    expect(nowhere.err).toMatch(/file\.ts cannot be written: .*\n {2}fix: make room, or choose another place/)
  })
})
