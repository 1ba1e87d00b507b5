// Requirements: E1

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isLeft } from '../../graph/either.ts'
import { decodeGraph, encodeGraph } from '../../graph/json.ts'
import { digest, parse, print } from '../../graph/text.ts'
import { graphs } from '../arbitraries/graphs.ts'

const seed = Number(process.env.QUOIN_SEED ?? 20261121)

/** What a reader gave, or what it complained of. */
const must = <A>(
  e: { readonly _tag: 'Left'; readonly left: unknown } | { readonly _tag: 'Right'; readonly right: A },
): A => {
  if (isLeft(e)) throw new Error(JSON.stringify(e.left))
  return e.right
}

test(`500 graphs are the same after their text and after their JSON (seed ${seed})`, () => {
  const property = fc.property(graphs(), ({ graph }) => {
    const text = print(graph)
    expect(print(must(parse(text)))).toBe(text)
    const json = JSON.stringify(encodeGraph(graph))
    const again = must(decodeGraph(JSON.parse(json)))
    expect(print(again)).toBe(text)
    expect(digest(again)).toBe(digest(graph))
    expect(again.inputs).toEqual(graph.inputs)
    expect([...again.sites]).toEqual([...graph.sites])
    expect(JSON.stringify(encodeGraph(again))).toBe(json)
  })
  fc.assert(property, { numRuns: 500, seed })
})
