import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { bind, fx, grad, graph, t } from '../../index.ts'
import { run } from '../build/run.ts'

const page = readFileSync(new URL('../../docs/gradients.md', import.meta.url), 'utf8')
const blocks = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map((m) => m[1]!)

type Option = ReturnType<typeof graph<{ spot: never }, never>>
/** The code of the page, as it stands, with what it makes. */
const made = (): { readonly option: Option; readonly greeks: Option; readonly known: Option } => {
  const code = blocks.join('\n').replace(/^import .*$/gm, '')
  return new Function('bind', 'fx', 'grad', 'graph', 't', `${code}; return { option, greeks, known }`)(
    bind,
    fx,
    grad,
    graph,
    t,
  ) as never
}

test('the code of docs/gradients.md does what is said beside it', () => {
  const { greeks, known } = made()
  const input = { spot: [90, 100, 110], strike: [100, 100, 100], rate: 0.05, vol: 0.2 }
  const { value, gradient } = run(greeks as never, input as never) as {
    value: { price: Float64Array }
    gradient: { spot: Float64Array; vol: number }
  }
  // Prices and deltas of the textbook: N(d1) at the money is N(0.35).
  expect(value.price[1]).toBeCloseTo(10.4506, 4)
  expect(gradient.spot[1]).toBeCloseTo(0.63683, 5)
  expect(gradient.vol).toBeGreaterThan(37)
  const { price } = run(known as never, { spot: [90, 100, 110], vol: 0.2 } as never) as { price: Float64Array }
  expect(price[1]).toBe(value.price[1])
})
