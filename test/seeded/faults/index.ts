import { checkers } from './checkers.ts'
import { codegen } from './codegen.ts'
import { drivers } from './drivers.ts'
import { gradients } from './gradients.ts'
import { graph } from './graph.ts'
import { passes } from './passes.ts'
import { runtime } from './runtime.ts'
import { specs } from './specs.ts'

/** Every fault, by the part of the house that it is put into. */
export const areas = { passes, checkers, codegen, drivers, runtime, graph, gradients, specs } as const
export const faults = Object.values(areas).flat()
