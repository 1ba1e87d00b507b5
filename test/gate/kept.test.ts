// Requirements: E16

import { graph, t } from 'quoin'
import { expect, test } from 'vitest'
import type { Graph } from '../../graph/graph.ts'
import type { Shown } from '../../verify/gate/judge.ts'
import type { GraphFile, Project, Shelf } from '../../verify/gate/project/index.ts'
import { verifyProject } from '../../verify/gate/project/index.ts'
import { linesOf } from '../../verify/gate/project/lines.ts'

const built = graph('g', { x: t.f64 }, ({ x }) => ({ y: x.mul(3) }))
const sealed = (built.sealed as { readonly right: Graph<'source'> }).right
const file: GraphFile = {
  file: 'g.ts',
  name: 'g',
  built: built as GraphFile['built'],
  graph: sealed,
  lines: linesOf(''),
  drivers: [],
  unbound: [],
  artefacts: [],
}
const project: Project = {
  name: 'p',
  graphs: [file],
  broken: [],
  orphans: [],
  leftAlone: [],
  renewed: [],
  scanned: [],
  allowed: [],
  packages: [],
  scannedFiles: 1,
  versions: () => ({}),
  today: '2026-11-22',
}
const looking = { relax: [], hashOf: () => '' }
const shelf = () => {
  const kept = new Map<string, Shown>()
  const all: Shelf = { find: () => undefined, keep: (key, shown) => void kept.set(key, shown) }
  return { ...all, kept }
}

test('what was looked at in whole is kept', async () => {
  const s = shelf()
  await verifyProject(project, { ...looking, tier: 'fast' }, s, { began: () => {} })
  expect([...s.kept.values()].map((v) => v.outcome)).toEqual(['holds', 'holds'])
})
test('what somebody has stopped is not kept as the whole, though all that was tried came out right', async () => {
  const s = shelf()
  const stop = new AbortController()
  const began = (id: string): void => {
    if (id.endsWith('/same-ts')) setTimeout(() => stop.abort(), 200)
  }
  const report = await verifyProject(project, { ...looking, tier: 'deep', signal: stop.signal }, s, { began })
  const same = report.verdicts.filter((v) => /\/same-/.test(v.obligation.id))
  expect(same).toHaveLength(2)
  expect(same[0]).toMatchObject({ outcome: 'holds', evidence: { by: expect.stringContaining('somebody stopped it') } })
  expect(same[1]).toMatchObject({ outcome: 'missing' })
  expect([...s.kept.keys()]).toEqual([])
}, 60_000)
