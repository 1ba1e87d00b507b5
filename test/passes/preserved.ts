import { parseArgs } from 'node:util'
import fc from 'fast-check'
import { checkGraph } from '../../graph/check.ts'
import { isLeft } from '../../graph/either.ts'
import type { Graph } from '../../graph/graph.ts'
import { print } from '../../graph/text.ts'
import type { Checker } from '../../passes/check/verdict.ts'
import type { Outcome, Pass } from '../../passes/pass.ts'
import { graphs } from '../arbitraries/graphs.ts'
import { difference, runIn, worlds } from '../arbitraries/world.ts'

// What `properties.test.ts` says of one pass, on very many graphs, in a process that loads this pass, its checker and the
// passes before it and no other, so that what was found stays true while others change.
// node --conditions=quoin-source test/passes/preserved.ts --passes dce,merge [--cases 10000] [--seed 7]
const { values } = parseArgs({
  options: {
    passes: { type: 'string' },
    cases: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '20261121' },
  },
})
const names = (values.passes ?? '').split(',')
const cases = Number(values.cases)
const seed = Number(values.seed)
const load = async (name: string): Promise<{ readonly pass: Pass; readonly check: Checker }> => {
  const made = (await import(`../../passes/${name}.ts`)) as Readonly<Record<string, Pass>>
  const judged = (await import(`../../passes/check/${name}.ts`)) as Readonly<Record<string, Checker>>
  return { pass: made[name]!, check: judged[`check${name[0]!.toUpperCase()}${name.slice(1)}`]! }
}
const loaded = await Promise.all(names.map(load))

/** One pass as the pipeline runs it: its graph is checked, and so is its certificate. */
const ran = ({ pass, check }: (typeof loaded)[number], given: Graph): Graph => {
  const before: Graph = { ...given, stage: pass.from }
  const made = pass.run(before)
  if (isLeft(made)) throw new Error(`${pass.name} says: ${made.left}`)
  const { graph, certificate }: Outcome = made.right
  const after: Graph = { ...graph, stage: pass.to }
  const [problem] = checkGraph(after)
  if (problem !== undefined) throw new Error(`${pass.name} makes no graph: ${problem.node}: ${problem.cause}`)
  if (certificate.kind !== pass.name) throw new Error(`${pass.name} claims '${certificate.kind}'`)
  const refused = check(before, after, certificate)
  if (refused !== undefined) throw new Error(`${pass.name} was refused (${refused.obligation}): ${refused.detail}`)
  return after
}
const last = loaded.at(-1)!
let changed = 0
let told = performance.now()
let done = 0
const settings = fc.record({ it: graphs(), world: worlds })
const result = fc.check(
  fc.property(settings, ({ it, world }) => {
    // In every other world as it was written, else as the passes before it leave it.
    const met = loaded.slice(0, -1).reduce<Graph>((g, p) => (world.seed % 2 === 0 ? g : ran(p, g)), it.graph)
    const after = ran(last, met)
    if (after.root !== met.root) changed++
    const differs = difference(runIn(it.graph, it.inputs, world), runIn(after, it.inputs, world))
    if (differs !== undefined) throw new Error(`${last.pass.name} ${differs}`)
    if (ran(last, after).root !== after.root) throw new Error(`${last.pass.name} changes its own result`)
    done++
    if (performance.now() - told < 10_000) return
    told = performance.now()
    process.stdout.write(`${done} graphs\n`)
  }),
  { numRuns: cases, seed },
)
if (result.failed) {
  const [s] = result.counterexample ?? []
  process.stdout.write(`${s === undefined ? '' : `world ${JSON.stringify(s.world)}\n${print(s.it.graph)}\n`}`)
  process.stdout.write(`seed ${seed}: ${String(result.errorInstance)}\n`)
} else
  process.stdout.write(`evidence: ${cases.toLocaleString('en')} cases of seed ${seed}, ${changed} of them changed\n`)
// A pass that never has anything to do was not tried.
process.exitCode = result.failed || changed === 0 ? 1 : 0
