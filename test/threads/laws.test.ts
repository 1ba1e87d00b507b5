import { describe, expect, test } from 'vitest'
import { shapeOf } from '../../codegen/kernels/region.ts'
import { sameValue } from '../../graph/values.ts'
import { families } from '../kernels/cases.ts'
import { kernelOf, meaningOf, must } from '../kernels/compile.ts'
import { bindDivided, Drawn, dividable } from './divided.ts'

/** Numbers in [0, 1), the same ones each time. */
const drawn = (seed: number) => (): number => {
  seed = (seed * 1664525 + 1013904223) % 2 ** 32
  return seed / 2 ** 32
}
/** One law in so many: all of them in the deep tier, where what the interpreter takes for them does not matter. */
const every = process.env.QUOIN_DEEP === undefined ? 12 : 1
const wide = process.env.QUOIN_DEEP === undefined ? [3] : [1, 2, 3, 8]

// Every op and element in parts, in any order and on any thread, against the meaning, bit for bit.
describe.each(Object.keys(families))('%s', (family) => {
  const laws = families[family]!().filter((_, k) => k % every === 0)
  const kernels = laws.map((l, k) => dividable(kernelOf(l, `k${k}`)))

  test.each(wide)('in parts for %i threads', async (threads) => {
    const helpers = new Drawn(Math.max(1, threads - 1), drawn(threads))
    const bound = await bindDivided(
      kernels.map((k, i) => k ?? kernelOf(laws[i]!, `k${i}`)),
      helpers,
      threads,
    )
    const wrong = laws.flatMap((l, k) =>
      l.runs.flatMap((args, r) =>
        sameValue(must(bound.run(k, args)), meaningOf(l, args)) ? [] : [`${l.name}, run ${r}`],
      ),
    )
    expect(wrong).toEqual([])
    expect(helpers.calls > 0).toBe(threads > 1)
  })
  test('every kernel can be divided', () => {
    expect(
      laws.flatMap((l, k) =>
        kernels[k] === undefined && l.region.params.some((t) => shapeOf(t).length > 0) ? [l.name] : [],
      ),
    ).toEqual([])
  })
})
