// Requirements: E5

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { programProblem } from '../../codegen/index.ts'
import { lower } from '../../codegen/program/lower.ts'
import type { Block, Program, Step } from '../../codegen/program/types.ts'
import type { Footprint } from '../../graph/effects.ts'
import { conflict } from '../../graph/effects.ts'
import { isLeft } from '../../graph/either.ts'
import type { Graph } from '../../graph/graph.ts'
import { orderProblem } from '../../graph/ordering.ts'
import { seed } from '../passes/law.ts'
import { Draft } from '../targets/draft.ts'
import { now, read, write } from './calls.ts'

/** Two tables read, one claim, a write to the first, both read again, the clock, and a read under a condition. */
const sample: Graph = (() => {
  const d = new Draft()
  const [yes, id] = [d.in('bool'), d.in('i64')]
  const [a, b] = [read(d, 'a', id), read(d, 'b', id)]
  const claim = d.add('assert', { ...d.occurrence(), message: 'so it is' }, [yes, id])
  const inside = d.add('cond', {}, [yes, id], [d.body(['i64'], (x) => read(d, 'b', x)), d.body(['i64'], (x) => x)])
  const rest = [write(d, 'a', id), read(d, 'a', id), read(d, 'b', id), now(d), inside, write(d, 'b', id)]
  return { ...d.graph(d.record(a, b, claim, ...rest)), stage: 'fused' }
})()

const program = (g: Graph): Program => {
  const l = lower(g)
  if (isLeft(l)) throw new Error(l.left.cause)
  return l.right.program
}
const main = (p: Program, f: (b: Block) => Block): Program => ({
  ...p,
  blocks: p.blocks.map((b, i) => (i === p.main ? f(b) : b)),
})
const at = (p: Program, which: (s: Step) => boolean, n = 0): number => {
  const found = p.blocks[p.main]!.steps.map((s, k) => [s, k] as const).filter(([s]) => which(s))
  return found[n]![1]
}
const bend = (p: Program, k: number, f: (s: Step) => Step): Program =>
  main(p, (b) => ({ ...b, steps: b.steps.map((s, i) => (i === k ? f(s) : s)) }))
const asks = (table: string, mode: string) => (s: Step) =>
  s.op === 'dbQuery' && (s.attrs as { name: string }).name === `${mode} ${table}`
const free = (p: Program, k: number, of?: number): Program =>
  bend(p, k, (s) => ({ ...s, after: of === undefined ? [] : s.after.filter((i) => i !== of) }))

const p = program(sample)
const [readA, readB, writeA] = [at(p, asks('a', 'read')), at(p, asks('b', 'read')), at(p, asks('a', 'write'))]
const [againA, againB, writeB] = [at(p, asks('a', 'read'), 1), at(p, asks('b', 'read'), 1), at(p, asks('b', 'write'))]
const ofMain = (s: Program): Block => s.blocks[s.main]!

describe('the schedule of a block', () => {
  test('lets independent reads start at once, and orders the rest', () => {
    expect(programProblem(p, sample)).toBeUndefined()
    const waits = (k: number): readonly number[] => ofMain(p).steps[k]!.after
    expect(waits(readA)).toEqual([])
    expect(waits(readB)).toEqual([])
    expect(waits(writeA)).toEqual([readA, readB, at(p, (s) => s.kind === 'assert')])
    expect(waits(againA)).toEqual([writeA])
    expect(waits(againB)).toEqual([])
    expect(waits(at(p, (s) => s.op === 'nowMs'))).toEqual([writeA])
    expect(waits(at(p, (s) => s.kind === 'cond'))).toEqual([])
  })

  const condition = at(p, (s) => s.kind === 'cond')
  const hidden = p.blocks.find((b, i) => i !== p.main && b.steps.some((s) => s.kind === 'effect'))!
  const mutants: readonly (readonly [string, Program, string])[] = [
    [
      'a read that does not wait for a write to its table',
      free(p, againA),
      `does not wait for step ${writeA}, which writes what it reads`,
    ],
    [
      'a write that starts before an earlier read has answered',
      free(p, writeA, readB),
      `does not wait for step ${readB}`,
    ],
    [
      'a write that starts before an earlier claim holds',
      free(
        p,
        writeA,
        at(p, (s) => s.kind === 'assert'),
      ),
      'does not wait for step',
    ],
    [
      'a write that does not wait for what it overwrites being read',
      free(p, writeB, againB),
      `does not wait for step ${againB}`,
    ],
    [
      'a clock that does not wait for a write',
      free(
        p,
        at(p, (s) => s.op === 'nowMs'),
      ),
      'which writes',
    ],
    ['a step that waits for itself', bend(p, readA, (s) => ({ ...s, after: [readA] })), 'which is no earlier step'],
    [
      'a step that waits for a later one',
      bend(p, readA, (s) => ({ ...s, after: [writeA] })),
      'which is no earlier step',
    ],
    [
      'a step that waits for nothing that is there',
      bend(p, readA, (s) => ({ ...s, after: [-1] })),
      'which is no earlier step',
    ],
    [
      'conflicting calls that changed places',
      main(p, (b) => ({
        ...b,
        steps: b.steps.map((s, i) => (i === writeA ? b.steps[againA]! : i === againA ? b.steps[writeA]! : s)),
      })),
      'has other attributes',
    ],
    [
      'a read that was taken out of its condition',
      main(p, (b) => ({
        ...b,
        steps: [
          ...b.steps.slice(0, condition),
          hidden.steps.find((s) => s.kind === 'effect')!,
          ...b.steps.slice(condition),
        ],
      })),
      'is dbQuery, the graph has',
    ],
    ['a write that was dropped', main(p, (b) => ({ ...b, steps: b.steps.filter((_, i) => i !== writeA) })), 'step'],
  ]
  test.each(mutants)('%s is refused', (_, mutant, why) => expect(programProblem(mutant, sample)).toContain(why))
})

test('elements that write follow one another, and a program that forgets it is refused', () => {
  const d = new Draft()
  const g: Graph = {
    ...d.graph(d.add('forkMap', {}, [d.in('i64[n]')], [d.body(['i64'], (x) => write(d, 'a', x))])),
    stage: 'fused',
  }
  const p = program(g)
  expect(programProblem(p, g)).toBeUndefined()
  const loose = bend(p, 0, ({ inOrder: _, ...s }) => s)
  expect(programProblem(loose, g)).toContain('forkMap writes, but its elements may overlap')
})

const tables = ['a', 'b', '*']
const footprints: fc.Arbitrary<Footprint> = fc
  .record({
    reads: fc.subarray([...tables, 'the clock'], { maxLength: 2 }),
    writes: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.subarray(tables, { maxLength: 1 })),
  })
  .map(({ reads, writes }) => {
    const of = (names: readonly string[]) =>
      names.map((name) =>
        name === 'the clock'
          ? { kind: 'clock' as const, of: '', name: '' }
          : { kind: 'table' as const, of: 'main', name },
      )
    return { reads: of(reads), writes: of(writes) }
  })

test('the checker agrees with the definition, tried on every pair of steps', () => {
  let accepted = 0
  let refused = 0
  const blocks = fc.array(
    fc.record({
      footprint: footprints,
      pure: fc.boolean(),
      fails: fc.boolean(),
      after: fc.array(fc.nat(8), { maxLength: 4 }),
    }),
    { maxLength: 7 },
  )
  fc.assert(
    fc.property(blocks, (drawn) => {
      const facts = drawn.map((d) =>
        d.pure ? { footprint: { reads: [], writes: [] }, fails: d.fails } : { footprint: d.footprint, fails: true },
      )
      const before = drawn.map((d, j) => d.after.filter((i) => i < j))
      const reaches = before.map(() => new Set<number>())
      for (const [j, own] of before.entries())
        for (const i of own) for (const k of [i, ...reaches[i]!]) reaches[j]!.add(k)
      const wrong = facts.some((b, j) =>
        facts.slice(0, j).some(
          (a, i) =>
            (conflict(a.footprint, b.footprint) ||
              (b.footprint.writes.length > 0 && a.fails) ||
              // A time that is taken after a write is after it.
              (a.footprint.writes.length > 0 && b.footprint.reads.some((r) => r.kind === 'clock'))) &&
            !reaches[j]!.has(i),
        ),
      )
      const verdict = orderProblem(before, facts)
      expect(verdict !== undefined, verdict?.problem).toBe(wrong)
      if (wrong) refused++
      else accepted++
    }),
    { numRuns: 20_000, seed },
  )
  expect(Math.min(accepted, refused)).toBeGreaterThan(2000)
})
