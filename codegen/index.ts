/**
 * `quoin/codegen`: from an optimised graph to the files of an artefact. Most users want `compile` of `quoin`, which
 * does all of it; this is for those who bring their own front or back end.
 */
export type { Generated, GenerateOptions, Target } from './artifact.ts'
export { generate } from './artifact.ts'
export { inventoryMarkdown, inventoryOf } from './inventory.ts'
export type { Kernel } from './kernels/index.ts'
export { kernelProblem, lowerKernel } from './kernels/index.ts'
export { programProblem } from './program/check.ts'
export type { Lowered } from './program/lower.ts'
export { lower } from './program/lower.ts'
export { printProgram } from './program/text.ts'
export type { Block, Program, Step } from './program/types.ts'
export { version } from './version.ts'
