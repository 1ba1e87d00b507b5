import { describe, expect, test } from 'vitest'
import { compileGraph } from '../../compile.ts'
import { isLeft } from '../../graph/either.ts'
import { describeError } from '../../graph/errors.ts'
import type { Graph } from '../../graph/graph.ts'
import { parse } from '../../graph/text.ts'
import type { Assumption } from '../../runtime/assumption.ts'
import { assumptions as duckdb } from '../../runtime/drivers/duckdb/assumptions.ts'
import type { Ground } from '../../verify/assumptions/basis.ts'
import { basisOf, renewals } from '../../verify/assumptions/basis.ts'
import { inventory } from '../../verify/inventory.ts'

const compiled = async (text: string, target: 'ts' | 'wasm' = 'wasm') => {
  const g = parse(text)
  if (isLeft(g)) throw new Error(JSON.stringify(g.left))
  const c = await compileGraph(g.right as Graph<'source'>, { target })
  if (isLeft(c)) throw new Error(describeError(c.left))
  return c.right
}
const double = `graph "double" source numerics 1
in "x": f64[n]
%0 = input {"name":"x","type":"f64[n]"} : f64[n]
%1 = add %0 %0 : f64[n]
-> %1
`
const specs = { 'Lifecycle.tla': '---- MODULE Lifecycle ----' }
const versions = { node: '26.10.0', binaryen: '132.0.0', 'ts-morph': '28.0.0', '@duckdb/node-api': '1.5.6-r.1' }

describe('what a verification rested on', async () => {
  const c = await compiled(double)
  const ground: Ground = { inventory: inventory(c, [{ assumptions: duckdb }]), versions, specs }
  const basis = basisOf(c, ground)
  const why = (change: Partial<Ground>, artifact = c) =>
    renewals({ double: basis }, { double: basisOf(artifact, { ...ground, ...change }) }).flatMap((r) => r.because)
  const altered = (id: string, change: Partial<Assumption>) =>
    ground.inventory.map((a) => (a.id === id ? { ...a, ...change } : a))

  test('is the same for the same artefact, whoever compiles it and in whatever order entries stand', async () => {
    expect(why({}, await compiled(double))).toEqual([])
    expect(why({ inventory: [...ground.inventory].reverse() })).toEqual([])
    expect(basis.parts['version node']).toBe('26.10.0')
    expect(Object.keys(basis.parts)).toEqual(
      expect.arrayContaining([
        'graph',
        'code',
        'compiler',
        'assumption ieee-754',
        'property SameBits',
        'spec Lifecycle.tla',
      ]),
    )
  })
  test('changes with an entry of the inventory, in any of its fields', () => {
    for (const change of [
      { statement: 'x' },
      { failureMode: 'x' },
      { dependsOn: [] },
      { expiry: { after: '2030-01-01' } },
    ])
      expect(why({ inventory: altered('ieee-754', change) }).filter((r) => r.startsWith('the assumption'))).toEqual([
        'the assumption ieee-754 has changed',
      ])
    expect(why({ inventory: ground.inventory.slice(1) })).toContain(`the assumption ${ground.inventory[0]!.id} is gone`)
    const more = { ...ground.inventory[0]!, id: 'more' }
    expect(why({ inventory: [...ground.inventory, more] })).toEqual(['the assumption more is new'])
  })
  test('changes with a version that something depends on, and with no other', () => {
    expect(why({ versions: { ...versions, '@duckdb/node-api': '1.5.7' } })).toEqual([
      '@duckdb/node-api was 1.5.6-r.1 and is 1.5.7',
    ])
    expect(why({ versions: { ...versions, redis: '7.0.0' } })).toEqual([])
  })
  test('changes with a specification and with a property', () => {
    expect(why({ specs: { 'Lifecycle.tla': '---- MODULE Lifecycle -----' } })).toEqual([
      'the specification Lifecycle.tla has changed',
    ])
    expect(why({ specs: { ...specs, 'Cache.tla': '' } })).toEqual(['the specification Cache.tla is new'])
    expect(why({ properties: {} }).length).toBeGreaterThan(1)
  })
  test('changes with the graph, the code and the target', async () => {
    expect(why({}, await compiled(double.replace('add', 'mul')))).toEqual([
      'the generated code has changed',
      'the graph has changed',
    ])
    expect(why({}, await compiled(double, 'ts'))).toEqual(['the generated code has changed'])
  })
  test('is told for artefacts that are new, gone or kept wrongly', () => {
    expect(renewals({ a: basis }, { b: basis })).toEqual([
      { artifact: 'a', because: ['it is not there any more'] },
      { artifact: 'b', because: ['it was never verified'] },
    ])
    // Parts that were edited while the digest was left.
    const edited = { ...basis, parts: { ...basis.parts, compiler: 'another' } }
    expect(renewals({ a: edited }, { a: basis })[0]?.because[0]).toContain('it was compiled by Quoin another')
    expect(renewals({ a: { ...basis, digest: 'x' } }, { a: basis })).toEqual([
      { artifact: 'a', because: ['what was kept of it is not what was verified'] },
    ])
  })
})
