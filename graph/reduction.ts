import type { Numeric } from './elem.ts'
import { isFloat, isInt } from './elem.ts'
import type { Scalar } from './emit.ts'
import { primOn } from './numbers.ts'
import type { PlainPrim } from './prims.ts'

/**
 * The fixed order of reductions. Elements come in row-major order of the reduced axes. Within a block of 4096
 * consecutive elements, stripe `s` takes the elements s, s + S, s + 2S … in order, starting from the identity; the S
 * stripes are added as a fixed tree (halves: s with s + S/2, then S/4 …). Blocks are combined as a balanced tree: m
 * blocks split after the greatest power of two below m. No target, layout or thread count changes this order.
 */
export const block = 4096
export const stripesOf = (elem: Numeric): 16 | 32 => (elem === 'f32' || elem === 'i32' || elem === 'u32' ? 32 : 16)

export const reductions = {
  /** -0 is the identity of floating addition: -0 + x is x for every x, and 0 would turn -0 into 0. */
  sum: { prim: 'add', identity: (e: Numeric): Scalar => (isFloat(e) ? -0 : zero(e)) },
  prod: { prim: 'mul', identity: (e: Numeric): Scalar => (e.endsWith('64') && isInt(e) ? 1n : 1) },
  min: { prim: 'min', identity: (e: Numeric): Scalar => extremes[e as keyof typeof extremes][1] },
  max: { prim: 'max', identity: (e: Numeric): Scalar => extremes[e as keyof typeof extremes][0] },
  any: { prim: 'or', identity: (): Scalar => false },
  all: { prim: 'and', identity: (): Scalar => true },
} as const satisfies Record<string, { prim: PlainPrim; identity: (e: Numeric) => Scalar }>
export type Reduction = keyof typeof reductions

const zero = (e: Numeric): Scalar => (e.endsWith('64') ? 0n : 0)
export const extremes = {
  f64: [-Infinity, Infinity],
  f32: [-Infinity, Infinity],
  i32: [-(2 ** 31), 2 ** 31 - 1],
  u32: [0, 2 ** 32 - 1],
  i64: [-(2n ** 63n), 2n ** 63n - 1n],
  u64: [0n, 2n ** 64n - 1n],
} as const

/** Reduces `n` cells of `elem` in the fixed order. */
export const reduceStriped = (how: Reduction, elem: Numeric, n: number, at: (i: number) => Scalar): Scalar => {
  const { prim, identity } = reductions[how]
  const f = primOn(prim, elem)
  const unit = identity(elem)
  const stripes = stripesOf(elem)
  const oneBlock = (from: number, to: number): Scalar => {
    const acc = new Array<Scalar>(stripes).fill(unit)
    for (let i = from; i < to; i++) acc[(i - from) % stripes] = f(acc[(i - from) % stripes]!, at(i))
    for (let w = stripes / 2; w >= 1; w /= 2) for (let s = 0; s < w; s++) acc[s] = f(acc[s]!, acc[s + w]!)
    return acc[0]!
  }
  // Depth is the logarithm of the number of blocks.
  const tree = (first: number, count: number): Scalar => {
    if (count === 1) return oneBlock(first * block, Math.min(n, (first + 1) * block))
    let p = 1
    while (p * 2 < count) p *= 2
    return f(tree(first, p), tree(first + p, count - p))
  }
  return n === 0 ? unit : tree(0, Math.ceil(n / block))
}
