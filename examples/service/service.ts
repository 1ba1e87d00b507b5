import type { EngineEvent, EngineOptions } from 'quoin'
import { createEngine, describeError } from 'quoin'
import { book, bookWithFee } from './graph.ts'

const lines = 2000
const column = (f: (i: number) => number): Float64Array => Float64Array.from({ length: lines }, (_, i) => f(i))
const input = {
  spot: column((i) => 80 + (i % 41)),
  strike: column((i) => 90 + (i % 23)),
  years: column((i) => 0.1 + (i % 7) / 4),
  rate: 0.02,
}

export interface Served {
  readonly total: number
  readonly version: number
  readonly tier: string
  readonly ms: number
}

/** Serves requests, one after the other, and replaces the graph after half of them. */
export const serve = async (requests: number, options: EngineOptions = {}): Promise<readonly Served[]> => {
  const engine = createEngine(options)
  try {
    const handle = engine.submit(book)
    if (handle._tag === 'Left') throw new Error(describeError(handle.left))
    const served: Served[] = []
    for (let i = 0; i < requests; i++) {
      if (i === requests >> 1) {
        const replaced = handle.right.replace(bookWithFee)
        if (replaced._tag === 'Left') throw new Error(describeError(replaced.left))
      }
      const { tier, version } = engine.stats().handles[0]!
      const began = performance.now()
      const r = await handle.right.run(input, { deadlineMs: 5000 })
      const ms = performance.now() - began
      if (r._tag === 'Left') throw new Error(describeError(r.left))
      served.push({ total: r.right.total, version, tier, ms })
      // What compiles in the background has its turn.
      if (i % 10 === 9) await engine.settled()
    }
    return served
  } finally {
    await engine.close()
  }
}

/** One line for each move that a reader wants to see. */
export const told = (e: EngineEvent): string | undefined => {
  if (e.event === 'version') return `version ${e.version} of ${e.graph}: ${e.what}`
  if (e.event === 'move' && e.action === 'Install') return `version ${e.version} of ${e.graph} now runs as ${e.tier}`
  if (e.event === 'unavailable') return `${e.graph} cannot run as ${e.tier}: ${e.error.cause}`
  return undefined
}
