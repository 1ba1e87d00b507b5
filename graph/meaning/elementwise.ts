import type { Elem, Float, Numeric } from '../elem.ts'
import { storage } from '../elem.ts'
import type { Elementary } from '../elementary/index.ts'
import { elementary } from '../elementary/index.ts'
import type { Scalar } from '../emit.ts'
import { normalise, numbers, primOn } from '../numbers.ts'
import type { PlainPrim } from '../prims.ts'
import type { TensorType, Type } from '../types.ts'
import type { Atom, Value } from '../values.ts'
import { cellsOf, tabulate } from '../values.ts'
import type { Meaning } from './meaning.ts'

const elemOf = (t: Type): Elem => (t as TensorType).elem
const shapeOf = (types: readonly Type[], args: readonly Value[]) => cellsOf(elemOf(types.at(-1)!), args.at(-1)!).shape

const each = (args: readonly Value[], types: readonly Type[], result: Type, f: (...xs: Atom[]) => Atom): Value => {
  const cells = args.map((v, k) => cellsOf(elemOf(types[k]!), v))
  return tabulate(elemOf(result), shapeOf(types, args), (i) => f(...cells.map((c) => c.at(i))))
}

/** Comparison of what kernels never see: strings by code unit, as `<` and `===` do. */
const plain: Partial<Record<PlainPrim, (a: Atom, b: Atom) => Atom>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => (a as string) < (b as string),
  le: (a, b) => (a as string) <= (b as string),
  gt: (a, b) => (a as string) > (b as string),
  ge: (a, b) => (a as string) >= (b as string),
}

export const prim =
  (name: PlainPrim): Meaning<object> =>
  (_, args, types, result) => {
    const s = storage(elemOf(types[0]!))
    const f = s === undefined ? plain[name]! : (primOn(name, s) as (...xs: Atom[]) => Atom)
    return each(args, types, result, f as (...xs: Atom[]) => Atom)
  }
export const select: Meaning<object> = (_, args, types, result) =>
  each(args, types, result, (c, a, b) => (c === true ? a! : b!))
export const convert: Meaning<{ to: Numeric }> = (a, args, types, result) =>
  each(args, types, result, (x) => numbers.convert(storage(elemOf(types[0]!))!, a.to, x as Scalar))
export const bitcast: Meaning<{ to: Numeric }> = (a, args, types, result) =>
  each(args, types, result, (x) => numbers.bitcast(elemOf(types[0]!) as Numeric, a.to, x as Scalar))
/** Timestamps and decimals to their stored i64 and back: the cells stay as they are. */
export const restamp: Meaning<object> = (_, args, types, result) => each(args, types, result, (x) => x!)

export const elementaryOf =
  (name: keyof typeof elementary): Meaning<object> =>
  (_, args, types, result) => {
    const elem = elemOf(result) as Float
    return each(args, types, result, (...xs) =>
      (elementary[name] as Elementary).expand<Scalar>(numbers, elem, ...(xs as Scalar[])),
    )
  }

export interface DecimalAttrs {
  readonly how: 'add' | 'sub' | 'mul' | 'div' | 'rescale'
  readonly scale: number
  readonly rounding: Rounding
}
/** How a decimal result that does not fit its scale is rounded: half to even, half away from zero, or toward zero. */
export type Rounding = 'even' | 'away' | 'truncate'

const divide = (n: bigint, d: bigint, rounding: Rounding): bigint => {
  if (d === 0n) return 0n
  const q = n / d
  const r = n % d
  if (r === 0n || rounding === 'truncate') return q
  const sign = n < 0n === d < 0n ? 1n : -1n
  const twice = 2n * (r < 0n ? -r : r) - (d < 0n ? -d : d)
  const up = twice > 0n || (twice === 0n && (rounding === 'away' || q % 2n !== 0n))
  return up ? q + sign : q
}
const decimalExact = (a: DecimalAttrs, x: bigint, y: bigint, scales: readonly number[]): bigint => {
  const [s, t] = [scales[0]!, scales[1] ?? 0]
  const p = (k: number): bigint => 10n ** BigInt(k)
  switch (a.how) {
    case 'add':
      return x + y
    case 'sub':
      return x - y
    case 'mul':
      return divide(x * y * p(a.scale), p(s + t), a.rounding)
    case 'div':
      return divide(x * p(a.scale + t), y * p(s), a.rounding)
    case 'rescale':
      return divide(x * p(a.scale), p(s), a.rounding)
  }
}
const scales = (types: readonly Type[]): number[] => types.map((t) => Number(elemOf(t).slice(8, -1)))
/** Decimal arithmetic on the scaled integers; what does not fit in 64 bits wraps (see `decimalFits`); x/0 is 0. */
export const decimal: Meaning<DecimalAttrs> = (a, args, types, result) =>
  each(args, types, result, (x, y) =>
    normalise('i64', decimalExact(a, x as bigint, (y ?? 0n) as bigint, scales(types))),
  )
/** Whether `decimal` with the same attributes gives the exact (rounded) result: no overflow, no division by zero. */
export const decimalFits: Meaning<DecimalAttrs> = (a, args, types, result) =>
  each(args, types, result, (x, y) => {
    const exact = decimalExact(a, x as bigint, (y ?? 0n) as bigint, scales(types))
    return BigInt.asIntN(64, exact) === exact && !(a.how === 'div' && y === 0n)
  })
