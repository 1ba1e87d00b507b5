import { acos, asin } from './asin.ts'
import { atan, atan2 } from './atan.ts'
import type { Elementary } from './declaration.ts'
import { erf, erfc } from './erf.ts'
import { exp, expm1 } from './exp.ts'
import { exp2 } from './exp2.ts'
import { cosh, sinh } from './hyperbolic.ts'
import { log, log1p } from './log.ts'
import { log2, log10 } from './log2.ts'
import { sigmoid, tanh } from './logistic.ts'
import { pow } from './pow.ts'
import { cbrt, hypot } from './root.ts'
import { cos, sin, tan } from './trig.ts'

export type { Elementary } from './declaration.ts'

/** Every elementary function by name. */
export const elementary = {
  exp,
  expm1,
  exp2,
  log,
  log1p,
  log2,
  log10,
  sin,
  cos,
  tan,
  asin,
  acos,
  atan,
  atan2,
  sinh,
  cosh,
  tanh,
  erf,
  erfc,
  cbrt,
  hypot,
  pow,
  sigmoid,
} as const satisfies Record<string, Elementary>
export type ElementaryName = keyof typeof elementary
