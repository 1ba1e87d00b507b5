// Requirements: E7

import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, describe, expect, test } from 'vitest'
import { begin, fixture, scratch } from './quoin.ts'

const place = scratch()
afterAll(place.remove)

describe('Ctrl+C', () => {
  test.each(['wasm', 'interpret'])('cancels the query that runs, and writes nothing (%s)', async (target) => {
    const run = begin(['run', fixture('slow.ts'), '--files', `out=${place.directory}`, '--target', target])
    await run.said('slow.ts is loaded')
    await wait(2000)
    run.interrupt()
    const began = performance.now()
    expect(await run.ended).toEqual({
      code: 130,
      signal: null,
      out: '',
      err: 'slow.ts is loaded\nquoin: interrupted; nothing was left half-written\n',
    })
    expect(performance.now() - began).toBeLessThan(5000)
    expect(readdirSync(place.directory)).toEqual([])
  })
  test('ends a computation at once, in which no JavaScript could answer', async () => {
    const run = begin(['run', fixture('busy.ts'), '--input', '-'], { input: '{"x": 0}' })
    await wait(3000)
    run.interrupt()
    const { code, signal, out } = await run.ended
    // On a busy machine it may still be compiling, which is answered in words.
    expect([130, 'SIGINT']).toContain(code ?? signal)
    expect(out).toBe('')
  })
  test.each([250, 500, 800, 1200])('after %d ms of a build leaves a whole artefact or none', async (ms) => {
    const out = place.path(`after-${ms}`)
    const run = begin(['build', fixture('loans.ts'), '--out', out])
    await wait(ms)
    run.interrupt()
    const { code, signal } = await run.ended
    expect([0, 130, 'SIGINT']).toContain(code ?? signal)
    const left = readdirSync(place.directory).includes(`after-${ms}`) ? readdirSync(out) : []
    expect(left.filter((f) => f !== 'loans.quoin')).toEqual([])
    if (left.length > 0) {
      const { files } = JSON.parse(readFileSync(`${out}/loans.quoin/manifest.json`, 'utf8')) as { files: object }
      expect(readdirSync(`${out}/loans.quoin`).length).toBe(Object.keys(files).length + 2)
    }
  })
})
