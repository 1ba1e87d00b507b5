import type { Arena, NodeId, NodeView, Region } from '../../graph/arena.ts'
import type { DbQueryAttrs } from '../../graph/effects.ts'
import { conflict, footprintOf, isEffect, traitsOf } from '../../graph/effects.ts'
import type { EffectName } from '../../graph/errors.ts'
import { canonical, make } from '../../graph/make.ts'
import { occurrenceOf, postorder, regionFootprint, withParts, writes } from '../../graph/walk.ts'
import type { BatchCertificate, BatchClaim } from '../certificate.ts'
import { sameOrder } from './order.ts'
import { replay } from './replay.ts'
import type { Checker } from './verdict.ts'
import { refuse } from './verdict.ts'

type Plan = Omit<BatchClaim, 'assumes'>

/**
 * Forgetting the plans gives back the graph that came in. Each planned call stands in the body of its map, in no loop
 * and nothing cached, may be batched, and only reads; and nothing in that body, at any depth, writes what it reads: so
 * its calls may go to the front. What they ask with, and whether a condition lets them, the checked program sees to; under which
 * authority they go together, the run. What parsing found is assumed, and stands in the claim; that the parameters are
 * where the claim says is looked at.
 */
export const checkBatch: Checker<BatchCertificate> = (before, after, claim) => {
  const { arena } = after
  const plans: Plan[] = []
  let illegal: string | undefined
  const root = replay(arena, after.root, (node, args, bodies) => {
    if (node.op.name !== 'mapBatched' && node.op.name !== 'ahead') return withParts(arena, node, args, bodies)
    const { plans: own } = node.op.attrs as { plans: readonly Plan[] }
    if (node.op.name === 'ahead' && node.id !== after.root) illegal ??= `%${node.id} ahead is not the root of the graph`
    illegal ??= against(arena, node.op.name === 'ahead' ? node.args[0]! : node.regions[0]!.root, own)
    plans.push(...own)
    return forget(arena, node, args, bodies)
  })
  if (illegal !== undefined) return refuse('legality', illegal)
  const text = (ps: readonly Plan[]): string =>
    ps
      .map(({ occurrence, ordered, params, keyed, derived }) =>
        canonical({ occurrence, ordered, params, keyed, derived }),
      )
      .sort()
      .join()
  if (text(plans) !== text(claim.plans))
    return refuse('certificate', 'the plans in the graph are not those of the claim')
  const silent = claim.plans.find((p) => typeof p.assumes !== 'string' || p.assumes === '')
  if (silent !== undefined) return refuse('certificate', `occurrence ${silent.occurrence} does not say what it assumes`)
  const old = replay(arena, before.root, (node, args, bodies) => forget(arena, node, args, bodies))
  if (root !== old) return refuse('graph', 'forgetting the plans does not give back the graph')
  return sameOrder(before, after)
}

/** A batched map is the map it was made of, and `ahead` is its operand. */
const forget = (arena: Arena, node: NodeView, args: readonly NodeId[], bodies: readonly Region[]): NodeId => {
  if (node.op.name === 'ahead') return args[0]!
  if (node.op.name !== 'mapBatched') return withParts(arena, node, args, bodies)
  const made = make(arena, (node.op.attrs as { fork: boolean }).fork ? 'forkMap' : 'map', {}, args, bodies)
  return made._tag === 'Right' ? made.right : node.id
}

/** What stands against asking queries of a region before it begins. */
const against = (arena: Arena, root: NodeId, plans: readonly Plan[]): string | undefined => {
  const calls = Map.groupBy(callsOf(arena, root, open), occurrenceOf)
  const sure = callsOf(arena, root, unconditional)
  const written = { reads: [], writes: regionFootprint(arena, root).writes }
  for (const plan of plans) {
    const found = calls.get(plan.occurrence)
    if (found === undefined) return `occurrence ${plan.occurrence} is not a call that the body comes to`
    for (const call of found) {
      const name = call.op.name as EffectName
      const attrs = call.op.attrs as never
      const own = call.op.attrs as { readonly name?: string; readonly batch?: boolean }
      const what = `${own.name === undefined ? name : `${name === 'dbQuery' ? 'query' : name} '${own.name}'`} (occurrence ${plan.occurrence})`
      if (own.batch === false) return `${what} is kept out of batches by the user`
      if (writes(arena, call.id)) return `${what} writes`
      if (!traitsOf(name, attrs).batchable) return `${what} is not for batches`
      if (conflict(footprintOf(name, attrs), written)) return `${what} reads what its body writes`
      if (name !== 'dbQuery') {
        if (plan.ordered || plan.params.length + plan.keyed.length + plan.derived.length > 0)
          return `${what} is planned as if it were SQL`
        continue
      }
      if (badPlaces(attrs, plan.params) || plan.keyed.some((k) => badKeys(attrs, k, plan.params)))
        return `${what} has no parameters at the places claimed`
      for (const { parent } of plan.derived) {
        // Whoever asks in one exchange asks for every row, so no condition may stand in between.
        const from = sure.find((c) => c.op.name === 'dbQuery' && occurrenceOf(c) === parent)
        if (from === undefined || !sure.some((c) => c.id === call.id) || !plans.some((p) => p.occurrence === parent))
          return `${what} does not follow from every row of occurrence ${parent}`
        if (authorityOf(call) !== authorityOf(from))
          return `${what} acts under another authority than occurrence ${parent}`
      }
    }
  }
  return undefined
}
/** Whether and how often these run their bodies is known from their operands. */
const open: ReadonlySet<string> = new Set(['map', 'forkMap', 'mapBatched', 'cond', 'match', 'fork', 'attempt'])
const unconditional: ReadonlySet<string> = new Set(['map', 'forkMap', 'mapBatched', 'fork', 'attempt'])
const authorityOf = (query: NodeView): string => {
  const { db, authority } = query.op.attrs as DbQueryAttrs
  return `${db} ${authority}`
}
/** The calls of a region and of the bodies that it comes to. */
const callsOf = (arena: Arena, root: NodeId, open: ReadonlySet<string>): readonly NodeView[] => {
  const found = new Map<NodeId, NodeView>()
  const seen = new Set<NodeId>()
  const enter = (r: NodeId): void => {
    if (seen.has(r)) return
    seen.add(r)
    for (const id of postorder(arena, r)) {
      const node = arena.node(id)
      if (isEffect(node.op.name)) found.set(id, node)
      if (open.has(node.op.name)) for (const body of node.regions) enter(body.root)
    }
  }
  enter(root)
  return [...found.values()]
}
const badPlaces = (a: DbQueryAttrs, params: Plan['params']): boolean =>
  params.some(
    (p, i) =>
      a.sql.slice(p.at, p.at + p.length) !== `$${p.number}` ||
      /\d/.test(a.sql[p.at + p.length] ?? '') ||
      (i > 0 && p.at <= params[i - 1]!.at),
  )
/** The keyed form names FROM, ORDER BY and one comparison for each parameter, each where it really stands. */
const badKeys = (
  { sql }: DbQueryAttrs,
  { from, order, keys }: Plan['keyed'][number],
  params: Plan['params'],
): boolean => {
  const tight = (text: string): string => text.replace(/\s+/g, '')
  return (
    !/^from\b/i.test(sql.slice(from)) ||
    !(order === sql.length || /^order\b/i.test(sql.slice(order))) ||
    keys.length !== params.length ||
    keys.some(({ at, length, column, number }) => {
      const text = tight(sql.slice(at, at + length))
      const whole = text === `${tight(column)}=$${number}` || text === `$${number}=${tight(column)}`
      return (
        !whole || /[\w$."]/.test(`${sql[at - 1] ?? ''}${sql[at + length] ?? ''}`) || at < from || at + length > order
      )
    }) ||
    params.some((p) => !keys.some((k) => k.number === p.number && k.at <= p.at && p.at < k.at + k.length))
  )
}
