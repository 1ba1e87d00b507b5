// Requirements: K5

import { describe, expect, test } from 'vitest'
import type { Built, GradientOptions } from '../../graph/index.ts'
import * as q from '../../graph/index.ts'
import { digest, grad, gradGraph, graph, print, t } from '../../graph/index.ts'
import { compile, load, world } from '../../index.ts'
import { plain, problemsOf, refused, run, sealed } from '../build/run.ts'
import { Draft } from '../targets/draft.ts'
import { must } from './difference.ts'

const slopes = (f: (x: q.Tensor<'f64', ['n']>) => q.Tensor<'f64', ['n']>, x: readonly number[]): readonly number[] =>
  Array.from(
    run(
      grad(
        graph('f', { x: t.tensor(t.f64, 'n') }, ({ x }) => ({ y: f(x) })),
        ['x'],
        { each: true },
      ),
      { x },
    ).gradient.x,
  )

describe('at kinks, at infinities, and where nothing flows', () => {
  test('a kink has the slope between', () => {
    expect(slopes(q.abs, [-2, 0, -0, 3, Number.NaN])).toEqual([-1, 0, 0, 1, Number.NaN])
    expect(slopes((x) => q.maximum(x, 1), [0, 1, 2, Number.NaN])).toEqual([0, 0.5, 1, Number.NaN])
    expect(slopes((x) => q.minimum(x, x), [3])).toEqual([1])
    expect(slopes((x) => q.floor(x).add(q.round(x)), [0.5, 1])).toEqual([0, 0])
  })
  test('cells that share an extreme share what flows into it', () => {
    const most = graph('most', { x: t.tensor(t.f64, 'n') }, ({ x }) => ({ y: x.max() }))
    const by = (x: readonly number[]) => Array.from(run(grad(most, ['x']), { x }).gradient.x)
    expect(by([1, 7, 7, 7, 2])).toEqual([0, 1 / 3, 1 / 3, 1 / 3, 0])
    expect(by([1, Number.NaN])).toEqual([Number.NaN, Number.NaN])
    expect(by([])).toEqual([])
  })
  test('an extreme that is NaN has no slope, and nothing flows into one that is left out', () => {
    const rows = { x: t.tensor(t.f64, 'i', 'j') }
    const x = [
      [1, Number.NaN],
      [2, 3],
    ]
    const by = (f: (m: q.Tensor<'f64', ['i']>) => q.Scalar<'f64'>) =>
      Array.from(
        run(
          grad(
            graph('rows', rows, ({ x }) => ({ y: f(x.max('j')) })),
            ['x'],
          ),
          { x },
        ).gradient.x.data,
      )
    expect(by((m) => m.sum())).toEqual([Number.NaN, Number.NaN, 0, 1])
    expect(by((m) => q.select(m.eq(m), m, 0).sum())).toEqual([0, 0, 0, 1])
    expect(by((m) => q.filter(m, m.eq(m)).sum())).toEqual([0, 0, 0, 1])
    expect(by((m) => m.at(1))).toEqual([0, 0, 0, 1])
    expect(slopes((x) => q.select(x.at(0).gt(0), x.max(), 0), [-1, Number.NaN])).toEqual([0, 0])
  })
  test.each([
    ['scatterMax', q.scatterMax],
    ['scatterMin', q.scatterMin],
  ] as const)('%s has NaN for all that met in a cell that is NaN, and no other', (_, scatter) => {
    const g = graph('cells', { b: t.tensor(t.f64, 2), x: t.tensor(t.f64, 3), last: t.bool }, ({ b, x, last }) => {
      const y = scatter(b, q.constant(t.tensor(t.i32, 3), [0, 1, 1]), x)
      return { y: q.select(last, y.at(1), y.sum()) }
    })
    const d = grad(g, ['b', 'x'])
    const given = { b: [5, 2], x: [Number.NaN, 2, 2] }
    const [third, none] = [1 / 3, Number.NaN]
    expect(run(d, { ...given, last: false }).gradient).toEqual({
      b: new Float64Array([none, third]),
      x: new Float64Array([none, third, third]),
    })
    expect(run(d, { ...given, last: true }).gradient).toEqual({
      b: new Float64Array([0, third]),
      x: new Float64Array([0, third, third]),
    })
  })
  test('running products do without dividing', () => {
    const one = (k: number) => (x: q.Tensor<'f64', ['n']>) => q.cumprod(x).at(k)
    const by = (k: number, x: readonly number[]) => slopes(one(k) as never, x)
    expect(by(2, [1e-200, 1e-200, 1e200])).toEqual([1, 1, 0])
    expect(by(2, [2, 0, 5])).toEqual([0, 10, 0])
    expect(by(2, [0, 0, 5])).toEqual([0, 0, 0])
    expect(by(0, [2, 5, 0])).toEqual([1, 0, 0])
    expect(by(0, [2, 1e200, 1e200, 1e200, Number.NaN])).toEqual([1, 0, 0, 0, 0])
    expect(by(4, [2, 3, 5, 7, 11])).toEqual([1155, 770, 462, 330, 210])
    expect(slopes((x) => q.cumprod(x), [0, 1e200, 1e200])).toEqual([Infinity, 0, 0])
    expect(slopes((x) => q.cumprod(x), [])).toEqual([])
    expect(slopes((x) => q.cumprod(x), [7])).toEqual([1])
  })
  test('products of cells that are 0 have both derivatives', () => {
    const product = graph('product', { x: t.tensor(t.f64, 4) }, ({ x }) => ({ y: q.prod(x) }))
    const running = graph('running', { x: t.tensor(t.f64, 'n') }, ({ x }) => ({ y: q.cumprod(x).at(3) }))
    for (const g of [product, running]) {
      const second = grad(grad(g, ['x']), ['x'], { of: ['gradient', 'x'], each: true })
      const by = (x: readonly number[]) => Array.from(run(second, { x }).gradient.x)
      // Each pair has the product of the other two, and a cell the sum over its pairs.
      expect(by([0, 0, 3, 5])).toEqual([15, 15, 0, 0])
      expect(by([0, 2, 3, 5])).toEqual([15 + 10 + 6, 15, 10, 6])
    }
  })
  test('an infinite slope stays one', () => {
    expect(slopes(q.sqrt, [0, 4])).toEqual([Infinity, 0.25])
    expect(slopes(q.log, [0, -1])).toEqual([Infinity, -1])
  })
  test('what a select leaves out makes no NaN', () => {
    expect(slopes((x) => q.select(x.gt(0), x.mul(q.log(x)), 0), [0, 1, -1])).toEqual([0, 1, 0])
    expect(slopes((x) => q.select(x.gt(0), q.sqrt(x), x), [0, 4])).toEqual([1, 0.25])
    expect(slopes((x) => q.select(x.ne(0), q.sin(x).div(x), 1), [0])).toEqual([0])
    expect(
      slopes(
        (x) =>
          q
            .slice(q.concat(q.sqrt(x), x), 0, 0)
            .sum()
            .add(x),
        [0],
      ),
    ).toEqual([1])
  })
  test('and a second derivative does not mistake what is 0 for what is left out', () => {
    const g = graph('product', { x: t.f64, y: t.f64, on: t.bool }, ({ x, y, on }) => ({
      z: q.select(on, x.mul(y).mul(y), 0),
    }))
    const second = grad(grad(g, ['y']), ['x'], { of: ['gradient', 'y'] })
    expect(run(second, { x: 0, y: 3, on: true }).gradient.x).toBe(6)
  })
  test('powers at 0', () => {
    const g = graph('power', { x: t.f64, y: t.f64 }, ({ x, y }) => ({ z: q.pow(x, y) }))
    const by = (x: number, y: number) => run(grad(g, ['x', 'y']), { x, y }).gradient
    expect(by(0, 0).x).toBe(0)
    expect(by(0, 2)).toEqual({ x: 0, y: 0 })
    expect(by(0, 1)).toEqual({ x: 1, y: 0 })
    expect(by(-2, 2)).toEqual({ x: -4, y: Number.NaN })
  })
  test('conversions hand on what flows into them, in the element they came from', () => {
    expect(slopes((x) => x.to(t.f32).to(t.f64).mul(x), [1.5, -2])).toEqual([3, -4])
    const h = { h: t.tensor(t.f32, 'n') }
    const wide = graph('wide', h, ({ h }) => ({ y: h.to(t.f64).mul(h.to(t.f64)).sum() }))
    expect(run(grad(wide, ['h']), { h: [1.5, -2] }).gradient.h).toEqual(new Float32Array([3, -4]))
    const narrow = graph('narrow', h, ({ h }) => ({ y: h.mul(h).sum() }))
    expect(run(grad(narrow, ['h']), { h: [1.5, -2] }).gradient.h).toEqual(new Float32Array([3, -4]))
  })
  test('an angle and a length have no slope at the origin, nor has a root of a variance that is 0', () => {
    const [none, at] = [Number.NaN, { x: [0], y: [0] }]
    const of = (f: typeof q.hypot) =>
      grad(
        graph('of', { x: t.tensor(t.f64, 'n'), y: t.tensor(t.f64, 'n') }, ({ x, y }) => ({ z: f(x, y) })),
        ['x', 'y'],
        { each: true },
      )
    for (const f of [q.hypot, q.atan2])
      expect(run(of(f), at).gradient).toEqual({ x: new Float64Array([none]), y: new Float64Array([none]) })
    expect(slopes((x) => q.std(x) as never, [2, 2])).toEqual([none, none])
  })
  test('what is computed by solving is computed for every cell, whatever is taken of it', () => {
    const g = graph('solved', { a: t.tensor(t.f64, 1, 1), on: t.bool }, ({ a, on }) => ({
      y: q.select(on, q.solve(a, q.constant(t.tensor(t.f64, 1), [1])).at(0), 0),
    }))
    expect(run(grad(g, ['a']), { a: [[0]], on: false }).gradient.a.data[0]).toBeNaN()
    const apart = graph('apart', { a: t.tensor(t.f64, 1, 1), on: t.bool }, ({ a, on }) => ({
      y: q.cond(
        on,
        () => q.solve(a, q.constant(t.tensor(t.f64, 1), [1])).at(0),
        () => 0,
      ),
    }))
    expect(run(grad(apart, ['a']), { a: [[0]], on: false }).gradient.a.data[0]).toBe(0)
    expect(run(grad(apart, ['a']), { a: [[2]], on: true }).gradient.a.data[0]).toBe(-0.25)
  })
  test('an input that does not act has zeros of its shape and element', () => {
    const g = graph('one', { x: t.tensor(t.f64, 'n'), h: t.tensor(t.f32, 2), s: t.f64 }, ({ s }) => ({ y: s.mul(s) }))
    expect(run(grad(g, ['x', 'h', 's']), { x: [1, 2], h: [1, 2], s: 3 }).gradient).toEqual({
      x: new Float64Array(2),
      h: new Float32Array(2),
      s: 6,
    })
  })
})

const db = q.sql('risk')
const people = t.row({ income: t.f64 })
const effects = graph('effects', { rate: t.f64, id: t.i64 }, ({ rate, id }) => {
  const who = db.one('who', people)`select income from customer where id = ${id}`
  const set = db.exec('set', { writes: ['seen'] })`update seen set at = ${rate} where id = ${id}`
  const checked = q.assert(rate.gt(0), 'the rate is positive', rate)
  return { y: q.sequence(set, checked.mul(who.income).mul(rate)) }
})
describe('effects', () => {
  test('happen as they did, once, and what they answer is a constant', async () => {
    const d = grad(effects, ['rate'])
    const asked: string[] = []
    const answers = (call: { effect: string; attrs: object }) => {
      asked.push((call.attrs as { name: string }).name)
      return (call.attrs as { name: string }).name === 'who' ? { income: 10 } : 1
    }
    expect(run(d, { rate: 3, id: 7n }, answers as never)).toEqual({ value: { y: 90 }, gradient: { rate: 60 } })
    const inOrder = [...asked]
    asked.length = 0
    run(effects, { rate: 3, id: 7n }, answers as never)
    expect(inOrder).toEqual(asked)
    const compiled = must(await compile(d))
    const w = world(compiled).answer('who', { income: 10 }).answer('set', 1n)
    expect(must(await w.run({ rate: 3, id: 7n }))).toEqual({ value: { y: 90 }, gradient: { rate: 60 } })
  })
  test('their errors are those of the graph', () => {
    expect(() =>
      run(grad(effects, ['rate']), { rate: -1, id: 7n }, ((c: { attrs: { name: string } }) =>
        c.attrs.name === 'who' ? { income: 1 } : 1) as never),
    ).toThrow('AssertionFailed: the rate is positive')
  })
  test('what is asked for each element is asked once', async () => {
    const g = graph('inside', { ids: t.tensor(t.i64, 'n'), rate: t.f64 }, ({ ids, rate }) => {
      const each = q
        .each(ids)
        .map((id) => db.one('who', people)`select income from customer where id = ${id}`.income.mul(rate).mul(rate))
      return { y: each.sum() }
    })
    let asked = 0
    const answers = ((c: { args: readonly bigint[] }) => {
      asked++
      return { income: Number(c.args[0]) }
    }) as never
    const d = grad(g, ['rate'])
    expect(run(d, { ids: [4n, 5n], rate: 3 }, answers)).toEqual({ value: { y: 81 }, gradient: { rate: 54 } })
    expect(asked).toBe(2)
    const w = world(must(await compile(d))).answerBy('who', ([id]) => ({ income: Number(id) }))
    expect(must(await w.run({ ids: [4n, 5n], rate: 3 }))).toEqual({ value: { y: 81 }, gradient: { rate: 54 } })
    expect(w.queries).toMatchObject({ written: 2, run: 1 })
  })
  test('what was answered inside of an arm is not known afterwards, which is told', () => {
    const g = graph('inside', { id: t.i64, rate: t.f64 }, ({ id, rate }) => ({
      y: q.cond(
        rate.gt(0),
        () => db.one('who', people)`select income from customer where id = ${id}`.income.mul(rate),
        () => rate,
      ),
    }))
    expect(problemsOf(grad(g, ['rate']))).toEqual([
      'gradient: its derivative needs what an effect answered inside of an arm or a map in a map, which nobody keeps -> ask before it, and compute with what was answered',
    ])
    const apart = graph('apart', { ids: t.tensor(t.i64, 'n'), rate: t.f64 }, ({ ids, rate }) => {
      const rows = q.each(ids).map((id) => db.one('who', people)`select income from customer where id = ${id}`)
      return { y: rows.map((r) => r.income.mul(rate)).sum() }
    })
    const answers = ((c: { args: readonly bigint[] }) => ({ income: Number(c.args[0]) })) as never
    expect(run(grad(apart, ['rate']), { ids: [4n, 5n], rate: 2 }, answers)).toEqual({
      value: { y: 18 },
      gradient: { rate: 9 },
    })
  })
})

const small = graph('small', { x: t.f64, n: t.i64, v: t.tensor(t.f64, 'k') }, ({ x, n, v }) => ({
  a: x.mul(n.to(t.f64)),
  b: v.mul(x),
  deep: { c: x },
  name: q.text(x),
}))
describe('what cannot be differentiated is told', () => {
  const told = (built: Built, wrt: readonly string[], options?: GradientOptions): readonly string[] =>
    problemsOf(grad(built as Built<Record<string, unknown>, unknown>, wrt, options))
  test.each([
    [['y'], { of: 'a' }, "y: there is no input 'y' -> did you mean x?"],
    [['n'], { of: 'a' }, "n: input 'n' is i64, which does not change a little -> choose from x, v"],
    [[], { of: 'a' }, 'wrt: no input is named to differentiate by -> choose from x, v'],
    [['x', 'x'], { of: 'a' }, 'wrt: an input is named twice -> name each once'],
    [
      ['x'],
      {},
      'of: the result is a record, and one number is differentiated -> name one of a, b, deep, name: { of: … }',
    ],
    [['x'], { of: 'z' }, "of: there is no output 'z' -> choose from a, b, deep, name"],
    [['x'], { of: ['deep', 'd'] }, "of: there is no output 'deep.d' -> choose from c"],
    [
      ['x'],
      { of: 'b' },
      "of: output 'b' is f64[k], and one number is differentiated -> return its sum, or say { each: true } for the gradient of the sum of its cells",
    ],
    [
      ['x'],
      { of: 'name' },
      "of: output 'name' is string, which does not change a little -> choose an output of f64 or f32",
    ],
  ] as const)('%j %j', (wrt, options, cause) => {
    expect(told(small, wrt, options)).toEqual([cause])
  })
  test.each([
    [{ of: null }, "of: the output is given as null -> name it: { of: 'y' }, or the fields that lead to it"],
    [{ of: 3 }, "of: the output is given as 3 -> name it: { of: 'y' }, or the fields that lead to it"],
    [{ of: ['deep', 3] }, "of: the output is given as deep,3 -> name it: { of: 'y' }, or the fields that lead to it"],
    [{ off: 'a' }, "grad: it has no option 'off' -> did you mean of?"],
    ['a', 'grad: its options are "a" -> give an object of of, each'],
  ])('%j without types', (options, cause) => {
    expect(told(small, ['x'], options as never)[0]).toBe(cause)
  })
  test('what is no graph is told', () => {
    for (const none of [undefined, null, {}]) {
      expect(problemsOf(grad(none as never, ['x'] as never))).toEqual([
        ': what was given is no graph -> pass what graph(…) returned',
      ])
      expect(gradGraph(none as never, ['x'])).toMatchObject({ _tag: 'Left', left: { _tag: 'InvalidGraph' } })
    }
    const one = graph('one', { x: t.f64 }, ({ x }) => ({ y: x.mul(x) }))
    expect(run(grad(one, ['x'], null as never), { x: 2 }).gradient).toEqual({ x: 4 })
  })
  test('the inputs that act are named, and the output', () => {
    const g = graph('steps', { x: t.f64, y: t.f64 }, ({ x, y }) => ({
      a: q.loop(x, { while: (s) => s.lt(100), step: (s) => s.mul(2), max: 10 }).mul(y),
      b: y,
    }))
    expect(told(g, ['x', 'y'], { of: 'a' })[0]).toMatch(/^loop: loop stands between x and the output 'a': /)
  })
  test('the deep output and the one field of a record are found', () => {
    expect(run(grad(small, ['x'], { of: ['deep', 'c'] }), { x: 2, n: 3n, v: [1] }).gradient).toEqual({ x: 1 })
  })
  test('a loop, bits, text read back, and ragged lists', () => {
    const loops = graph('loops', { x: t.f64 }, ({ x }) => ({
      y: q.loop(x, { while: (s) => s.lt(100), step: (s) => s.mul(2), max: 10 }),
    }))
    expect(told(loops, ['x'])[0]).toMatch(
      /^loop: loop stands between x and the output: a loop would have to be run backwards/,
    )
    const bits = graph('bits', { x: t.f64 }, ({ x }) => ({ y: q.bitcast(q.bitcast(x, t.i64).add(1n), t.f64) }))
    expect(told(bits, ['x'])[0]).toMatch(/^bitcast: bitcast stands between x and the output: the bits of a float/)
    const text = graph('text', { x: t.f64 }, ({ x }) => ({ y: q.decodeJson(q.toJson(x), t.f64) }))
    expect(told(text, ['x']).length).toBeGreaterThan(0)
    const lists = graph('lists', { x: t.f64, l: t.list(t.tensor(t.f64, '~r'), 'n') }, ({ x, l }) => ({
      y: q.segmentSum(l.map((r) => r.mul(x))).sum(),
    }))
    expect(told(lists, ['x'])[0]).toContain('reduce inside the map that makes the list')
    const inside = graph('inside', { x: t.f64, l: t.list(t.tensor(t.f64, '~r'), 'n') }, ({ x, l }) => ({
      y: l.map((r) => r.mul(x).sum()).sum(),
    }))
    expect(run(grad(inside, ['x']), { x: 2, l: [[1, 2], [], [4]] }).gradient.x).toBe(7)
  })
  test('what arises in a body that runs once arises in its copy by another name', () => {
    const of = (body: (x: q.Tensor<'f64', ['n']>, s: q.Scalar<'f64'>) => q.Scalar<'f64'>) => {
      const g = graph('once', { x: t.tensor(t.f64, 'n'), s: t.f64 }, ({ x, s }) => ({ y: body(x, s) }))
      return Array.from(run(grad(g, ['x']), { x: [1, -2, 3], s: 2 }).gradient.x)
    }
    const kept = (x: q.Tensor<'f64', ['n']>) => q.filter(x, x.gt(0))
    expect(of((x) => q.cached('k', 1000, () => kept(x).mul(kept(x)).sum()))).toEqual([2, 0, 6])
    expect(of((x, s) => q.fork({ a: () => kept(x).sum().mul(s), b: () => x.sum() }).a)).toEqual([2, 0, 2])
    const nested = (x: q.Tensor<'f64', ['n']>, s: q.Scalar<'f64'>) =>
      q.cached('outer', 1000, () =>
        q.cond(
          s.gt(0),
          () => q.cached('inner', 1000, () => kept(x).sum()).mul(s),
          () => s,
        ),
      )
    expect(of(nested)).toEqual([2, 0, 2])
    const twice = graph('twice', { x: t.tensor(t.f64, 'n') }, ({ x }) => ({
      y: q.cached('k', 1000, () => kept(x).mul(kept(x)).sum()),
    }))
    const second = grad(grad(twice, ['x']), ['x'], { of: ['gradient', 'x'], each: true })
    expect(Array.from(run(second, { x: [1, -2, 3] }).gradient.x)).toEqual([2, 0, 2])
  })
  test('a graph with problems keeps them', () => {
    const broken = graph('broken', { x: t.f64 }, ({ x }) => ({ y: x.add('1' as never) }))
    expect(grad(broken, ['x']).sealed).toEqual({ _tag: 'Left', left: refused(broken) })
  })
})

describe('a gradient is a graph like others', () => {
  test('the graph it came from stays as it is, and equal graphs have equal gradients', () => {
    const g = sealed(small)
    const [size, before] = [g.arena.size, print(g)]
    const [a, b] = [must(gradGraph(g, ['x'], { of: 'a' })), must(gradGraph(g, ['x'], { of: 'a' }))]
    expect(digest(a)).toBe(digest(b))
    expect([g.arena.size, print(g)]).toEqual([size, before])
  })
  test('deep graphs need no deep stack', () => {
    const d = new Draft()
    let x = d.in('f64')
    for (let k = 0; k < 10_000; k++) x = d.add('mul', {}, [x, d.literal('f64', 1 + 1 / (k + 2) ** 2)])
    const made = must(gradGraph(d.graph(d.add('record', { fields: ['y'] }, [x])), ['i0']))
    expect(made.arena.size).toBeLessThan(110_000)
  })
  test('what a user wrote down stays typed, compiled too', async () => {
    const d = grad(small, ['x', 'v'], { of: 'b', each: true })
    const l = must(await load(must(await compile(d)), {}))
    const r = must(await l.run({ x: 3, n: 2n, v: [1, 2] }))
    const [dx, dv]: [number, Float64Array] = [r.gradient.x, r.gradient.v]
    expect([dx, plain(Array.from(dv)), r.value.a]).toEqual([3, [3, 3], 6])
    await l.close()
  })
})
