// Requirements: E18 K11

import { spawnSync } from 'node:child_process'
import { Worker } from 'node:worker_threads'
import { expect, test, vi } from 'vitest'
import { compile, fx, graph, load, matmul, softmax, t, variance } from '../../index.ts'
import { HelperLost, Helpers, helpersFor } from '../../runtime/kernels.ts'
import { must } from '../kernels/compile.ts'

const numbers = (n: number, seed: number): Float64Array => {
  let x = seed
  return Float64Array.from({ length: n }, () => {
    x = (x * 1664525 + 1013904223) % 2 ** 32
    return x / 2 ** 31 - 1
  })
}
const chained = graph('chained', { x: t.tensor(t.f64, 'n'), y: t.tensor(t.f64, 'n') }, ({ x, y }) => {
  const z = fx`sqrt(abs(${x})) * ${y} - ${x} / (2 + ${y})`
  return { z, sum: z.sum(), spread: variance(z) }
})
const rows = graph('rows', { a: t.tensor(t.f64, 'm', 'k'), b: t.tensor(t.f64, 'k', 'n') }, ({ a, b }) => {
  const c = matmul(a, b)
  return { c, part: softmax(c), totals: c.sum('m') }
})
const bits = (x: unknown): unknown =>
  typeof x === 'number'
    ? [...new Uint8Array(Float64Array.of(x).buffer)]
    : Buffer.from(new Uint8Array((x as Float64Array).slice().buffer)).toString('hex')
const flat = (out: Readonly<Record<string, unknown>>): readonly unknown[] =>
  Object.values(out).map((x) => bits(typeof x === 'object' && x !== null && 'data' in x ? x.data : x))

test('one, two and eight threads give the same bits, also when the memory grows', async () => {
  const [c, r] = [must(await compile(chained)), must(await compile(rows))]
  const found: unknown[] = []
  for (const threads of [1, 2, 8]) {
    const [l, k] = [must(await load(c, {}, { threads })), must(await load(r, {}, { threads }))]
    const out: unknown[] = []
    for (const n of [0, 100, 40_000, 300_001]) {
      const given = { x: numbers(n, 1), y: numbers(n, 2) }
      out.push(flat(must(await l.run(given))))
    }
    for (const [m, n] of [
      [130, 67],
      [9, 500],
    ] as const)
      out.push(
        flat(
          must(
            await k.run({
              a: { shape: [m, 99], data: numbers(m * 99, 3) },
              b: { shape: [99, n], data: numbers(99 * n, 4) },
            }),
          ),
        ),
      )
    expect(l.kernelThreads()).toEqual({ threads, shared: threads === 1 ? 0 : expect.any(Number) })
    if (threads > 1) expect(l.kernelThreads().shared).toBeGreaterThan(0)
    if (threads > 1) expect(k.kernelThreads().shared).toBeGreaterThan(0)
    await Promise.all([l.close(), k.close()])
    expect(l.kernelThreads().threads).toBe(1)
    found.push(out)
  }
  expect(found[1]).toEqual(found[0])
  expect(found[2]).toEqual(found[0])
})

const plain = graph('plain', { x: t.tensor(t.f64, 'n'), y: t.tensor(t.f64, 'n') }, ({ x, y }) => {
  const z = fx`sqrt(abs(${x})) * ${y} - ${x} / (2 + ${y})`
  return { z, sum: z.sum() }
})
test('what is prepared runs on several threads, and its views outlive growth', async () => {
  const c = must(await compile(plain))
  const [one, two] = [must(await load(c)), must(await load(c, {}, { threads: 2 }))]
  const outs = [one, two].map((l) => {
    const p = must(l.prepare({ n: 200_000 }))
    const { x, y } = p.input
    x.set(numbers(200_000, 5) as never)
    // A second one, for which the memory has to grow.
    const q = must(l.prepare({ n: 2_000_000 }))
    y.set(numbers(200_000, 6) as never)
    must(p.run())
    const out = flat(must(p.output()))
    q.close()
    p.close()
    return out
  })
  expect(outs[1]).toEqual(outs[0])
  expect(two.kernelThreads().shared).toBeGreaterThan(0)
  await two.close()
})

test('a part that fails in a thread, or never ends, is an error and no wait without end', async () => {
  const { WebAssembly: W } = globalThis as unknown as {
    WebAssembly: { Module: new (b: Uint8Array) => object; Memory: new (d: object) => object }
  }
  // (module (import "q" "m" (memory 1 1 shared)) (func (export "f") (param i32 i32) (loop (br 0))))
  const forever = Uint8Array.of(
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 6, 1, 0x60, 2, 0x7f, 0x7f, 0, 2, 9, 1, 1, 0x71, 1, 0x6d, 2, 3, 1, 1],
    ...[3, 2, 1, 0, 7, 5, 1, 1, 0x66, 0, 0, 10, 9, 1, 7, 0, 3, 0x40, 0x0c, 0, 0x0b, 0x0b],
  )
  for (const name of ['f', 'missing']) {
    const helpers = new Helpers(300)
    await helpers.grow(1)
    const program = {
      id: 1,
      module: new W.Module(forever),
      memory: new W.Memory({ initial: 1, maximum: 1, shared: true }),
      kernels: [{ name, own: [] }],
      scratch: 0,
    }
    helpers.add(program)
    let mine = 0
    // This thread waits with its part until the helper has taken one.
    const own = (): void => {
      mine++
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
    }
    const call = { program, kernel: 0, params: [], parts: 4, helpers: 1, steps: 4, own }
    expect(() => helpers.run(call)).toThrow(HelperLost)
    expect(mine).toBeLessThan(4)
    await helpers.close()
  }
})

test('threads end with the last that uses them, though others are just starting', async () => {
  const c = must(await compile(plain))
  const given = { x: numbers(300_000, 1), y: numbers(300_000, 2) }
  const terminated = vi.spyOn(Worker.prototype, 'terminate')
  const begun = vi.spyOn(Worker.prototype, 'unref')
  for (let k = 0; k < 3; k++) {
    const first = must(await load(c, {}, { threads: 2 }))
    const growing = load(c, {}, { threads: 4 })
    await new Promise((r) => setTimeout(r, k))
    await first.close()
    const second = must(await growing)
    must(await second.run(given))
    expect(second.kernelThreads()).toEqual({ threads: 4, shared: 1 })
    await second.close()
  }
  expect(begun.mock.calls.length).toBeGreaterThan(9)
  expect(terminated).toHaveBeenCalledTimes(begun.mock.calls.length)
  // What lost its helpers runs alone; what is loaded from then on has new ones.
  const [lost, pool] = [must(await load(c, {}, { threads: 2 })), (await helpersFor(2))!]
  await pool.close()
  const after = must(await load(c, {}, { threads: 2 }))
  expect([lost.kernelThreads().threads, after.kernelThreads().threads]).toEqual([1, 2])
  await Promise.all([lost.close(), after.close()])
})

test('without threads, or with a wish that makes no sense, one thread does everything', async () => {
  const c = must(await compile(chained))
  for (const threads of [0, -3, 1.5, Number.NaN]) {
    const l = must(await load(c, {}, { threads }))
    expect(l.kernelThreads().threads).toBe(1)
    expect((await l.run({ x: numbers(5, 1), y: numbers(5, 2) }))._tag).toBe('Right')
  }
  const ts = must(await load(must(await compile(chained, { target: 'ts' })), {}, { threads: 4 }))
  expect(ts.kernelThreads().threads).toBe(1)
})

test('threads that nobody closes do not keep a process', () => {
  const text = `
    import { compile, graph, load, t } from ${JSON.stringify(new URL('../../index.ts', import.meta.url).href)}
    const g = graph('s', { x: t.tensor(t.f64, 'n') }, ({ x }) => ({ y: x.sum() }))
    const l = (await load((await compile(g)).right, {}, { threads: 3 })).right
    const r = await l.run({ x: new Float64Array(1e6).fill(1) })
    console.log(r.right.y, JSON.stringify(l.kernelThreads()))`
  const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', text], {
    encoding: 'utf8',
    timeout: 280_000,
  })
  expect(stdout).toBe('1000000 {"threads":3,"shared":1}\n')
  expect(status).toBe(0)
}, 300_000)
