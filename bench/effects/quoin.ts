import { compile, load } from '../../index.ts'
import { postgres } from '../../runtime/drivers/postgres/index.ts'
import type { Answer } from './graph.ts'
import { authors } from './graph.ts'
import type { Address, Runner } from './variants.ts'

/** The graph as it stands, on a pool of ten; `collapsed` lets dependent queries be answered as of one moment. */
export const quoin = async (name: string, at: Address, collapse: readonly string[]): Promise<Runner> => {
  const compiled = await compile(authors, { collapse })
  if (compiled._tag === 'Left') throw new Error(compiled.left.cause)
  const blog = postgres({ config: { ...at, max: 10 } })
  const loaded = await load(compiled.right, { blog })
  if (loaded._tag === 'Left') throw new Error(loaded.left.cause)
  return {
    name,
    ours: true,
    // Counts are 64-bit integers here and numbers elsewhere; whoever compares them is not timed.
    run: async (tenant) => (await loaded.right.orThrow({ tenant })) as unknown as Answer,
    close: () => loaded.right.close(),
  }
}

/** An answer as plain data. */
export const plain = (answer: Answer): unknown =>
  JSON.parse(JSON.stringify(answer), (key, x: unknown) => (key === 'n' ? Number(x) : x))
