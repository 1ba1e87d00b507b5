import fc from 'fast-check'
import { isLeft } from '../../graph/either.ts'
import { print } from '../../graph/text.ts'
import type { Pass } from '../../passes/index.ts'
import { optimise, runPass } from '../../passes/index.ts'
import type { GraphCase } from '../arbitraries/graphs.ts'
import { graphs } from '../arbitraries/graphs.ts'
import { difference, runIn } from '../arbitraries/world.ts'

/** Cases of each property: few in `npm test`, many in the deep tier. */
export const cases = Number(process.env.QUOIN_CASES ?? 300)
/** Whether this is the deep tier, or the share of it that CI runs. */
export const deep = cases >= 3000
/** A fixed seed makes a run repeat, and is part of the titles of the tests; QUOIN_SEED looks elsewhere. */
export const seed = Number(process.env.QUOIN_SEED ?? 20261121)

export interface Setting {
  readonly it: GraphCase
  readonly seed: number
  readonly faults: number
}
export const settings: fc.Arbitrary<Setting> = fc.record({
  it: graphs(),
  seed: fc.nat(1000),
  faults: fc.constantFrom(0, 3, 8, 20),
})

/** What is wrong with a pass on one graph in one world; nothing when value, error and world are as without it. */
export const violation = (pass: Pass, { it, seed, faults }: Setting): string | undefined => {
  const world = { seed, faults }
  const before = { ...it.graph, stage: pass.from }
  const done = runPass(pass, before)
  if (isLeft(done)) return `${pass.name} was dropped: ${done.left.cause}`
  const after = done.right.graph
  const differs = difference(runIn(before, it.inputs, world), runIn(after, it.inputs, world))
  if (differs !== undefined) return `${pass.name} ${differs}`
  const twice = runPass(pass, after)
  if (isLeft(twice)) return `${pass.name} was dropped the second time: ${twice.left.cause}`
  return twice.right.step.changed
    ? `${pass.name} changes its own result: ${print(after)} ${print(twice.right.graph)}`
    : undefined
}
export const pipelineViolation = ({ it, seed, faults }: Setting): string | undefined => {
  const world = { seed, faults }
  const { graph, failures } = optimise(it.graph)
  if (failures.length > 0) return `${failures[0]!.pass} was dropped: ${failures[0]!.cause}`
  const [a, b] = [runIn(it.graph, it.inputs, world), runIn(graph, it.inputs, world)]
  return difference(a, b) ?? (b.asked > a.asked ? `asks ${b.asked} queries instead of ${a.asked}` : undefined)
}

/** Runs a property; a failure is shrunk for a while and told as text that can be kept in `test/corpus`. */
export const holds = (law: (s: Setting) => string | undefined, runs = cases): void => {
  const r = fc.check(
    fc.property(settings, (s) => {
      const wrong = law(s)
      if (wrong !== undefined) throw new Error(wrong)
    }),
    { numRuns: runs, seed, interruptAfterTimeLimit: 240_000, markInterruptAsFailure: true },
  )
  if (!r.failed || r.counterexample === null) return
  const [s] = r.counterexample
  throw new Error(`${String(r.errorInstance)}\nseed ${seed}, world ${s.seed}, faults ${s.faults}\n${print(s.it.graph)}`)
}
