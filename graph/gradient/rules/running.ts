import type { NodeId } from '../../arena.ts'
import type { AttrsOf } from '../../ops/index.ts'
import { lit } from '../cells.ts'
import type { CellRule } from '../rule.ts'

/** Steps of 1, 2, 4 … that reach over an axis; over a named one, over every size that memory allows. */
const reach = (size: number | string): readonly number[] => {
  const most = typeof size === 'number' ? size : 2 ** 31
  return Array.from({ length: 32 - Math.clz32(Math.max(1, most) - 1) }, (_, k) => 2 ** k)
}

/**
 * What flows into a cell of a running product is the product before it times r, where r of a cell is its g, and the next
 * cell times the r of that. Dividing what comes after by the cell would be shorter, and wrong where a product is 0. The
 * recurrence runs by doubling: r over 2n cells follows from r over n cells, so as many passes as the size has bits do.
 */
export const runningProduct: CellRule = (c, g, node) => {
  const { axis } = node.op.attrs as AttrsOf<'cumulate'>
  const perm = [axis, ...c.rest(node.id, [axis])]
  const back = perm.map((_, k) => perm.indexOf(k))
  const x = c.transpose(node.args[0]!, perm)
  return [
    () => {
      const [line, size] = [c.places(x, 0), c.size(x, 0)]
      const further = (y: NodeId, by: number): NodeId => c.make('gather', {}, y, c.add(line, lit(by)))
      const { elem } = c.tensor(x)
      let flow = c.cutLike(g, c.transpose(g, perm))
      let factor = further(x, 1)
      for (const by of reach(c.shape(x)[0]!)) {
        // Not `line + by < size`, which would not fit.
        const within = c.along(c.prim('lt', line, c.sub(size, lit(by))), x, 0)
        const more = c.only(within, c.scale(c.cutLike(g, further(flow, by)), factor))
        flow = c.cutLike(g, c.add(flow, more))
        factor = c.select(within, c.mul(factor, further(factor, by)), lit(1), elem)
      }
      const last = c.make('gather', {}, c.transpose(node.id, perm), c.sub(line, lit(1)))
      const before = c.select(c.along(c.prim('eq', line, lit(0)), x, 0), lit(1), last, elem)
      return c.transpose(c.scale(flow, before), back)
    },
  ]
}
