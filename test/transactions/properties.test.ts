// Requirements: E5

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { left, right } from '../../graph/either.ts'
import { evaluate, runPure } from '../../graph/eval.ts'
import type { Graph } from '../../graph/graph.ts'
import { print } from '../../graph/text.ts'
import type { Boundary, Transaction } from '../../graph/transaction.ts'
import { transactionError } from '../../graph/transaction.ts'
import { tried } from '../../runtime/transaction.ts'
import type { GraphCase } from '../arbitraries/graphs.ts'
import type { WorldOptions } from '../arbitraries/world.ts'
import { difference, modelWorld, runIn } from '../arbitraries/world.ts'
import { cases, patience, say, seed, settings } from '../passes/law.ts'
import { compiled, runCompiled } from '../targets/compiled.ts'

const hasOne = (g: Graph): boolean => print(g).includes('= transaction ')
/** Worlds with more faults than elsewhere: what fails is what this is about. */
const withTransactions = settings
  .filter(({ it }) => hasOne(it.graph))
  .map(({ it, world }) => ({ it, world: { ...world, failing: 'all' as const, faults: [0, 3, 5, 9][world.seed % 4]! } }))
const runs = Math.ceil(cases / 2)

/** What became of the transactions of a graph, by the interpreter. */
const boundaries = ({ graph, inputs }: GraphCase, world: WorldOptions): readonly (Boundary & { fails: boolean })[] => {
  const model = modelWorld(world)
  const met: (Boundary & { fails: boolean })[] = []
  runPure(evaluate(graph, inputs), model.answer, (b) => {
    const answer = model.boundary(b)
    met.push({ ...b, fails: answer._tag === 'Left' })
    return answer
  })
  return met
}

test(`${runs} graphs with transactions, compiled: the same answer, the same world`, { timeout: patience }, async () => {
  const met = {
    committed: 0,
    'rolled back': 0,
    'not committed': 0,
    'run again': 0,
    'one for each element': 0,
    'begun again in order': 0,
  }
  await fc.assert(
    fc.asyncProperty(withTransactions, async ({ it, world }) => {
      const c = await compiled(it.graph, 'ts')
      let tries = 0
      const trace = { trace: (e: { readonly event: string }) => void (e.event === 'transaction' && tries++) }
      const found = await runCompiled(c, it.inputs, world, undefined, undefined, trace)
      expect(difference(runIn(it.graph, it.inputs, world), found)).toBeUndefined()
      const edges = boundaries(it, world)
      const begun = edges.filter((b) => b.edge === 'begin')
      for (const b of edges.filter((e) => e.edge === 'end'))
        met[b.failure !== undefined ? 'rolled back' : b.fails ? 'not committed' : 'committed']++
      met['run again'] += begun.filter((b) => b.attempt > 0).length
      met['one for each element'] += begun.filter((b) => b.iteration.length > 0).length
      met['begun again in order'] += Math.max(0, tries - begun.length)
    }),
    { numRuns: runs, seed, interruptAfterTimeLimit: patience, markInterruptAsFailure: true },
  )
  say(
    Object.entries(met)
      .map(([what, n]) => `${n} ${what}`)
      .join(', '),
  )
  for (const [what, n] of Object.entries(met)) expect(n, what).toBeGreaterThan(0)
})

test('undoing shows: a world in which rolling back forgets nothing is told apart', () => {
  let told = 0
  for (const { it, world } of fc.sample(withTransactions, { numRuns: 200, seed })) {
    const wanted = runIn(it.graph, it.inputs, world)
    const careless = modelWorld(world)
    const answer = runPure(evaluate(it.graph, it.inputs), careless.answer)
    const found = { answer, state: careless.state(), journal: careless.journal(), asked: careless.asked() }
    if (difference(wanted, found) !== undefined) told++
  }
  expect(told).toBeGreaterThan(10)
})

const transaction = (retries: number): Omit<Transaction, 'attempt'> => ({
  attrs: { occurrence: 0, db: 'main', isolation: 'serializable', retries, authority: false },
  authority: undefined,
  iteration: [],
})
const late = (t: Transaction, outcome?: 'unknown') =>
  left(transactionError(t, 'SerializationFailure', 'late', 'again', outcome === undefined ? {} : { outcome }))

test('retries: only as declared, only for what was not committed for sure, never after a stop', async () => {
  const open = new AbortController().signal
  const count = async (retries: number, end: (t: Transaction) => ReturnType<typeof late>, signal = open) => {
    const attempts: number[] = []
    await tried(transaction(retries), signal, async (t) => {
      attempts.push(t.attempt)
      return { answer: end(t), lost: false }
    })
    return attempts
  }
  expect(await count(0, late)).toEqual([0])
  expect(await count(2, late)).toEqual([0, 1, 2])
  expect(await count(2, (t) => late(t, 'unknown'))).toEqual([0])
  expect(await count(2, (t) => left(transactionError(t, 'Timeout', '', '')))).toEqual([0])
  expect(await count(2, late, AbortSignal.abort())).toEqual([0])
})
test('a try that is lost to something asked early does not count, and is made again in program order', async () => {
  const tries: unknown[] = []
  const answer = await tried(transaction(0), new AbortController().signal, async (t, early) => {
    tries.push([t.attempt, early])
    return early ? { answer: late(t), lost: true } : { answer: right(7), lost: false }
  })
  expect(tries).toEqual([
    [0, true],
    [0, false],
  ])
  expect(answer).toEqual(right(7))
})
