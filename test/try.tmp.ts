import fs from 'node:fs'
import fc from 'fast-check'
import { graphs } from '/work/main/test/arbitraries/graphs.ts'
import { runIn, difference } from '/work/main/test/arbitraries/world.ts'
import { optimise, pipeline, runPass } from '/work/main/passes/index.ts'
import { print } from '/work/main/graph/text.ts'
const seeds = fc.record({ g: graphs(), seed: fc.nat(1000), faults: fc.constantFrom(0, 3, 8, 20) })
const stats: Record<string, number> = {}
const names = process.argv[3]?.split(',')
const bump = (k: string, n = 1) => { stats[k] = (stats[k] ?? 0) + n }
let once = false
const r = fc.check(fc.property(seeds, ({ g, seed, faults }) => { try {
  if (process.env.LOUD) { fs.writeFileSync('/tmp/last.txt', print(g.graph)) }
  const a = runIn(g.graph, g.inputs, { seed, faults })
  bump(a.answer._tag); if (process.env.LOUD) console.error('ran')
  for (const p of names ? pipeline.filter((x) => names.includes(x.name)) : pipeline) {
    const done = runPass(p, { ...g.graph, stage: p.from })
    if (done._tag === 'Left') { throw new Error(`${p.name}: ${done.left.cause}`) }
    if (done.right.step.changed) bump(p.name + ' changed')
    const d = difference(a, runIn(done.right.graph, g.inputs, { seed, faults }))
    if (d) throw new Error(`${p.name} ${d}\n` + print(done.right.graph))
    const twice = runPass(p, done.right.graph)
    if (twice._tag === 'Left') throw new Error(`${p.name} twice: ${twice.left.cause}`)
    if (twice.right.step.changed) throw new Error(`${p.name} not idempotent\n` + print(done.right.graph) + print(twice.right.graph))
  }
  const o = optimise(g.graph)
  if (o.failures.length) throw new Error('pipeline ' + o.failures[0]!.pass + o.failures[0]!.cause)
  bump('nodes', o.steps[0]?.nodesBefore ?? 0)
  const d = difference(a, runIn(o.graph, g.inputs, { seed, faults }))
  if (d) throw new Error('pipeline ' + d)
} catch (e) { if (!once) { once = true; console.log('FIRST', (e as Error).stack?.slice(0, 6000)) } ; throw e } }), { interruptAfterTimeLimit: 45000, markInterruptAsFailure: true, numRuns: Number(process.argv[2] ?? 200), seed: Number(process.argv[4] ?? 1) })
console.log(stats, r.failed ? 'FAILED' : 'ok', r.numRuns)
if (r.failed) { console.log(r.counterexample && print(r.counterexample[0].g.graph), JSON.stringify(r.counterexample?.[0].seed), r.counterexample?.[0].faults); console.log((r.errorInstance as Error)?.stack?.slice(0, 3000)) }
