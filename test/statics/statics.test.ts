import binaryen from 'binaryen'
import { expect, test } from 'vitest'
import { isLeft } from '../../graph/either.ts'
import { parseType } from '../../graph/types.ts'
import type { TensorValue, Value } from '../../graph/values.ts'
import { compile, describeError, fx, graph, interpret, load, matmul, t } from '../../index.ts'
import type { Assumption } from '../../runtime/assumption.ts'
import type { Applied, StaticKernel } from '../../runtime/statics/kernel.ts'
import { staticProblems, wasmStatic } from '../../runtime/statics/kernel.ts'

const got = <T>(r: { _tag: 'Left'; left: unknown } | { _tag: 'Right'; right: T }): T => {
  if (r._tag === 'Left') throw new Error(describeError(r.left as never))
  return r.right
}
const assumption: Assumption = {
  id: 'static:mine',
  kind: 'external',
  statement: 'my kernel multiplies matrices',
  dependsOn: [{ on: 'part', name: 'me' }],
  supports: ['SameBits'],
  failureMode: 'wrong numbers',
  mitigation: 'a test',
  probe: { by: 'test', file: 'test/statics/statics.test.ts' },
  expiry: { after: '2027-12-31' },
}
/** A product written by hand, in the order of additions that graphs mean. */
const product = (calls: { n: number }, factor = 1): StaticKernel => ({
  choice: { name: 'mine', op: 'contract', elem: 'f64', ranks: [2, 2], atLeast: 1000 },
  assumptions: [assumption],
  run: ({ args }) => {
    const [a, b] = args as [TensorValue, TensorValue]
    const [[m, k], n] = [a.shape as [number, number], b.shape[1]!]
    // It declines what it was not written for.
    if (m === 1) return undefined
    calls.n++
    const data = new Float64Array(m * n)
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) {
        let s = -0
        for (let p = 0; p < k; p++) s += (a.data[i * k + p] as number) * (b.data[p * n + j] as number)
        data[i * n + j] = s * factor
      }
    return { shape: [m, n], data }
  },
})
const g = graph(
  'products',
  { a: t.tensor(t.f64, 'n', 'k'), b: t.tensor(t.f64, 'k', 'm'), p: t.tensor(t.f64, 3, 3) },
  ({ a, b, p }) => ({ c: fx`${matmul(a, b)} + 1`, small: matmul(p, p) }),
)
const three = [1, 2, 3].map((i) => [i, i / 3, -i])
const input = { a: [...three, three[0]!], b: three, p: three }

test('an operation that meets the criteria is left to a hand-written kernel; others are generated beside it', async () => {
  const calls = { n: 0 }
  const statics = [product(calls)]
  const plain = got(await compile(g))
  const compiled = got(await compile(g, { statics }))
  expect(compiled.manifest.statics).toEqual(['mine'])
  expect(compiled.manifest.key).not.toBe(plain.manifest.key)
  expect(plain.manifest).not.toHaveProperty('statics')
  // Its sizes are known in a run only, so it counts as large; the small one has a kernel, and so has the addition.
  expect(compiled.manifest.kernels.length).toBeGreaterThan(0)
  expect(compiled.files['inventory.md']).toContain('my kernel multiplies matrices')
  expect(plain.files['inventory.md']).not.toContain('my kernel')
  const reference = await interpret(g, {}, input)
  const loaded = got(await load(compiled, {}, { statics }))
  expect(await loaded.run(input)).toEqual(reference)
  expect(calls.n).toBe(1)
  // Where it declines, or is not there, the operation means what it means.
  const one = { ...input, a: [three[0]!] }
  expect(await loaded.run(one)).toEqual(await interpret(g, {}, one))
  expect(calls.n).toBe(1)
  expect(await got(await load(compiled)).run(input)).toEqual(reference)
})

test('criteria look at op, elements, axes and work, and nothing is left to a kernel that meets none', async () => {
  const mine = product({ n: 0 })
  for (const choice of [
    { ...mine.choice, elem: 'f32' as const },
    { ...mine.choice, op: 'solve' },
    { ...mine.choice, ranks: [2, 1] },
    { ...mine.choice, attrs: { batch: 1 } },
    { ...mine.choice, atLeast: 1e12 },
    { ...mine.choice, sizes: { n: 1, k: 1, m: 1 } },
  ]) {
    const compiled = got(await compile(g, { statics: [{ ...mine, choice }] }))
    expect(compiled.manifest).not.toHaveProperty('statics')
    expect(compiled.files['inventory.md']).not.toContain('my kernel')
  }
})

const applied = (a: TensorValue, b: TensorValue): Applied => ({
  attrs: { batch: 0 },
  args: [a, b],
  types: [parseType('f64[n,k]'), parseType('f64[k,m]')] as never,
  result: parseType('f64[n,m]') as never,
})
const matrix = (n: number, m: number, of: (i: number) => number): TensorValue => ({
  shape: [n, m],
  data: Float64Array.from({ length: n * m }, (_, i) => of(i)),
})

test('the law of a kernel finds one that is wrong, and lets one that is right pass', () => {
  const cases = [
    applied(
      matrix(3, 4, (i) => i / 3),
      matrix(4, 2, (i) => -i),
    ),
    applied(
      matrix(2, 2, () => -0),
      matrix(2, 2, (i) => [1, Number.NaN, 0, Number.POSITIVE_INFINITY][i]!),
    ),
    applied(
      matrix(2, 0, () => 0),
      matrix(0, 2, () => 0),
    ),
  ]
  expect(staticProblems(product({ n: 0 }), cases)).toEqual([])
  expect(staticProblems(product({ n: 0 }, 1 + 2 ** -52), cases)).toEqual(['case 0: mine has other bits'])
})

test('a function of a .wasm module can be a kernel', async () => {
  // (in: pointer, out: pointer, n) -> out[i] = in[i] * 2, as somebody would have written it in C.
  const module = binaryen.parseText(`(module (memory (export "memory") 1)
    (func (export "twice") (param $in i32) (param $out i32) (param $n i32) (local $i i32)
      (loop $next
        (if (i32.lt_s (local.get $i) (local.get $n)) (then
          (f64.store (i32.add (local.get $out) (i32.mul (local.get $i) (i32.const 8)))
            (f64.mul (f64.const 2) (f64.load (i32.add (local.get $in) (i32.mul (local.get $i) (i32.const 8))))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br $next))))))`)
  const bytes = new Uint8Array(module.emitBinary())
  const vector = { elem: 'f64', shape: ['n'] } as const
  const made = wasmStatic(
    bytes,
    {
      name: 'twice',
      inputs: [{ ...vector, read: true }],
      dims: ['n'],
      derived: [],
      outputs: [vector],
      scratch: [],
      domain: ['n'],
    },
    { choice: { name: 'twice', op: 'floor', elem: 'f64', ranks: [1] }, assumptions: [] },
  )
  const kernel = got(made)
  const whole = {
    attrs: {},
    args: [{ shape: [3], data: new Float64Array([1, 2, 3]) }],
    types: [parseType('f64[n]')],
    result: parseType('f64[n]'),
  }
  expect(kernel.run(whole as never)).toEqual({ shape: [3], data: new Float64Array([2, 4, 6]) } satisfies Value)
  // Doubling is not rounding down, and the law says so.
  expect(staticProblems(kernel, [whole as never])).toEqual(['case 0: twice has other bits'])
  const up = graph('up', { x: t.tensor(t.f64, 'n') }, ({ x }) => ({ y: fx`floor(${x})` }))
  const compiled = got(await compile(up, { statics: [kernel] }))
  expect(compiled.manifest.statics).toEqual(['twice'])
  const loaded = got(await load(compiled, {}, { statics: [kernel] }))
  // A run that is recorded is the same run.
  for (const options of [{}, { record: () => {} }])
    expect(await loaded.run({ x: [5, 6] }, options)).toMatchObject({ right: { y: new Float64Array([10, 12]) } })
  expect(
    isLeft(
      wasmStatic(
        bytes,
        { name: 'none', inputs: [], dims: [], derived: [], outputs: [], scratch: [], domain: [] },
        { choice: kernel.choice, assumptions: [] },
      ),
    ),
  ).toBe(true)
})
