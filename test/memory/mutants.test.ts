// Requirements: E4

import { describe, expect, test } from 'vitest'
import { memoryProblem } from '../../codegen/memory/index.ts'
import type { NodeId } from '../../graph/arena.ts'
import type { Graph } from '../../graph/graph.ts'
import { Draft } from '../targets/draft.ts'
import { mutants } from './mutants.ts'
import type { Planned } from './planned.ts'
import { planned } from './planned.ts'
import { arrayGraph } from './shapes.ts'

const samples: readonly (Planned & { readonly apart: boolean })[] = Array.from({ length: 60 }, (_, k) => {
  const apart = k % 3 > 0
  return { ...planned(arrayGraph(900 + k, 12 + k, k % 5 === 0), apart), apart }
})

describe('plans with a mistake are refused', () => {
  test.each(mutants)('$name', ({ of }) => {
    let tried = 0
    const reasons = new Set<string>()
    for (const s of samples) {
      for (const wrong of of(s.plan)) {
        const found = memoryProblem(s.program, s.kernels, wrong, s.apart)
        expect(found, JSON.stringify(wrong)).toBeDefined()
        reasons.add(found!.replace(/\d+/g, '·'))
        tried++
      }
    }
    process.stdout.write(`${`${tried} refused: ${[...reasons].join(' | ')}`}\n`)
    expect(tried).toBeGreaterThan(10)
  })
})

/** Two kernels in a row, the second of which reads x in some way; its output is put where x lies. */
const over = (read: (d: Draft, x: NodeId) => NodeId): string | undefined => {
  const d = new Draft()
  const x = d.add('cumsum', { axis: 0 }, [d.in('f64[8,8]')])
  const g: Graph<'source'> = d.graph(read(d, x))
  const p = planned(g, true)
  const index = p.plan.calls.findIndex((c) => c.inputs.length > 0 && c.brought.length < c.inputs.length)
  const c = p.plan.calls[index]!
  const f = p.plan.frames[c.frame]!
  const from = c.inputs.find((b, i) => b !== null && !c.brought.includes(i))!
  const buffers = f.buffers.map((b, k) => (k === c.outputs[0] ? { ...b, at: f.buffers[from]!.at } : b))
  const frames = p.plan.frames.map((y, i) => (i === c.frame ? { ...f, buffers } : y))
  return memoryProblem(p.program, p.kernels, { ...p.plan, frames }, true)
}

describe('an output in the place of an input', () => {
  test('is accepted where the kernel goes cell by cell', () => {
    expect(over((d, x) => d.add('exp', {}, [x]))).toBeUndefined()
    expect(over((d, x) => d.add('mul', {}, [x, x]))).toBeUndefined()
    const row = (d: Draft, x: NodeId): NodeId =>
      d.add('sub', {}, [x, d.add('broadcast', { shape: [8, 8], axes: [0] }, [d.in('f64[8]'), x])])
    expect(over(row)).toBeUndefined()
  })
  test.each<readonly [string, (d: Draft, x: NodeId) => NodeId]>([
    ['transposed', (d, x) => d.add('transpose', { perm: [1, 0] }, [x])],
    ['both ways', (d, x) => d.add('add', {}, [x, d.add('transpose', { perm: [1, 0] }, [x])])],
    ['in a product', (d, x) => d.add('contract', { batch: 0 }, [x, x])],
    [
      'in its first row as well',
      (d, x) => {
        const row = d.add('gather', {}, [x, d.literal('i32', 0)])
        return d.add('add', {}, [x, d.add('broadcast', { shape: [8, 8], axes: [1] }, [row])])
      },
    ],
    ['by index', (d, x) => d.add('gather', {}, [x, d.in('i32[8]')])],
    ['once more later', (d, x) => d.record(d.add('exp', {}, [x]), d.add('contract', { batch: 0 }, [x, x]))],
  ])('is refused where it is read %s', (_, read) => expect(over(read)).toBeDefined())
})
