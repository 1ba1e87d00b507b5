// Requirements: E11 K1

import { describe, expect, test } from 'vitest'
import { Arena } from '../../graph/arena.ts'
import * as q from '../../graph/index.ts'
import { checkGraph, graph, parseType, sql, t } from '../../graph/index.ts'
import { mustMake } from '../../graph/make.ts'
import { tensor } from '../../graph/types.ts'
import { compile, interpret, load } from '../../index.ts'
import { must } from '../gradients/difference.ts'
import { problemsOf, refused, run } from './run.ts'

// biome-ignore lint/suspicious/noExplicitAny: what these tests are about is what happens without types.
type Untyped = any
const inputs = { x: t.tensor(t.f64, 'n'), m: t.tensor(t.f64, 2, 2), s: t.f64, name: t.string }
const told = (body: (i: Untyped) => Untyped): readonly string[] => problemsOf(graph('g', inputs, body as never))

describe('sizes', () => {
  const range = 'give a name, or a whole number from 0 to 2147483647'
  test.each([
    [Number.NaN, 'the size NaN'],
    [Number.POSITIVE_INFINITY, 'the size Infinity'],
    [-1, 'the size -1'],
    [1.5, 'the size 1.5'],
    [1e10, 'the size 10000000000'],
    ['', 'an empty text'],
  ])('%j is no dimension, whatever holds it', (d, said) => {
    for (const codec of [
      t.tensor(t.f64, 2, d as never),
      t.list(t.row({ a: t.f64 }), d as never),
      t.option(t.row({ a: t.tensor(t.f64, d as never) })),
      t.union({ a: t.tensor(t.f64, d as never), b: t.f64 }),
    ])
      expect(problemsOf(graph('g', { x: codec } as never, ({ x }: Untyped) => x))).toEqual([
        `input: input: ${said} is no dimension -> ${range}`,
      ])
    if (d !== '') expect(told(() => q.full(1, d as never))[0]).toContain(range)
  })
  test('nor does a graph from elsewhere have it', () => {
    const [arena, type] = [new Arena(), tensor('f64', [Number.NaN])]
    const root = mustMake(arena, 'input', { name: 'x', type })
    const g = { name: 'g', stage: 'source', arena, inputs: [['x', type]], root, sites: new Map() } as const
    expect(checkGraph(g).map((p) => p.cause)).toContain('the size NaN is no dimension')
  })
  test('a name that varies from element to element needs a list around it', () => {
    const [said] = problemsOf(graph('g', { x: t.tensor(t.f64, '~r') }, ({ x }) => ({ y: x.sum() })))
    expect(said).toMatch(/^x: input 'x' is f64\[~r\], .* -> leave out the ~, or put the type into t\.list/)
    expect(
      run(
        graph('g', { x: t.list(t.tensor(t.f64, '~r'), 'n') }, ({ x }) => ({ y: x.map((r) => r.sum()).sum() })),
        { x: [[1], [2, 3]] },
      ),
    ).toEqual({ y: 6 })
  })
  test('a type is read with the sizes that can be', () => {
    expect(parseType('f64[2147483647]')).toMatchObject({ shape: [2 ** 31 - 1] })
    for (const text of ['f64[2147483648]', 'f64[99999999999999999999]'])
      expect(parseType(text)).toContain('expected a size of at most 2147483647 at character 5')
    expect(parseType('f64[""]')).toContain('expected a name that is not empty')
    expect(parseType('f64["\\q"]')).toContain('expected a name')
  })
  test('joining may not make a greater one', () => {
    expect(told(() => q.concat(q.full(1, 2 ** 31 - 1), q.full(1, 2)))[0]).toContain(
      'makes an axis of 2147483649, and 2147483647 is the greatest size',
    )
  })
  test('the greatest size compiles to what loads, and what no memory holds is told so', async () => {
    const g = graph('great', { x: t.f64 }, ({ x }) => ({ y: x.mul(2), z: q.full(1, 2 ** 31 - 1) }))
    const l = must(await load(must(await compile(g)), {}))
    await l.close()
    const most = 2 ** 31 - 1
    const beyond = graph('beyond', { x: t.f64 }, ({ x }) => ({ y: q.full(1, most, most).mul(x).sum() }))
    expect(await interpret(beyond, {}, { x: 1 })).toMatchObject({
      _tag: 'Left',
      left: { _tag: 'ResourceExceeded', what: 'memory' },
    })
  })
})

describe('slips', () => {
  const db = sql('shop') as Untyped
  const Row = t.row({ id: t.i64 })
  test.each<[string, (i: Untyped) => Untyped, string]>([
    [
      'a text for options',
      ({ x }) => q.shift(x, 1, 'n' as never),
      'shift: shift: its options are "n" -> give an object of axis, outside',
    ],
    [
      'a misspelt option',
      ({ x }) => q.shift(x, 1, { outsid: 'edge' } as never),
      "shift: shift: it has no option 'outsid' -> did you mean outside?",
    ],
    [
      'another one',
      ({ x }) => q.slice(x, 1, 2, { stride: 2 } as never),
      "slice: slice: it has no option 'stride' -> choose from axis, step",
    ],
    [
      'many rows without a bound',
      () => db.many('loan', Row)`select id from loan`,
      "loan: query 'loan' does not say how many rows it may have -> say so: db.many('loan', row, { maxRows: 1000, maxBytes: 1e6 })",
    ],
    [
      'no codec',
      () => db.one('loan')`select id from loan`,
      "loan: query 'loan' has no codec for its rows -> describe them: db.one('loan', row) with row = t.row({ … })",
    ],
    [
      'a query as a call',
      () => db.one('loan', Row)('select id from loan'),
      "loan: the text of query 'loan' is no template -> write it behind the call: db.one('loan', row)`select …`",
    ],
    [
      'a misspelt option of a query',
      () => db.one('loan', Row, { read: [] })`select id from loan`,
      "loan: loan: it has no option 'read' -> did you mean reads?",
    ],
    [
      'a function without a declaration',
      ({ s }) => (q.foreign as Untyped)('pr')(s),
      "pr: what 'pr' takes and gives is not known -> declare it: foreign('pr', { in: t.string, out: t.f64, writes: [] })",
    ],
    [
      'text as a tag',
      ({ name }) => (q.text as Untyped)`hello ${name}`,
      "text: text is a function, and was used as a tag -> call it: text('hello ', name)",
    ],
    [
      'an axis of two equal sizes',
      ({ m }) => m.sum(2),
      "sum: sum over '2', which names more than one axis of f64[2,2] -> give the axes names of their own where they come in: t.tensor(t.f64, 'row', 'column')",
    ],
    [
      'a number and a text',
      ({ s, name }) => s.mul(name),
      "mul: mul of 's' and 'name' needs one element type, but was given f64 and string -> give both one element: only numbers are converted to one another; text(x) makes text of one",
    ],
    ['a product of what does not fit', ({ x, m }) => q.matmul(m, x), 'matmul: '],
    ['a sort of records', () => q.sort(q.constant(t.tensor(t.json, 2), [1, 2]) as never), 'sort: '],
    ['an inverse of many', () => q.inverse(q.full(1, 3, 2, 2) as never), 'inverse: '],
  ])('%s', (_, body, said) => {
    const [first, ...more] = told(body)
    expect(more).toEqual([])
    if (said.endsWith(': ')) expect(first?.slice(0, said.length)).toBe(said)
    else expect(first).toBe(said)
  })
  test('null for options is none', () => {
    const g = graph('g', { x: t.tensor(t.f64, 'n') }, ({ x }) => ({
      y: q.shift(x, 1, null as never),
      z: q.slice(x, 1, undefined, null as never),
      s: q.sort(x, null as never),
    }))
    expect(run(g, { x: [3, 1, 2] })).toEqual({
      y: new Float64Array([1, 2, 0]),
      z: new Float64Array([1, 2]),
      s: new Float64Array([1, 2, 3]),
    })
  })
  test('a graph without body, or without inputs', () => {
    const [make, here] = [graph as Untyped, /^test\/build\/newcomer\.test\.ts:\d+$/]
    for (const [built, said] of [
      [
        make('p', inputs),
        "p: graph 'p' has no body -> give a function of its inputs: graph('p', { x: t.f64 }, ({ x }) => ({ y: x.mul(2) }))",
      ],
      [
        make('p', undefined, () => ({ y: 1 })),
        "p: what graph 'p' takes is undefined -> give its inputs by name, { x: t.f64 }, or {}",
      ],
    ]) {
      expect(problemsOf(built)).toEqual([said])
      expect(refused(built).place).toMatch(here)
    }
  })
  test('a result that holds itself has its place', () => {
    const cyclic: Untyped = {}
    cyclic.self = cyclic
    const g = graph('g', inputs, () => cyclic)
    expect(refused(g).place).toMatch(/^test\/build\/newcomer\.test\.ts:\d+$/)
  })
})

describe('assertions', () => {
  const divided = graph('divided', { x: t.i32, y: t.i32 }, ({ x, y }) => ({ z: x.div(y) }))
  const taken = graph('taken', { x: t.tensor(t.f64, 'n'), i: t.i32 }, ({ x, i }) => ({ z: x.at(i) }))
  const fitting = graph('fitting', { x: t.f64 }, ({ x }) => ({ z: x.to(t.i32) }))
  const own = graph('own', { x: t.f64 }, ({ x }) => ({ z: q.assert(x.gt(0), 'it is positive', x) }))
  test.each([
    ['a division', divided, { x: 1, y: 0 }, 'look at the divisor before, or use divTotal, which never fails'],
    [
      'an index',
      taken,
      { x: [1], i: 3 },
      'correct the index, or use gatherClamped or scatterAddClamped, which take the nearest row',
    ],
    [
      'a conversion',
      fitting,
      { x: 1e10 },
      'bring the value into range before, or use toTotal, which saturates or wraps',
    ],
    ["the user's own", own, { x: 0 }, 'correct the data, or what is claimed of it'],
  ] as const)('%s says what would help', async (_, g, given, remedy) => {
    const l = must(await load(must(await compile(g as Untyped)), {}))
    for (const answer of [await l.run(given), await interpret(g as Untyped, {}, given)])
      expect(answer).toMatchObject({ _tag: 'Left', left: { _tag: 'AssertionFailed', remedy } })
    await l.close()
  })
  test('and the total forms that are named are there', () => {
    for (const name of ['divTotal', 'remTotal', 'gatherClamped', 'scatterAddClamped'])
      expect(typeof (q as Untyped)[name], name).toBe('function')
    const g = graph('total', { x: t.f64 }, ({ x }) => ({ z: q.toTotal(x, t.i32) }))
    expect(run(g, { x: 1e10 })).toEqual({ z: 2 ** 31 - 1 })
  })
})
