import { describe, expect, test } from 'vitest'
import type { NodeId } from '../../graph/arena.ts'
import { mustMake } from '../../graph/make.ts'
import { print } from '../../graph/text.ts'
import type { TensorType } from '../../graph/types.ts'
import { tensor } from '../../graph/types.ts'
import { sameValue } from '../../graph/values.ts'
import { difference, runIn, someValue, stream } from '../arbitraries/world.ts'
import { compiled, runCompiled } from '../targets/compiled.ts'
import { Draft } from '../targets/draft.ts'
import { bindDivided, Drawn, dividable } from '../threads/divided.ts'
import { bind, body, kernelOf, meaningOf, must, targets } from './compile.ts'
import { fill } from './values.ts'

/** Rows, terms and columns: small enough to be written out, few rows, whole blocks, and more than one of each. */
const sizes = [
  [4, 4, 4],
  [1, 5, 3],
  [3, 7, 9],
  [9, 0, 5],
  [0, 3, 4],
  [8, 300, 17],
  [21, 530, 7],
  [12, 3, 1],
] as const
const elems = ['f64', 'f32', 'i32', 'i64'] as const

/** A product, and what a loop makes of its cells with a column, a row, a number and another matrix. */
const finished = (e: (typeof elems)[number], m: number, k: number, n: number, batches: number | undefined) => {
  const outer = batches === undefined ? [] : [batches]
  const shape = [...outer, m, n]
  const [rows, columns] = [outer.length, outer.length + 1]
  return body(
    [
      tensor(e, [...outer, m, k]),
      tensor(e, [...outer, k, n]),
      tensor(e, [m]),
      tensor(e, [n]),
      tensor(e, []),
      tensor(e, shape),
    ],
    (a, [x, y, row, column, one, other]) => {
      const made = (op: 'add' | 'mul' | 'max' | 'sub', p: NodeId, q: NodeId): NodeId => mustMake(a, op, {}, [p, q])
      const wide = (p: NodeId, axes: readonly number[]): NodeId => mustMake(a, 'broadcast', { shape, axes }, [p])
      const product = mustMake(a, 'contract', { batch: outer.length }, [x!, y!])
      const biased = made('mul', made('add', product, wide(row!, [rows])), wide(column!, [columns]))
      const sign = mustMake(a, 'lt', {}, [biased, wide(one!, [])])
      return [mustMake(a, 'select', {}, [sign, made('sub', biased, product), made('max', other!, biased)])]
    },
  )
}
const cases = elems.flatMap((e) =>
  sizes.flatMap(([m, k, n]) =>
    [undefined, 1, 3].map((b) => ({ name: `${e} ${b} ${m}×${k}×${n}`, c: finished(e, m, k, n, b) })),
  ),
)

describe('what is made of a product before it is stored', () => {
  const kernels = cases.map(({ c }, i) => kernelOf(c, `k${i}`))
  const args = cases.map(({ c }) =>
    c.region.params.map((t, p) => fill((t as TensorType).elem, (t as TensorType).shape as number[], p + 1)),
  )
  const wrongIn = (run: (k: number) => readonly unknown[]): readonly string[] =>
    cases.flatMap(({ name, c }, k) => (sameValue(run(k) as never, meaningOf(c, args[k]!) as never) ? [] : [name]))

  test.each(targets)('is what the ops mean, on %s', async (target) => {
    const bound = await bind(target, kernels)
    expect(wrongIn((k) => must(bound.run(k, args[k]!)))).toEqual([])
  })
  test('in parts as well', async () => {
    const next = stream(5)
    const bound = await bindDivided(
      kernels.map((k) => dividable(k)!),
      new Drawn(2, () => next(1000) / 1000),
      3,
    )
    expect(wrongIn((k) => must(bound.run(k, args[k]!)))).toEqual([])
  })
})

/** A product and a loop over its cells, with sizes that only a run knows. */
const layer = (seed: number) => {
  const next = stream(seed)
  const d = new Draft()
  const vector = next(3) === 0
  const product = d.add('contract', { batch: 0 }, [d.in('f64[m,k]'), d.in(vector ? 'f64[k]' : 'f64[k,n]')])
  const like = d.in(vector ? 'f64[m]' : 'f64[m,n]')
  const spread = d.add('broadcast', { axes: [0], shape: vector ? ['m'] : ['m', 'n'] }, [d.in('f64[m]'), product])
  const sum = d.add('add', {}, [product, next(2) === 0 ? like : spread])
  const out = d.add(next(2) === 0 ? 'tanh' : 'abs', {}, [sum])
  // Where something else looks at the product, it is stored.
  return { graph: d.graph(next(4) === 0 ? d.record(out, product) : d.record(out)), d }
}
test.each(targets)('graphs with products mean what the interpreter says, on %s', async (target) => {
  let fewest = 9
  for (let k = 0; k < 24; k++) {
    const { graph: g } = layer(k)
    const c = await compiled(g, target)
    fewest = Math.min(fewest, c.manifest.kernels.length)
    for (const [m, terms, n] of [
      [0, 2, 3],
      [2, 0, 3],
      [5, 3, 1],
      [19, 11, 6],
    ]) {
      const next = stream(k)
      const at = new Map([
        ['m', m!],
        ['k', terms!],
        ['n', n!],
      ])
      const inputs = Object.fromEntries(g.inputs.map(([name, type]) => [name, someValue(type, next, at)]))
      const settings = { seed: 1, faults: 0 }
      const found = difference(runIn(g, inputs, settings), await runCompiled(c, inputs, settings))
      if (found !== undefined) throw new Error(`${m} ${terms} ${n}: ${found}\n${print(g)}`)
    }
  }
  expect(fewest).toBe(1)
})

test.each(targets)('a product that says where to gather is stored first, on %s', async (target) => {
  const d = new Draft()
  const product = d.add('contract', { batch: 0 }, [d.in('i32[m,k]'), d.in('i32[k]')])
  const found = d.add('gather', {}, [d.in('i32[r]'), product])
  const g = d.graph(d.record(d.add('add', {}, [found, product])))
  const c = await compiled(g, target)
  const next = stream(7)
  const inputs = Object.fromEntries(
    g.inputs.map(([name, type]) => [
      name,
      someValue(
        type,
        next,
        new Map([
          ['m', 5],
          ['k', 0],
          ['r', 3],
        ]),
      ),
    ]),
  )
  const settings = { seed: 1, faults: 0 }
  expect(difference(runIn(g, inputs, settings), await runCompiled(c, inputs, settings))).toBeUndefined()
})
