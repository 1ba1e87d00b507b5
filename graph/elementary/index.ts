import { asin } from './asin.ts'
import type { Elementary } from './declaration.ts'
import { exp, expm1 } from './exp.ts'
import { log, log1p } from './log.ts'
import { sigmoid, tanh } from './logistic.ts'
import { pow } from './pow.ts'
import { cos, sin } from './trig.ts'

export type { Elementary } from './declaration.ts'

/** Every elementary function by name. */
export const elementary = { exp, expm1, log, log1p, sin, cos, asin, tanh, pow, sigmoid } as const satisfies Record<
  string,
  Elementary
>
export type ElementaryName = keyof typeof elementary
