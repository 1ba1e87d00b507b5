import fc from 'fast-check'
import { generate } from '../../codegen/artifact.ts'
import { optimise } from '../../passes/index.ts'
import { graphs } from '../arbitraries/graphs.ts'
import { shuffled } from '../arbitraries/shuffled.ts'
import { sha256 } from './subject.ts'

// node test/gate/bytes.ts <count> <seed> [shuffled]: a hash for each of so many graphs, over every file that is generated
// of it for both targets. `shuffled` makes their nodes in another order, and compiles the last graph first.
const [count, seed, how] = process.argv.slice(2)
const other = how === 'shuffled'
const drawn = fc.sample(graphs(), { numRuns: Number(count), seed: Number(seed) }).map((c, i) => [i, c.graph] as const)
const hashes: string[] = []
let [made, calls] = [0, 0]
for (const [i, graph] of other ? drawn.toReversed() : drawn) {
  const parts: string[] = []
  const source = other ? shuffled(graph, i) : graph
  const optimised = optimise(source)
  for (const target of ['ts', 'wasm'] as const) {
    const certificates = optimised.steps.map((s) => s.certificate)
    const c = await generate(source, optimised.graph, { target, options: {}, certificates })
    if (c._tag === 'Left') throw new Error(c.left.cause)
    // Names and lines stand beside the code, and there are none here.
    for (const [name, x] of Object.entries(c.right.files)) parts.push(`${name} ${sha256(x)}`)
    made += c.right.manifest.kernels.length
    calls += c.right.manifest.effects.length
  }
  hashes[i] = sha256(parts.join('\n'))
}
process.stdout.write(JSON.stringify({ hashes, made, calls }))
