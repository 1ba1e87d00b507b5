import type { Float } from '../../graph/elem.ts'
import type { ElementaryName } from '../../graph/elementary/index.ts'

/** A generator of equally distributed numbers in [0, 1) (splitmix32), so that a seed names a run. */
export const random = (seed: number) => {
  let state = seed | 0
  const word = (): number => {
    state = (state + 0x9e3779b9) | 0
    let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return (z ^ (z >>> 15)) >>> 0
  }
  return { word, unit: () => (word() * 2 ** 21 + (word() >>> 11)) * 2 ** -53 }
}
type Random = ReturnType<typeof random>

const bits = { f64: new DataView(new ArrayBuffer(8)), f32: new DataView(new ArrayBuffer(4)) }

/** Any float, all bit patterns alike: every exponent, subnormals, now and then NaN. */
const anyFloat = (r: Random, elem: Float): number => {
  const view = bits[elem]
  view.setUint32(0, r.word())
  if (elem === 'f32') return view.getFloat32(0)
  view.setUint32(4, r.word())
  return view.getFloat64(0)
}

const between = (r: Random, low: number, high: number): number => low + (high - low) * r.unit()
const sign = (r: Random): number => (r.unit() < 0.5 ? -1 : 1)
/** Equally distributed exponents: 2^-low … 2^high. */
const spread = (r: Random, low: number, high: number): number => sign(r) * 2 ** between(r, low, high)

/** Where f32 and f64 have their limits: the greatest exponent and the least result of exp. */
const limits = {
  f64: { most: 709.8, least: -745.2, one: 38, turns: 2 ** 21, erfc: 27.3 },
  f32: { most: 88.8, least: -104, one: 18, turns: 2 ** 13, erfc: 10.1 },
} as const

/** Multiples of π/2 to within the last places: the hardest arguments of sine and cosine. */
const nearTurn = (r: Random, elem: Float): number => {
  const x = Math.floor(2 ** between(r, 0, Math.log2(limits[elem].turns))) * (Math.PI / 2)
  const ulp = 2 ** (Math.floor(Math.log2(x)) - (elem === 'f64' ? 52 : 23))
  return sign(r) * Math.min(x + Math.round(between(r, -2, 2)) * ulp, (limits[elem].turns - 1) * (Math.PI / 2))
}

const nearOne = (r: Random): number => 1 + spread(r, -50, -2)

/** One argument tuple for a function: its ordinary range, its neighbourhoods of trouble, and any bit pattern. */
export const sample = (name: ElementaryName, elem: Float, r: Random): readonly [number, number] => {
  const l = limits[elem]
  const pick = <T>(...of: readonly (() => T)[]): T => of[Math.floor(r.unit() * of.length)]!()
  const one = (x: number): readonly [number, number] => [elem === 'f32' ? Math.fround(x) : x, 0]
  const any = () => anyFloat(r, elem)
  const small = () => spread(r, -60, 1)
  switch (name) {
    case 'exp':
      return one(
        pick(
          () => between(r, l.least, l.most),
          () => between(r, -2, 2),
          small,
          any,
        ),
      )
    case 'expm1':
      return one(
        pick(
          () => between(r, -l.one, l.most),
          () => between(r, -2, 2),
          small,
          any,
        ),
      )
    case 'exp2':
      return one(
        pick(
          () => between(r, l.least / Math.LN2, l.most / Math.LN2),
          () => between(r, -2, 2),
          small,
          any,
        ),
      )
    case 'log2':
    case 'log10':
    case 'log':
      return one(
        pick(
          () => nearOne(r),
          () => between(r, 0, 4),
          () => Math.abs(any()),
          any,
        ),
      )
    case 'log1p':
      return one(
        pick(
          () => between(r, -1, 3),
          small,
          () => -1 + Math.abs(spread(r, -50, 0)),
          any,
        ),
      )
    case 'sin':
    case 'cos':
    case 'tan': {
      const reach = (l.turns - 1) * (Math.PI / 2)
      return one(
        pick(
          () => between(r, -reach, reach),
          () => between(r, -8, 8),
          small,
          () => nearTurn(r, elem),
        ),
      )
    }
    case 'acos':
    case 'asin':
      return one(
        pick(
          () => between(r, -1, 1),
          small,
          () => sign(r) * (1 - Math.abs(spread(r, -50, 0))),
          any,
        ),
      )
    case 'atan':
    case 'cbrt':
      return one(
        pick(
          () => between(r, -10, 10),
          () => between(r, -1, 1),
          small,
          any,
        ),
      )
    case 'sinh':
    case 'cosh':
      return one(
        pick(
          () => between(r, l.least, -l.least),
          () => between(r, -2, 2),
          small,
          any,
        ),
      )
    case 'erf':
      return one(
        pick(
          () => between(r, -6.2, 6.2),
          () => between(r, -1.2, 1.2),
          small,
          any,
        ),
      )
    case 'erfc':
      return one(
        pick(
          () => between(r, 0, l.erfc),
          () => between(r, -3, 3),
          small,
          any,
        ),
      )
    case 'atan2':
    case 'hypot': {
      const x = pick(() => between(r, -4, 4), any)
      const y = pick(
        () => between(r, -4, 4),
        () => x * between(r, -3, 3),
        () => x * spread(r, -40, 40),
        any,
      )
      return [one(x)[0], one(y)[0]]
    }
    case 'tanh':
      return one(
        pick(
          () => between(r, -20, 20),
          () => between(r, -1, 1),
          small,
          any,
        ),
      )
    case 'sigmoid':
      return one(
        pick(
          () => between(r, l.least, 40),
          () => between(r, -8, 8),
          small,
          any,
        ),
      )
    case 'pow': {
      const x = pick(
        () => Math.abs(any()),
        () => between(r, 0, 4),
        () => nearOne(r),
        () => between(r, 0.6, 1.5),
      )
      const y = pick(
        () => between(r, l.least, l.most) / Math.log(x),
        () => between(r, -8, 8),
        () => 0.5 + (r.word() % 5),
      )
      return [one(x)[0], one(y)[0]]
    }
  }
}
