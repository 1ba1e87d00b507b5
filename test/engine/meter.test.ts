// Requirements: E12

import { expect, test } from 'vitest'
import type { Built } from '../../graph/build/index.ts'
import { compile, fx, graph, load, loop, sort, t, text } from '../../index.ts'
import { Halted, Meter } from '../../runtime/stopped.ts'

test('the last step that is allowed is allowed, and the next one is not', () => {
  const meter = new Meter({ maxSteps: 3 })
  for (let i = 0; i < 3; i++) meter.step('add')
  expect(meter.halted).toBeUndefined()
  expect(() => meter.step('add')).toThrow(Halted)
  expect(meter.halted).toMatchObject({ what: 'steps', node: 'add' })
})

const loadedOf = async <I, O>(g: Built<I, O>) => {
  const made = await compile(g)
  if (made._tag === 'Left') throw new Error(made.left.cause)
  const loaded = await load(made.right)
  if (loaded._tag === 'Left') throw new Error(loaded.left.cause)
  return loaded.right
}

test('bytes are counted wherever they are: of arrays, of texts, and of texts in arrays', () => {
  const made = (value: never) => () => new Meter({ maxBytes: 1000 }).made('op', value)
  const sizes = [100, 2000]
  for (const of of [
    (n: number) => ({ shape: [n / 8], data: new Float64Array(n / 8) }),
    (n: number) => 'x'.repeat(n / 2),
    (n: number) => ({ shape: [n / 50], data: Array.from({ length: n / 50 }, () => 'x'.repeat(21)) }),
    (n: number) => ({ shape: [2], data: ['', 'x'.repeat(n / 2)] }),
  ]) {
    expect(made(of(sizes[0]!) as never)).not.toThrow()
    expect(made(of(sizes[1]!) as never)).toThrow(Halted)
  }
  for (const small of [1, true, 2n, null]) expect(made(small as never)).not.toThrow()
})

test('texts that grow in compiled code are bounded', async () => {
  const doubled = await loadedOf(
    graph('doubled', { s: t.string, n: t.f64 }, ({ s, n }) =>
      loop({ i: n, s }, { max: 100, while: (x) => x.i.gt(0), step: (x) => ({ i: fx`${x.i} - 1`, s: text(x.s, x.s) }) }),
    ),
  )
  expect(await doubled.run({ s: 'x', n: 3 }, { maxBytes: 100_000 })).toMatchObject({ right: { s: 'xxxxxxxx' } })
  expect(await doubled.run({ s: 'x', n: 20 }, { maxBytes: 100_000 })).toMatchObject({
    left: { _tag: 'ResourceExceeded', what: 'memory' },
  })
})

test('a run that is recorded has the bounds of one that is not', async () => {
  const sorted = await loadedOf(graph('sorted', { x: t.tensor(t.f64, 'n') }, ({ x }) => ({ x: sort(x) })))
  const x = new Float64Array(1000)
  for (const options of [{}, { record: () => {} }])
    expect(await sorted.run({ x }, { maxBytes: 1000, ...options })).toMatchObject({
      left: { _tag: 'ResourceExceeded', what: 'memory' },
    })
})
