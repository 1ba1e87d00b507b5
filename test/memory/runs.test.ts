// Requirements: E4 E6

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compile } from '../../compile.ts'
import { fx, graph, loop, t } from '../../graph/index.ts'
import { print } from '../../graph/text.ts'
import { bindKernels } from '../../runtime/bind.ts'
import { load } from '../../runtime/index.ts'
import { bindWasm } from '../../runtime/kernels.ts'
import { graphs } from '../arbitraries/graphs.ts'
import { difference, runIn, someValue, stream } from '../arbitraries/world.ts'
import { must, targets } from '../kernels/compile.ts'
import { compiled, runCompiled } from '../targets/compiled.ts'
import { bytesWith } from './live.ts'
import { arrayGraph } from './shapes.ts'

const seed = Number(process.env.QUOIN_SEED ?? 20261121)
const cases = Number(process.env.QUOIN_CASES ?? 60)
const randomly = (next: (below: number) => number): (() => Promise<void>) => {
  return async () => {
    for (let k = next(4); k > 0; k--) await null
    if (next(3) === 0) await new Promise((r) => setTimeout(r, next(3)))
  }
}

describe.each(targets)('on %s', (target) => {
  test(`${cases} graphs answer the same with a memory plan, without one, and as the interpreter does`, {
    timeout: 600_000,
  }, async () => {
    let plans = 0
    const property = fc.asyncProperty(graphs(), fc.nat(1000), async ({ graph: g, inputs }, world) => {
      const settings = { seed: world, faults: world % 3 === 0 ? 5 : 0 }
      const expected = runIn(g, inputs, settings)
      const [plain, planned] = [await compiled(g, target, { off: ['memory'] }), await compiled(g, target)]
      expect(plain.manifest.memory).toBeUndefined()
      plans += planned.manifest.memory?.frames.length ?? 0
      for (const c of [plain, planned]) {
        const found = difference(expected, await runCompiled(c, inputs, settings))
        if (found !== undefined) throw new Error(`${found}\n${print(g)}`)
      }
    })
    await fc.assert(property, { numRuns: cases, seed })
    expect(plans).toBeGreaterThan(cases / 4)
  })

  test(`${cases} graphs of arrays in which buffers take turns`, { timeout: 600_000 }, async () => {
    let peak = 0
    for (let k = 0; k < cases; k++) {
      const g = arrayGraph(seed + 31 * k, 8 + (k % 40), k % 3 === 0)
      const c = await compiled(g, target)
      const kernels = must(await bindKernels(c))
      // The second run meets what the first one left in memory.
      for (const world of [k, k + 1]) {
        const next = stream(world)
        const sizes = new Map([['n', 256]])
        const inputs = Object.fromEntries(g.inputs.map(([n, type]) => [n, someValue(type, next, sizes)]))
        const settings = { seed: 1, faults: 0 }
        const shared = { kernels, pause: () => Promise.resolve() }
        const found = difference(runIn(g, inputs, settings), await runCompiled(c, inputs, settings, shared))
        if (found !== undefined) throw new Error(`${found}\n${print(g)}`)
      }
      const { bytes, slots } = c.manifest.memory!.bound
      const most = slots.reduce((b, s) => b + Math.ceil(bytesWith(s, 256) / 64) * 64, bytes)
      peak = Math.max(peak, kernels.memory().peakBytes)
      expect(kernels.memory().peakBytes).toBeLessThanOrEqual(most)
    }
    expect(peak).toBeGreaterThan(1000)
  })

  test(`overlapping runs of one artefact do not meet in memory, ${cases} graphs`, { timeout: 600_000 }, async () => {
    let overlapped = 0
    const property = fc.asyncProperty(graphs(), fc.nat(1000), async ({ graph: g, inputs }, world) => {
      const c = await compiled(g, target)
      const kernels = must(await bindKernels(c))
      const next = stream(world)
      const runs = await Promise.all(
        Array.from({ length: 5 }, async (_, k) => {
          const settings = { seed: world + k, faults: k === 4 ? 5 : 0 }
          const pause = randomly(stream(next(1e6)))
          return { settings, got: await runCompiled(c, inputs, settings, { kernels, pause }) }
        }),
      )
      if (c.manifest.effects.length > 0 && c.manifest.memory !== undefined) overlapped++
      for (const { settings, got } of runs) {
        const found = difference(runIn(g, inputs, settings), got)
        if (found !== undefined) throw new Error(`${found}\n${print(g)}`)
      }
    })
    await fc.assert(property, { numRuns: cases, seed: seed + 1 })
    expect(overlapped).toBeGreaterThan(cases / 5)
  })

  const x = t.tensor(t.f64, 500)
  const steps = graph('steps', { x, y: x }, ({ x, y }) => {
    const e = fx`exp(${x} - ${x.max()})`
    const p = fx`${e} / ${e.sum()}`
    const q = fx`${p} * ${y} - ${y.mean()}`
    const root = loop(q.sum(), {
      max: 5,
      while: (s) => s.lt(1000),
      step: (s) => fx`(${s} + ${fx`${q} * ${s}`.sum()}) / 2`,
    })
    return { z: fx`${q} / (1 + ${root})` }
  })

  test('a thousand runs over known shapes allocate nothing but what they give', async () => {
    const c = must(await compile(steps, { target }))
    const loaded = must(await load(c))
    const input = { x: Float64Array.from({ length: 500 }, (_, i) => i / 100), y: new Float64Array(500).fill(2) }
    const first = must(await loaded.run(input))
    const before = loaded.kernelMemory()
    for (let k = 0; k < 1000; k++) must(await loaded.run(input))
    const after = loaded.kernelMemory()
    expect(must(await loaded.run(input))).toEqual(first)
    expect(c.manifest.kernels.length).toBeGreaterThan(3)
    expect(c.manifest.memory!.bound.slots).toEqual([])
    expect(after.grown).toBe(before.grown)
    expect(after.peakBytes).toBe(before.peakBytes)
    expect(after.peakBytes).toBeLessThanOrEqual(c.manifest.memory!.bound.bytes)
    // q goes into the loop, whose body has a frame of its own; z is the result.
    expect(after.arrays - before.arrays).toBe(2 * 1000)
  })

  test('a run within a run, started by who watches it', async () => {
    const loaded = must(await load(must(await compile(steps, { target }))))
    const inputs = [1, 2].map((k) => ({
      x: Float64Array.from({ length: 500 }, (_, i) => (i * k) / 100),
      y: new Float64Array(500).fill(k),
    }))
    const alone = await Promise.all(inputs.map((i) => loaded.run(i)))
    const within: Promise<unknown>[] = []
    const outer = await loaded.run(inputs[0]!, { trace: () => void within.push(loaded.run(inputs[1]!)) })
    expect(outer).toEqual(alone[0])
    expect(within.length).toBeGreaterThan(3)
    for (const w of within) expect(await w).toEqual(alone[1])
  })
})

test('memory that does not suffice is an error with its bound, and the next run goes on', async () => {
  const n = t.tensor(t.f64, 'n')
  const g = graph('double', { x: n }, ({ x }) => ({ y: fx`exp(${x} - ${x.max()})` }))
  const c = must(await compile(g))
  const { kernels, memory } = c.manifest
  const bytes = c.files['kernels.wasm']!
  const bound = must(bindWasm(kernels, bytes, { maxBytes: 1 << 20 }, memory))
  const call = (cells: number) => {
    const f = bound.enter(0)
    const r = bound.call(f, 0, [{ shape: [cells], data: new Float64Array(cells).fill(1) }])
    bound.leave(f)
    return r
  }
  expect(call(200_000)).toMatchObject({ _tag: 'Left', left: { _tag: 'ResourceExceeded', what: 'memory' } })
  expect(call(1000)).toMatchObject({ _tag: 'Right' })
  expect(bound.memory().peakBytes).toBeLessThan(1 << 20)
})
