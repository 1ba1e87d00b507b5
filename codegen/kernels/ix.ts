/**
 * Index arithmetic of kernels: whole numbers below 2^31 at run time, in loop variables and sizes of dimensions. Sizes and
 * strides stay products (`Product`) as long as possible, because equality of products is easy to decide and loops can
 * be joined only where strides are known to be equal.
 */
export type Ix = number | string | { readonly op: IxOp; readonly a: Ix; readonly b: Ix }
/** `div` rounds down and, like `rem`, is used on numbers that are not negative only. */
export type IxOp = 'add' | 'sub' | 'mul' | 'div' | 'rem' | 'min' | 'max'

const fold: Readonly<Record<IxOp, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => (b === 0 ? 0 : Math.floor(a / b)),
  rem: (a, b) => (b === 0 ? 0 : a % b),
  min: (a, b) => (a < b ? a : b),
  max: (a, b) => (a > b ? a : b),
}
const ix = (op: IxOp, a: Ix, b: Ix): Ix =>
  typeof a === 'number' && typeof b === 'number' ? fold[op](a, b) : { op, a, b }

export const add = (a: Ix, b: Ix): Ix => (a === 0 ? b : b === 0 ? a : ix('add', a, b))
export const sub = (a: Ix, b: Ix): Ix => (b === 0 ? a : ix('sub', a, b))
export const mul = (a: Ix, b: Ix): Ix => (a === 0 || b === 0 ? 0 : a === 1 ? b : b === 1 ? a : ix('mul', a, b))
export const div = (a: Ix, b: Ix): Ix => (b === 1 ? a : ix('div', a, b))
export const rem = (a: Ix, b: Ix): Ix => (b === 1 ? 0 : ix('rem', a, b))
export const min = (a: Ix, b: Ix): Ix => ix('min', a, b)
export const max = (a: Ix, b: Ix): Ix => ix('max', a, b)
export const ceilDiv = (a: Ix, b: number): Ix => div(add(a, b - 1), b)

/** A number times sizes, the sizes sorted. */
export interface Product {
  readonly times: number
  readonly of: readonly string[]
}
export const one: Product = { times: 1, of: [] }
export const none: Product = { times: 0, of: [] }
export const product = (...ps: readonly Product[]): Product => {
  const times = ps.reduce((n, p) => n * p.times, 1)
  return times === 0 ? none : { times, of: ps.flatMap((p) => p.of).sort() }
}
export const sameProduct = (a: Product, b: Product): boolean =>
  a.times === b.times && a.of.length === b.of.length && a.of.every((d, i) => d === b.of[i])
export const ixOf = (p: Product): Ix => (p.times === 0 ? 0 : p.of.reduce<Ix>((x, d) => mul(x, d), p.times))

/** Row-major strides of a shape. */
export const strides = (shape: readonly Product[]): Product[] => {
  const out = new Array<Product>(shape.length)
  let step = one
  for (let k = shape.length - 1; k >= 0; k--) {
    out[k] = step
    step = product(step, shape[k]!)
  }
  return out
}
