// Requirements: E4

import { expect, test } from 'vitest'
import type { NodeId } from '../../graph/arena.ts'
import { Arena } from '../../graph/arena.ts'
import { isLeft, right } from '../../graph/either.ts'
import type { Graph } from '../../graph/graph.ts'
import type { Stage } from '../../graph/ops/index.ts'
import { stages } from '../../graph/ops/index.ts'
import { scalar } from '../../graph/types.ts'
import { sameOrder, traceOf } from '../../passes/check/order.ts'
import type { Certificate, Pass } from '../../passes/index.ts'
import { judge, runPass } from '../../passes/index.ts'
import { read } from '../schedule/calls.ts'
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

test('a call that was not there is new, at the end as anywhere', () => {
  const d = new Draft()
  const id = d.in('i64')
  const calls = [read(d, 'a', id), read(d, 'b', id)]
  const whole = { ...source, arena: d.arena, root: d.record(...calls) }
  const part = { ...whole, root: d.record(calls[0]!) }
  expect(sameOrder(part, whole)).toEqual({ obligation: 'order', detail: 'dbQuery 1 is new' })
  expect(sameOrder(whole, part)).toEqual({ obligation: 'order', detail: 'dbQuery 1 is missing' })
  expect(sameOrder(whole, part, new Set([1]))).toBeUndefined()
})

test('what a pass makes has to be a graph, whatever its certificate says', () => {
  const d = new Draft()
  const absent = d.add('absent', { type: f64 })
  const early: Graph = { ...source, arena: d.arena, inputs: [], root: d.add('neg', {}, [absent]) }
  const idle: Pass = {
    name: 'idle',
    doc: '',
    from: 'source',
    to: 'source',
    run: (graph) => right({ graph, certificate: nothing, notes: [] }),
  }
  expect(judge(early, early, nothing)).toBeUndefined()
  const made = runPass(idle, early)
  expect(isLeft(made) && made.left.cause).toMatch(/^its graph is not valid: /)
})

test('a certificate of no kind, or with nothing in it, is refused and never thrown', () => {
  for (const claim of [{ kind: 'trust me' }, { kind: 'toString' }, { kind: 'dce' }, { kind: 'place' }, {}])
    expect(judge(source, source, claim as never)?.obligation, JSON.stringify(claim)).toBe('certificate')
})
