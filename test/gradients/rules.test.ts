import { describe, expect, test } from 'vitest'
import type { Arena, NodeId } from '../../graph/arena.ts'
import { decisions } from '../../graph/gradient/table.ts'
import type { OpName } from '../../graph/ops/index.ts'
import { ops } from '../../graph/ops/index.ts'
import { postorder } from '../../graph/walk.ts'
import { sealed } from '../build/run.ts'
import { cases } from './cases.ts'
import { holdsTo } from './difference.ts'

const names = Object.keys(ops) as OpName[]
const namesIn = (arena: Arena, root: NodeId, found: Set<string>): Set<string> => {
  for (const id of postorder(arena, root)) {
    found.add(arena.opOf(id).name)
    for (const r of arena.regionsOf(id)) namesIn(arena, r.root, found)
  }
  return found
}

describe('every op is decided about', () => {
  test('and nothing else is', () => {
    expect(Object.keys(decisions).sort()).toEqual([...names].sort())
  })
  test('what is flat, refused or never met says why', () => {
    for (const [name, d] of Object.entries(decisions))
      if (d.by !== 'rule') expect(d.why.length, name).toBeGreaterThan(5)
  })
  test('each rule is tried below', () => {
    const tried = new Set<string>()
    for (const c of cases) {
      const g = sealed(c.built)
      namesIn(g.arena, g.root, tried)
    }
    expect(names.filter((n) => decisions[n].by === 'rule' && !tried.has(n))).toEqual([])
  })
})

describe('a gradient is what differences say', () => {
  test.each(cases.map((c) => [c.built.name, c] as const))('%s', (_, { built, wrt, given, bound }) => {
    expect(holdsTo(built, wrt, given, {}, bound)).toBeGreaterThan(0)
  })
})
