import fc from 'fast-check'
import { isLeft } from '../../graph/either.ts'
import type { Graph } from '../../graph/graph.ts'
import { print } from '../../graph/text.ts'
import type { OptimiseOptions, Pass } from '../../passes/index.ts'
import { optimise, pipeline, runPass } from '../../passes/index.ts'
import type { GraphCase } from '../arbitraries/graphs.ts'
import { graphs } from '../arbitraries/graphs.ts'
import type { WorldOptions } from '../arbitraries/world.ts'
import { difference, runIn, worlds } from '../arbitraries/world.ts'
import { Coverage } from './coverage.ts'

/** Cases of each property: few in `npm test`, many in the deep tier. */
export const cases = Number(process.env.QUOIN_CASES ?? 300)
/** Measured evidence belongs into the log of a run, whether it passes or not. */
export const say = (text: string): void => void process.stdout.write(`${text}\n`)
/** How long one property may take, in ms. */
export const patience = 240_000 + cases * 60
/** Whether this is the deep tier, or the share of it that CI runs. */
export const deep = cases >= 3000
/** A fixed seed makes a run repeat, and is part of the titles of the tests; QUOIN_SEED looks elsewhere. */
export const seed = Number(process.env.QUOIN_SEED ?? 20261121)

export interface Setting {
  readonly it: GraphCase
  readonly world: WorldOptions
}
export const settings: fc.Arbitrary<Setting> = fc.record({ it: graphs(), world: worlds })

/** What the passes met in this run. */
export const coverage = new Coverage()

/** The graph as a pass meets it: in every other world as written, else as the passes before it leave it. */
const metBy = (pass: Pass, { it, world }: Setting): Graph => {
  const earlier = pipeline.slice(0, pipeline.indexOf(pass)).map((p) => p.name)
  const graph =
    world.seed % 2 === 0
      ? it.graph
      : optimise(it.graph, { off: pipeline.map((p) => p.name).filter((n) => !earlier.includes(n)) }).graph
  return { ...graph, stage: pass.from }
}

/** What is wrong with a pass on one graph in one world; nothing when value, error, world and writes are as without it. */
export const violation = (pass: Pass, s: Setting): string | undefined => {
  const { it, world } = s
  const before = metBy(pass, s)
  const done = runPass(pass, before)
  if (isLeft(done)) return `${pass.name} was dropped: ${done.left.cause}`
  const after = done.right.graph
  coverage.note(pass.name, before, after)
  const differs = difference(runIn(it.graph, it.inputs, world), runIn(after, it.inputs, world))
  if (differs !== undefined) return `${pass.name} ${differs}`
  const twice = runPass(pass, after)
  if (!isLeft(twice)) coverage.note(pass.name, after, twice.right.graph)
  else return `${pass.name} was dropped the second time: ${twice.left.cause}`
  return twice.right.step.changed
    ? `${pass.name} changes its own result: ${print(after)} ${print(twice.right.graph)}`
    : undefined
}
export const pipelineViolation = ({ it, world }: Setting, options: OptimiseOptions = {}): string | undefined => {
  const { graph, failures } = optimise(it.graph, options)
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
    { numRuns: runs, seed, interruptAfterTimeLimit: patience, markInterruptAsFailure: true },
  )
  if (!r.failed || r.counterexample === null) return
  const [s] = r.counterexample
  throw new Error(`${String(r.errorInstance)}\nseed ${seed}, world ${JSON.stringify(s.world)}\n${print(s.it.graph)}`)
}
