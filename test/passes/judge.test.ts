// Requirements: E4

import { expect, test } from 'vitest'
import type { NodeId } from '../../graph/arena.ts'
import { Arena } from '../../graph/arena.ts'
import type { Graph } from '../../graph/graph.ts'
import type { Stage } from '../../graph/ops/index.ts'
import { stages } from '../../graph/ops/index.ts'
import { scalar } from '../../graph/types.ts'
import { sameOrder, traceOf } from '../../passes/check/order.ts'
import type { Certificate } from '../../passes/index.ts'
import { judge } from '../../passes/index.ts'
import { Draft } from '../targets/draft.ts'

const f64 = scalar('f64')
const d = new Draft()
const source: Graph = d.graph(d.add('neg', {}, [d.in('f64')]))
const nothing: Certificate = { kind: 'merge', merged: [] }
const header = (before: Partial<Graph>, after: Partial<Graph>): string | undefined =>
  judge({ ...source, ...before }, { ...source, ...after }, nothing)?.obligation

test('a pass that does nothing is accepted', () => expect(judge(source, source, nothing)).toBeUndefined())

test('what a graph is called, takes and may do stays as it is', () => {
  expect(header({}, { arena: new Arena() })).toBe('header')
  expect(header({}, { name: 'other' })).toBe('header')
  expect(header({}, { inputs: [] })).toBe('header')
  expect(header({}, { sites: new Map() })).toBe('header')
  expect(header({}, { relaxed: ['reciprocal'] })).toBe('header')
})

test('stages go forward, or stay', () => {
  for (const [i, from] of stages.entries())
    for (const [k, to] of stages.entries())
      expect([from, to, header({ stage: from as Stage }, { stage: to as Stage })]).toEqual([
        from,
        to,
        k < i ? 'header' : undefined,
      ])
})

test('calls inside a body keep their order, however long its trace is', () => {
  const d = new Draft()
  const strings = d.in('string[n]')
  const body = (order: readonly number[]): Graph => {
    const ask = (x: NodeId, occurrence: number): NodeId =>
      d.add('kvGet', { authority: false, batch: true, key: '*', maxBytes: 9, occurrence, store: 's', value: f64 }, [x])
    // Sealing would number the calls anew, in their order.
    const inner = d.body(['string'], (x) => d.record(...order.map((o) => ask(x, o))))
    return { ...source, arena: d.arena, root: d.add('map', {}, [strings], [inner]) }
  }
  const calls = [0, 1, 2, 3, 4, 5, 6, 7]
  const other = body(calls.toReversed())
  expect(traceOf(body(calls)).long).toHaveLength(1)
  expect(sameOrder(body(calls), body(calls))).toBeUndefined()
  expect(sameOrder(body(calls), other)?.obligation).toBe('order')
})

test('a certificate of no kind, or with nothing in it, is refused and never thrown', () => {
  for (const claim of [{ kind: 'trust me' }, { kind: 'toString' }, { kind: 'dce' }, { kind: 'place' }, {}])
    expect(judge(source, source, claim as never)?.obligation, JSON.stringify(claim)).toBe('certificate')
})
