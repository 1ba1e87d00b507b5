import type { Float, Int, Numeric } from '../../../graph/elem.ts'
import type { Scalar } from '../../../graph/emit.ts'
import type { PlainPrim, prims } from '../../../graph/prims.ts'

/** Every primitive as a JavaScript expression over the texts of its operands. */
type On<P extends PlainPrim> = (typeof prims)[P]['on'][number]
type PrimOn<E extends Numeric> = { [P in PlainPrim]: E extends On<P> ? P : never }[PlainPrim]
type Text = (a: string, b: string) => string
/** A primitive that an element has and this table lacks does not compile. */
type Table = { readonly [E in Numeric]: { readonly [P in PrimOn<E>]: Text } }

const infix =
  (op: string, wrap: (x: string) => string = (x) => x): Text =>
  (a, b) =>
    wrap(`(${a} ${op} ${b})`)
const call =
  (f: string): Text =>
  (a, b) =>
    b === undefined ? `${f}(${a})` : `${f}(${a}, ${b})`
const one =
  (f: string) =>
  (a: string): string =>
    `${f}(${a})`

const compare = { eq: infix('==='), ne: infix('!=='), lt: infix('<'), le: infix('<='), gt: infix('>'), ge: infix('>=') }
const float = (suffix: string, round: (x: string) => string): Table['f64'] => ({
  ...compare,
  add: infix('+', round),
  sub: infix('-', round),
  mul: infix('*', round),
  div: infix('/', round),
  neg: (a) => `(-${a})`,
  abs: one('Math.abs'),
  min: call('Math.min'),
  max: call('Math.max'),
  sqrt: (a) => round(`Math.sqrt(${a})`),
  floor: one('Math.floor'),
  ceil: one('Math.ceil'),
  trunc: one('Math.trunc'),
  nearest: one('q$nearest'),
  pow2: one(`q$pow2${suffix}`),
  exponent: one(`q$exponent${suffix}`),
  mantissa: one(`q$mantissa${suffix}`),
})
const choose =
  (op: string): Text =>
  (a, b) =>
    `(${a} ${op} ${b} ? ${a} : ${b})`
const int = (
  wrap: (x: string) => string,
  mul: Text,
  div: Text,
  rem: Text,
  shl: Text,
  shr: Text,
  abs: Text,
): Table['i32'] => ({
  ...compare,
  mul,
  div,
  rem,
  shl,
  shr,
  abs,
  add: infix('+', wrap),
  sub: infix('-', wrap),
  neg: (a) => wrap(`-${a}`),
  min: choose('<'),
  max: choose('>'),
  and: infix('&', wrap),
  or: infix('|', wrap),
  xor: infix('^', wrap),
  not: (a) => wrap(`~${a}`),
})
const i32 = (x: string): string => `(${x} | 0)`
const u32 = (x: string): string => `(${x} >>> 0)`
const i64 = (x: string): string => `BigInt.asIntN(64, ${x})`
const u64 = (x: string): string => `BigInt.asUintN(64, ${x})`

export const primTexts: Table = {
  f64: float('', (x) => x),
  f32: float('f', (x) => `Math.fround(${x})`),
  i32: int(
    i32,
    call('Math.imul'),
    call('q$divI32'),
    call('q$remI32'),
    infix('<<'),
    infix('>>'),
    (a) => `(${a} < 0 ? ${i32(`-${a}`)} : ${a})`,
  ),
  u32: int(
    u32,
    (a, b) => u32(`Math.imul(${a}, ${b})`),
    call('q$divU32'),
    call('q$remU32'),
    infix('<<', u32),
    infix('>>>'),
    (a) => a,
  ),
  i64: int(
    i64,
    infix('*', i64),
    call('q$divI64'),
    call('q$rem64'),
    (a, b) => i64(`(${a} << (${b} & 63n))`),
    (a, b) => `(${a} >> (${b} & 63n))`,
    (a) => `(${a} < 0n ? ${i64(`-${a}`)} : ${a})`,
  ),
  u64: int(
    u64,
    infix('*', u64),
    call('q$divU64'),
    call('q$rem64'),
    (a, b) => u64(`(${a} << (${b} & 63n))`),
    (a, b) => `(${a} >> (${b} & 63n))`,
    (a) => a,
  ),
  bool: {
    eq: infix('==='),
    ne: infix('!=='),
    and: infix('&&'),
    or: infix('||'),
    xor: infix('!=='),
    not: (a) => `(!${a})`,
  },
}
export const primText = (prim: PlainPrim, on: Numeric, args: readonly string[]): string =>
  (primTexts[on] as Readonly<Record<string, (...args: readonly string[]) => string>>)[prim]!(...args)

type Casts = { readonly [To in Numeric]: (x: string) => string }
const same = (x: string): string => x
const fround = one('Math.fround')
const fromFloat: Omit<Casts, Float | 'bool'> = {
  i32: one('q$toI32'),
  u32: one('q$toU32'),
  i64: one('q$toI64'),
  u64: one('q$toU64'),
}
const big = (x: string): string => `BigInt(${x})`
const low =
  (wrap: string): ((x: string) => string) =>
  (x) =>
    `Number(${wrap}(32, ${x}))`
const fromBig = { f64: one('Number'), f32: one('q$bigToF32'), i32: low('BigInt.asIntN'), u32: low('BigInt.asUintN') }

/** Towards bool only from bool. */
const converts: { readonly [From in Numeric]: Omit<Casts, From extends 'bool' ? never : 'bool'> } = {
  f64: { ...fromFloat, f64: same, f32: fround },
  f32: { ...fromFloat, f64: same, f32: same },
  i32: { f64: same, f32: fround, i32: same, u32, i64: big, u64: (x) => u64(big(x)) },
  u32: { f64: same, f32: fround, i32, u32: same, i64: big, u64: big },
  i64: { ...fromBig, i64: same, u64 },
  u64: { ...fromBig, i64, u64: same },
  bool: {
    f64: (x) => `(${x} ? 1 : 0)`,
    f32: (x) => `(${x} ? 1 : 0)`,
    i32: (x) => `(${x} ? 1 : 0)`,
    u32: (x) => `(${x} ? 1 : 0)`,
    i64: (x) => `(${x} ? 1n : 0n)`,
    u64: (x) => `(${x} ? 1n : 0n)`,
    bool: same,
  },
}
export const convertText = (from: Numeric, to: Numeric, x: string): string => (converts[from] as Partial<Casts>)[to]!(x)

const wide = { f64: 'F64', i64: 'I64', u64: 'U64' } as const
type Bits = {
  readonly [From in Float | Int]: {
    readonly [To in From extends keyof typeof wide ? keyof typeof wide : Exclude<Float | Int, keyof typeof wide>]: (
      x: string,
    ) => string
  }
}
const bitcasts: Bits = {
  f64: { f64: same, i64: one('q$f64ToI64'), u64: one('q$f64ToU64') },
  i64: { i64: same, u64, f64: one('q$i64ToF64') },
  u64: { u64: same, i64, f64: one('q$u64ToF64') },
  f32: { f32: same, i32: one('q$f32ToI32'), u32: (x) => u32(`q$f32ToI32(${x})`) },
  i32: { i32: same, u32, f32: one('q$i32ToF32') },
  u32: { u32: same, i32, f32: one('q$i32ToF32') },
}
export const bitcastText = (from: Numeric, to: Numeric, x: string): string =>
  (bitcasts as Readonly<Record<string, Readonly<Record<string, (x: string) => string>>>>)[from]![to]!(x)

/** A literal that reads back as the same bits. */
export const literal = (value: Scalar): string => {
  if (typeof value === 'bigint') return value < 0n ? `(${value}n)` : `${value}n`
  if (typeof value === 'boolean') return String(value)
  if (Object.is(value, -0)) return '(-0)'
  return value < 0 ? `(${value})` : String(value)
}
