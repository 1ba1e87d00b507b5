// Requirements: E1

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Tensor } from '../../graph/index.ts'
import * as q from '../../graph/index.ts'
import { decodeGraph, digest, encodeGraph, graph, print, row, sql, t } from '../../graph/index.ts'
import { run, sealed, textOf } from './run.ts'

const Loan = row({ id: t.i64, amount: t.f64 })
const loans = { loans: t.list(Loan, 'loan'), rate: t.f64 }

describe('equal graphs', () => {
  test('bodies that differ in names only are one node', () => {
    const g = graph('two', loans, ({ loans: l, rate }) => ({
      a: l.map((first) => first.amount.mul(2).add(rate)),
      b: l.map((other) => {
        const twice = other.amount.mul(2).as('twice')
        return twice.add(rate)
      }),
    }))
    expect(textOf(g)).toMatchInlineSnapshot(`
      "in "loans": list<{id: i64, amount: f64}>[loan]
      in "rate": f64
      %0 = input {"name":"loans","type":"list<{id: i64, amount: f64}>[loan]"} : list<{id: i64, amount: f64}>[loan]
      %1 = input {"name":"rate","type":"f64"} : f64
      %2 = map %0 %1 : f64[loan]
        | {id: i64, amount: f64} ; f64
          %0 = param {"index":0,"type":"{id: i64, amount: f64}"} : {id: i64, amount: f64}
          %1 = field %0 {"name":"amount"} : f64
          %2 = const {"type":"f64","value":2} : f64
          %3 = mul %1 %2 : f64
          %4 = param {"index":1,"type":"f64"} : f64
          %5 = add %3 %4 : f64
          -> %5
      %3 = record %2 %2 {"fields":["a","b"]} : {a: f64[loan], b: f64[loan]}
      -> %3
      "
    `)
  })
  test('names and places change nothing', () => {
    const plain = graph('one', { x: t.i32 }, ({ x }) => ({ y: x.div(x) }))
    const named = graph('two', { x: t.i32 }, ({ x }) => {
      const third = x.div(x).as('a third')

      return { y: third }
    })
    expect(digest(sealed(named))).toBe(digest(sealed(plain)))
    expect([...sealed(named).sites.values()][0]).toEqual({
      name: 'a third',
      place: expect.stringMatching(/^test.build.identity.test.ts:\d+$/),
    })
  })
  test('the order of insertion changes nothing', () => {
    const db = sql('d')
    const steps = {
      a: (x: Tensor<'f64', []>) => x.mul(2),
      b: (x: Tensor<'f64', []>) => q.exp(x),
      c: (x: Tensor<'f64', []>) => db.one('c', row({ v: t.f64 }))`select v from c where k = ${x}`.v,
      d: (x: Tensor<'f64', []>) => db.one('d', row({ v: t.f64 }))`select v from d where k = ${x}`.v,
      e: (x: Tensor<'f64', []>) =>
        q.fork({ p: () => x.add(1), q: () => db.one('q', row({ v: t.f64 }))`select v from q`.v }).q,
    }
    const names = Object.keys(steps) as (keyof typeof steps)[]
    const build = (order: readonly (keyof typeof steps)[]) =>
      graph('order', { x: t.f64 }, ({ x }) => {
        const made = Object.fromEntries(order.map((n) => [n, steps[n](x)]))
        return Object.fromEntries(names.map((n) => [n, made[n]!]))
      })
    const text = textOf(build(names))
    fc.assert(
      fc.property(fc.shuffledSubarray(names, { minLength: names.length }), (order) => {
        expect(textOf(build(order))).toBe(text)
      }),
    )
  })
})
describe('what belongs to a body', () => {
  test('what never changes is hoisted from map, what may fail is not', () => {
    const g = graph('g', loans, ({ loans: l, rate }) =>
      l.map((x) => ({ hoisted: q.exp(rate).mul(x.amount), stays: rate.to(t.i32), outer: rate })),
    )
    expect(textOf(g)).toMatchInlineSnapshot(`
      "in "loans": list<{id: i64, amount: f64}>[loan]
      in "rate": f64
      %0 = input {"name":"loans","type":"list<{id: i64, amount: f64}>[loan]"} : list<{id: i64, amount: f64}>[loan]
      %1 = input {"name":"rate","type":"f64"} : f64
      %2 = exp %1 : f64
      %3 = trunc %1 : f64
      %4 = const {"type":"f64","value":-2147483648} : f64
      %5 = ge %3 %4 : bool
      %6 = const {"type":"f64","value":2147483648} : f64
      %7 = lt %3 %6 : bool
      %8 = and %5 %7 : bool
      %9 = convert %1 {"to":"i32"} : i32
      %10 = map %0 %2 %8 %9 %1 : list<{hoisted: f64, stays: i32, outer: f64}>[loan]
        | {id: i64, amount: f64} ; f64 ; bool ; i32 ; f64
          %0 = param {"index":1,"type":"f64"} : f64
          %1 = param {"index":0,"type":"{id: i64, amount: f64}"} : {id: i64, amount: f64}
          %2 = field %1 {"name":"amount"} : f64
          %3 = mul %0 %2 : f64
          %4 = param {"index":2,"type":"bool"} : bool
          %5 = param {"index":3,"type":"i32"} : i32
          %6 = assert %4 %5 {"message":"a value does not fit i32","occurrence":0} : i32
          %7 = param {"index":4,"type":"f64"} : f64
          %8 = record %3 %6 %7 {"fields":["hoisted","stays","outer"]} : {hoisted: f64, stays: i32, outer: f64}
          -> %8
      -> %10
      "
    `)
  })
  test('what is written in a branch stays there; what was written before is shared', () => {
    const g = graph('g', { x: t.f64, c: t.bool }, ({ x, c }) => {
      const shared = q.exp(x)
      return q.cond(
        c,
        () => q.sin(x).add(shared),
        () => q.sin(x),
      )
    })
    expect(textOf(g)).toMatchInlineSnapshot(`
      "in "x": f64
      in "c": bool
      %0 = input {"name":"c","type":"bool"} : bool
      %1 = input {"name":"x","type":"f64"} : f64
      %2 = exp %1 : f64
      %3 = cond %0 %1 %2 : f64
        | f64 ; f64
          %0 = param {"index":0,"type":"f64"} : f64
          %1 = sin %0 : f64
          %2 = param {"index":1,"type":"f64"} : f64
          %3 = add %1 %2 : f64
          -> %3
        | f64 ; f64
          %0 = param {"index":0,"type":"f64"} : f64
          %1 = sin %0 : f64
          -> %1
      -> %3
      "
    `)
  })
  test('captures come once each, in the order of first use; constants are copied', () => {
    const g = graph('g', { ...loans, a: t.f64, b: t.f64 }, ({ loans: l, a, b }) =>
      l.map((x) => l.map((y) => y.amount.mul(b).add(a).add(x.amount).add(b).add(2)).sum()),
    )
    expect(textOf(g)).toMatchInlineSnapshot(`
      "in "loans": list<{id: i64, amount: f64}>[loan]
      in "rate": f64
      in "a": f64
      in "b": f64
      %0 = input {"name":"loans","type":"list<{id: i64, amount: f64}>[loan]"} : list<{id: i64, amount: f64}>[loan]
      %1 = input {"name":"b","type":"f64"} : f64
      %2 = input {"name":"a","type":"f64"} : f64
      %3 = map %0 %0 %1 %2 : f64[loan]
        | {id: i64, amount: f64} ; list<{id: i64, amount: f64}>[loan] ; f64 ; f64
          %0 = param {"index":1,"type":"list<{id: i64, amount: f64}>[loan]"} : list<{id: i64, amount: f64}>[loan]
          %1 = param {"index":2,"type":"f64"} : f64
          %2 = param {"index":3,"type":"f64"} : f64
          %3 = param {"index":0,"type":"{id: i64, amount: f64}"} : {id: i64, amount: f64}
          %4 = field %3 {"name":"amount"} : f64
          %5 = map %0 %1 %2 %4 : f64[loan]
            | {id: i64, amount: f64} ; f64 ; f64 ; f64
              %0 = param {"index":0,"type":"{id: i64, amount: f64}"} : {id: i64, amount: f64}
              %1 = field %0 {"name":"amount"} : f64
              %2 = param {"index":1,"type":"f64"} : f64
              %3 = mul %1 %2 : f64
              %4 = param {"index":2,"type":"f64"} : f64
              %5 = add %3 %4 : f64
              %6 = param {"index":3,"type":"f64"} : f64
              %7 = add %5 %6 : f64
              %8 = add %7 %2 : f64
              %9 = const {"type":"f64","value":2} : f64
              %10 = add %8 %9 : f64
              -> %10
          %6 = reduce %5 {"axes":[0],"how":"sum"} : f64
          -> %6
      -> %3
      "
    `)
  })
})
describe('size', () => {
  test('10,000 deep', () => {
    const g = graph('deep', { x: t.f64 }, ({ x }) => {
      let y = x
      for (let i = 0; i < 10_000; i++) y = y.mul(0.5).add(x)
      return y
    })
    expect(run(g, { x: 1 })).toBe(2)
    const again = decodeGraph(JSON.parse(JSON.stringify(encodeGraph(sealed(g)))))
    expect(again._tag === 'Right' && print(again.right) === print(sealed(g))).toBe(true)
  })
  test('10,000 deep in a body, with checks', () => {
    const g = graph('deep', loans, ({ loans: l }) =>
      l.map((r) => {
        let y = r.id
        for (let i = 0; i < 5_000; i++) y = y.to(t.i32).to(t.i64).add(1n)
        return y
      }),
    )
    expect(run(g, { loans: [{ id: 9n, amount: 0 }], rate: 0 })).toEqual(new BigInt64Array([5009n]))
  })
  test('100,000 nodes take linear time', () => {
    const time = (n: number): number => {
      const start = performance.now()
      sealed(
        graph('wide', { x: t.tensor(t.f64, 'n') }, ({ x }) => {
          let y = x
          for (let i = 0; i < n; i++) y = y.mul(x).add(i)
          return y
        }),
      )
      return performance.now() - start
    }
    time(2_000)
    const small = time(4_000)
    // Twice the fourfold: room for a busy machine, none for a quadratic step.
    expect(time(16_000)).toBeLessThan(Math.max(8 * small, 2_000))
  })
})
