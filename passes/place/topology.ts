import * as io from 'io-ts'
import type { Either } from '../../graph/either.ts'
import { isLeft, left, right } from '../../graph/either.ts'
import type { Graph } from '../../graph/graph.ts'
import type { Topology } from '../../graph/topology.ts'
import { arrivalOf } from '../../graph/topology.ts'

/** One thing wrong with a topology. */
export interface Unfit {
  readonly at: string
  readonly cause: string
  readonly remedy: string
}

const positive = new io.Type<number, number, unknown>(
  'a positive number',
  (u): u is number => typeof u === 'number' && u > 0 && Number.isFinite(u),
  (u, c) => (typeof u === 'number' && u > 0 && Number.isFinite(u) ? io.success(u) : io.failure(u, c)),
  (x) => x,
)
const latency = new io.Type<number, number, unknown>(
  'a number that is not negative',
  (u): u is number => typeof u === 'number' && u >= 0 && Number.isFinite(u),
  (u, c) => (typeof u === 'number' && u >= 0 && Number.isFinite(u) ? io.success(u) : io.failure(u, c)),
  (x) => x,
)
const names = io.record(io.string, io.string)
const exactly = <P extends io.Props, Q extends io.Props>(needed: P, others: Q) =>
  io.exact(io.intersection([io.type(needed), io.partial(others)]))

const codec = exactly(
  {
    sites: io.array(
      exactly({ name: io.string, reaches: io.array(io.string) }, { targets: io.array(io.string), speed: positive }),
    ),
    links: io.array(io.type({ from: io.string, to: io.string, latencyMs: latency, bytesPerMs: positive })),
    inputs: io.union([io.string, names]),
    result: io.string,
  },
  { pins: names, sizes: exactly({}, { dims: io.record(io.string, latency), otherwise: latency }) },
)

const mostSites = 16

/** Reads a topology as data, such as a JSON file, and holds it against the graph that is to be placed. */
export const decodeTopology = (u: unknown, g: Graph): Either<readonly Unfit[], Topology> => {
  const read = codec.decode(u)
  if (isLeft(read)) return left(read.left.slice(0, 20).map(told))
  const t = read.right as Topology
  const problems = [...ofSites(t), ...ofLinks(t), ...ofInputs(t, g)]
  return problems.length > 0 ? left(problems) : right(t)
}

const told = (e: io.ValidationError): Unfit => {
  const at = e.context
    .map((c) => c.key)
    .filter((k) => k !== '' && !/^\d+$/.test(k))
    .join('.')
  return {
    at,
    cause: `${at === '' ? 'the document' : at} is ${e.value === undefined ? 'missing' : 'no'} ${e.context.at(-1)!.type.name.slice(0, 80)}`,
    remedy: 'give { sites: [{ name, reaches }], links: [{ from, to, latencyMs, bytesPerMs }], inputs, result }',
  }
}
const ofSites = (t: Topology): readonly Unfit[] => {
  const all = t.sites.map((s) => s.name)
  const twice = all.find((n, i) => all.indexOf(n) !== i)
  const unfit = (cause: string, remedy: string): readonly Unfit[] => [{ at: 'sites', cause, remedy }]
  if (all.length === 0) return unfit('there is no site', 'name at least one')
  if (all.length > mostSites) return unfit(`there are ${all.length} sites`, `name at most ${mostSites}`)
  return twice === undefined ? [] : unfit(`there are two sites '${twice}'`, 'give each a name of its own')
}
const unknown = (t: Topology, at: string, site: string): readonly Unfit[] =>
  t.sites.some((s) => s.name === site)
    ? []
    : [
        {
          at,
          cause: `there is no site '${site}'`,
          remedy: `name one of ${t.sites.map((s) => `'${s.name}'`).join(', ')}`,
        },
      ]
const ofLinks = (t: Topology): readonly Unfit[] => [
  ...t.links.flatMap((l) => [...unknown(t, 'links.from', l.from), ...unknown(t, 'links.to', l.to)]),
  ...t.links
    .filter((l, i) => t.links.findIndex((o) => o.from === l.from && o.to === l.to) !== i)
    .map((l) => ({ at: 'links', cause: `two links lead from '${l.from}' to '${l.to}'`, remedy: 'keep one' })),
  ...Object.entries(t.pins ?? {}).flatMap(([name, site]) => unknown(t, `pins.${name}`, site)),
  ...unknown(t, 'result', t.result),
]
const ofInputs = (t: Topology, g: Graph): readonly Unfit[] => {
  if (typeof t.inputs === 'string') return unknown(t, 'inputs', t.inputs)
  return g.inputs.flatMap(([name]) => {
    const site = arrivalOf(t, name)
    return site === undefined
      ? [{ at: `inputs.${name}`, cause: `nothing says where input '${name}' arrives`, remedy: 'name its site' }]
      : unknown(t, `inputs.${name}`, site)
  })
}
