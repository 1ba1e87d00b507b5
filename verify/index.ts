/** Reports about what a graph rests on: its assumptions, and the code that has to be right. */
export type { Assumption } from '../runtime/assumption.ts'
export type { Subject } from './inventory.ts'
export { inventory, inventoryJson, inventoryPage } from './inventory.ts'
export type { PlanDifference, PlanMismatch, RunPlan } from './plan.ts'
export { expectPlan } from './plan.ts'
export type { TrustGroup, TrustReport } from './trust.ts'
export { trustReport } from './trust.ts'
