import type { Arena, NodeId, NodeView } from '../../graph/arena.ts'
import type { DbQueryAttrs } from '../../graph/effects.ts'
import { conflict, effects } from '../../graph/effects.ts'
import { canonical, make } from '../../graph/make.ts'
import { occurrenceOf, postorder, regionFootprint, withParts, writes } from '../../graph/walk.ts'
import type { BatchCertificate } from '../certificate.ts'
import { sameOrder } from './order.ts'
import { replay } from './replay.ts'
import type { Checker } from './verdict.ts'
import { refuse } from './verdict.ts'

interface Plan {
  readonly occurrence: number
  readonly ordered: boolean
  readonly params: readonly { readonly at: number; readonly length: number; readonly number: number }[]
}

/**
 * Forgetting the plans gives back the graph that came in. Each planned query stands at the top of its body and only
 * reads; the body writes nothing that it reads, nor anything it waits for; and it acts under one authority for all elements.
 * What parsing found is assumed, and stands in the claim; that the parameters are where the claim says is looked at.
 */
export const checkBatch: Checker<BatchCertificate> = (before, after, claim) => {
  const { arena } = after
  const plans: Plan[] = []
  let illegal: string | undefined
  const root = replay(arena, after.root, (node, args, bodies) => {
    if (node.op.name !== 'mapBatched') return withParts(arena, node, args, bodies)
    const { plans: own, fork } = node.op.attrs as { plans: readonly Plan[]; fork: boolean }
    for (const p of own) illegal ??= against(arena, node, p)
    plans.push(...own)
    const made = make(arena, fork ? 'forkMap' : 'map', {}, args, bodies)
    return made._tag === 'Right' ? made.right : node.id
  })
  if (illegal !== undefined) return refuse('legality', illegal)
  const text = (ps: readonly Plan[]): string =>
    ps
      .map(({ occurrence, ordered, params }) => canonical({ occurrence, ordered, params }))
      .sort()
      .join()
  if (text(plans) !== text(claim.plans))
    return refuse('certificate', 'the plans in the graph are not those of the claim')
  const silent = claim.plans.find((p) => typeof p.assumes !== 'string' || p.assumes === '')
  if (silent !== undefined) return refuse('certificate', `occurrence ${silent.occurrence} does not say what it assumes`)
  const old = replay(arena, before.root, (node, args, bodies) => {
    if (node.op.name !== 'mapBatched') return withParts(arena, node, args, bodies)
    const made = make(arena, (node.op.attrs as { fork: boolean }).fork ? 'forkMap' : 'map', {}, args, bodies)
    return made._tag === 'Right' ? made.right : node.id
  })
  if (root !== old) return refuse('graph', 'forgetting the plans does not give back the graph')
  return sameOrder(before, after)
}

/** What stands against answering a query for all elements together. */
const against = (arena: Arena, map: NodeView, plan: Plan): string | undefined => {
  const { root } = map.regions[0]!
  const order = postorder(arena, root)
  const found = order
    .map((id) => arena.node(id))
    .filter((n) => n.op.name === 'dbQuery' && occurrenceOf(n) === plan.occurrence)
  const [query] = found
  if (found.length !== 1 || query === undefined)
    return `occurrence ${plan.occurrence} is not a query at the top of its body`
  const a = query.op.attrs as DbQueryAttrs
  const what = `query '${a.name}' (occurrence ${plan.occurrence})`
  if (a.mode === 'exec' || writes(arena, query.id)) return `${what} writes`
  if (!a.batch) return `${what} is kept out of batches by the user`
  const written = { reads: [], writes: regionFootprint(arena, root).writes }
  if (conflict(effects.dbQuery.footprint(a), written)) return `${what} reads what its body writes`
  const below = new Set(query.args.flatMap((x) => postorder(arena, x)))
  const write = [...below].find((x) => writes(arena, x))
  if (write !== undefined) return `${what} waits for %${write} ${arena.opOf(write).name}, which writes`
  if (a.authority && !postorder(arena, query.args[0]!).every((x) => constant(arena, x)))
    return `${what} has an authority that may differ from element to element`
  return badPlaces(a, plan.params) ? `${what} has no parameters at the places claimed` : undefined
}
/** Pure and not made from the element: the same for every element. */
const constant = (arena: Arena, id: NodeId): boolean => {
  const { name, attrs } = arena.opOf(id)
  if (name === 'param') return (attrs as { index: number }).index > 0
  return name === 'const' || name === 'field' || name === 'record'
}
const badPlaces = (a: DbQueryAttrs, params: Plan['params']): boolean =>
  params.length === 0 ||
  params.some(
    (p, i) =>
      a.sql.slice(p.at, p.at + p.length) !== `$${p.number}` ||
      /\d/.test(a.sql[p.at + p.length] ?? '') ||
      (i > 0 && p.at <= params[i - 1]!.at),
  )
