import type { Arena, Region } from '../../graph/arena.ts'
import type { Dims } from './dims.ts'
import type { Id, Inst } from './ir.ts'
import { pull } from './pull.ts'
import type { finishedProduct } from './region.ts'
import { shapeOf } from './region.ts'
import type { Place } from './ssa.ts'
import { instructions } from './ssa.ts'

/** What is made of the cells of a product before they are stored for good. */
export interface Finish {
  /**
   * The steps at a place, their values numbered from `from` on, and the result. `sum` is the cell of the product; without
   * it the cell is read from the result, where it lies.
   */
  readonly at: (
    place: Place,
    from: Id,
    sum?: Id,
  ) => { readonly before: readonly Inst[]; readonly body: readonly Inst[]; readonly value: Id }
  /** How many numbers the values take. */
  readonly size: number
}

export const finishOf = (
  arena: Arena,
  region: Region,
  dims: Dims,
  { product, output }: NonNullable<ReturnType<typeof finishedProduct>>,
): Finish => {
  const { ssa, at } = pull(arena, region, dims, dims.sizes(shapeOf(output.type)))
  const [root, cell] = [at(output.id), at(product.id)]
  return {
    size: ssa.nodes.length,
    at: (place, from, sum) => {
      const name = (id: Id): Id => (id === cell && sum !== undefined ? sum : id + from)
      const renamed = (insts: readonly Inst[]): Inst[] =>
        insts.flatMap((i): Inst[] => {
          if (i.id === cell && sum !== undefined) return []
          const id = i.id + from
          if (i.i === 'fetch') return [{ ...i, id, index: name(i.index) }]
          return 'args' in i ? [{ ...i, id, args: i.args.map(name) } as Inst] : [{ ...i, id }]
        })
      const { before, body } = instructions(ssa, [root], place)
      return { before: renamed(before), body: renamed(body), value: name(root) }
    },
  }
}
