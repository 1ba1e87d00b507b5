// Requirements: E3 E6

import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { boundText, memoryProblem } from '../../codegen/memory/index.ts'
import { isLeft } from '../../graph/either.ts'
import type { Graph } from '../../graph/graph.ts'
import { parse, print } from '../../graph/text.ts'
import { graphs } from '../arbitraries/graphs.ts'
import { Draft } from '../targets/draft.ts'
import { framePeak, liveBytes } from './live.ts'
import { planned } from './planned.ts'
import { arrayGraph } from './shapes.ts'

const seed = Number(process.env.QUOIN_SEED ?? 20261121)
const cases = Number(process.env.QUOIN_CASES ?? 300)

/** Peak of each frame of a graph, divided by the least that its live values take. */
const ratios = (g: Graph, n: number): readonly number[] =>
  [true, false].flatMap((apart) => {
    const p = planned(g, apart)
    expect(memoryProblem(p.program, p.kernels, p.plan, apart), print(g)).toBeUndefined()
    return p.plan.frames.flatMap((f, i) => {
      const least = liveBytes(p, i, n)
      expect(framePeak(f, n), print(g)).toBeGreaterThanOrEqual(least)
      return least === 0 ? [] : [framePeak(f, n) / least]
    })
  })
const summary = (name: string, rs: readonly number[]): string => {
  const sorted = [...rs].sort((a, b) => a - b)
  const at = (q: number): string => sorted[Math.floor((sorted.length - 1) * q)]!.toFixed(3)
  return `${name}: peak ÷ live bytes over ${rs.length} frames: median ${at(0.5)}, 95 % ${at(0.95)}, most ${at(1)}`
}

/** Graphs of the corpus; `n` in place of every dimension that has a name makes their shapes known. */
const corpus = (known: boolean): readonly Graph[] =>
  ['passes', 'targets'].flatMap((folder) => {
    const at = new URL(`../corpus/${folder}/`, import.meta.url)
    const files = readdirSync(at, { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.txt'))
    return files.flatMap((file) => {
      const text = readFileSync(new URL(file, at), 'utf8')
      const end = text.indexOf('\n=== notes')
      const source = text.slice(text.indexOf('graph "'), end < 0 ? undefined : end + 1)
      const sized = source.replace(/(?<=\[|,)"?[nmk]"?(?=[\],])/g, '1000').replace(/"dim":"[nmk]"/g, '"dim":1000')
      const g = parse(known ? sized : source)
      return isLeft(g) ? [] : [g.right]
    })
  })

test('on the corpus with known shapes the peak is at most 1.15 times the live bytes', () => {
  const found = corpus(true)
  const all = found.flatMap((g) => ratios(g, 1000))
  process.stdout.write(`${summary(`corpus, ${found.length} graphs`, all)}\n`)
  expect(found.length).toBeGreaterThan(25)
  expect(all.length).toBeGreaterThan(25)
  expect(Math.max(...all)).toBeLessThanOrEqual(1.15)
})

test(`on ${cases} graphs of array operations too (seed ${seed})`, () => {
  const all = Array.from({ length: cases }, (_, k) => ratios(arrayGraph(seed + k, 10 + (k % 40)), 0)).flat()
  process.stdout.write(`${summary('generated, known shapes', all)}\n`)
  expect(Math.max(...all)).toBeLessThanOrEqual(1.15)
})

test('where sizes come with the run, slots of one size take turns', () => {
  const all = [
    ...corpus(false).flatMap((g) => ratios(g, 1000)),
    ...Array.from({ length: cases }, (_, k) => ratios(arrayGraph(seed + k, 10 + (k % 40), true), 256)).flat(),
  ]
  process.stdout.write(`${summary('corpus and generated, sizes of the run', all)}\n`)
  // Each size has as many slots as it has values at once, so a frame cannot take more than its live bytes once a size.
  expect(Math.max(...all)).toBeLessThanOrEqual(1.15 + 3)
})

test('plans of graphs over the whole language are accepted', () => {
  let frames = 0
  const property = fc.property(graphs(), ({ graph }) => {
    for (const apart of [true, false]) {
      const p = planned(graph, apart)
      expect(memoryProblem(p.program, p.kernels, p.plan, apart), print(graph)).toBeUndefined()
      frames += p.plan.frames.length
      expect(boundText(p.plan.bound)).toMatch(/^\d/)
    }
  })
  fc.assert(property, { numRuns: cases, seed })
  expect(frames).toBeGreaterThan(cases)
})

/** A chain of kernels of which every third result is needed at the very end. */
const chain = (length: number): Graph<'source'> => {
  const d = new Draft()
  let x = d.in('f64[64]')
  const kept = [x]
  for (let k = 0; k < length; k++) {
    x = d.add('cumsum', { axis: 0 }, [x])
    if (k % 3 === 0) kept.push(x)
  }
  return d.graph(kept.reduce((a, b) => d.add('add', {}, [a, b])))
}

test('a plan of many kernels is made and checked in time that grows with their number', () => {
  const ms = [500, 4000].map((length) => {
    const p = planned(chain(length), true)
    const times = [1, 2, 3].map(() => {
      const began = performance.now()
      expect(memoryProblem(p.program, p.kernels, p.plan, true)).toBeUndefined()
      return performance.now() - began
    })
    return { ms: Math.min(...times), calls: p.plan.calls.length }
  })
  process.stdout.write(`${`checking: ${ms.map((x) => `${x.calls} calls ${x.ms.toFixed(1)} ms`).join(', ')}`}\n`)
  expect(ms[1]!.calls).toBeGreaterThan(4000)
  expect(ms[1]!.ms).toBeLessThan(24 * ms[0]!.ms + 50)
})
