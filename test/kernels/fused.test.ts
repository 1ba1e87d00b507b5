// Requirements: E4 K2

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Arena, NodeId } from '../../graph/arena.ts'
import type { Numeric } from '../../graph/elem.ts'
import { isFloat } from '../../graph/elem.ts'
import { mustMake } from '../../graph/make.ts'
import type { OpName } from '../../graph/ops/index.ts'
import type { PlainPrim } from '../../graph/prims.ts'
import { prims, resultOf } from '../../graph/prims.ts'
import type { Reduction } from '../../graph/reduction.ts'
import type { TensorType, Type } from '../../graph/types.ts'
import { scalar, tensor } from '../../graph/types.ts'
import { sameValue } from '../../graph/values.ts'
import type { Case } from './compile.ts'
import { bind, body, kernelOf, meaningOf, must } from './compile.ts'
import { fill, hash, samples } from './values.ts'

const elems: readonly Numeric[] = ['f64', 'f32', 'i32', 'u32', 'i64', 'u64', 'bool']
const domain = ['a', 'b'] as const
const plain = (Object.keys(prims) as PlainPrim[]).filter((p) => !['select', 'convert', 'bitcast'].includes(p))

/** A kernel body from a row of numbers: each takes one op and operands among what there is so far. */
const build = (seed: number, size: number, outputs: 'map' | 'all' | 'rows' | 'columns'): Case => {
  let at = 0
  const pick = <T>(xs: readonly T[]): T => xs[hash(seed, at++) % xs.length]!
  const params: Type[] = []
  // Views of parameters: as they are, transposed, along one axis, one for all, part of a longer axis.
  const views: ((a: Arena, p: NodeId, like: NodeId) => NodeId)[] = []
  const shape = [...domain]
  params.push(tensor('f64', shape))
  views.push((_, p) => p)
  for (let k = 0; k < 4; k++) {
    const e = pick(elems)
    const [type, view] = pick<readonly [Type, (typeof views)[number]]>([
      [tensor(e, shape), (_, p) => p],
      [tensor(e, ['b', 'a']), (a, p) => mustMake(a, 'transpose', { perm: [1, 0] }, [p])],
      [tensor(e, ['a']), (a, p, like) => mustMake(a, 'broadcast', { shape, axes: [0] }, [p, like])],
      [tensor(e, ['b']), (a, p, like) => mustMake(a, 'broadcast', { shape, axes: [1] }, [p, like])],
      [scalar(e), (a, p, like) => mustMake(a, 'broadcast', { shape, axes: [] }, [p, like])],
      [
        tensor(e, ['c', 'b']),
        (a, p) => mustMake(a, 'slice', { axis: 0, start: 1, stop: null, step: 2, dim: 'a' }, [p]),
      ],
    ])
    params.push(type)
    views.push(view)
  }
  return body(params, (a, ps) => {
    const pool: NodeId[] = ps.map((p, k) => views[k]!(a, p, ps[0]!))
    pool.push(mustMake(a, 'broadcast', { shape, axes: [0] }, [mustMake(a, 'iota', { dim: 'a' }, [ps[0]!]), ps[0]!]))
    const elem = (id: NodeId): Numeric => (a.typeOf(id) as TensorType).elem as Numeric
    const of = (e: Numeric): NodeId[] => pool.filter((id) => elem(id) === e)
    for (let k = 0; k < size; k++) {
      const x = pick(pool)
      const e = elem(x)
      const bools = of('bool')
      const choice = hash(seed, at++) % 10
      if (choice === 0)
        pool.push(
          mustMake(a, 'convert', { to: pick(elems.filter((to) => resultOf('convert', e, to) !== undefined)) }, [x]),
        )
      else if (choice === 1 && bools.length > 0) pool.push(mustMake(a, 'select', {}, [pick(bools), x, pick(of(e))]))
      else if (choice === 2 && isFloat(e))
        pool.push(mustMake(a, pick(['exp', 'log', 'sin', 'tanh'] as const) as OpName, {}, [x]))
      else {
        const p = pick(plain.filter((q) => (prims[q].on as readonly Numeric[]).includes(e)))
        pool.push(mustMake(a, p, {}, prims[p].arity === 1 ? [x] : [x, pick(of(e))]))
      }
    }
    const reduced = { map: [], all: [0, 1], rows: [1], columns: [0] }[outputs]
    const found = [pool.at(-1)!, pick(pool), pick(pool)]
    return found.map((id, k) => {
      if (outputs === 'map' || (k === 2 && hash(seed, at++) % 2 === 0)) return id
      const how: readonly Reduction[] = elem(id) === 'bool' ? ['any', 'all'] : ['sum', 'prod', 'min', 'max']
      return mustMake(a, 'reduce', { how: pick(how), axes: reduced }, [id])
    })
  })
}
const argsOf = (c: Case, a: number, b: number, seed: number) => {
  const sizes: Readonly<Record<string, number>> = { a, b, c: 2 * a + 1 }
  return c.region.params.map((t, k) => {
    const { elem, shape } = t as TensorType
    return shape.length === 0
      ? samples[elem as Numeric][seed % samples[elem as Numeric].length]!
      : fill(
          elem,
          shape.map((d) => sizes[d as string]!),
          seed + k,
          40,
        )
  })
}

const programs = fc.record({
  seed: fc.nat(),
  size: fc.integer({ min: 1, max: 25 }),
  a: fc.integer({ min: 0, max: 21 }),
  b: fc.integer({ min: 0, max: 70 }),
  outputs: fc.constantFrom('map', 'all', 'rows', 'columns'),
})
test('fused bodies mean what their ops mean, on both targets', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(programs, { minLength: 1, maxLength: 4 }), async (all) => {
      const cases = all.map((p) => build(p.seed, p.size, p.outputs as 'map'))
      const kernels = cases.map((c, k) => kernelOf(c, `k${k}`))
      const bound = [await bind('ts', kernels), await bind('wasm', kernels)]
      for (const [k, c] of cases.entries()) {
        const args = argsOf(c, all[k]!.a, all[k]!.b, all[k]!.seed)
        const expected = meaningOf(c, args)
        for (const b of bound) expect(sameValue(must(b.run(k, args)), expected)).toBe(true)
      }
    }),
    { numRuns: 60 },
  )
})
test('over several blocks too', async () => {
  await fc.assert(
    fc.asyncProperty(programs, async (p) => {
      const c = build(p.seed, 6, p.outputs as 'map')
      const kernels = [kernelOf(c)]
      const args = argsOf(c, p.a % 2 === 0 ? 131 : 4099, p.a % 2 === 0 ? 67 : 3, p.seed)
      const expected = meaningOf(c, args)
      for (const b of [await bind('ts', kernels), await bind('wasm', kernels)])
        expect(sameValue(must(b.run(0, args)), expected)).toBe(true)
    }),
    { numRuns: 25 },
  )
})
