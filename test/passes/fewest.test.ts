// Requirements: E3

import { describe, expect, test } from 'vitest'
import { lowerKernel } from '../../codegen/kernels/index.ts'
import type { NodeId, NodeView } from '../../graph/arena.ts'
import type { Type } from '../../graph/types.ts'
import { postorder } from '../../graph/walk.ts'
import { describeError, fx, gather, graph, layerNorm, log, sigmoid, softmax, std, t, variance } from '../../index.ts'
import { optimise } from '../../passes/index.ts'

/** After all passes: loops that read arrays of the greatest rank, and such arrays that one of them leaves for another. */
const plan = (built: {
  readonly sealed: ReturnType<typeof graph>['sealed']
}): { readonly loops: number; readonly kept: number } => {
  if (built.sealed._tag === 'Left') throw new Error(describeError(built.sealed.left))
  const { graph: g, failures } = optimise(built.sealed.right)
  expect(failures).toEqual([])
  const nodes = postorder(g.arena, g.root).map((id) => g.arena.node(id))
  const rankOf = (type: Type): number => (type.kind === 'tensor' ? type.shape.length : 0)
  const rank = Math.max(...g.inputs.map(([, type]) => rankOf(type)))
  const large = (id: NodeId): boolean => rankOf(g.arena.typeOf(id)) === rank
  const reads = (n: NodeView): boolean => {
    const kernel = lowerKernel(g.arena, n.regions[0]!, 'k')
    if (kernel._tag === 'Left') throw new Error(kernel.left)
    return kernel.right.descriptor.inputs.some((i) => i.read && i.shape.length === rank)
  }
  const kernels = new Set(nodes.filter((n) => n.op.name === 'kernel' && reads(n)).map((n) => n.id))
  const handed = new Set(nodes.filter((n) => kernels.has(n.id)).flatMap((n) => n.args))
  const made = nodes.filter((n) => n.op.name === 'field' && kernels.has(n.args[0]!) && large(n.id))
  return { loops: kernels.size, kept: made.filter((n) => handed.has(n.id)).length }
}
const x = { x: t.tensor(t.f64, 'n') }
const rows = { x: t.tensor(t.f64, 'n', 'm'), gain: t.tensor(t.f64, 'm'), bias: t.tensor(t.f64, 'm') }

describe('as few passes over memory as the fixed meaning allows', () => {
  test.each([
    ['variance is one loop', graph('v', x, (i) => variance(i.x)), { loops: 1, kept: 0 }],
    [
      'all moments are one loop',
      graph('m', x, (i) => ({ m: i.x.mean(), s: std(i.x), n: i.x.sum() })),
      { loops: 1, kept: 0 },
    ],
    // The exponentials are kept, because computing them twice costs more than a pass over memory.
    [
      'softmax is greatest, exponentials with their sum, quotients',
      graph('s', x, (i) => softmax(i.x)),
      { loops: 3, kept: 1 },
    ],
    ['softmax by rows as well', graph('r', { x: rows.x }, (i) => softmax(i.x)), { loops: 3, kept: 1 }],
    [
      'layerNorm is moments, then the result',
      graph('l', rows, (i) => layerNorm(i.x, i.gain, i.bias)),
      { loops: 2, kept: 0 },
    ],
    [
      'log-loss and Brier score are one loop without an array',
      graph('g', { x: t.tensor(t.f64, 'n'), y: t.tensor(t.f64, 'n') }, (i) => {
        const p = sigmoid(i.x)
        return {
          loss: fx`${i.y} * ${log(p)} + (1 - ${i.y}) * ${log(fx`1 - ${p}`)}`.mean(),
          brier: fx`(${p} - ${i.y})^2`.mean(),
        }
      }),
      { loops: 1, kept: 0 },
    ],
    [
      'a looked-up column is read where it lies',
      graph('k', { w: t.tensor(t.f64, 'k'), at: t.tensor(t.i32, 'n'), x: t.tensor(t.f64, 'n') }, (i) =>
        fx`${gather(i.w, i.at)} * ${i.x}`.sum(),
      ),
      // The claim that the indices lie inside is the other loop.
      { loops: 2, kept: 0 },
    ],
    ['one cell needs no loop of its own', graph('o', x, (i) => fx`${i.x} - ${i.x.at(3)}`.sum()), { loops: 1, kept: 0 }],
    [
      'a reshape is read through',
      graph('h', { x: t.tensor(t.f64, 6, 4) }, (i) => fx`${i.x.reshape(4, 6)} * 2`.sum()),
      { loops: 1, kept: 0 },
    ],
  ] as const)('%s', (_, built, expected) => {
    expect(plan(built as never)).toEqual(expected)
  })
})
