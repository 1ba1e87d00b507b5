import { inventoryOf } from '../../codegen/inventory.ts'
import type { Graph } from '../../graph/graph.ts'
import { digest } from '../../graph/text.ts'
import { showType } from '../../graph/types.ts'
import type { Optimised } from '../../passes/index.ts'
import type { Assumption } from '../../runtime/assumption.ts'
import type { EffectView } from './effects.ts'
import { effectsOf } from './effects.ts'
import type { KernelView, QueryView } from './view.ts'
import { kernelsOf, queriesOf } from './view.ts'

/** Everything `explain` has to say about a graph, before it is put into words. */
export interface Explained {
  readonly file: string
  readonly source: Graph<'source'>
  readonly optimised: Optimised
  readonly digest: string
  readonly output: string
  readonly queries: readonly QueryView[]
  readonly effects: readonly EffectView[]
  readonly kernels: readonly KernelView[]
  readonly assumptions: readonly Assumption[]
  readonly target: 'ts' | 'wasm'
}

export const gather = (
  file: string,
  source: Graph<'source'>,
  optimised: Optimised,
  target: 'ts' | 'wasm',
): Explained => ({
  file,
  source,
  optimised,
  target,
  digest: digest(source),
  output: showType(source.arena.typeOf(source.root)),
  queries: queriesOf(source, optimised.graph),
  effects: effectsOf(optimised.graph),
  kernels: kernelsOf(optimised.graph),
  assumptions: inventoryOf(optimised.graph, target),
})
