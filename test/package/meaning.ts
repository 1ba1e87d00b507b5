import { inspect } from 'node:util'
import fc from 'fast-check'
import { graphs } from '../arbitraries/graphs.ts'
import { sha256 } from '../gate/subject.ts'
import { compiled, runCompiled } from '../targets/compiled.ts'

// node test/package/meaning.ts <count> <seed>: a hash for each of so many graphs, over what is generated of it for both
// targets, what it answers in a model world, and what it does there. As it is, compiled or bundled: the same lines.
const [count, seed] = process.argv.slice(2).map(Number)
let [values, kernels] = [0, 0]
for (const [i, { graph, inputs }] of fc.sample(graphs(), { numRuns: count!, seed: seed! }).entries()) {
  const parts: string[] = []
  for (const target of ['ts', 'wasm'] as const) {
    const c = await compiled(graph, target)
    for (const [name, x] of Object.entries(c.files)) parts.push(`${name} ${sha256(x)}`)
    const ran = await runCompiled(c, inputs, { seed: i, faults: i % 2 === 0 ? 0 : 7 })
    parts.push(inspect(ran, { depth: null, maxArrayLength: null, maxStringLength: null }))
    kernels += c.manifest.kernels.length
    values += ran.answer._tag === 'Right' ? 1 : 0
  }
  process.stdout.write(`${sha256(parts.join('\n'))}\n`)
}
process.stdout.write(`${values} values, ${kernels} kernels\n`)
