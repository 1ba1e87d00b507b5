import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isLeft } from '../../graph/either.ts'
import { parse } from '../../graph/text.ts'
import type { Certificate } from '../../passes/index.ts'
import { checkers, optimise, pipeline, runPass } from '../../passes/index.ts'
import { laws } from '../../passes/laws/index.ts'
import { cellOf } from '../../passes/laws/value.ts'
import { edges } from '../../verify/proofs/edges.ts'
import { variablesOf } from '../../verify/proofs/obligations.ts'
import { runIn } from '../arbitraries/world.ts'
import { seed, settings } from '../passes/law.ts'
import { mutants } from '../passes/mutants.ts'
import { bentAtEnd, subject, universal } from '../passes/universal.ts'

// Nothing holds because nothing happens: what laws, properties and checkers suppose does occur, and its contrary too.

const conditional = laws.filter((l) => l.when !== undefined)
test('there are laws with a condition on literals', () => expect(conditional.length).toBeGreaterThan(0))
test.each(conditional)('the condition of $name is met by some literals and not by others', (law) => {
  for (const at of law.at) {
    const names = [...variablesOf([law.when!], at)]
    const seen = new Set<unknown>()
    const pick = (
      k: number,
      chosen: ReadonlyMap<string, Parameters<typeof edges>[0]>,
      values: readonly unknown[],
    ): void => {
      const next = names[k]
      if (next !== undefined) {
        for (const x of edges(next[1])) pick(k + 1, new Map([...chosen, next]), [...values, x])
        return
      }
      const given = (n: string) => {
        const i = names.findIndex(([name]) => name === n)
        return { elem: names[i]![1], value: values[i] as never }
      }
      seen.add(cellOf(law.when!, at, given)?.value)
    }
    pick(0, new Map(), [])
    expect(seen, JSON.stringify(at)).toEqual(new Set([true, false]))
  }
})

describe('the graphs and worlds on which passes are compared', () => {
  const drawn = fc.sample(settings, { numRuns: 300, seed })
  const runs = drawn.map(({ it, world }) => runIn(it.graph, it.inputs, world))
  const share = (xs: readonly unknown[]): number => xs.length / drawn.length

  test('end in values and in errors', () => {
    expect(share(runs.filter((r) => r.answer._tag === 'Right'))).toBeGreaterThan(0.2)
    expect(share(runs.filter((r) => r.answer._tag === 'Left'))).toBeGreaterThan(0.1)
  })
  test('read and write', () => {
    expect(share(runs.filter((r) => r.asked > 0))).toBeGreaterThan(0.2)
    expect(share(runs.filter((r) => r.journal.size > 0))).toBeGreaterThan(0.1)
  })
  test('give every pass something to certify', () => {
    const sizes = new Map<string, number>(pipeline.map((p) => [p.name, 0]))
    for (const { it } of drawn)
      for (const { pass, certificate } of optimise(it.graph).steps)
        sizes.set(pass, sizes.get(pass)! + claimsIn(certificate))
    for (const [pass, n] of sizes) expect(n, pass).toBeGreaterThan(3)
  })
})
/** How much a certificate claims; that of fusion claims nothing but the graph itself. */
const claimsIn = (c: Certificate): number => {
  const { kind, ...rest } = c
  if (kind === 'fuse') return 1
  return Object.values(rest).reduce<number>((n, x) => n + (Array.isArray(x) ? x.length : 0), 0)
}

test('each reason for which a checker may refuse is the reason for some wrong claim', () => {
  const given = new Set(Object.values(mutants).flatMap((list) => list.map((m) => m.refusal.replace(/\).*$/s, ''))))
  const g = parse(subject)
  if (isLeft(g)) throw new Error('the subject does not parse')
  for (const pass of pipeline)
    for (const bent of Object.values(universal)) {
      const tried = runPass(bentAtEnd(pass, bent), { ...g.right, stage: pass.from })
      const [, reason] = isLeft(tried) ? (/refused \((\w+)\)/.exec(tried.left.cause) ?? []) : []
      if (reason !== undefined) given.add(reason)
    }
  expect([...given].sort()).toEqual(['certificate', 'graph', 'header', 'legality', 'order'])
})
test('each checker accepts something and refuses something', () => {
  const rewriting = Object.keys(checkers).filter((k) => k !== 'place')
  for (const kind of rewriting) expect(mutants[kind as keyof typeof mutants]?.length ?? 0, kind).toBeGreaterThan(2)
})
