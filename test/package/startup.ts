import { conclude, node, packed } from './project.ts'

// How much loading the runtime adds to starting Node: medians of interleaved runs, so that a busy moment hits both.

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
const pairs = Array.from({ length: rounds }, () => [timed(bare), timed(withRuntime)] as const)
const [alone, loaded] = [median(pairs.map(([a]) => a)), median(pairs.map(([, b]) => b))]

const figure = `quoin/runtime adds ${(loaded - alone).toFixed(1)} ms to Node's ${alone.toFixed(1)} ms`
const how = `medians of ${rounds} interleaved runs, limit ${limit} ms`
conclude(loaded - alone > limit ? [`${figure} (${how})`] : [], `${figure} (${how})`)
