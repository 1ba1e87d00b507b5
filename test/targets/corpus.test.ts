// Requirements: E4

import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { isLeft } from '../../graph/either.ts'
import type { Graph } from '../../graph/graph.ts'
import { parse } from '../../graph/text.ts'
import { someValue, stream } from '../arbitraries/world.ts'
import { targets } from '../kernels/compile.ts'
import { disagreement } from './compiled.ts'

/** Graphs worth keeping, one a file: comment lines that say why, then the graph in its text form. */
const folder = new URL('../corpus/targets/', import.meta.url)
const files = readdirSync(folder)
  .filter((f) => f.endsWith('.txt'))
  .sort()

describe.each(files)('%s', (file) => {
  const text = readFileSync(new URL(file, folder), 'utf8')
  const g = parse(text)
  if (isLeft(g)) throw new Error(`${file}: ${g.left[0]!.place} ${g.left[0]!.cause}`)
  expect(g.right.stage).toBe('source')
  test.each(targets)('answers on %s as the interpreter does', async (target) => {
    for (let seed = 0; seed < 20; seed++) {
      const next = stream(seed)
      const sizes = new Map<string, number>()
      const inputs = Object.fromEntries(g.right.inputs.map(([n, t]) => [n, someValue(t, next, sizes)]))
      const world = { seed, faults: seed % 3 === 0 ? 3 : 0 }
      expect(await disagreement(g.right as Graph<'source'>, inputs, world, target), `inputs ${seed}`).toBeUndefined()
    }
  })
})
