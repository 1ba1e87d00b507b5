// Requirements: E18

import { describe, expect, it } from 'vitest'
import { floats } from '../../graph/elem.ts'
import type { ElementaryName } from '../../graph/elementary/index.ts'
import { elementary } from '../../graph/elementary/index.ts'
import { numbers } from '../../graph/numbers.ts'
import { reference } from './reference.ts'
import { random, sample } from './samples.ts'
import { exact, ulps } from './ulps.ts'

const names = Object.keys(elementary) as readonly ElementaryName[]
const deep = process.env.QUOIN_DEEP === '1'
const count = deep ? 50_000 : 1_500
const seed = Number(process.env.QUOIN_SEED ?? 20261121)

describe(`elementary functions stay within their stated error (${count} samples, seed ${seed})`, () => {
  for (const elem of floats) {
    it.each(names)(
      `%s ${elem}`,
      (name) => {
        const r = random(seed)
        const { arity, expand, ulps: stated } = elementary[name]
        let worst = { error: 0, x: 0, y: 0 }
        for (let i = 0; i < count; i++) {
          const [x, y] = sample(name, elem, r)
          const got = expand(numbers, elem, ...[x, y].slice(0, arity)) as number
          // Infinities and NaN are the business of special.test.ts; decimal.js has its own mind there.
          if (!Number.isFinite(x) || !Number.isFinite(y)) continue
          const error = ulps(elem, got, reference[name](exact(x), exact(y)))
          if (error > worst.error) worst = { error, x, y }
        }
        expect(worst.error, `at ${worst.x}, ${worst.y}`).toBeLessThanOrEqual(stated[elem])
      },
      deep ? 3_600_000 : 60_000,
    )
  }
})
