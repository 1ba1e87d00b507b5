// Requirements: E5

import { describe, expect, test } from 'vitest'
import { programProblem } from '../../codegen/index.ts'
import { lower } from '../../codegen/program/lower.ts'
import type { Block, Program, Step } from '../../codegen/program/types.ts'
import type { NodeId } from '../../graph/arena.ts'
import { isLeft } from '../../graph/either.ts'
import type { Graph } from '../../graph/graph.ts'
import { read, write } from '../schedule/calls.ts'
import { Draft } from '../targets/draft.ts'

/** Nothing moves across the edge of a transaction: a program in which something did is refused. */
const sample: Graph = (() => {
  const d = new Draft()
  const id = d.in('i64')
  const attrs = { db: 'main', isolation: 'repeatable read', retries: 1, authority: false } as const
  const whole = (body: (x: NodeId) => NodeId): NodeId =>
    d.add('transaction', { ...d.occurrence(), ...attrs }, [id], [d.body(['i64'], (x) => body(x!))])
  const first = read(d, 'a', id)
  const one = whole((x) => d.record(write(d, 'a', x), read(d, 'a', x), write(d, 'b', x)))
  const two = whole((x) => d.record(write(d, 'c', x), read(d, 'c', x)))
  return { ...d.graph(d.record(first, one, read(d, 'a', id), two)), stage: 'fused' }
})()
const program = (() => {
  const l = lower(sample)
  if (isLeft(l)) throw new Error(l.left.cause)
  return l.right.program
})()

const steps = (p: Program, block: number): readonly Step[] => p.blocks[block]!.steps
const bend = (p: Program, block: number, f: (b: Block) => Block): Program => ({
  ...p,
  blocks: p.blocks.map((b, i) => (i === block ? f(b) : b)),
})
const main = program.main
const [one, two] = steps(program, main).flatMap((s, k) => (s.kind === 'transaction' ? [k] : [])) as [number, number]
const body = (k: number): number => steps(program, main)[k]!.blocks[0]!
const asks = (table: string, mode: string) => (s: Step) =>
  s.op === 'dbQuery' && (s.attrs as { name: string }).name === `${mode} ${table}`
const insert = (at: number, s: Step) => (b: Block) => ({
  ...b,
  steps: [...b.steps.slice(0, at), s, ...b.steps.slice(at)],
})

test('the program as it is made is accepted; a transaction waits and is waited for', () => {
  expect(programProblem(program, sample)).toBeUndefined()
  const again = steps(program, main).findLastIndex(asks('a', 'read'))
  expect(steps(program, main)[again]!.after).toContain(one)
  expect(steps(program, main)[two]!.after).toContain(again)
  expect(program.blocks[main]!.waits && program.blocks[main]!.fails).toBe(true)
})

const inside = steps(program, body(one)).find(asks('a', 'read'))!
const outside = steps(program, main).find(asks('a', 'read'))!
const again = steps(program, main).findLastIndex(asks('a', 'read'))
const mutants: readonly (readonly [string, Program, string])[] = [
  [
    'a read taken out of its transaction',
    bend(program, main, insert(one, inside)),
    'is dbQuery, the graph has transaction',
  ],
  [
    'a write taken out, and not left inside',
    bend(bend(program, main, insert(two, steps(program, body(two))[0]!)), body(two), (b) => ({
      ...b,
      steps: b.steps.slice(1),
    })),
    'is dbQuery, the graph has transaction',
  ],
  ['a read taken into a transaction', bend(program, body(one), insert(0, outside)), 'has other attributes'],
  [
    'two transactions that have changed bodies',
    bend(program, main, (b) => ({
      ...b,
      steps: b.steps.map((s, k) =>
        k === one ? { ...s, blocks: [body(two)] } : k === two ? { ...s, blocks: [body(one)] } : s,
      ),
    })),
    'has other attributes',
  ],
  [
    'a transaction that has become an attempt',
    bend(program, main, (b) => ({
      ...b,
      steps: b.steps.map((s, k) => (k === one ? { ...s, kind: 'attempt' as const, op: 'attempt', attrs: {} } : s)),
    })),
    'is attempt, the graph has transaction',
  ],
  [
    'a weaker isolation, and other retries',
    bend(program, main, (b) => ({
      ...b,
      steps: b.steps.map((s, k) =>
        k === one ? { ...s, attrs: { ...(s.attrs as object), isolation: 'read committed', retries: 9 } } : s,
      ),
    })),
    'has other attributes',
  ],
  [
    'a read that does not wait for a transaction that writes its table',
    bend(program, main, (b) => ({ ...b, steps: b.steps.map((s, k) => (k === again ? { ...s, after: [] } : s)) })),
    `does not wait for step ${one}, which writes what it reads`,
  ],
  [
    'a transaction that does not wait for the one before it',
    bend(program, main, (b) => ({ ...b, steps: b.steps.map((s, k) => (k === two ? { ...s, after: [] } : s)) })),
    'does not wait for step',
  ],
  [
    'a step inside that does not wait for the write before it',
    bend(program, body(one), (b) => ({ ...b, steps: b.steps.map((s) => (s === inside ? { ...s, after: [] } : s)) })),
    'which writes what it reads',
  ],
]
describe('refused', () => {
  test.each(mutants)('%s', (_, mutant, why) => expect(programProblem(mutant, sample)).toContain(why))
})
