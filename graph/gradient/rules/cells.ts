import type { Float } from '../../elem.ts'
import { isFloat } from '../../elem.ts'
import type { ElementaryName } from '../../elementary/index.ts'
import type { PlainPrim, Prim } from '../../prims.ts'
import type { Cells } from '../cells.ts'
import { lit } from '../cells.ts'
import type { CellRule, Decision } from '../rule.ts'
import { cells, flat, refused, rule } from '../rule.ts'

const steps = flat('it is a step function: between its steps nothing changes')
const truth = flat('truth values do not change a little')
const whole = flat('integers do not change a little')

/** A function of one operand by its slope: from the operand x and the value y. */
const slope = (of: (c: Cells, x: number, y: number) => number): Decision =>
  cells((c, g, { id, args: [x] }) => [() => c.scale(g, of(c, x!, id))])
/** One whose slope is 1 / f(x). */
const inverse = (of: (c: Cells, x: number, y: number) => number): Decision =>
  cells((c, g, { id, args: [x] }) => [() => c.over(g, of(c, x!, id))])
/** Half of g where both are equal, so that the order of operands does not matter; NaN where a value is. */
const extreme =
  (before: 'gt' | 'lt'): CellRule =>
  (c, g, { args: [a, b] }) => {
    const { elem } = c.tensor(g)
    const slope = (x: number, y: number) =>
      c.select(
        c.prim(before, x, y),
        lit(1),
        c.select(c.prim(before, y, x), lit(0), c.select(c.prim('eq', x, y), lit(0.5), lit(Number.NaN), elem), elem),
        elem,
      )
    return [() => c.cut(c.scale(g, slope(a!, b!))), () => c.cut(c.scale(g, slope(b!, a!)))]
  }

export const primRules: Readonly<Record<PlainPrim | Exclude<Prim, PlainPrim>, Decision>> = {
  add: cells((_, g) => [() => g, () => g]),
  sub: cells((c, g) => [() => g, () => c.neg(g)]),
  mul: cells((c, g, { args: [a, b] }) => [() => c.scale(g, b!), () => c.scale(g, a!)]),
  div: cells((c, g, { id, args: [, b] }) => [() => c.over(g, b!), () => c.neg(c.scale(c.over(g, b!), id))]),
  rem: whole,
  neg: cells((c, g) => [() => c.neg(g)]),
  // 0 at 0, and NaN of NaN.
  abs: cells((c, g, { args: [x] }) => {
    const { elem } = c.tensor(g)
    const at = (n: number) => c.select(c.prim('eq', x!, lit(0)), lit(n), lit(Number.NaN), elem)
    const below = c.select(c.prim('lt', x!, lit(0)), lit(-1), at(0), elem)
    return [() => c.scale(g, c.select(c.prim('gt', x!, lit(0)), lit(1), below, elem))]
  }),
  min: cells(extreme('lt')),
  max: cells(extreme('gt')),
  sqrt: inverse((c, _, y) => c.mul(lit(2), y)),
  floor: steps,
  ceil: steps,
  trunc: steps,
  nearest: steps,
  pow2: steps,
  exponent: steps,
  mantissa: refused('the bits of a float have no derivative here', 'compute with the number itself'),
  eq: truth,
  ne: truth,
  lt: truth,
  le: truth,
  gt: truth,
  ge: truth,
  and: whole,
  or: whole,
  xor: whole,
  not: whole,
  shl: whole,
  shr: whole,
  select: cells((c, g, { args: [condition] }) => [
    undefined,
    () => c.only(condition!, g),
    () => c.otherwise(condition!, g),
  ]),
  convert: rule((s, g, { args: [x] }) => {
    const { elem } = s.cells.tensor(x!)
    const to = s.cells.tensor(g as number).elem
    return isFloat(elem) && isFloat(to) ? [() => s.cells.make('convert', { to: elem }, g as number)] : []
  }),
  bitcast: refused('the bits of a float have no derivative here', 'compute with the number itself'),
}

/** The square root of 1 - x², of which nothing cancels near 1. */
const circle = (c: Cells, x: number): number => c.make('sqrt', {}, c.mul(c.sub(lit(1), x), c.add(lit(1), x)))
/** ±2/√π · exp(-x²). */
const bell = (sign: 1 | -1): Decision =>
  slope((c, x) => c.mul(lit(sign * 1.1283791670955126), c.fn('exp', c.neg(c.mul(x, x)))))

const one = (elem: Float, c: Cells) => c.constant(elem, 1)

export const functionRules: Readonly<Record<ElementaryName, Decision>> = {
  exp: slope((_, __, y) => y),
  expm1: slope((c, x) => c.fn('exp', x)),
  exp2: slope((c, _, y) => c.mul(y, lit(Math.LN2))),
  log: inverse((_, x) => x),
  log1p: inverse((c, x) => c.add(lit(1), x)),
  log2: inverse((c, x) => c.mul(x, lit(Math.LN2))),
  log10: inverse((c, x) => c.mul(x, lit(Math.LN10))),
  sin: slope((c, x) => c.fn('cos', x)),
  cos: slope((c, x) => c.neg(c.fn('sin', x))),
  tan: slope((c, _, y) => c.add(lit(1), c.mul(y, y))),
  asin: inverse(circle),
  acos: inverse((c, x) => c.neg(circle(c, x))),
  atan: inverse((c, x) => c.add(lit(1), c.mul(x, x))),
  // By the sine and cosine of the angle, so that no square overflows.
  atan2: cells((c, g, { args: [y, x] }) => {
    const r = c.make('hypot', {}, y!, x!)
    return [() => c.over(c.scale(g, c.div(x!, r)), r), () => c.neg(c.over(c.scale(g, c.div(y!, r)), r))]
  }),
  sinh: slope((c, x) => c.fn('cosh', x)),
  cosh: slope((c, x) => c.fn('sinh', x)),
  // 1 / cosh², because 1 - y² is 0 long before the slope is.
  tanh: cells((c, g, { args: [x] }) => {
    const r = c.div(lit(1), c.fn('cosh', x!))
    return [() => c.scale(c.scale(g, r), r)]
  }),
  erf: bell(1),
  erfc: bell(-1),
  cbrt: inverse((c, _, y) => c.mul(lit(3), c.mul(y, y))),
  hypot: cells((c, g, { id, args: [x, y] }) => [() => c.scale(g, c.div(x!, id)), () => c.scale(g, c.div(y!, id))]),
  // y·x^(y-1), which is 0 for y = 0 whatever x is; x^y·ln x, which is 0 at x = 0 for y > 0.
  pow: cells((c, g, { id, args: [x, y] }) => {
    const { elem } = c.tensor(g)
    const less = c.make('pow', {}, x!, c.sub(y!, c.spread(one(elem as Float, c), y!)))
    const byBase = () => c.select(c.prim('eq', y!, lit(0)), lit(0), c.mul(y!, less), elem)
    const base = () => c.make('and', {}, c.prim('eq', x!, lit(0)), c.prim('gt', y!, lit(0)))
    const byExponent = () => c.select(base(), lit(0), c.mul(id, c.fn('log', x!)), elem)
    return [() => c.scale(g, byBase()), () => c.scale(g, byExponent())]
  }),
  sigmoid: slope((c, x, y) => c.mul(y, c.fn('sigmoid', c.neg(x)))),
}
