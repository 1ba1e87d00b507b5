// Requirements: K3 K4

import { describe, expect, test } from 'vitest'
import type { NodeId } from '../../graph/arena.ts'
import { difference, runIn, someValue, stream } from '../arbitraries/world.ts'
import { compiled, runCompiled } from '../targets/compiled.ts'
import { Draft } from '../targets/draft.ts'
import { targets } from './compile.ts'

/** So many sums of one column in one kernel: more than registers hold are carried some at a time. */
const sums = (elem: 'f32' | 'f64' | 'i32' | 'u64', count: number) => {
  const d = new Draft()
  const x = d.in(`${elem}[n]`)
  const parts: NodeId[] = [x]
  while (parts.length < count) parts.push(d.add('mul', {}, [parts.at(-1)!, x]))
  return d.graph(d.record(...parts.map((p) => d.add('reduce', { how: 'sum', axes: [0] }, [p]))))
}
/** Around the width of vectors, all stripes, what is gone through before the next stripes, and blocks. */
const lengths = [0, 1, 15, 31, 32, 33, 63, 1023, 1024, 1025, 1040, 1055, 1056, 2048, 4095, 4096, 4097, 9000]

describe.each(targets)('sums together, on %s', (target) => {
  test.each(['f32', 'f64', 'i32', 'u64'] as const)('of %s are those of the interpreter', async (elem) => {
    for (const count of [2, 3, 5]) {
      const g = sums(elem, count)
      const c = await compiled(g, target)
      expect(c.manifest.kernels.length).toBe(1)
      for (const n of lengths) {
        const next = stream(n + count)
        const inputs = Object.fromEntries(
          g.inputs.map(([name, type]) => [name, someValue(type, next, new Map([['n', n]]))]),
        )
        const settings = { seed: 1, faults: 0 }
        expect(difference(runIn(g, inputs, settings), await runCompiled(c, inputs, settings))).toBeUndefined()
      }
    }
  })
})
