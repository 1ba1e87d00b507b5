import type { Either } from '../../graph/either.ts'
import { isLeft, left, right } from '../../graph/either.ts'
import type { CompileError, Problem } from '../../graph/errors.ts'
import { excerpt } from '../../graph/excerpt.ts'
import type { Graph } from '../../graph/graph.ts'
import { siteOf } from '../../graph/graph.ts'
import type { Topology } from '../../graph/topology.ts'
import { occurrenceOf } from '../../graph/walk.ts'
import type { PlaceCertificate } from '../certificate.ts'
import { judge } from '../check/index.ts'
import { twoWay, unaffordable } from './cut.ts'
import type { Assignment, Model } from './model.ts'
import { costOf, crossed, modelOf, pinsOf } from './model.ts'
import { placeAmongMany, searched } from './search.ts'
import { decodeTopology } from './topology.ts'

/** Where each step of a graph runs, what crosses between sites, and what that costs; costs in milliseconds. */
export interface Placement {
  readonly steps: readonly { readonly label: string; readonly site: string; readonly pinned: boolean }[]
  readonly costMs: number
  /** Of everything at one site, but for what cannot be there or is pinned elsewhere; null where that cannot be. */
  readonly before: readonly { readonly site: string; readonly costMs: number | null }[]
  readonly crossings: readonly {
    readonly what: 'value' | 'signal'
    readonly label: string
    readonly from: string
    readonly to: string
    readonly costMs: number
  }[]
  /** How it was found, and whether nothing can cost less. */
  readonly how: string
  readonly certificate: PlaceCertificate
}

/**
 * Places the steps of a graph on sites. What is made least is the sum of the work of every step at its site and of
 * every crossing: latency of the link and bytes over its bandwidth, once for each value and each site that needs it, and
 * latency alone for the news that a write or a read has succeeded, where another site must follow it. It is a sum, not
 * the time a run takes: what goes on side by side counts in full. Sizes that are known only in a run are assumed, work
 * is counted in operations on one cell, sites have no limit of memory or of load, and values are not sent on by a third
 * site. A step with bodies is placed whole.
 *
 * Two sites are placed by a least cut, which is the best there is; the flow that proves it is checked. More sites are
 * searched, and placed by pairwise cuts where the search would take too long.
 */
export const placement = (
  g: Graph,
  sites: Topology,
  target: 'ts' | 'wasm' = 'wasm',
): Either<CompileError, Placement> => {
  const read = decodeTopology(sites, g)
  if (isLeft(read))
    return left(
      invalid(
        'the sites cannot be used',
        read.left.map((u) => ({ node: u.at, place: '', cause: u.cause, remedy: u.remedy })),
      ),
    )
  const topology = read.right
  const m = modelOf(g, topology, target)
  const stuck = [...unplaced(g, m), ...idlePins(m)]
  if (stuck.length > 0) return left(invalid(`${stuck[0]!.node} cannot be placed: ${stuck[0]!.cause}`, stuck))
  if (unaffordable(m) > Number.MAX_SAFE_INTEGER / 8)
    return left(
      invalid('the estimated costs are too large to be compared', [
        {
          node: g.name,
          place: '',
          cause: 'sizes, latencies or speeds give costs of years',
          remedy: 'check the units: ms, bytes and operations in a ms',
        },
      ]),
    )

  const starts = topology.sites.map((_, s) => gathered(m, s))
  const made =
    topology.sites.length === 2
      ? { ...twoWay(m, starts[0]!, 0, 1), best: true }
      : { ...placeAmongMany(m, starts), flow: [] }
  const cost = costOf(m, made.at)
  if (cost === Infinity)
    return left(invalid('there is no link for what would have to cross', unlinked(g, m, starts[0]!)))
  const certificate = certify(m, made, cost)
  const refused = judge(g, g, certificate)
  if (refused !== undefined)
    return left({
      _tag: 'OptimizationFailed',
      stage: 'optimise',
      pass: 'place',
      place: '',
      ...excerpt(g),
      cause: `its certificate was refused (${refused.obligation}): ${refused.detail}`,
      remedy: 'this is a mistake in Quoin; compile without sites, and report it with the graph',
    })
  return right(tell(m, made.at, certificate, starts))
}

/** Everything at one site, and what cannot be there where it is cheapest. */
const gathered = (m: Model, site: number): Assignment =>
  m.work.map((w) => (w[site] === Infinity ? w.indexOf(Math.min(...w)) : site))

const certify = (
  m: Model,
  made: { at: Assignment; best: boolean; flow: readonly number[] },
  cost: number,
): PlaceCertificate => {
  const name = (s: number): string => m.topology.sites[s]!.name
  const crossings = (kind: 'value' | 'signal') =>
    m.flowing
      .filter((f) => f.kind === kind)
      .flatMap((f) => crossed(f, made.at).map((to) => ({ step: f.tail, from: name(made.at[f.tail]!), to: name(to) })))
  return {
    kind: 'place',
    topology: m.topology,
    target: m.target,
    steps: m.steps.map((s, i) => ({ node: s.node, site: name(made.at[i]!), after: s.after })),
    transfers: crossings('value'),
    signals: crossings('signal'),
    cost,
    found: m.topology.sites.length === 2 ? { by: 'cut', flow: made.flow } : { by: made.best ? 'search' : 'heuristic' },
  }
}

const ms = (nanoseconds: number): number => nanoseconds / 1e6
const tell = (m: Model, at: Assignment, certificate: PlaceCertificate, starts: readonly Assignment[]): Placement => ({
  steps: m.steps.map((s, i) => ({
    label: s.label,
    site: certificate.steps[i]!.site,
    pinned: pinsOf(m.topology, s.names, i).length > 0,
  })),
  costMs: ms(certificate.cost),
  before: m.topology.sites.map((s, k) => {
    const cost = costOf(m, starts[k]!)
    return { site: s.name, costMs: cost === Infinity ? null : ms(cost) }
  }),
  crossings: m.flowing.flatMap((f) =>
    crossed(f, at).map((to) => ({
      what: f.kind,
      label: m.steps[f.tail]!.label,
      from: m.topology.sites[at[f.tail]!]!.name,
      to: m.topology.sites[to]!.name,
      costMs: ms(f.cost[at[f.tail]!]![to]!),
    })),
  ),
  how: {
    cut: 'a least cut: no placement costs less, and the flow that proves it was checked',
    search: 'a search of all placements: no placement costs less',
    heuristic: `pairwise cuts: there may be a cheaper placement (searched are up to ${searched.steps} steps and ${searched.branches.toLocaleString('en-US')} branches)`,
  }[certificate.found.by],
  certificate,
})

const invalid = (cause: string, problems: readonly Problem[]): CompileError => ({
  _tag: 'InvalidGraph',
  stage: 'build',
  place: problems[0]?.place ?? '',
  problems,
  cause,
  remedy: problems[0]?.remedy ?? '',
})
const problem = (g: Graph, m: Model, step: number, cause: string, remedy: string): Problem => {
  const s = m.steps[step]!
  return {
    node: `%${step} ${s.label}`,
    place: siteOf(g, occurrenceOf(g.arena.node(s.node)) ?? -1).place,
    cause,
    remedy,
  }
}
const unplaced = (g: Graph, m: Model): readonly Problem[] =>
  m.steps.flatMap((s, i) =>
    s.allowed.length > 0 ? [] : [problem(g, m, i, s.barred.join('; '), 'give a site what it lacks, or change the pin')],
  )
/** A pin that binds nothing is a slip of the pen, and what it was for would run anywhere. */
const idlePins = (m: Model): readonly Problem[] =>
  Object.keys(m.topology.pins ?? {})
    .filter((p) => !m.steps.some((s, i) => s.names.has(p) || p === `%${i}`))
    .map((p) => ({
      node: p,
      place: '',
      cause: `no step is called '${p}'`,
      remedy: `pin a call by its name (${[...new Set(m.steps.flatMap((s) => [...s.names]))].slice(0, 8).join(', ')}), or a step by its number, such as %3`,
    }))
/** Said of a placement in which each step is where it can be, so that only links are missing. */
const unlinked = (g: Graph, m: Model, at: Assignment): readonly Problem[] =>
  m.flowing.flatMap((f) =>
    crossed(f, at)
      .filter((to) => f.cost[at[f.tail]!]![to] === Infinity)
      .map((to) => {
        const [from, there] = [m.topology.sites[at[f.tail]!]!.name, m.topology.sites[to]!.name]
        const what = f.kind === 'value' ? 'its value is needed' : 'the news of it is needed'
        return problem(
          g,
          m,
          f.tail,
          `${what} at ${there}, and no link leads there from ${from}`,
          `add a link from ${from} to ${there}, or change a pin`,
        )
      }),
  )
