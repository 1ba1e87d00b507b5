// Requirements: K2 K5 K8

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isLeft } from '../../graph/either.ts'
import { evaluate, runPure } from '../../graph/eval.ts'
import type { Graph } from '../../graph/graph.ts'
import { graph, specialise, t } from '../../graph/index.ts'
import { digest, print } from '../../graph/text.ts'
import type { Dim, Type } from '../../graph/types.ts'
import { isRagged } from '../../graph/types.ts'
import type { TensorValue, Value } from '../../graph/values.ts'
import { compile, load } from '../../index.ts'
import { optimise } from '../../passes/index.ts'
import { graphs } from '../arbitraries/graphs.ts'
import { difference, runIn } from '../arbitraries/world.ts'
import { compiled, runCompiled } from '../targets/compiled.ts'
import { Draft } from '../targets/draft.ts'

const seed = Number(process.env.QUOIN_SEED ?? 20261121)
const must = <A>(e: { _tag: 'Left'; left: unknown } | { _tag: 'Right'; right: A }): A => {
  if (isLeft(e)) throw new Error(JSON.stringify(e.left))
  return e.right
}
const sizesOf = (of: readonly (readonly [string, Type])[], values: Readonly<Record<string, Value>>) => {
  const sizes: Record<string, number> = {}
  for (const [name, type] of of) {
    if (type.kind !== 'tensor') continue
    type.shape.forEach((d: Dim, k) => {
      if (typeof d === 'string' && !isRagged(d)) sizes[d] = (values[name] as TensorValue).shape[k]!
    })
  }
  return sizes
}

describe(`one shape of a graph means what the graph means (seed ${seed})`, () => {
  test('by the interpreter, and optimised', () => {
    let literal = 0
    const property = fc.property(graphs(), fc.nat(1000), fc.constantFrom(0, 3), (it, s, faults) => {
      const sizes = sizesOf(it.graph.inputs, it.inputs)
      expect(Object.keys(sizes).sort()).toEqual(['m', 'n'])
      const one = must(specialise(it.graph, sizes))
      if (!print(one).includes('[n')) literal++
      const world = { seed: s, faults }
      const before = runIn(it.graph, it.inputs, world)
      expect(difference(before, runIn(one, it.inputs, world))).toBeUndefined()
      const fast = optimise(one)
      expect(fast.failures).toEqual([])
      expect(difference(before, runIn(fast.graph, it.inputs, world))).toBeUndefined()
    })
    fc.assert(property, { numRuns: 300, seed })
    expect(literal).toBeGreaterThan(100)
  })
  test.each(['ts', 'wasm'] as const)('on %s', async (target) => {
    const property = fc.asyncProperty(graphs({ steps: 12 }), async (it) => {
      const c = await compiled(it.graph, target, { dims: sizesOf(it.graph.inputs, it.inputs) })
      const world = { seed: 1, faults: 0 }
      expect(difference(runIn(it.graph, it.inputs, world), await runCompiled(c, it.inputs, world))).toBeUndefined()
    })
    await fc.assert(property, { numRuns: 25, seed })
  })
})

const dot = graph('dot', { x: t.tensor(t.f64, 'n'), y: t.tensor(t.f64, 'n') }, ({ x, y }) => ({ s: x.mul(y).sum() }))
const source = must(dot.sealed) as Graph<'source'>

test('code for one shape is other code, with another digest', async () => {
  const [general, three, four] = await Promise.all(
    [undefined, { n: 3 }, { n: 4 }].map((dims) => compile(dot, dims === undefined ? {} : { dims })),
  )
  const parts = [general!, three!, four!].map((c) => must(c))
  const digests = parts.map((c) => digest(c.source))
  expect(new Set(digests).size).toBe(3)
  expect(new Set(parts.map((c) => c.manifest.key)).size).toBe(3)
  expect(new Set(parts.map((c) => Buffer.from(c.files['kernels.wasm']!).toString('hex'))).size).toBe(3)
  expect(must(await compile(dot, { dims: { n: 3 } })).files['module.js']).toBe(parts[1]!.files['module.js'])
  expect(digest(source)).toBe(digests[0])
})
test('it refuses inputs of another size', async () => {
  const loaded = must(await load(must(await compile(dot, { dims: { n: 3 } })), {}))
  expect(must(await loaded.run({ x: [1, 2, 3], y: [1, 1, 1] }))).toEqual({ s: 6 })
  const refused = await loaded.run({ x: [1, 2], y: [1, 1] })
  expect(refused).toMatchObject({ _tag: 'Left', left: { _tag: 'InvalidInput', cause: expect.stringContaining('3') } })
  await loaded.close()
})
test.each([
  [{ q: 3 }, "no input has the dimension 'q'"],
  [{ n: -1 }, "dimension 'n' cannot have the size -1"],
  [{ n: 1.5 }, "dimension 'n' cannot have the size 1.5"],
  [{ n: '7' }, "dimension 'n' cannot have the size 7"],
  [null, 'dims is null'],
])('%j is told', async (dims, cause) => {
  const c = await compile(dot, { dims: dims as never })
  expect(c).toMatchObject({ _tag: 'Left', left: { _tag: 'InvalidGraph', cause } })
})
test('parts of dimensions follow them', () => {
  const d = new Draft()
  const [x, y] = [d.in('f64[n]'), d.in('f64[k]')]
  const part = d.add('slice', { axis: 0, start: 0, stop: 2, step: 1, dim: 'p' }, [x])
  const also = d.add('slice', { axis: 0, start: 0, stop: 2, step: 1, dim: 'q' }, [y])
  const g = d.graph(d.record(part, also))
  expect(specialise(g, { n: 2 })._tag).toBe('Right')
  expect(specialise(g, { n: 2, k: 5 })._tag).toBe('Right')
})
test('an empty shape is a shape', () => {
  const none = must(specialise(source, { n: 0 }))
  const answer = runPure(
    evaluate(none, { x: { shape: [0], data: new Float64Array(0) }, y: { shape: [0], data: new Float64Array(0) } }),
    () => {
      throw new Error('asks for nothing')
    },
  )
  expect(must(answer)).toEqual({ s: -0 })
})
