import { conclude, node, packed } from './project.ts'

// How much loading the runtime adds to starting Node: medians of interleaved runs, so that a busy moment hits both. A busy
// minute can only add to it, so the least of three measurements counts.

const rounds = 21
const limit = 20

const { directory } = packed()
const timed = (code: string): number => {
  const began = performance.now()
  node(directory, '-e', code)
  return performance.now() - began
}
const median = (times: readonly number[]): number => times.toSorted((a, b) => a - b)[times.length >> 1]!

const [bare, withRuntime] = ['0', "import('quoin/runtime')"] as const
for (const code of [bare, withRuntime]) timed(code)
const measured = (): { readonly alone: number; readonly added: number } => {
  const pairs = Array.from({ length: rounds }, () => [timed(bare), timed(withRuntime)] as const)
  const alone = median(pairs.map(([a]) => a))
  return { alone, added: median(pairs.map(([, b]) => b)) - alone }
}
let { alone, added } = measured()
for (let more = 0; more < 2 && added > limit; more++) {
  const again = measured()
  if (again.added < added) ({ alone, added } = again)
}

const figure = `quoin/runtime adds ${added.toFixed(1)} ms to Node's ${alone.toFixed(1)} ms`
const how = `medians of ${rounds} interleaved runs, limit ${limit} ms`
conclude(added > limit ? [`${figure} (${how})`] : [], `${figure} (${how})`)
