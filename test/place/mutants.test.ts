// Requirements: E4

import { describe, expect, test } from 'vitest'
import { isLeft } from '../../graph/either.ts'
import type { Graph } from '../../graph/graph.ts'
import type { Topology } from '../../graph/topology.ts'
import type { PlaceCertificate } from '../../passes/index.ts'
import { judge, placement } from '../../passes/index.ts'
import { now, read, write } from '../schedule/calls.ts'
import { Draft } from '../targets/draft.ts'

/** Reads one table, sums many numbers, writes another table, and reads that and the clock. */
const graph: Graph = (() => {
  const d = new Draft()
  const [xs, id] = [d.in('f64[n]'), d.in('i64')]
  const sum = d.add('reduce', { how: 'sum', axes: [0] }, [d.add('mul', {}, [xs, xs])])
  return { ...d.graph(d.record(read(d, 'a', id), sum, write(d, 'b', id), read(d, 'b', id), now(d))), stage: 'fused' }
})()
const topology: Topology = {
  sites: [
    { name: 'edge', reaches: ['clock'], speed: 1000 },
    { name: 'server', reaches: ['main'] },
  ],
  links: [
    { from: 'edge', to: 'server', latencyMs: 1, bytesPerMs: 10_000 },
    { from: 'server', to: 'edge', latencyMs: 1, bytesPerMs: 10_000 },
  ],
  inputs: 'edge',
  result: 'edge',
  pins: {},
}
const place = (t: Topology = topology): PlaceCertificate => {
  const p = placement(graph, { ...t, pins: {} })
  if (isLeft(p)) throw new Error(p.left.cause)
  return p.right.certificate
}
const right = place()
const at = (op: string, n = 0): number =>
  right.steps.map((s, i) => [graph.arena.opOf(s.node).name, i] as const).filter(([o]) => o === op)[n]![1]
const moved = (c: PlaceCertificate, step: number, site: string): PlaceCertificate => ({
  ...c,
  steps: c.steps.map((s, i) => (i === step ? { ...s, site } : s)),
})
const verdict = (c: unknown): string | undefined => {
  const r = judge(graph, graph, c as PlaceCertificate)
  return r === undefined ? undefined : `${r.obligation}: ${r.detail}`
}
const sum = at('reduce')
const elsewhere = right.steps[sum]!.site === 'edge' ? 'server' : 'edge'
const withPins = { ...right, topology: { ...topology, pins: { [`%${sum}`]: elsewhere } } }
const flow = (f: (xs: readonly number[]) => readonly number[]): unknown => ({
  ...right,
  found: { by: 'cut', flow: f((right.found as { flow: readonly number[] }).flow) },
})
/** Everything that can be at the server, with what that makes cross: a right table that is not the cheapest. */
const dearer = (() => {
  const p = placement(graph, { ...topology, pins: { [`%${sum}`]: elsewhere } })
  if (isLeft(p)) throw new Error(p.left.cause)
  return { ...p.right.certificate, topology: right.topology }
})()

describe('a placement that is wrong on purpose', () => {
  test('is told from a right one', () => {
    expect(verdict(right)).toBeUndefined()
    expect(right.signals.length).toBeGreaterThan(0)
  })
  const mutants: readonly (readonly [string, unknown, string])[] = [
    ['a step at a site that does not reach its driver', moved(right, at('dbQuery'), 'edge'), 'legality: step'],
    ['a site that is not there', moved(right, at('dbQuery'), 'moon'), 'there is no site moon'],
    [
      'a step at another site than what crosses says',
      moved(right, at('reduce'), right.steps[at('reduce')]!.site === 'edge' ? 'server' : 'edge'),
      'graph: the transfer',
    ],
    ['a transfer dropped', { ...right, transfers: right.transfers.slice(1) }, 'is missing'],
    ['a transfer made twice', { ...right, transfers: [...right.transfers, right.transfers[0]] }, 'is there twice'],
    ['the news of a write dropped', { ...right, signals: [] }, 'graph: the signal'],
    [
      'a read that does not follow a write',
      { ...right, steps: right.steps.map((s) => ({ ...s, after: [] })), signals: [] },
      'order: step',
    ],
    ['a pin ignored', withPins, 'it is pinned elsewhere'],
    ['an input where it does not arrive', moved(right, at('input'), 'server'), 'the input arrives elsewhere'],
    ['a cost too low', { ...right, cost: right.cost - 1 }, 'it costs'],
    ['a step left out', { ...right, steps: right.steps.slice(1) }, 'does not place the steps'],
    ['a placement that is not the cheapest', dearer, 'the flow does not prove it least'],
    ['a flow over a capacity', flow((xs) => xs.map((x, i) => (i === 0 ? x + 1e15 : x))), 'what goes into vertex'],
    ['a negative flow', flow((xs) => xs.map((x, i) => (i === 3 ? -1 : x))), 'carries more than it can'],
    ['no flow', flow((xs) => xs.map(() => 0)), 'it carries 0'],
    ['a flow of another network', flow((xs) => xs.slice(1)), 'edges, and the network'],
    ['a search where a cut is due', { ...right, found: { by: 'search' } }, 'two sites are placed by a cut'],
  ]
  test.each(mutants)('%s is refused', (_, mutant, why) => expect(verdict(mutant)).toContain(why))
})

test('a kernel stays where its target runs', () => {
  const d = new Draft()
  const xs = d.in('f64[n]')
  const param = d.add('param', { index: 0, type: d.type('f64[n]') })
  const body = { params: [d.type('f64[n]')], root: d.add('record', { fields: ['0'] }, [d.add('neg', {}, [param])]) }
  const kernel = d.add('field', { name: '0' }, [d.add('kernel', {}, [xs], [body])])
  const g: Graph = { ...graph, arena: d.arena, inputs: [['i0', d.type('f64[n]')]], root: kernel, sites: new Map() }
  const here: Topology = { ...topology, inputs: 'edge', result: 'edge' }
  const p = placement(g, here)
  if (isLeft(p)) throw new Error(p.left.cause)
  const [edge, server] = here.sites
  const only: Topology = { ...here, sites: [{ ...edge!, targets: ['ts'] }, server!] }
  expect(judge(g, g, p.right.certificate)).toBeUndefined()
  expect(judge(g, g, { ...p.right.certificate, topology: only })?.detail).toContain('its kernels do not run there')
})

describe('what cannot be placed', () => {
  const told = (t: Partial<Topology>): unknown => {
    const p = placement(graph, { ...topology, pins: {}, ...t })
    return isLeft(p) ? p.left : 'placed'
  }
  const server = topology.sites[1]!
  test.each([
    [
      'a driver nobody reaches',
      { sites: [topology.sites[0]!, { ...server, reaches: ['clock'] }] },
      /edge does not reach 'main'; server does not reach 'main'/,
    ],
    [
      'a pin to where it cannot be',
      { pins: { 'write b': 'edge' } },
      /edge does not reach 'main'; it is pinned to edge/,
    ],
    ['no way back', { links: topology.links.slice(0, 1) }, /no link/],
    ['a pin that binds nothing', { pins: { wrote: 'edge' } }, /no step is called 'wrote'/],
    ['a pin to a site that is not there', { pins: { 'write b': 'moon' } }, /sites cannot be used/],
    ['an input nobody takes', { inputs: { i0: 'edge' } }, /sites cannot be used/],
    [
      'numbers that are none',
      { links: [{ from: 'edge', to: 'server', latencyMs: -1, bytesPerMs: 0 }] },
      /sites cannot be used/,
    ],
    ['two sites of one name', { sites: [server, server] }, /sites cannot be used/],
    ['no sites', { sites: [] }, /sites cannot be used/],
    ['something else', { sites: 'edge' as never }, /sites cannot be used/],
    ['costs of years', { sizes: { otherwise: 1e15 } }, /too large/],
  ] as const)('%s', (_, t, why) => {
    const e = told(t as Partial<Topology>)
    expect(e).toMatchObject({ _tag: 'InvalidGraph', cause: expect.stringMatching(why) })
    const { problems } = e as { problems: readonly { node: string; cause: string; remedy: string }[] }
    expect(problems.length).toBeGreaterThan(0)
    for (const p of problems) expect(p.cause !== '' && p.remedy !== '').toBe(true)
  })
  test('nothing thrown, whatever is given as sites', () => {
    for (const junk of [null, 1, 'x', [], {}, { sites: [null] }, { ...topology, pins: 3 }])
      expect(isLeft(placement(graph, junk as never))).toBe(true)
  })
})
