import { expect, test } from 'vitest'
import { compile } from '../../compile.ts'
import { isLeft, right } from '../../graph/either.ts'
import { cond, graph, row, sql, t, tap } from '../../graph/index.ts'
import { interpret, replayGraph } from '../../interpret.ts'
import type { Driver, Recording } from '../../runtime/index.ts'

const Item = row({ id: t.i64, price: t.f64, note: t.string })
/** The same graph with and without taps, in maps, arms and captures. */
const shop = (mark: typeof tap) =>
  graph('shop', { rate: t.f64, n: t.f64 }, ({ rate, n }) => {
    const items = sql('db').many('item', Item, { maxRows: 9, maxBytes: 900 })`select id, price, note from items`
    const dear = items.map((i) => {
      mark('item', i)
      const taxed = mark('taxed', i.price.mul(rate))
      return {
        taxed,
        cheap: cond(
          taxed.lt(10),
          () => mark('arm', taxed.add(1)),
          () => mark('arm', taxed.sub(n)),
        ),
      }
    })
    mark('unused', rate.mul(1234))
    return { all: mark('both', { dear: dear.columns().taxed, rate }).dear, cheap: dear.columns().cheap }
  })
const tapped = shop(tap)
const plain = shop((_, x) => x)

const db: Driver = {
  kind: 'sql',
  effects: ['dbQuery'],
  assumptions: [],
  perform: () =>
    Promise.resolve(
      right({
        list: 'boxed',
        length: 2,
        items: [
          { id: 1n, price: 2, note: 'a' },
          { id: 2n, price: 20, note: 'b' },
        ],
      } as never),
    ),
  close: () => Promise.resolve(),
}

test('taps change no byte of what is generated', async () => {
  for (const target of ['ts', 'wasm'] as const) {
    const [a, b] = [await compile(tapped, { target }), await compile(plain, { target })]
    if (isLeft(a) || isLeft(b)) throw new Error('not compiled')
    const code = (files: object) => Object.fromEntries(Object.entries(files).filter(([n]) => n !== 'names.json'))
    expect(code(a.right.files)).toEqual(code(b.right.files))
  }
})

test('tapped values are shown with their elements, in the arm that ran, and only as far as they are needed', async () => {
  let recording: Recording | undefined
  const ran = await interpret(tapped, { db }, { rate: 2, n: 3 } as never, {
    record: (r) => {
      recording = r
    },
  })
  expect(isLeft(ran)).toBe(false)
  const seen: unknown[] = []
  const r = replayGraph(tapped, recording, {
    tapped: ({ name, iteration, value }) => seen.push([name, iteration.join('.'), value]),
  })
  expect(r).toMatchObject({ right: { verdict: 'same' } })
  expect(seen).toEqual([
    ['both.rate', '', 2],
    ['item', '0', { price: 2 }],
    ['taxed', '0', 4],
    ['arm', '0', 5],
    ['item', '1', { price: 20 }],
    ['taxed', '1', 40],
    ['arm', '1', 37],
    ['both.dear', '', [4, 40]],
  ])
})

test('a tap without a name is a problem of the graph, and a tap outside one is nothing', () => {
  const g = graph('nameless', { x: t.f64 }, ({ x }) => ({ x: x.tap('') }))
  expect(g.sealed).toMatchObject({ left: { problems: [{ cause: 'a tap has no name' }] } })
  expect(tap('x', 3)).toBe(3)
})
