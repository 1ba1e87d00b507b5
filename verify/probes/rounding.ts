/** The floating-point operations that Quoin takes from the engine as IEEE 754 defines them. */
export interface Arithmetic {
  readonly add: (a: number, b: number) => number
  readonly sub: (a: number, b: number) => number
  readonly mul: (a: number, b: number) => number
  readonly div: (a: number, b: number) => number
  readonly sqrt: (a: number) => number
  readonly fround: (a: number) => number
  readonly floor: (a: number) => number
  readonly ceil: (a: number) => number
  readonly trunc: (a: number) => number
}
export const arithmetic: Arithmetic = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  sqrt: Math.sqrt,
  fround: Math.fround,
  floor: Math.floor,
  ceil: Math.ceil,
  trunc: Math.trunc,
}

/** A rational number: exact, so that nothing here rests on what is looked at. */
type Exact = readonly [numerator: bigint, denominator: bigint]
const view = new DataView(new ArrayBuffer(8))
const bitsOf = (x: number): bigint => {
  view.setFloat64(0, x)
  return view.getBigUint64(0)
}
const ofBits = (b: bigint): number => {
  view.setBigUint64(0, b)
  return view.getFloat64(0)
}
/** The value of a finite float, read off its bits. */
const exact = (x: number): Exact => {
  const bits = bitsOf(x)
  const field = Number((bits >> 52n) & 0x7ffn)
  const fraction = bits & 0xf_ffff_ffff_ffffn
  const whole = (field === 0 ? fraction : fraction | (1n << 52n)) * (bits >> 63n === 1n ? -1n : 1n)
  const power = BigInt(Math.max(field, 1) - 1075)
  return power >= 0n ? [whole << power, 1n] : [whole, 1n << -power]
}
const minus = ([a, b]: Exact, [c, d]: Exact): Exact => [a * d - c * b, b * d]
const size = ([a, b]: Exact): Exact => [a < 0n ? -a : a, b]
const compare = ([a, b]: Exact, [c, d]: Exact): number => {
  const x = a * d - c * b
  return x < 0n ? -1 : x > 0n ? 1 : 0
}

/** The floats of a width beside one, as exact values; past the largest comes the next power of two, where infinity begins. */
const beside = (x: number, single: boolean): readonly [Exact, Exact] => {
  const step = single ? 1n << 29n : 1n
  const away = (bits: bigint): Exact => {
    const y = ofBits(bits)
    if (Number.isFinite(y) && !(single && Math.abs(y) > 3.4028234663852886e38)) return exact(y)
    const limit = 1n << (single ? 128n : 1024n)
    return [x < 0 ? -limit : limit, 1n]
  }
  const tiny: Exact = single ? [1n, 1n << 149n] : [1n, 1n << 1074n]
  if (x === 0) return [[-tiny[0], tiny[1]], tiny]
  // Singles below their normal range lie a fixed step apart, which is not one of the last bits of a double.
  if (single && Math.abs(x) < 1.1754943508222875e-38) {
    const at = exact(x)
    return [minus(at, tiny), minus(at, [-tiny[0], tiny[1]])]
  }
  const bits = bitsOf(x)
  return [away(bits - step), away(bits + step)]
}
const isEven = (x: number, single: boolean): boolean => {
  if (!single) return (bitsOf(x) & 1n) === 0n
  view.setFloat32(0, x)
  return (view.getUint32(0) & 1) === 0
}

/** Whether a float is one of single precision: its last bits are 0, and it is no finer than the smallest of them. */
const isSingle = (x: number): boolean => {
  const [a, b] = exact(x)
  return (bitsOf(x) & 0x1fff_ffffn) === 0n && (a << 149n) % b === 0n
}

/** Whether a finite result is the float nearest to an exact value, the even one of two that are equally near. */
const isNearest = (result: number, value: Exact, single: boolean): boolean => {
  const off = size(minus(value, exact(result)))
  return beside(result, single).every((other) => {
    const c = compare(off, size(minus(value, other)))
    return c < 0 || (c === 0 && isEven(result, single))
  })
}
/** The same for a square root, of which only the square is rational. */
const isNearestRoot = (result: number, of: number): boolean => {
  if (of === 0 || !(result > 0)) return of === 0 && Object.is(result, 0)
  const at = exact(result)
  const value = exact(of)
  return beside(result, false).every((other) => {
    const half: Exact = [at[0] * other[1] + other[0] * at[1], 2n * at[1] * other[1]]
    const c = compare(value, [half[0] * half[0], half[1] * half[1]])
    const above = compare(other, at) > 0
    return c === 0 ? isEven(result, false) : above ? c < 0 : c > 0
  })
}

const edges = [
  0,
  1,
  -1,
  3,
  0.1,
  -0.1,
  2 / 3,
  1e16,
  2 ** 53,
  2 ** -1022,
  2 ** -1074,
  1.5 * 2 ** -1022,
  1e308,
  -1e-308,
  0.5,
]
/** Numbers of all sizes, the same on every machine. */
const drawn = (n: number): readonly number[] => {
  let state = 0x9e3779b97f4a7c15n
  const next = (): bigint => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffff_ffff_ffff_ffffn
    return state
  }
  return Array.from({ length: n }, (_, i) => {
    const x = ofBits(next() ^ (next() >> 32n))
    // Half of them near one another, so that sums have to be rounded.
    if (!Number.isFinite(x)) return i
    return i % 2 === 0 ? x : ofBits((bitsOf(x) & ~(0x7ffn << 52n)) | (BigInt(1000 + (i % 60)) << 52n))
  })
}

/**
 * The first operation that does not round as IEEE 754 says, on edge values and drawn ones, judged by whole numbers alone;
 * nothing where there is none.
 */
export const wrongRounding = (m: Arithmetic, cases = 400): string | undefined => {
  const values = [...edges, ...drawn(cases)]
  for (const [i, a] of values.entries()) {
    const b = values[(i * 7 + 3) % values.length]!
    const [x, y] = [exact(a), exact(b)]
    const sum: Exact = [x[0] * y[1] + y[0] * x[1], x[1] * y[1]]
    const two: readonly (readonly [keyof Arithmetic, number, Exact | undefined])[] = [
      ['add', m.add(a, b), sum],
      ['sub', m.sub(a, b), minus(x, y)],
      ['mul', m.mul(a, b), [x[0] * y[0], x[1] * y[1]]],
      [
        'div',
        m.div(a, b),
        y[0] === 0n ? undefined : y[0] < 0n ? [-x[0] * y[1], x[1] * -y[0]] : [x[0] * y[1], x[1] * y[0]],
      ],
    ]
    for (const [name, result, value] of two)
      if (value !== undefined && !fits(result, value, false)) return `${name}(${a}, ${b}) is ${result}`
    const single = m.fround(a)
    if (!fits(single, x, true)) return `fround(${a}) is ${single}`
    const root = m.sqrt(Math.abs(a))
    if (!isNearestRoot(root, Math.abs(a))) return `sqrt(${Math.abs(a)}) is ${root}`
    const down = x[0] / x[1] - (x[0] < 0n && x[0] % x[1] !== 0n ? 1n : 0n)
    const up = x[0] % x[1] === 0n ? down : down + 1n
    const whole = [
      ['floor', m.floor(a), down],
      ['ceil', m.ceil(a), up],
      ['trunc', m.trunc(a), x[0] / x[1]],
    ] as const
    for (const [name, result, value] of whole)
      if (!Number.isInteger(result) || BigInt(result) !== value) return `${name}(${a}) is ${result}`
  }
  return undefined
}
/** A result that is infinite has to be that far away. */
const fits = (result: number, value: Exact, single: boolean): boolean => {
  if (Number.isNaN(result)) return false
  if (Number.isFinite(result)) return !(single && !isSingle(result)) && isNearest(result, value, single)
  const most = single ? 3.4028234663852886e38 : Number.MAX_VALUE
  const gap = exact(single ? 2 ** 103 : 2 ** 970)
  const top = exact(most)
  const limit: Exact = [top[0] * gap[1] + gap[0] * top[1], top[1] * gap[1]]
  return value[0] < 0n === result < 0 && compare(size(value), limit) >= 0
}
