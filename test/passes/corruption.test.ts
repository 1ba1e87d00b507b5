// Requirements: E4

import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isLeft } from '../../graph/either.ts'
import type { Graph } from '../../graph/graph.ts'
import { parse } from '../../graph/text.ts'
import type { Json } from '../../graph/values.ts'
import type { Certificate } from '../../passes/index.ts'
import { judge, pipeline, runPass } from '../../passes/index.ts'
import { stream } from '../arbitraries/world.ts'
import { corrupt } from './corrupt.ts'
import type { Rewriting } from './evidence.ts'
import { evidence } from './evidence.ts'
import { cases, say, seed, settings } from './law.ts'

/** Corruptions of each pass that have to be refused: at least 1,000 in all. */
const wanted = Math.max(Math.ceil(1000 / pipeline.length), Math.ceil(cases / 3))

const folder = new URL('../corpus/', import.meta.url)
const corpus: readonly Graph[] = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((f) => f.endsWith('.txt'))
  .sort()
  .flatMap((f) => {
    const text = readFileSync(new URL(f.replaceAll('\\', '/'), folder), 'utf8')
    const g = parse(text.slice(Math.max(0, text.search(/^graph "/m))).split('\n=== ')[0]!)
    return isLeft(g) ? [] : [g.right]
  })
function* graphs(): Generator<Graph> {
  for (let round = 0; ; round++) {
    yield* corpus
    for (const { it } of fc.sample(settings, { numRuns: 200, seed: seed + round })) yield it.graph
  }
}

interface Tally {
  refused: number
  equivalent: number
  readonly reasons: Map<string, number>
}

test('corrupted certificates are refused for the right reason', () => {
  const pick = stream(seed)
  const tallies = new Map(pipeline.map((p) => [p.name, { refused: 0, equivalent: 0, reasons: new Map() } as Tally]))
  let compiled = 0
  for (const source of graphs()) {
    if ([...tallies.values()].every((t) => t.refused >= wanted)) break
    // A pass that finds too little to do would let this go on for ever.
    expect(compiled++, 'graphs tried').toBeLessThan(400 + wanted * 40)
    let g = source
    for (const pass of pipeline) {
      const before = { ...g, stage: pass.from }
      const done = runPass(pass, before)
      if (isLeft(done)) throw new Error(done.left.cause)
      const { graph: after, step } = done.right
      if (step.changed && tallies.get(pass.name)!.refused < wanted)
        for (let i = 0; i < 4; i++) one(before, after, step.certificate, tallies.get(pass.name)!)
      g = after
    }
  }
  let refused = 0
  for (const [pass, t] of tallies) {
    refused += t.refused
    const reasons = [...t.reasons].sort().map(([r, n]) => `${n} ${r}`)
    say(`${pass.padEnd(10)} ${t.refused} refused (${reasons.join(', ')}), ${t.equivalent} meant the same`)
    expect(t.refused, pass).toBeGreaterThanOrEqual(wanted)
  }
  say(`seed ${seed}: ${refused} corrupted certificates of ${compiled} compiles refused for the right reason`)
  expect(refused).toBeGreaterThanOrEqual(1000)

  function one(before: Graph, after: Graph, certificate: Certificate, t: Tally): void {
    const c = corrupt(certificate as unknown as Json, pick)
    if (c === undefined) return
    const known = evidence[certificate.kind as Rewriting]
    if (known.says(c.result, before) === known.says(certificate as unknown as Json, before)) {
      t.equivalent++
      return
    }
    const verdict = judge(before, after, c.result as unknown as Certificate)
    const told = () => `${c.how} at ${c.path.join('.')}: ${JSON.stringify(c.result)} for ${JSON.stringify(certificate)}`
    if (verdict === undefined) expect.fail(`accepted: ${told()}`)
    if (!known.reasons(c).includes(verdict.obligation))
      expect.fail(`refused for ${verdict.obligation} (${verdict.detail}): ${told()}`)
    t.refused++
    t.reasons.set(verdict.obligation, (t.reasons.get(verdict.obligation) ?? 0) + 1)
  }
}, 600_000)
