// Requirements: K2

import { describe, expect, test } from 'vitest'
import { compile } from '../../compile.ts'
import type { Graph } from '../../graph/graph.ts'
import { cond, fx, graph, matmul, softmax, t } from '../../graph/index.ts'
import { print } from '../../graph/text.ts'
import type { RecordValue, TensorValue } from '../../graph/values.ts'
import { isTensorValue, sameValue } from '../../graph/values.ts'
import { bindKernels } from '../../runtime/bind.ts'
import { load } from '../../runtime/index.ts'
import { runIn, someValue, stream } from '../arbitraries/world.ts'
import { must, targets } from '../kernels/compile.ts'
import { fill } from '../kernels/values.ts'
import { compiled } from '../targets/compiled.ts'
import { arrayGraph } from './shapes.ts'

const cases = Number(process.env.QUOIN_CASES ?? 60)
const column = (n: number, seed: number): Float64Array =>
  (fill('f64', [n], seed, 0) as TensorValue).data as Float64Array

describe.each(targets)('prepared, on %s', (target) => {
  test(`${cases} graphs give what the interpreter gives, again and again`, { timeout: 600_000 }, async () => {
    let ready = 0
    for (let k = 0; k < cases; k++) {
      const g: Graph<'source'> = arrayGraph(4000 + k, 4 + (k % 12), k % 2 === 0)
      const kernels = must(await bindKernels(await compiled(g, target)))
      const sizes = new Map([['n', 256]])
      const shapes = new Map(
        g.inputs.map(([n, ty]) => [
          n,
          ty.kind === 'tensor' ? ty.shape.map((d) => (typeof d === 'number' ? d : sizes.get(d)!)) : [],
        ]),
      )
      const p = kernels.prepare(shapes, new Map())
      if (p._tag === 'Left') {
        expect(p.left._tag).toBe('InvalidInput')
        continue
      }
      ready++
      // Inputs that are not filled in again must still be there in the second run.
      for (const world of [k, k, k + 1]) {
        const next = stream(world)
        const inputs = Object.fromEntries(g.inputs.map(([n, ty]) => [n, someValue(ty, next, sizes)]))
        for (const [n, v] of Object.entries(inputs)) {
          const cells = p.right.input(n) as Float64Array | undefined
          if (isTensorValue(v)) cells?.set(v.data as Float64Array)
          else if (cells !== undefined) cells[0] = v as never
        }
        p.right.run()
        p.right.run()
        const { answer } = runIn(g, inputs, { seed: 1, faults: 0 })
        expect(sameValue(p.right.value(), must(answer)), print(g)).toBe(true)
      }
      p.right.close()
    }
    expect(ready).toBeGreaterThan(cases / 4)
  })

  const chain = graph('chain', { a: t.tensor(t.f64, 'n'), b: t.tensor(t.f64, 'n') }, ({ a, b }) => ({
    y: fx`${a}*${b} + 1`,
    s: fx`${a} - ${b}`.sum(),
  }))
  test('runs, growth and others that are prepared leave it alone', async () => {
    const loaded = must(
      await load<object, { y: Float64Array; s: number }>(must(await compile(chain, { target })) as never),
    )
    const [p, q] = [must(loaded.prepare({ n: 1000 })), must(loaded.prepare({ n: 300 }))]
    const [a, b] = [column(1000, 1), column(1000, 2)]
    const cells = p.input as { a: Float64Array; b: Float64Array }
    cells.a.set(a)
    cells.b.set(b)
    must(p.run())
    const expected = [...a].map((x, i) => x * b[i]! + 1)
    // Far more than there is room for so far.
    const large = new Float64Array(300_000).fill(2)
    const other = must(await loaded.run({ a: large, b: large }))
    expect(other.y.every((x) => x === 5)).toBe(true)
    expect([...must(p.output()).y]).toEqual(expected)
    expect([...cells.a]).toEqual([...a])
    q.close()
    must(p.run())
    expect([...must(p.output()).y]).toEqual(expected)
    p.close()
    expect(p.run()).toMatchObject({ _tag: 'Left', left: { _tag: 'InvalidInput' } })
    expect(p.output()._tag).toBe('Left')
    // What was given back is used again, whatever the order it was closed in.
    const before = loaded.kernelMemory().peakBytes
    for (let k = 0; k < 50; k++) {
      const [r, s] = [must(loaded.prepare({ n: 1000 })), must(loaded.prepare({ n: 1000 }))]
      r.close()
      s.close()
    }
    expect(loaded.kernelMemory().peakBytes).toBe(before)
  })

  test('what cannot be prepared is told as a value', async () => {
    const choosing = graph('choosing', { a: t.tensor(t.f64, 4), c: t.bool }, ({ a, c }) => ({
      y: cond(
        c,
        () => a.mul(2),
        () => a.sub(1),
      ),
    }))
    const loaded = must(await load(must(await compile(choosing, { target }))))
    expect(loaded.prepare()).toMatchObject({ _tag: 'Left', left: { _tag: 'InvalidInput' } })
    const sized = must(await load(must(await compile(chain, { target }))))
    expect(sized.prepare()).toMatchObject({ _tag: 'Left', left: { _tag: 'InvalidInput' } })
    expect(sized.prepare({ n: -1 })).toMatchObject({ _tag: 'Left', left: { _tag: 'InvalidInput' } })
    expect(sized.prepare({ n: 1e12 })).toMatchObject({ _tag: 'Left', left: { _tag: 'ResourceExceeded' } })
    if (target === 'wasm')
      expect(sized.prepare({ n: 5e8 })).toMatchObject({ _tag: 'Left', left: { _tag: 'ResourceExceeded' } })
  })

  test('a result that becomes an input of the next run', async () => {
    const x = t.tensor(t.f64, 'n')
    const g = graph('steps', { u: x, p: x }, ({ u, p }) => ({ v: fx`${u}*0.5 + ${p}`, s: u.sum() }))
    type Out = { readonly v: Float64Array; readonly s: number }
    const loaded = must(await load<{ u: object; p: object }, Out>(must(await compile(g, { target })) as never))
    const p = must(loaded.prepare({ n: 100 }, { u: 'v' }))
    const cells = (name: 'u' | 'p'): Float64Array => p.input[name] as Float64Array
    let [u, by] = [column(100, 5), column(100, 6)]
    cells('u').set(u)
    cells('p').set(by)
    for (let k = 0; k < 7; k++) {
      must(p.run())
      const expected: Out = must(await loaded.run({ u, p: by }))
      const found = must(p.output())
      expect([...found.v]).toEqual([...expected.v])
      expect(found.s).toBe(expected.s)
      u = expected.v
      expect([...cells('u')]).toEqual([...u])
      // What is carried may be changed in between.
      if (k === 3) {
        cells('u')[0] = 9
        by = column(100, 7)
        cells('p').set(by)
        u = u.with(0, 9)
      }
    }
    for (const carry of [{ u: 's' }, { p: 'w' }, { u: 'v', p: 'v' }] as never[])
      expect(loaded.prepare({ n: 100 }, carry)).toMatchObject({ _tag: 'Left', left: { _tag: 'InvalidInput' } })
  })

  test('several kernels of one frame, over tensors of rank two', async () => {
    const x = t.tensor(t.f32, 20, 30)
    const g = graph('layers', { x, w: t.tensor(t.f32, 30, 9) }, ({ x, w }) => ({ y: softmax(matmul(x, w)) }))
    const loaded = must(
      await load<never, { y: { shape: number[]; data: Float32Array } }>(must(await compile(g, { target })) as never),
    )
    const p = must(loaded.prepare())
    const given: RecordValue = { x: fill('f32', [20, 30], 1, 0), w: fill('f32', [30, 9], 2, 0) }
    for (const k of ['x', 'w'] as const)
      (p.input as Record<string, Float32Array>)[k]!.set((given[k] as TensorValue).data as Float32Array)
    must(p.run())
    const expected = must(await loaded.run(given as never))
    expect(must(p.output()).y.shape).toEqual([20, 9])
    expect([...must(p.output()).y.data]).toEqual([...expected.y.data])
  })
})
