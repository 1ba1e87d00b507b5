import { existsSync, readFileSync } from 'node:fs'
import { interpret } from 'quoin'
import type { Artifact } from 'quoin/runtime'
import { clock, describeError, load } from 'quoin/runtime'
import { expect, test } from 'vitest'
import { format } from '../../runtime/artifact.ts'
import { sameResult } from '../../runtime/engine/cross-check.ts'
import g from './graph.ts'

/**
 * Artefacts as they were built when their format was the newest. Whoever changes the format adds one, made by
 * `quoin build test/formats/graph.ts --out test/formats/format-N`, and keeps those that are here: what was built is loaded.
 */
const formats = Array.from({ length: format }, (_, i) => i + 1)
const at = (n: number, file: string): URL => new URL(`./format-${n}/format.quoin/${file}`, import.meta.url)

test.each(formats)('an artefact of format %i is loaded, and answers as the interpreter does', async (n) => {
  const manifest = JSON.parse(readFileSync(at(n, 'manifest.json'), 'utf8'))
  expect(manifest.format).toBe(n)
  const artifact = ((await import(at(n, 'module.js').href)) as { default: Artifact }).default
  const drivers = { clock: clock({ now: () => 1234 }) }
  const loaded = await load(artifact, drivers)
  if (loaded._tag === 'Left') throw new Error(describeError(loaded.left))
  const input = {
    x: [0.5, -1, 2, 1e3],
    rows: [
      { name: 'a', v: 1 },
      { name: 'b', v: -0 },
    ],
    turns: 7,
  }
  const r = await loaded.right.run(input)
  expect(sameResult(r, await interpret(g, drivers, input)), JSON.stringify(r)).toBe(true)
  expect(r._tag).toBe('Right')
})
test('what is of a later format is refused, and there is an artefact of each format', async () => {
  const artifact = ((await import(at(format, 'module.js').href)) as { default: Artifact }).default
  const later = { ...artifact, manifest: { ...artifact.manifest, format: (format + 1) as typeof format } }
  expect(await load(later)).toMatchObject({ left: { _tag: 'LoadFailed', cause: expect.stringContaining('format') } })
  for (const n of formats) expect(existsSync(at(n, 'kernels.wasm'))).toBe(true)
})
