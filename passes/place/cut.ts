import { Network } from './flow.ts'
import type { Assignment, Model } from './model.ts'

/**
 * Places the steps that are at site `a` or `b` anew, each at one of the two, as well as can be while the others stay: a
 * least cut. With two sites that is the best placement there is, and the flow proves it.
 *
 * The network: source (site a) and sink (site b); a vertex a step and one for whoever wants the result. An edge source →
 * step costs what the step costs at b, step → sink what it costs at a. What flows from a step is one vertex for each way
 * across, however many need it there: step → out (what a → b costs) and out → each that needs it, without limit; in → step
 * (b → a), and each that needs it → in, without limit. Edges come in this order: both of each step, then those of what
 * flows, each with `out` before `in`. The checker builds the same network by itself.
 */
export const twoWay = (m: Model, at: Assignment, a: number, b: number): { at: Assignment; flow: readonly number[] } => {
  const net = new Network()
  const limitless = unaffordable(m)
  const cap = (c: number): number => (c === Infinity ? limitless : c)
  const free = at.map((s) => s === a || s === b)
  const vertices = m.work.map((_, v) => (free[v] ? net.vertex() : -1))
  const unary = m.work.map((w) => [cap(w[a]!), cap(w[b]!)] as const).map(([x, y]) => [x, y] as [number, number])
  for (const f of m.flowing) {
    if (!free[f.tail]) continue
    for (const to of new Set(f.heads.filter((h) => !free[h]).map((h) => at[h]!))) {
      unary[f.tail]![0] += cap(f.cost[a]![to]!)
      unary[f.tail]![1] += cap(f.cost[b]![to]!)
    }
  }
  for (const [v, vertex] of vertices.entries()) {
    if (vertex < 0) continue
    net.edge(Network.source, vertex, unary[v]![1])
    net.edge(vertex, Network.sink, unary[v]![0])
  }
  for (const f of m.flowing) {
    const heads = f.heads.filter((h) => free[h]).map((h) => vertices[h]!)
    if (heads.length === 0) continue
    const from = at[f.tail]!
    const [there, back] = free[f.tail] ? [f.cost[a]![b]!, f.cost[b]![a]!] : [f.cost[from]![b]!, f.cost[from]![a]!]
    const out = net.vertex()
    net.edge(free[f.tail] ? vertices[f.tail]! : Network.source, out, cap(there))
    for (const h of heads) net.edge(out, h, Infinity)
    const into = net.vertex()
    net.edge(into, free[f.tail] ? vertices[f.tail]! : Network.sink, cap(back))
    for (const h of heads) net.edge(h, into, Infinity)
  }
  net.run()
  const near = net.side()
  return { at: at.map((s, v) => (free[v] ? (near(vertices[v]!) ? a : b) : s)), flow: net.flow() }
}

/** More than anything that can be had costs. */
export const unaffordable = (m: Model): number => {
  const finite = (costs: readonly number[]): number => costs.reduce((n, c) => (c === Infinity ? n : n + c), 0)
  return (
    1 +
    m.work.reduce((n, w) => n + finite(w), 0) +
    m.flowing.reduce((n, f) => n + f.cost.reduce((k, row) => k + finite(row), 0), 0)
  )
}
