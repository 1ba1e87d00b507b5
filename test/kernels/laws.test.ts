// Requirements: E2 E18 K3

import { describe, expect, test } from 'vitest'
import { sameValue } from '../../graph/values.ts'
import { families } from './cases.ts'
import { bind, kernelOf, meaningOf, must, targets } from './compile.ts'

// Every op, element and target against the meaning, bit for bit.
describe.each(Object.keys(families))('%s', (family) => {
  const laws = families[family]!()
  const kernels = laws.map((l, k) => kernelOf(l, `k${k}`))
  const expected = laws.map((l) => l.runs.map((args) => meaningOf(l, args)))

  test.each(targets)('on %s', async (target) => {
    const bound = await bind(target, kernels)
    const wrong = laws.flatMap((l, k) =>
      l.runs.flatMap((args, r) => {
        const got = must(bound.run(k, args))
        return sameValue(got, expected[k]![r]) ? [] : [{ law: l.name, run: r, got, expected: expected[k]![r] }]
      }),
    )
    expect(wrong.map((w) => `${w.law}, run ${w.run}`)).toEqual([])
    expect(laws.length).toBeGreaterThan(0)
  })
})
