import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

/** A few here; QUOIN_CASES asks for more, at least 1,000 where it counts as evidence of the gate. */
const cases = Number(process.env.QUOIN_CASES ?? 20)
const seed = Number(process.env.QUOIN_SEED ?? 20261121)
const script = fileURLToPath(new URL('bytes.ts', import.meta.url))

interface Bytes {
  readonly hashes: readonly string[]
  readonly made: number
  readonly calls: number
}
const bytesOf = async (...args: readonly string[]): Promise<Bytes> => {
  const options = ['--conditions=quoin-source', script, String(cases), String(seed), ...args]
  const { stdout } = await promisify(execFile)(process.execPath, options, { maxBuffer: 2 ** 27 })
  return JSON.parse(stdout) as Bytes
}

test(`same graph, same bytes: ${cases} graphs in two processes, nodes made in another order (seed ${seed})`, async () => {
  const [one, two] = await Promise.all([bytesOf(), bytesOf('shuffled')])
  expect(one.hashes).toHaveLength(cases)
  expect(two.hashes).toEqual(one.hashes)
  // Equal because empty would be nothing: there is code in them, and they are not all one graph.
  expect(one.made + one.calls).toBeGreaterThan(cases)
  expect(new Set(one.hashes).size).toBeGreaterThan(cases * 0.9)
}, 600_000)
