// Requirements: K8

import { describe, expect, test } from 'vitest'
import { isLeft } from '../../graph/either.ts'
import { exp, fx, generic, graph, t } from '../../graph/index.ts'
import { digest } from '../../graph/text.ts'
import type { Built } from '../../index.ts'
import { compile, load } from '../../index.ts'

const must = <A>(e: { _tag: 'Left'; left: unknown } | { _tag: 'Right'; right: A }): A => {
  if (isLeft(e)) throw new Error(JSON.stringify(e.left))
  return e.right
}
const axpy = generic({ T: [t.f64, t.f32] }, ({ T }) =>
  graph('axpy', { a: T, x: t.tensor(T, 'n'), y: t.tensor(T, 'n') }, ({ a, x, y }) => ({
    z: fx`${x} * ${a} + ${y}`,
    most: exp(x.sub(y)).max(),
  })),
)

describe('a graph for several element types', () => {
  test('is checked at each of them, and is an ordinary graph at one', () => {
    expect(axpy.problems).toEqual([])
    expect(axpy.instances.map((i) => i.elems.T.elem)).toEqual(['f64', 'f32'])
    const plain = graph('axpy', { a: t.f32, x: t.tensor(t.f32, 'n'), y: t.tensor(t.f32, 'n') }, ({ a, x, y }) => ({
      z: fx`${x} * ${a} + ${y}`,
      most: exp(x.sub(y)).max(),
    }))
    expect(digest(must(axpy.at({ T: t.f32 }).sealed))).toBe(digest(must(plain.sealed)))
    expect(digest(must(axpy.at({ T: t.f64 }).sealed))).not.toBe(digest(must(plain.sealed)))
  })
  test.each([
    ['f64', Float64Array],
    ['f32', Float32Array],
  ] as const)('compiled at %s, for all shapes and for one, it counts in that element', async (elem, Column) => {
    const built = axpy.at({ T: t[elem] })
    const input = { a: 0.1, x: new Column([1, 2, 3]), y: new Column([0.3, 0.2, 0.1]) }
    const general = must(await load(must(await compile(built))))
    const fixed = must(await load(must(await compile(built, { dims: { n: 3 } }))))
    const z = must(await general.run(input)).z
    expect(z).toBeInstanceOf(Column)
    const round = elem === 'f32' ? Math.fround : (x: number): number => x
    expect([...z]).toEqual([0, 1, 2].map((i) => round(round(round(0.1) * input.x[i]!) + input.y[i]!)))
    expect(must(await fixed.run(input))).toEqual(must(await general.run(input)))
    const other = await fixed.run({ ...input, x: new Column(2), y: new Column(2) })
    expect(other).toMatchObject({ _tag: 'Left', left: { _tag: 'InvalidInput' } })
    expect(must(await general.run({ ...input, x: new Column(2), y: new Column(2) })).z).toHaveLength(2)
  })
  test('what is wrong at one of them says where', () => {
    const half = generic({ T: [t.f64, t.i32] }, ({ T }) => graph('half', { x: T }, ({ x }) => ({ y: fx`sqrt(${x})` })))
    expect(half.problems).toHaveLength(1)
    expect(half.problems[0]!.cause).toMatch(/^at T = i32: graph 'half' has 1 problem/)
    expect(isLeft(half.at({ T: t.f64 }).sealed)).toBe(false)
  })
  test('mistakes are values', async () => {
    const cause = async (b: Built): Promise<unknown> => {
      const c = await compile(b)
      return isLeft(c) ? `${c.left.cause} / ${c.left.remedy}` : 'compiled'
    }
    expect(await cause(axpy.at({ T: t.i64 } as never))).toContain('choose one of T = f64; T = f32')
    expect(await cause(axpy.at({} as never))).toContain('choose one of T = f64; T = f32')
    const none = generic({ T: [] }, () => axpy.at({ T: t.f64 }))
    expect(none.problems[0]?.cause).toContain('1 problem')
    const thrown = generic({ T: [t.f64] }, (): Built => {
      throw new Error('no')
    })
    expect(thrown.problems[0]?.problems[0]?.cause).toBe('the body threw: no')
    expect(await cause(generic({ T: [t.f64] }, () => 1 as never).at({ T: t.f64 }))).toContain('1 problem')
  })
})
