import { twoWay } from './cut.ts'
import type { Assignment, Model } from './model.ts'
import { costOf } from './model.ts'

/** Beyond so many steps the search is not begun; beyond so many branches it is given up. */
export const searched = { steps: 60, branches: 200_000 } as const

/**
 * More than two sites. First every pair of sites is cut again and again while that helps, which need not find the best
 * placement; then, if there are few enough steps, all placements are searched, leaving out what cannot be better.
 */
export const placeAmongMany = (m: Model, starts: readonly Assignment[]): { at: Assignment; best: boolean } => {
  const tried = starts.map((s) => improve(m, s)).sort((a, b) => costOf(m, a) - costOf(m, b))
  return m.steps.length > searched.steps ? { at: tried[0]!, best: false } : search(m, tried[0]!)
}

const mostRounds = 20
const improve = (m: Model, start: Assignment): Assignment => {
  const n = m.topology.sites.length
  let at = start
  for (let round = 0; round < mostRounds; round++) {
    const before = costOf(m, at)
    for (let a = 0; a < n; a++) {
      for (let b = a + 1; b < n; b++) {
        const next = twoWay(m, at, a, b).at
        if (costOf(m, next) < costOf(m, at)) at = next
      }
    }
    if (costOf(m, at) === before) return at
  }
  return at
}

/** Steps in program order; what an unplaced step costs is at least its work at the site where that is cheapest. */
const search = (m: Model, start: Assignment): { at: Assignment; best: boolean } => {
  const least = m.work.map((w) => Math.min(...w))
  const rest = least.map(() => 0)
  for (let v = least.length - 2; v >= 0; v--) rest[v] = rest[v + 1]! + least[v + 1]!
  const arriving = m.work.map((_, v) => m.flowing.filter((f) => f.heads.includes(v)))
  const at: number[] = []
  let best = start
  let cost = costOf(m, start)
  let branches = 0
  const go = (v: number, paid: number): void => {
    if (v === m.work.length) {
      if (paid < cost) [best, cost] = [[...at], paid]
      return
    }
    for (const [s, work] of m.work[v]!.entries()) {
      if (work === Infinity || branches++ > searched.branches) continue
      let now = paid + work
      for (const f of arriving[v]!) {
        const from = at[f.tail]!
        const known = from === s || f.heads.some((h) => h < v && at[h] === s)
        if (!known) now += f.cost[from]![s]!
      }
      if (now + rest[v]! >= cost) continue
      at[v] = s
      go(v + 1, now)
    }
  }
  go(0, 0)
  return { at: best, best: branches <= searched.branches }
}
