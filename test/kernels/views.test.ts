// Requirements: E2 E18

import { describe, expect, test } from 'vitest'
import type { NodeId } from '../../graph/arena.ts'
import { print } from '../../graph/text.ts'
import type { Value } from '../../graph/values.ts'
import { difference, runIn, someValue, stream } from '../arbitraries/world.ts'
import { compiled, runCompiled } from '../targets/compiled.ts'
import { Draft } from '../targets/draft.ts'
import { targets } from './compile.ts'

const settings = { seed: 1, faults: 0 }

describe.each(targets)('on %s', (target) => {
  test('a part of a part, by steps, turned round, is read where it lies', async () => {
    for (let seed = 0; seed < 30; seed++) {
      const next = stream(seed)
      const d = new Draft()
      let v: NodeId = d.in('f64[12,10,11]')
      for (let k = 0; k < 4; k++) {
        const part = { axis: next(3), start: next(3), stop: null, step: 1 + next(2), dim: '' }
        v = next(3) === 0 ? d.add('transpose', { perm: [2, 0, 1] }, [v]) : d.add('slice', part, [v])
      }
      const g = d.graph(d.add('neg', {}, [v]))
      const inputs = Object.fromEntries(g.inputs.map(([n, t]) => [n, someValue(t, next, new Map())]))
      const found = difference(
        runIn(g, inputs, settings),
        await runCompiled(await compiled(g, target), inputs, settings),
      )
      if (found !== undefined) throw new Error(`${found}\n${print(g)}`)
    }
  })

  test('whatever bits a NaN comes with, it is the one NaN', async () => {
    const d = new Draft()
    const x = d.in('f64[8]')
    const y = d.in('f32[8]')
    const g = d.graph(
      d.record(
        d.add('bitcast', { to: 'i64' }, [d.add('neg', {}, [x])]),
        d.add('mantissa', {}, [x]),
        d.add('bitcast', { to: 'i32' }, [y]),
        d.add('mantissa', {}, [y]),
      ),
    )
    const bits = [0x7ff8000000000001n, 0xfff8000000000000n, 0x7ff4000000000000n, 0x7fffffffffffffffn]
    const wide = new Float64Array(BigUint64Array.from([...bits, ...bits]).buffer)
    const narrow = new Float32Array(Uint32Array.from([...Array(8).keys()].map((k) => 0x7fc00001 + 4 * k)).buffer)
    const inputs = { i0: { shape: [8], data: wide }, i1: { shape: [8], data: narrow } } as Record<string, Value>
    const answer = await runCompiled(await compiled(g, target), inputs, settings)
    const eight = <T>(v: T): readonly T[] => Array<T>(8).fill(v)
    const cells = Object.values((answer.answer as { right: Record<string, { data: ArrayLike<unknown> }> }).right)
    expect(cells.map((c) => Array.from(c.data))).toEqual([
      eight(0x7ff8000000000000n),
      eight(1.5),
      eight(0x7fc00000),
      eight(1.5),
    ])
  })
})

test('the greatest and the least cell are the first NaN, where there is one', () => {
  const d = new Draft()
  const x = d.in('f64[5]')
  const arg = (how: 'min' | 'max'): NodeId => d.add('argReduce', { how, axis: 0 }, [x])
  const g = d.graph(d.record(arg('max'), arg('min')))
  const at = (...cells: readonly number[]): unknown =>
    runIn(g, { i0: { shape: [5], data: Float64Array.from(cells) } }, settings).answer
  expect(at(1, Number.NaN, 3, Number.NaN, 2)).toMatchObject({ right: { r0: 1, r1: 1 } })
  expect(at(1, 3, -0, 3, 0)).toMatchObject({ right: { r0: 1, r1: 2 } })
})

test('of the elements of a fork that fail the first is told', () => {
  const d = new Draft()
  const zero = d.literal('f64', 0)
  const body = d.body(['f64'], (x) =>
    d.add('assert', { ...d.occurrence(), message: 'positive' }, [d.add('gt', {}, [x, zero]), x]),
  )
  const g = d.graph(d.add('forkMap', {}, [d.in('f64[4]')], [body]))
  expect(runIn(g, { i0: { shape: [4], data: Float64Array.of(1, -1, 2, -2) } }, settings).answer).toMatchObject({
    left: { _tag: 'AssertionFailed', iteration: [1] },
  })
})
