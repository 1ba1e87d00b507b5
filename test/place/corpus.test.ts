// Requirements: E3

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { isLeft } from '../../graph/either.ts'
import { describeError } from '../../graph/errors.ts'
import { parse } from '../../graph/text.ts'
import type { Topology } from '../../graph/topology.ts'
import type { Placement } from '../../passes/index.ts'
import { optimise, placement } from '../../passes/index.ts'

/** A comment, `sites: …` as JSON, a graph, and below `=== placement` what `QUOIN_BLESS=1` writes anew. */
const folder = new URL('../corpus/place/', import.meta.url)
const told = (p: Placement): string =>
  [
    ...p.steps.map((s, i) => `%${i} ${s.site}: ${s.label}`),
    ...p.crossings.map((c) => `${c.from} -> ${c.to}: ${c.what} of ${c.label}, ${c.costMs} ms`),
    ...p.before.map((b) => `all at ${b.site}: ${b.costMs === null ? 'cannot be' : `${b.costMs} ms`}`),
    `${p.costMs} ms, ${p.certificate.found.by}`,
  ].join('\n')

test.each(readdirSync(folder).filter((f) => f.endsWith('.txt')))('%s', (file) => {
  const at = new URL(file, folder)
  const [given, blessed] = readFileSync(at, 'utf8').split('\n=== placement\n')
  const sites = JSON.parse(/^sites: (.*)$/m.exec(given!)![1]!) as Topology
  const g = parse(given!.slice(given!.indexOf('graph "')))
  if (isLeft(g)) throw new Error(g.left[0]!.cause)
  const p = placement(optimise(g.right).graph, sites)
  const text = isLeft(p) ? describeError(p.left) : told(p.right)
  if (process.env.QUOIN_BLESS === '1') writeFileSync(at, `${given!.trimEnd()}\n\n=== placement\n${text}\n`)
  else expect(`${text}\n`).toBe(blessed)
})
