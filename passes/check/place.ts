import type { Arena, NodeId } from '../../graph/arena.ts'
import { effects, isEffect } from '../../graph/effects.ts'
import { bytesOfType, workIn } from '../../graph/estimate.ts'
import type { Graph } from '../../graph/graph.ts'
import { siteOf } from '../../graph/graph.ts'
import { orderProblem } from '../../graph/ordering.ts'
import type { Site } from '../../graph/topology.ts'
import { arrivalOf, crossingCost, workCost } from '../../graph/topology.ts'
import { mayFail, occurrenceOf, ownFootprint } from '../../graph/walk.ts'
import type { Crossing, PlaceCertificate } from '../certificate.ts'
import { demandOf } from './demand.ts'
import { flowProblem } from './flow.ts'
import { regionsOf } from './replay.ts'
import type { Checker } from './verdict.ts'
import { refuse } from './verdict.ts'

/**
 * The graph is the one that came in. Each needed step has one site, which can do it; pins are kept. What the steps do to
 * the world keeps its order across sites. What crosses is what has to, each once, over links that are there; the cost is
 * theirs. For two sites the flow shows that no placement costs less.
 */
export const checkPlace: Checker<PlaceCertificate> = (before, after, claim) => {
  if (before.root !== after.root) return refuse('graph', 'a placement changes nothing in the graph')
  const { arena } = after
  const { topology: t, steps } = claim
  const sites = new Map(t.sites.map((s) => [s.name, s]))
  const expected = demandOf(arena)(after.root, true).order.filter(
    (id) => !['const', 'absent'].includes(arena.opOf(id).name),
  )
  if (steps.length !== expected.length || steps.some((s, i) => s.node !== expected[i]))
    return refuse('certificate', 'it does not place the steps of this graph, each once, in program order')
  const index = new Map(expected.map((id, i) => [id, i]))
  const operands = expected.map((id, j) =>
    arena.argsOf(id).flatMap((a) => ((index.get(a) ?? j) < j ? [index.get(a)!] : [])),
  )
  const cannot = steps.map((s, i) => (site: Site) => reasonAgainst(after, claim, s.node, i, site))
  for (const [i, s] of steps.entries()) {
    const site = sites.get(s.site)
    const why = site === undefined ? `there is no site ${s.site}` : cannot[i]!(site)
    if (why !== undefined) return refuse('legality', `step ${i} cannot be at ${s.site}: ${why}`)
  }
  const facts = expected.map((id) => ({
    footprint: ownFootprint(arena, id),
    fails: arena.opOf(id).name === 'kernel' || mayFail(arena, id),
  }))
  const late = orderProblem(
    steps.map((s, i) => [...s.after, ...operands[i]!]),
    facts,
  )
  if (late !== undefined) return refuse('order', `step ${late.step} ${late.problem}`)

  const values = needing(operands, index.get(after.root))
  const news = needing(
    steps.map((s) => s.after),
    undefined,
  )
  const at = [...steps.map((s) => s.site), t.result]
  const wrong =
    crossingProblem('transfer', values, at, claim.transfers) ?? crossingProblem('signal', news, at, claim.signals)
  if (wrong !== undefined) return refuse('graph', wrong)
  const work = workIn(arena, t.sizes ?? {})
  const bytes = expected.map((id) => bytesOfType(arena.typeOf(id), t.sizes ?? {}))
  const crossing = (c: Crossing, size: number): number => crossingCost(t, c.from, c.to, size)
  const cost =
    steps.reduce((n, s) => n + workCost(sites.get(s.site)!, work(s.node)), 0) +
    claim.transfers.reduce((n, c) => n + crossing(c, bytes[c.step]!), 0) +
    claim.signals.reduce((n, c) => n + crossing(c, 0), 0)
  if (cost !== claim.cost || !Number.isSafeInteger(cost))
    return refuse('legality', `it costs ${cost}, not ${claim.cost}`)
  if (t.sites.length !== 2)
    return claim.found.by === 'cut' ? refuse('certificate', 'a cut is between two sites') : undefined
  if (claim.found.by !== 'cut') return refuse('certificate', 'two sites are placed by a cut')
  const [a, b] = t.sites as readonly [Site, Site]
  const unary = [
    ...expected.map((id, i) => [a, b].map((s) => (cannot[i]!(s) === undefined ? workCost(s, work(id)) : Infinity))),
    [a, b].map((s) => (s.name === t.result ? 0 : Infinity)),
  ]
  const across = (size: number) =>
    [crossingCost(t, a.name, b.name, size), crossingCost(t, b.name, a.name, size)] as const
  const flowing = expected.flatMap((_, i) => [
    { tail: i, heads: values[i]!, cost: across(bytes[i]!) },
    { tail: i, heads: news[i]!, cost: across(0) },
  ])
  const unproved = flowProblem(unary as never, flowing, claim.found.flow, cost)
  return unproved === undefined ? undefined : refuse('legality', `the flow does not prove it least: ${unproved}`)
}

/** For each step those that need it; whoever wants the result comes after the last. */
const needing = (needs: readonly (readonly number[])[], root: number | undefined): readonly (readonly number[])[] => {
  const by = needs.map(() => new Set<number>())
  for (const [j, list] of needs.entries()) for (const i of list) by[i]!.add(j)
  if (root !== undefined) by[root]!.add(needs.length)
  return by.map((s) => [...s])
}

const reasonAgainst = (
  g: Graph,
  { topology: t, target }: PlaceCertificate,
  node: NodeId,
  step: number,
  site: Site,
): string | undefined => {
  const pins = t.pins ?? {}
  if (Object.hasOwn(pins, `%${step}`) && pins[`%${step}`] !== site.name) return 'it is pinned elsewhere'
  for (const id of inside(g.arena, node)) {
    const n = g.arena.node(id)
    if (n.op.name === 'input' && arrivalOf(t, (n.op.attrs as { name: string }).name) !== site.name)
      return 'the input arrives elsewhere'
    if (n.op.name === 'kernel' && site.targets?.includes(target) === false) return 'its kernels do not run there'
    const occurrence = occurrenceOf(n)
    if (occurrence === undefined) continue
    for (const name of [siteOf(g, occurrence).name, (n.op.attrs as { name?: string }).name])
      if (name !== undefined && name !== '' && Object.hasOwn(pins, name) && pins[name] !== site.name)
        return `${name} is pinned elsewhere`
    if (!isEffect(n.op.name)) continue
    const driver = effects[n.op.name].driver(n.op.attrs as never)
    if (![driver, '*'].some((d) => site.reaches.includes(d))) return `it does not reach ${driver}`
  }
  return undefined
}
const inside = (arena: Arena, node: NodeId): readonly NodeId[] => [
  node,
  ...arena.regionsOf(node).flatMap((r) => [...regionsOf(arena, r.root).values()].flat()),
]

const crossingProblem = (
  what: string,
  needed: readonly (readonly number[])[],
  at: readonly string[],
  claimed: readonly Crossing[],
): string | undefined => {
  const wanted = new Set(
    needed.flatMap((by, i) => by.filter((j) => at[j] !== at[i]).map((j) => JSON.stringify([i, at[i], at[j]]))),
  )
  const found = claimed.map((c) => JSON.stringify([c.step, c.from, c.to]))
  const extra = found.find((c, i) => !wanted.has(c) || found.indexOf(c) !== i)
  if (extra !== undefined) return `the ${what} ${extra} is not needed, or is there twice`
  const missing = [...wanted].find((c) => !found.includes(c))
  return missing === undefined ? undefined : `the ${what} ${missing} is missing`
}
