// Requirements: K4

import { describe, expect, test } from 'vitest'
import type { NodeId } from '../../graph/arena.ts'
import { print } from '../../graph/text.ts'
import { difference, runIn, someValue, stream } from '../arbitraries/world.ts'
import { compiled, runCompiled } from '../targets/compiled.ts'
import { Draft } from '../targets/draft.ts'
import { targets } from './compile.ts'

/** Shapes that grow by joins of what is computed, of parts of it, of what lies in memory, and of joins. */
const joining = (seed: number, named: boolean) => {
  const next = stream(seed)
  const d = new Draft()
  const x = d.in(named ? 'f64[n,5,6]' : 'f64[7,5,6]')
  const y = d.in('f32[4,9]')
  const axis = next(3)
  const slice = (of: NodeId, on: number, start: number, stop: number | null): NodeId =>
    d.add('slice', { axis: on, start, stop, step: 1, dim: `p${on}${start}${stop}` }, [of])
  const inner = d.add('mul', {}, [slice(x, axis, 1, -1), d.add('exp', {}, [slice(x, axis, 1, -1)])])
  let v = d.add('concat', { axis, dim: 'joined' }, [slice(x, axis, 0, 1), inner, slice(x, axis, -1, null)])
  if (next(2) === 0)
    v = d.add('concat', { axis: (axis + 1) % 3, dim: 'twice' }, [v, d.add('neg', {}, [v]), d.add('sqrt', {}, [v])])
  if (next(3) === 0) v = d.add('add', {}, [v, v])
  const flat = d.add('concat', { axis: next(2), dim: 'flat' }, [y, d.add('abs', {}, [y]), d.add('sigmoid', {}, [y]), y])
  const sum = next(2) === 0 ? flat : d.add('reduce', { how: 'sum', axes: [0] }, [flat])
  return d.graph(d.record(v, sum, ...(next(2) === 0 ? [inner] : [])))
}

describe.each(targets)('joins, on %s', (target) => {
  test('mean what the interpreter says, whatever they join', async () => {
    for (let k = 0; k < 40; k++) {
      const g = joining(k, k % 2 === 0)
      const c = await compiled(g, target)
      for (const n of k % 2 === 0 ? [0, 1, 2, 7] : [7]) {
        const next = stream(k)
        const inputs = Object.fromEntries(
          g.inputs.map(([name, type]) => [name, someValue(type, next, new Map([['n', n]]))]),
        )
        const settings = { seed: 1, faults: 0 }
        const found = difference(runIn(g, inputs, settings), await runCompiled(c, inputs, settings))
        if (found !== undefined) throw new Error(`${n}: ${found}\n${print(g)}`)
      }
    }
  })
  test('one step of a stencil is one kernel', async () => {
    const d = new Draft()
    const u = d.in('f64[9,8]')
    const part = (of: NodeId, axis: number, start: number, stop: number): NodeId =>
      d.add('slice', { axis, start, stop, step: 1, dim: '' }, [of])
    const middle = (from: number, to: number): NodeId => part(part(u, 0, from, from + 7), 1, to, to + 6)
    const sum = d.add('add', {}, [
      d.add('add', {}, [middle(0, 1), middle(2, 1)]),
      d.add('add', {}, [middle(1, 0), middle(1, 2)]),
    ])
    const rows = part(u, 0, 1, 8)
    const wide = d.add('concat', { axis: 1, dim: '' }, [part(rows, 1, 0, 1), sum, part(rows, 1, 7, 8)])
    const g = d.graph(d.add('concat', { axis: 0, dim: '' }, [part(u, 0, 0, 1), wide, part(u, 0, 8, 9)]))
    expect((await compiled(g, target)).manifest.kernels.length).toBe(1)
  })
})
