import { lower } from '../codegen/program/lower.ts'
import type { NodeId } from '../graph/arena.ts'
import type { Built } from '../graph/build/index.ts'
import { effects, isEffect } from '../graph/effects.ts'
import type { Either } from '../graph/either.ts'
import { isLeft, left, right } from '../graph/either.ts'
import { bytesOf } from '../graph/elem.ts'
import type { CompileError } from '../graph/errors.ts'
import type { Graph } from '../graph/graph.ts'
import { planOf } from '../graph/need.ts'
import { occurrenceOf } from '../graph/walk.ts'
import type { OptimiseOptions } from '../passes/index.ts'
import { optimise } from '../passes/index.ts'

/** What a run of a graph costs, as far as the graph itself says. */
export interface RunPlan {
  /**
   * Calls that wait for a database or the file system, at most: a batch is one, the longer branch of a condition counts.
   * Infinity when the number grows with the data, because something is asked once for each element of a list.
   */
  readonly roundTrips: number
  /** Queries that are left to run, each counted once however often it is asked. */
  readonly queries: number
  /** Loops over arrays. */
  readonly kernels: number
  /** The most that one kernel works in beside its inputs and outputs. */
  readonly scratchBytes: number
}
/** One thing that is not as expected, as a sentence too. */
export interface PlanDifference {
  readonly what: keyof RunPlan
  readonly expected: number
  readonly found: number
  readonly text: string
}
export type PlanMismatch =
  | CompileError
  | { readonly _tag: 'PlanDiffers'; readonly differences: readonly PlanDifference[]; readonly text: string }

/**
 * Holds a graph to the plan it should have, for tests of your own: a change that quietly makes one query into a thousand
 * fails there and not in production. Only what is named is compared; the right is the whole plan.
 *
 *     const plan = expectPlan(scoreBook, { roundTrips: 2, kernels: 3 })
 *     if (plan._tag === 'Left') throw new Error(plan.left.text)
 */
export const expectPlan = (
  graph: Built | Graph,
  expected: Partial<RunPlan>,
  options: OptimiseOptions = {},
): Either<PlanMismatch & { readonly text: string }, RunPlan> => {
  const sealed: Either<CompileError, Graph> = 'sealed' in graph ? graph.sealed : right(graph)
  if (isLeft(sealed)) return left({ ...sealed.left, text: `${sealed.left.cause}; ${sealed.left.remedy}` })
  const { graph: optimised, failures } = optimise(sealed.right, options)
  const lowered = lower(optimised)
  if (isLeft(lowered)) return left({ ...lowered.left, text: `${lowered.left.cause}; ${lowered.left.remedy}` })
  const calls = callsOf(optimised)
  const scratch = lowered.right.kernels.map((k) =>
    k.descriptor.scratch.reduce((sum, s) => sum + s.length * bytesOf[s.elem], 0),
  )
  const found: RunPlan = {
    roundTrips: calls.trips,
    queries: calls.queries.size,
    kernels: scratch.length,
    scratchBytes: scratch.reduce((most, s) => Math.max(most, s), 0),
  }
  const differences = (Object.keys(found) as (keyof RunPlan)[]).flatMap((what): readonly PlanDifference[] => {
    const wanted = expected[what]
    if (wanted === undefined || Object.is(wanted, found[what])) return []
    const why = what === 'roundTrips' && found[what] === Number.POSITIVE_INFINITY ? [...calls.unbounded].join('; ') : ''
    const text = `${labels[what]}: expected ${wanted}, found ${found[what]}${why === '' ? '' : ` (${why})`}`
    return [{ what, expected: wanted, found: found[what], text }]
  })
  if (differences.length === 0) return right(found)
  const dropped = failures.map((f) => `pass ${f.pass} was dropped: ${f.cause}`)
  const text = [`the plan of '${optimised.name}' differs`, ...differences.map((d) => d.text), ...dropped].join('\n  ')
  return left({ _tag: 'PlanDiffers', differences, text })
}
const labels: Readonly<Record<keyof RunPlan, string>> = {
  roundTrips: 'round trips',
  queries: 'queries',
  kernels: 'kernels',
  scratchBytes: 'bytes of scratch',
}

interface Calls {
  readonly trips: number
  readonly queries: ReadonlySet<number>
  readonly unbounded: ReadonlySet<string>
}
/** Inside the process: asking them is no trip to anywhere. */
const near: ReadonlySet<string> = new Set(['clock', 'random', 'log'])

const callsOf = ({ arena, root }: Graph): Calls => {
  const queries = new Set<number>()
  const unbounded = new Set<string>()
  const known = new Map<NodeId, number>()
  /** Asked ahead by a batched map around, at whatever depth: that map has counted them. */
  const planned = new Set<number>()
  const region = (r: NodeId): number => {
    const trips = known.get(r) ?? planOf(arena, r, true).order.reduce((sum, id) => sum + node(id), 0)
    known.set(r, trips)
    return trips
  }
  const node = (id: NodeId): number => {
    const { name, attrs } = arena.opOf(id)
    if (isEffect(name)) {
      const occurrence = occurrenceOf(arena.node(id))!
      if (name === 'dbQuery') queries.add(occurrence)
      if (planned.has(occurrence)) return 0
      const { reads, writes } = effects[name].footprint(attrs as never)
      return [...reads, ...writes].every((r) => near.has(r.kind)) && reads.length + writes.length > 0 ? 0 : 1
    }
    if (name === 'kernel' || !arena.hasRegions(id)) return 0
    const plans = name === 'mapBatched' ? (attrs as { plans: readonly { occurrence: number }[] }).plans : []
    for (const p of plans) planned.add(p.occurrence)
    const bodies = arena.regionsOf(id).map((b) => region(b.root))
    const sum = bodies.reduce((a, b) => a + b, 0)
    switch (name) {
      case 'cond':
      case 'match':
        return Math.max(...bodies)
      case 'transaction':
        return sum + 2
      case 'loop':
        return sum === 0 ? 0 : sum * (attrs as { max: number }).max
      case 'map':
      case 'forkMap':
      case 'mapBatched':
        if (sum > 0) told(arena.regionsOf(id)[0]!.root)
        return sum > 0 ? Number.POSITIVE_INFINITY : plans.length
      default:
        return sum
    }
  }
  const told = (body: NodeId): void => {
    const names = planOf(arena, body, true).order.flatMap((id) => {
      const { name, attrs } = arena.opOf(id)
      const call = attrs as { occurrence?: number; name?: string }
      return isEffect(name) && !planned.has(call.occurrence!) ? [call.name ?? name] : []
    })
    for (const name of names) unbounded.add(`'${name}' is asked once for each element`)
  }
  return { trips: region(root), queries, unbounded }
}
