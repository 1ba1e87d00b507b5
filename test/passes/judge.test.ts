import { expect, test } from 'vitest'
import { Arena } from '../../graph/arena.ts'
import type { Graph } from '../../graph/graph.ts'
import type { Stage } from '../../graph/ops/index.ts'
import { stages } from '../../graph/ops/index.ts'
import type { Certificate } from '../../passes/index.ts'
import { judge } from '../../passes/index.ts'
import { Draft } from '../targets/draft.ts'

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

test('a certificate of no kind, or with nothing in it, is refused and never thrown', () => {
  for (const claim of [{ kind: 'trust me' }, { kind: 'toString' }, { kind: 'dce' }, { kind: 'place' }, {}])
    expect(judge(source, source, claim as never)?.obligation, JSON.stringify(claim)).toBe('certificate')
})
