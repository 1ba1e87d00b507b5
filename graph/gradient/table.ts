import type { EffectName } from '../errors.ts'
import type { OpName } from '../ops/index.ts'
import type { Decision } from './rule.ts'
import { flat } from './rule.ts'
import { columnRules, dataRules, linearRules } from './rules/arrays.ts'
import { functionRules, primRules } from './rules/cells.ts'
import { controlRules, effectRule } from './rules/control.ts'
import { shapeRules } from './rules/shape.ts'
import { structureRules } from './rules/structure.ts'

const effectRules: Readonly<Record<EffectName, Decision>> = {
  dbQuery: effectRule,
  fileRead: effectRule,
  fileWrite: effectRule,
  httpRequest: effectRule,
  kvGet: effectRule,
  kvSet: effectRule,
  kvDelete: effectRule,
  foreign: effectRule,
  nowMs: effectRule,
  randomBytes: effectRule,
  logLine: effectRule,
}

/** What was decided about each op. One that is added without a decision does not compile. */
export const decisions = {
  ...primRules,
  ...functionRules,
  stored: flat('decimals and timestamps are whole numbers of their unit'),
  restored: flat('decimals and timestamps are whole numbers of their unit'),
  decimal: flat('decimals are whole numbers of their unit'),
  decimalFits: flat('truth values do not change a little'),
  ...shapeRules,
  ...columnRules,
  ...linearRules,
  ...structureRules,
  ...dataRules,
  ...controlRules,
  ...effectRules,
} satisfies Readonly<Record<OpName, Decision>>

export const decisionOf = (name: string): Decision => decisions[name as OpName]
