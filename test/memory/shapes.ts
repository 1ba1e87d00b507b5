import type { NodeId } from '../../graph/arena.ts'
import type { Graph } from '../../graph/graph.ts'
import type { TensorType } from '../../graph/types.ts'
import { stream } from '../arbitraries/world.ts'
import { Draft } from '../targets/draft.ts'

const sides = [[16, 16], [4, 64], [1000], [8, 32], [256], [3, 5, 7]] as const

/**
 * A random graph of array operations on known shapes: chains, rows and columns, products, sums that split kernels, values
 * used at once and much later. `named` gives every size of 256 a name instead.
 */
export const arrayGraph = (seed: number, steps = 25, named = false): Graph<'source'> => {
  const next = stream(seed)
  const d = new Draft()
  const size = (n: number): number | string => (named && n === 256 ? 'n' : n)
  const pool: NodeId[] = sides.map((s) => d.in(`f64[${s.map(size).join(',')}]`))
  const shape = (id: NodeId) => (d.arena.typeOf(id) as TensorType).shape
  const pick = (fits: (id: NodeId) => boolean = () => true): NodeId => {
    const found = pool.filter(fits)
    return found[Math.max(found.length - 1 - next(next(3) === 0 ? found.length : 4), 0)]!
  }
  for (let k = 0; k < steps; k++) {
    const x = pick()
    const s = shape(x)
    const like = (id: NodeId): boolean => String(shape(id)) === String(s)
    switch (next(9)) {
      case 0:
      case 1:
      case 2:
        pool.push(d.add(next(2) === 0 ? 'add' : 'mul', {}, [x, pick(like)]))
        break
      case 3:
        pool.push(d.add('sigmoid', {}, [x]))
        break
      case 4: {
        if (s.length === 0) break
        const axis = next(s.length)
        const sum = d.add('reduce', { how: next(2) === 0 ? 'sum' : 'max', axes: [axis] }, [x])
        const axes = s.map((_, i) => i).filter((i) => i !== axis)
        pool.push(d.add('sub', {}, [x, d.add('broadcast', { shape: s, axes }, [sum, x])]))
        break
      }
      case 5:
        if (s.length > 0) pool.push(d.add('cumsum', { axis: next(s.length) }, [x]))
        break
      case 6:
        if (s.length === 2) pool.push(d.add('transpose', { perm: [1, 0] }, [x]))
        break
      case 7: {
        const y = s.length !== 2 ? undefined : pool.findLast((id) => shape(id).length === 2 && shape(id)[0] === s[1])
        if (y !== undefined) pool.push(d.add('contract', { batch: 0 }, [x, y]))
        break
      }
      default:
        pool.push(d.add('reduce', { how: 'sum', axes: s.map((_, i) => i) }, [x]))
        if (s.length > 0)
          pool.push(d.add('mul', {}, [x, d.add('broadcast', { shape: s, axes: [] }, [pool.at(-1)!, x])]))
    }
  }
  const out = Array.from({ length: 3 }, () => pick((id) => pool.indexOf(id) >= sides.length) ?? pool[0]!)
  return d.graph(d.record(...out))
}
