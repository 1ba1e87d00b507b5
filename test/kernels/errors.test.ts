// Requirements: E12

import { describe, expect, expectTypeOf, test } from 'vitest'
import type { Kernel, KernelDescriptor as Written } from '../../codegen/kernels/index.ts'
import { kernelProblem, lowerKernel } from '../../codegen/kernels/index.ts'
import { emitTs } from '../../codegen/targets/ts/index.ts'
import { emitWasm } from '../../codegen/targets/wasm/index.ts'
import { mustMake } from '../../graph/make.ts'
import type { Type } from '../../graph/types.ts'
import { scalar, tensor } from '../../graph/types.ts'
import type { KernelDescriptor as Read } from '../../runtime/kernels.ts'
import { bindTs, bindWasm } from '../../runtime/kernels.ts'
import type { Case } from './compile.ts'
import { bind, body, kernelOf, must, targets, tsFunctions } from './compile.ts'

const n = tensor('f64', ['n'])
const problem = (c: Case): string | undefined => kernelProblem(c.arena, c.region)
const doubled = body([n], (a, [x]) => [mustMake(a, 'add', {}, [x!, x!])])
const sum = (a: Case['arena'], x: number, axes: readonly number[] = [0]): number =>
  mustMake(a, 'reduce', { how: 'sum', axes }, [x])
const two = tensor('f64', ['a', 'b'])

describe('bodies that are no kernel say why', () => {
  test.each<readonly [string, readonly Type[], Parameters<typeof body>[1], string]>([
    ['strings', [scalar('string')], (_, [x]) => [x!], 'takes string, which no kernel holds'],
    ['no output', [n], () => [], 'has no output'],
    [
      'reductions of reductions',
      [n],
      (a, [x]) => [mustMake(a, 'exp', {}, [sum(a, x!)])],
      'uses the result of a reduction in exp',
    ],
    ['different axes', [two], (a, [x]) => [sum(a, x!, [0]), sum(a, x!, [1])], 'reduces axes [0] and [1]'],
    [
      'different domains',
      [n, tensor('f64', ['m'])],
      (a, [x, y]) => [mustMake(a, 'exp', {}, [x!]), mustMake(a, 'exp', {}, [y!])],
      'has outputs over [n] and over [m]',
    ],
    [
      'a single op among others',
      [n],
      (a, [x]) => [mustMake(a, 'exp', {}, [mustMake(a, 'cumsum', { axis: 0 }, [x!])])],
      'holds cumsum, which has no loop form',
    ],
    [
      'decimal arithmetic',
      [tensor('decimal(2)', ['n'])],
      (a, [x]) => [mustMake(a, 'decimal', { how: 'add', scale: 2, rounding: 'even' }, [x!, x!])],
      'holds decimal, which has no loop form',
    ],
    [
      'arrays of literals',
      [],
      (a) => [mustMake(a, 'const', { type: tensor('f64', [2]), value: [1, 2] })],
      'holds a literal of type f64[2]; only scalars are written into a kernel',
    ],
  ])('%s', (_, params, f, reason) => {
    const c = body(params, f)
    expect(problem(c)).toBe(reason)
    expect(lowerKernel(c.arena, c.region, 'k0')).toEqual({ _tag: 'Left', left: reason })
  })
  test('and kernels have no problem', () => expect(problem(doubled)).toBeUndefined())
})

describe.each(targets)('calls on %s', (target) => {
  const f64 = (k: number) => ({ shape: [k], data: new Float64Array(k).fill(1) })
  test('with values of another type are refused', async () => {
    const k = await bind(target, [kernelOf(body([n, n], (a, [x, y]) => [mustMake(a, 'add', {}, [x!, y!])]))])
    const causeOf = (args: Parameters<typeof k.run>[1]) => {
      const r = k.run(0, args)
      return r._tag === 'Left' ? `${r.left._tag}: ${r.left.cause}` : 'ok'
    }
    expect(causeOf([f64(3), f64(3)])).toBe('ok')
    expect(causeOf([f64(3), f64(4)])).toBe('InvalidInput: was given as input 1 4 cells along axis 0, where n is 3')
    expect(causeOf([f64(3)])).toBe('InvalidInput: takes 2 inputs and was given 1')
    expect(causeOf([f64(3), 1])).toBe('InvalidInput: was given as input 1 no tensor of rank 1')
    expect(causeOf([f64(3), { shape: [3], data: new Float32Array(3) }])).toBe(
      'InvalidInput: was given as input 1 cells that are not f64',
    )
    expect(causeOf([f64(3), { shape: [3], data: new Float64Array(2) }])).toBe(
      'InvalidInput: was given as input 1 2 cells for the shape [3]',
    )
  })
  test('over more than 2^31 cells are refused before anything is allocated', async () => {
    const k = await bind(target, [
      kernelOf(
        body([tensor('f64', ['a']), tensor('bool', ['a', 'b'])], (a, [x, y]) => [
          mustMake(a, 'broadcast', { shape: ['a', 'b'], axes: [0] }, [x!, y!]),
        ]),
      ),
    ])
    expect(k.stats()).toEqual({ calls: 0, scratchBytes: 0 })
    const wide = { shape: [0, 2 ** 31], data: new Uint8Array(0) }
    expect(must(k.run(0, [f64(0), wide]))).toEqual([{ shape: [0, 2 ** 31], data: new Float64Array(0) }])
    const huge = body([scalar('f64')], (a, [x]) => [
      sum(a, mustMake(a, 'broadcast', { shape: [65536, 65536], axes: [] }, [x!]), [0, 1]),
    ])
    const r = (await bind(target, [kernelOf(huge)])).run(0, [1])
    expect(r).toMatchObject({ left: { _tag: 'ResourceExceeded', what: 'memory' } })
  })
  test('are counted, with the bytes beyond their inputs', async () => {
    const k = await bind(target, [kernelOf(doubled)])
    must(k.run(0, [f64(1000)]))
    must(k.run(0, [f64(10)]))
    expect(k.stats()).toEqual({ calls: 2, scratchBytes: 8000 })
  })
  test('of no kernel are a value', async () =>
    expect((await bind(target, [kernelOf(doubled)])).run(7, [])).toMatchObject({ left: { _tag: 'Bug' } }))
})

test('WebAssembly memory grows up to its limit and no further', async () => {
  const kernel = kernelOf(doubled)
  const bytes = must(await emitWasm([kernel]))
  const k = must(bindWasm([kernel.descriptor], bytes, { maxBytes: 1 << 20 }))
  const call = (cells: number) => k.run(0, [{ shape: [cells], data: new Float64Array(cells).fill(3) }])
  expect(call(60_000)).toMatchObject({ right: [{ data: new Float64Array(60_000).fill(6) }] })
  expect(call(70_000)).toMatchObject({
    left: { _tag: 'ResourceExceeded', what: 'memory', cause: expect.stringContaining('needs 1120000 bytes') },
  })
  expect(call(10)).toMatchObject({ right: [{ data: new Float64Array(10).fill(6) }] })
})

test('what does not load is a value', async () => {
  const { descriptor } = kernelOf(doubled)
  expect(bindWasm([descriptor], new Uint8Array([1, 2, 3]))).toMatchObject({ left: { _tag: 'LoadFailed' } })
  expect(bindWasm([descriptor], must(await emitWasm([kernelOf(doubled, 'other')])))).toMatchObject({
    left: { _tag: 'LoadFailed', cause: 'the module lacks the kernel k0' },
  })
  expect(bindTs([descriptor], {})).toMatchObject({ left: { _tag: 'LoadFailed', node: 'k0' } })
})

test('a module that does not validate is a value that tells why', async () => {
  const { descriptor } = kernelOf(doubled)
  const broken: Kernel = {
    descriptor,
    body: [
      {
        s: 'lanes',
        count: 1,
        before: [],
        phase: 0,
        body: [
          { i: 'const', id: 0, elem: 'i32', value: 1 },
          { i: 'store', elem: 'f64', to: 'out0', at: 0, step: 1, value: 0 },
        ],
      },
    ],
  }
  expect(await emitWasm([broken])).toMatchObject({
    left: { _tag: 'BackendCompileError', stage: 'assemble', cause: expect.stringContaining('f64') },
  })
})

test('the same kernels give the same bytes and text, whatever was compiled between', async () => {
  const kernels = (): Kernel[] => [
    kernelOf(doubled),
    kernelOf(
      body([two], (a, [x]) => [sum(a, mustMake(a, 'log', {}, [x!]), [0])]),
      'k1',
    ),
  ]
  const first = must(await emitWasm(kernels()))
  must(await emitWasm([kernelOf(doubled, 'another')]))
  expect(must(await emitWasm(kernels()))).toEqual(first)
  expect(emitTs(kernels())).toEqual(emitTs(kernels()))
})

test('an input whose size alone matters is not read', () => {
  const c = body([scalar('f64'), n], (a, [x, like]) => [
    mustMake(a, 'broadcast', { shape: ['n'], axes: [] }, [x!, like!]),
  ])
  expect(kernelOf(c).descriptor.inputs.map((i) => i.read)).toEqual([true, false])
})

test('descriptors are plain JSON, and the runtime reads what the generator writes', () => {
  expectTypeOf<Written>().toEqualTypeOf<Read>()
  const { descriptor } = kernelOf(
    body([two], (a, [x]) => [mustMake(a, 'slice', { axis: 0, start: -3, stop: null, step: 2, dim: 'part' }, [x!])]),
  )
  const again = JSON.parse(JSON.stringify(descriptor)) as Read
  expect(again).toEqual(descriptor)
  expect(descriptor.outputs).toEqual([{ elem: 'f64', shape: [{ slice: 'a', start: -3, stop: null, step: 2 }, 'b'] }])
  const k = must(
    bindTs(
      [again],
      tsFunctions([
        kernelOf(
          body([two], (a, [x]) => [
            mustMake(a, 'slice', { axis: 0, start: -3, stop: null, step: 2, dim: 'part' }, [x!]),
          ]),
        ),
      ]),
    ),
  )
  expect(must(k.run(0, [{ shape: [5, 1], data: new Float64Array([1, 2, 3, 4, 5]) }]))).toEqual([
    { shape: [2, 1], data: new Float64Array([3, 5]) },
  ])
})
