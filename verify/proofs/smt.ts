import type { Float, Int, Numeric } from '../../graph/elem.ts'
import { isFloat, isInt } from '../../graph/elem.ts'
import type { Scalar } from '../../graph/emit.ts'
import { numbers } from '../../graph/numbers.ts'
import type { PlainPrim } from '../../graph/prims.ts'
import { extremes } from '../../graph/reduction.ts'

/**
 * The 32 primitives in SMT-LIB: floats as QF_FP (whose `=` is equality of bits with one NaN), integers as bit-vectors.
 * A test evaluates this encoding on edge and random values and compares with `graph/numbers.ts`.
 */
const bits = (e: Float | Int): number => (e.endsWith('64') ? 64 : 32)
const fp: Readonly<Record<Float, { e: number; s: number }>> = { f64: { e: 11, s: 53 }, f32: { e: 8, s: 24 } }
const signed = (e: Numeric): boolean => e === 'i32' || e === 'i64'

export const sortOf = (e: Numeric): string =>
  e === 'bool' ? 'Bool' : isFloat(e) ? `(_ FloatingPoint ${fp[e].e} ${fp[e].s})` : `(_ BitVec ${bits(e)})`

const toFp = (e: Float, x: string, how = ''): string => `((_ to_fp${how} ${fp[e].e} ${fp[e].s}) ${x})`
export const literal = (e: Numeric, x: Scalar): string => {
  if (e === 'bool') return String(x)
  if (isFloat(e)) {
    if (Number.isNaN(x)) return `(_ NaN ${fp[e].e} ${fp[e].s})`
    const raw = numbers.bitcast(e, e === 'f64' ? 'u64' : 'u32', x)
    return toFp(e, `#x${raw.toString(16).padStart(bits(e) / 4, '0')}`)
  }
  return `(_ bv${BigInt.asUintN(bits(e), BigInt(x as number | bigint))} ${bits(e)})`
}
/** The bits of a float; those of NaN are the canonical ones. */
const raw = (e: Float, x: string): string => {
  const nan = numbers.bitcast(e, e === 'f64' ? 'u64' : 'u32', Number.NaN)
  return `(ite (fp.isNaN ${x}) #x${nan.toString(16)} (fp.to_ieee_bv ${x}))`
}
const smaller = (e: Float, a: string, b: string, less: 'fp.lt' | 'fp.gt'): string => {
  const first = less === 'fp.lt' ? `(fp.isNegative ${a})` : `(fp.isPositive ${a})`
  const nan = literal(e, Number.NaN)
  const zeros = `(and (fp.isZero ${a}) (fp.isZero ${b}))`
  return `(ite (or (fp.isNaN ${a}) (fp.isNaN ${b})) ${nan} (ite ${zeros} (ite ${first} ${a} ${b}) (ite (${less} ${a} ${b}) ${a} ${b})))`
}

const float = (prim: PlainPrim, e: Float, a: string, b: string): string => {
  const { e: wide, s } = fp[e]
  const bias = 2 ** (wide - 1) - 1
  const top = bits(e) - 2
  switch (prim) {
    case 'add':
    case 'sub':
    case 'mul':
    case 'div':
      return `(fp.${prim} RNE ${a} ${b})`
    case 'neg':
    case 'abs':
      return `(fp.${prim} ${a})`
    case 'sqrt':
      return `(fp.sqrt RNE ${a})`
    case 'floor':
    case 'ceil':
    case 'trunc':
    case 'nearest':
      return `(fp.roundToIntegral ${{ floor: 'RTN', ceil: 'RTP', trunc: 'RTZ', nearest: 'RNE' }[prim]} ${a})`
    case 'min':
      return smaller(e, a, b, 'fp.lt')
    case 'max':
      return smaller(e, a, b, 'fp.gt')
    case 'eq':
      return `(fp.eq ${a} ${b})`
    case 'ne':
      return `(not (fp.eq ${a} ${b}))`
    case 'lt':
      return `(fp.lt ${a} ${b})`
    case 'le':
      return `(fp.leq ${a} ${b})`
    case 'gt':
      return `(fp.gt ${a} ${b})`
    case 'ge':
      return `(fp.geq ${a} ${b})`
    case 'exponent': {
      const field = `((_ zero_extend 4) ((_ extract ${top} ${s - 1}) ${raw(e, a)}))`
      return toFp(e, `RNE (bvsub ${field} (_ bv${bias} ${wide + 4}))`)
    }
    case 'mantissa':
      return toFp(e, `(concat (_ bv${bias} ${wide + 1}) ((_ extract ${s - 2} 0) ${raw(e, a)}))`)
    case 'pow2': {
      const [low, high] = [literal(e, 1 - bias), literal(e, bias)]
      const held = `(ite (fp.geq ${a} ${low}) (ite (fp.leq ${a} ${high}) ${a} ${high}) ${low})`
      const k = `((_ fp.to_sbv ${wide + 1}) RNE ${held})`
      return toFp(e, `(concat (bvadd ${k} (_ bv${bias} ${wide + 1})) (_ bv0 ${s - 1}))`)
    }
    default:
      throw new Error(`bug: ${prim} is not defined on ${e}`)
  }
}
const whole = (prim: PlainPrim, e: Int, a: string, b: string): string => {
  const w = bits(e)
  const s = signed(e)
  const zero = `(_ bv0 ${w})`
  const count = `(bvand ${b} (_ bv${w - 1} ${w}))`
  const less = s ? 'bvslt' : 'bvult'
  switch (prim) {
    case 'add':
    case 'sub':
    case 'mul':
    case 'neg':
    case 'and':
    case 'or':
    case 'xor':
    case 'not':
      return `(bv${prim} ${a}${b === '' ? '' : ` ${b}`})`
    case 'div':
      return `(ite (= ${b} ${zero}) ${zero} (${s ? 'bvsdiv' : 'bvudiv'} ${a} ${b}))`
    case 'rem':
      return `(ite (= ${b} ${zero}) ${a} (${s ? 'bvsrem' : 'bvurem'} ${a} ${b}))`
    case 'abs':
      return s ? `(ite (bvslt ${a} ${zero}) (bvneg ${a}) ${a})` : a
    case 'min':
      return `(ite (${less} ${a} ${b}) ${a} ${b})`
    case 'max':
      return `(ite (${less} ${b} ${a}) ${a} ${b})`
    case 'shl':
      return `(bvshl ${a} ${count})`
    case 'shr':
      return `(${s ? 'bvashr' : 'bvlshr'} ${a} ${count})`
    case 'eq':
      return `(= ${a} ${b})`
    case 'ne':
      return `(not (= ${a} ${b}))`
    default: {
      const sign = s ? 's' : 'u'
      return `(bv${sign}${prim} ${a} ${b})`
    }
  }
}
const logical = (prim: PlainPrim, a: string, b: string): string => {
  if (prim === 'eq') return `(= ${a} ${b})`
  if (prim === 'ne') return `(not (= ${a} ${b}))`
  return prim === 'not' ? `(not ${a})` : `(${prim} ${a} ${b})`
}
export const prim = (name: PlainPrim, e: Numeric, a: string, b = ''): string =>
  e === 'bool' ? logical(name, a, b) : isFloat(e) ? float(name, e, a, b) : whole(name, e, a, b)

export const convert = (from: Numeric, to: Numeric, x: string): string => {
  if (from === to) return x
  if (from === 'bool')
    return `(ite ${x} ${literal(to, numbers.convert('bool', to, true))} ${literal(to, numbers.convert('bool', to, false))})`
  if (to === 'bool') throw new Error('bug: nothing converts to bool')
  if (isFloat(to)) return isFloat(from) || signed(from) ? toFp(to, `RNE ${x}`) : toFp(to, `RNE ${x}`, '_unsigned')
  if (isFloat(from)) {
    const [least, greatest] = extremes[to as 'i32']
    const [low, high] = [literal(to, least), literal(to, greatest)]
    // Compared as numbers of the float: the greatest integer may be rounded up to one that does not fit.
    const [l, h] = [numbers.constant(from, Number(least)), numbers.constant(from, Number(greatest))]
    const cut = `((_ fp.to_${signed(to) ? 's' : 'u'}bv ${bits(to as Int)}) RTZ ${x})`
    const t = `(fp.roundToIntegral RTZ ${x})`
    return `(ite (fp.isNaN ${x}) (_ bv0 ${bits(to as Int)}) (ite (fp.leq ${t} ${literal(from, l)}) ${low} (ite (fp.geq ${t} ${literal(from, h)}) ${high} ${cut})))`
  }
  if (!isInt(from) || !isInt(to)) throw new Error('bug: no such conversion')
  const [m, n] = [bits(from), bits(to)]
  if (m === n) return x
  return m > n ? `((_ extract ${n - 1} 0) ${x})` : `((_ ${signed(from) ? 'sign' : 'zero'}_extend ${n - m}) ${x})`
}
export const bitcast = (from: Numeric, to: Numeric, x: string): string => {
  if (from === to || (isInt(from) && isInt(to))) return x
  return isFloat(from) ? raw(from, x) : toFp(to as Float, x)
}
