import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseType } from '../../graph/types.ts'
import type { TensorValue } from '../../graph/values.ts'
import { compile, describeError, fx, graph, load, matmul, solve, t } from '../../index.ts'
import { openblas } from '../../runtime/statics/blas.ts'
import type { StaticKernel } from '../../runtime/statics/kernel.ts'
import { staticProblems } from '../../runtime/statics/kernel.ts'

const found = await openblas({ atLeast: 0 })
const why = found._tag === 'Left' ? found.left.cause : ''
if (why !== '') process.stderr.write(`skipped: ${why}\n`)
const kernels = found._tag === 'Right' ? found.right : []
const kernelOf = (name: string): StaticKernel => kernels.find((k) => k.choice.name.includes(name))!

const matrix = (
  n: number,
  m: number,
  of: (i: number) => number,
  store: typeof Float64Array | typeof Float32Array = Float64Array,
): TensorValue => ({ shape: [n, m], data: new store(Array.from({ length: n * m }, (_, i) => of(i))) as Float64Array })
const type = (elem: string) => parseType(`${elem}[n,m]`) as never
const size = fc.integer({ min: 0, max: 20 })
/** Numbers from a seed, of very different sizes. */
const random = (seed: number) => {
  let s = seed | 1
  return () => {
    s = (Math.imul(s, 1664525) + 1013904223) | 0
    return (s / 2 ** 31) * 2 ** ((s >>> 3) % 12)
  }
}

test('where OpenBLAS is not, that is said', async () => {
  expect(await openblas({ library: '/nowhere/libopenblas.so' })).toMatchObject({ left: { _tag: 'LoadFailed' } })
})

describe.skipIf(found._tag === 'Left')('OpenBLAS', () => {
  test.each(['dgemm', 'sgemm'])('%s keeps its law', (name) => {
    const [elem, store] = name === 'dgemm' ? (['f64', Float64Array] as const) : (['f32', Float32Array] as const)
    fc.assert(
      fc.property(size, size, size, fc.integer(), (m, k, n, seed) => {
        const next = random(seed)
        const args = [matrix(m, k, next, store), matrix(k, n, next, store)]
        const one = { attrs: { batch: 0 }, args, types: [type(elem), type(elem)], result: type(elem) }
        expect(staticProblems(kernelOf(name), [one])).toEqual([])
      }),
    )
  })
  test('solutions and factors keep their laws; what has none is declined', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 1, max: 4 }), fc.integer(), (n, k, seed) => {
        const next = random(seed)
        const a = matrix(n, n, next)
        const types = [type('f64'), type('f64')]
        const b = matrix(n, k, next)
        expect(
          staticProblems(kernelOf('dgetrf'), [{ attrs: { how: 'square' }, args: [a, b], types, result: type('f64') }]),
        ).toEqual([])
        // a · aᵀ and something on the diagonal is positive definite.
        const cells = a.data as Float64Array
        const positive = matrix(n, n, (i) => {
          let s = i % n === Math.floor(i / n) ? 1 : 0
          for (let p = 0; p < n; p++) s += cells[Math.floor(i / n) * n + p]! * cells[(i % n) * n + p]!
          return s
        })
        expect(
          staticProblems(kernelOf('dpotrf'), [
            { attrs: {}, args: [positive], types: [type('f64')], result: type('f64') },
          ]),
        ).toEqual([])
      }),
      // Rows of such different sizes that a residual is large against its own row.
      { examples: [[3, 3, -33590911]] },
    )
    const nothing = matrix(3, 3, () => 0)
    const one = { attrs: { how: 'square' }, args: [nothing, matrix(3, 1, () => 1)], types: [], result: type('f64') }
    expect(kernelOf('dgetrf').run(one)).toBeUndefined()
    const negative = { attrs: {}, args: [matrix(2, 2, (i) => (i % 3 === 0 ? -1 : 0))], types: [], result: type('f64') }
    expect(kernelOf('dpotrf').run(negative)).toBeUndefined()
  })
  test('a law finds a product that is wrong by more than it may', () => {
    const dgemm = kernelOf('dgemm')
    const args = [matrix(3, 3, (i) => i + 1), matrix(3, 3, (i) => i + 1)]
    const off: StaticKernel = {
      ...dgemm,
      run: (a) => {
        const v = dgemm.run(a) as TensorValue
        ;(v.data as Float64Array)[4]! *= 1 + 1e-13
        return v
      },
    }
    const one = { attrs: { batch: 0 }, args, types: [type('f64'), type('f64')], result: type('f64') }
    expect(staticProblems(dgemm, [one])).toEqual([])
    expect(staticProblems(off, [one])).toHaveLength(1)
  })
  test('large matrices do not end the process', () => {
    const next = random(7)
    const a = matrix(600, 600, next)
    const types = [type('f64'), type('f64')]
    const x = kernelOf('dgetrf').run({
      attrs: { how: 'square' },
      args: [a, matrix(600, 1, next)],
      types,
      result: type('f64'),
    })
    expect((x as TensorValue).data.length).toBe(600)
    const y = kernelOf('dgemm').run({ attrs: { batch: 0 }, args: [a, a], types, result: type('f64') })
    expect((y as TensorValue).data.length).toBe(360_000)
  })
  test('a graph that is compiled for it uses it, and its inventory says so', async () => {
    const g = graph('linear', { a: t.tensor(t.f64, 'n', 'n'), b: t.tensor(t.f64, 'n', 'm') }, ({ a, b }) => ({
      x: solve(a, b),
      y: fx`${matmul(a, b)} * 2`,
    }))
    const compiled = await compile(g, { statics: kernels })
    if (compiled._tag === 'Left') throw new Error(describeError(compiled.left))
    expect(compiled.right.manifest.statics).toEqual(['openblas dgemm', 'openblas dgetrf, dgetrs'])
    const relaxations = compiled.right.manifest.inventory.filter((a) => a.kind === 'relaxation')
    expect(relaxations.map((a) => a.id).sort()).toEqual(['static:openblas dgemm', 'static:openblas dgetrf, dgetrs'])
    const loaded = await load(compiled.right, {}, { statics: kernels })
    if (loaded._tag === 'Left') throw new Error(describeError(loaded.left))
    const r = await loaded.right.run({
      a: [
        [2, 0],
        [0, 4],
      ],
      b: [[2], [2]],
    })
    expect(r).toEqual({
      _tag: 'Right',
      right: {
        x: { shape: [2, 1], data: new Float64Array([1, 0.5]) },
        y: { shape: [2, 1], data: new Float64Array([8, 16]) },
      },
    })
  })
})
