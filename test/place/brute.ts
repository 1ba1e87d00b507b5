import fc from 'fast-check'
import { effects, isEffect } from '../../graph/effects.ts'
import { bytesOfType, workIn } from '../../graph/estimate.ts'
import type { Graph } from '../../graph/graph.ts'
import { planOf } from '../../graph/need.ts'
import { Schedule } from '../../graph/schedule.ts'
import type { Topology } from '../../graph/topology.ts'
import { arrivalOf, crossingCost, workCost } from '../../graph/topology.ts'
import { mayFail, ownFootprint, postorder } from '../../graph/walk.ts'

/** Topologies of two or three sites: some drivers within reach, some links missing. */
export const topologies = (sites: 2 | 3): fc.Arbitrary<Topology> => {
  const names = ['edge', 'server', 'cloud'].slice(0, sites)
  const site = fc.record({
    reaches: fc.constantFrom(
      ['*'],
      ['main', 'log', 'out'],
      ['clock', 'random'],
      ['main', 'clock', 'random', 'log', 'out'],
    ),
    speed: fc.constantFrom(1, 50, 1000, 1e6),
    targets: fc.constantFrom(['ts', 'wasm'], ['ts', 'wasm'], ['ts']),
  })
  const link = fc.record({
    latencyMs: fc.constantFrom(0, 0.001, 0.1, 1, 20),
    bytesPerMs: fc.constantFrom(1, 100, 10_000),
    there: fc.nat(9).map((n) => n > 0),
  })
  const pairs = names.flatMap((from) => names.filter((to) => to !== from).map((to) => ({ from, to })))
  return fc.record({
    sites: fc.tuple(...names.map((name) => site.map((s) => ({ name, ...s })))),
    links: fc
      .tuple(...pairs.map((p) => link.map(({ there, ...l }) => (there ? [{ ...p, ...l }] : []))))
      .map((ls) => ls.flat()),
    inputs: fc.constantFrom(...names),
    result: fc.constantFrom(...names),
    sizes: fc.constantFrom({ otherwise: 10 }, { otherwise: 1000 }, { dims: { n: 3 } }),
  })
}

/** The least cost there is, by trying every placement; Infinity if none is possible. Counts as the docs say, not as the code. */
export const least = (g: Graph, t: Topology, target: string): { readonly steps: number; readonly cost: number } => {
  const { arena } = g
  const steps = planOf(arena, g.root, true).order.filter((id) => !['const', 'absent'].includes(arena.opOf(id).name))
  const schedule = new Schedule()
  const after = steps.map((id, j) => {
    const operands = arena.argsOf(id).flatMap((a) => (steps.slice(0, j).includes(a) ? [steps.indexOf(a)] : []))
    return schedule.place(operands, ownFootprint(arena, id), arena.opOf(id).name === 'kernel' || mayFail(arena, id))
  })
  const estimate = workIn(arena, t.sizes ?? {})
  const work = steps.map((id) => t.sites.map((s) => workCost(s, estimate(id))))
  const cross = (bytes: number): readonly (readonly number[])[] =>
    t.sites.map((a) => t.sites.map((b) => crossingCost(t, a.name, b.name, bytes)))
  const value = steps.map((id) => cross(bytesOfType(arena.typeOf(id), t.sizes ?? {})))
  const news = cross(0)
  const takers = steps.map((id, i) => steps.flatMap((user, j) => (j > i && arena.argsOf(user).includes(id) ? [j] : [])))
  const followers = steps.map((_, i) => steps.flatMap((_, j) => (after[j]!.includes(i) ? [j] : [])))
  const can = steps.map((id) => {
    const all = [id, ...arena.regionsOf(id).flatMap((r) => below(g, r.root))]
    return t.sites.map((s) =>
      all.every((x) => {
        const { name, attrs } = arena.opOf(x)
        if (name === 'input') return arrivalOf(t, (attrs as { name: string }).name) === s.name
        if (name === 'kernel') return s.targets === undefined || s.targets.includes(target)
        return !isEffect(name) || s.reaches.includes('*') || s.reaches.includes(effects[name].driver(attrs as never))
      }),
    )
  })
  const home = t.sites.findIndex((s) => s.name === t.result)
  let best = Infinity
  const at: number[] = []
  const total = (): number => {
    let cost = 0
    for (const [i, id] of steps.entries()) {
      const from = at[i]!
      cost += work[i]![from]!
      const there = new Set(takers[i]!.map((j) => at[j]!))
      if (g.root === id) there.add(home)
      for (const s of there) cost += value[i]![from]![s]!
      for (const s of new Set(followers[i]!.map((j) => at[j]!))) cost += news[from]![s]!
    }
    return cost
  }
  const go = (i: number): void => {
    if (i === steps.length) {
      best = Math.min(best, total())
      return
    }
    for (let s = 0; s < t.sites.length; s++) {
      if (!can[i]![s]) continue
      at[i] = s
      go(i + 1)
    }
  }
  go(0)
  return { steps: steps.length, cost: best }
}
const below = (g: Graph, root: number): number[] =>
  postorder(g.arena, root).flatMap((x) => [x, ...g.arena.regionsOf(x).flatMap((r) => below(g, r.root))])
