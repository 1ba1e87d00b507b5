// Requirements: E3 E4

import { expect, test } from 'vitest'
import { isLeft } from '../../graph/either.ts'
import type { Graph } from '../../graph/graph.ts'
import type { AttrsOf, OpName } from '../../graph/ops/index.ts'
import { postorder } from '../../graph/walk.ts'
import { runPass, vectorise } from '../../passes/index.ts'
import { difference, runIn, someValue, stream } from '../arbitraries/world.ts'
import { Draft } from '../targets/draft.ts'

type Work = { readonly [N in OpName]?: readonly AttrsOf<N>[] }
/** Operations that move along when a body over f64[2,3] becomes one over the whole list, as they may be used there. */
const works: Work = {
  transpose: [{ perm: [1, 0] }],
  reshape: [{ shape: [3, 2] }, { shape: [6] }],
  slice: [
    { axis: 0, start: 1, stop: null, step: 1, dim: '' },
    { axis: 1, start: 0, stop: null, step: 2, dim: '' },
  ],
  argReduce: [
    { how: 'max', axis: 0 },
    { how: 'min', axis: 1 },
  ],
  cumsum: [{ axis: 0 }, { axis: 1 }],
  cumulate: [
    { how: 'max', axis: 0 },
    { how: 'prod', axis: 1 },
  ],
  argSort: [
    { axis: 0, descending: false },
    { axis: 1, descending: true },
  ],
  reduce: [
    { how: 'sum', axes: [0] },
    { how: 'max', axes: [1] },
    { how: 'sum', axes: [0, 1] },
  ],
  neg: [{}],
}
const cases = Object.entries(works).flatMap(([op, list]) =>
  list.map((attrs) => [op as OpName, attrs as object] as const),
)

const mapped = (op: OpName, attrs: object): Graph<'source'> => {
  const d = new Draft()
  const body = d.body(['f64[2,3]'], (x) => d.add(op, attrs as never, [x]))
  return d.graph(d.add('map', {}, [d.in('list<f64[2,3]>[n]')], [body]))
}

const means = (g: Graph, after: Graph): void => {
  for (let seed = 0; seed < 20; seed++) {
    const inputs = Object.fromEntries(g.inputs.map(([n, t]) => [n, someValue(t, stream(seed), new Map())]))
    expect(difference(runIn(g, inputs, { seed, faults: 0 }), runIn(after, inputs, { seed, faults: 0 }))).toBeUndefined()
  }
}

test('what is the same for every element goes beside each of them', () => {
  const d = new Draft()
  const body = d.body(['f64[2,3]', 'f64[2,3]'], (x, same) => d.add('sub', {}, [x, same]))
  const g = d.graph(d.add('map', {}, [d.in('list<f64[2,3]>[2]'), d.in('f64[2,3]')], [body]))
  const done = runPass(vectorise, g)
  if (isLeft(done)) throw new Error(done.left.cause)
  expect(done.right.step.notes).toEqual([{ text: '1 map became array operations' }])
  means(g, done.right.graph)
})

test.each(cases)('%s %j over a list is one operation on all of it, and means the same', (op, attrs) => {
  const g = mapped(op, attrs)
  const done = runPass(vectorise, g)
  if (isLeft(done)) throw new Error(done.left.cause)
  const after = done.right.graph
  const ops = postorder(after.arena, after.root).map((id) => after.arena.opOf(id).name)
  expect(ops).toContain(op)
  expect(ops).not.toContain('map')
  means(g, after)
})
