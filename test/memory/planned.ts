import type { Kernel } from '../../codegen/kernels/index.ts'
import { placed } from '../../codegen/memory/index.ts'
import { lower } from '../../codegen/program/lower.ts'
import type { Program } from '../../codegen/program/types.ts'
import { isLeft } from '../../graph/either.ts'
import type { Graph } from '../../graph/graph.ts'
import { optimise } from '../../passes/index.ts'
import type { MemoryPlan } from '../../runtime/kernels.ts'

export interface Planned {
  readonly program: Program
  readonly kernels: readonly Kernel[]
  readonly plan: MemoryPlan
}
/** The memory plan of a graph as the compiler makes it; `apart` as for WebAssembly. */
export const planned = (g: Graph, apart: boolean): Planned => {
  const lowered = lower(optimise(g).graph)
  if (isLeft(lowered)) throw new Error(lowered.left.cause)
  const { program, kernels } = lowered.right
  return { program, kernels, plan: placed(program, kernels, apart) }
}
