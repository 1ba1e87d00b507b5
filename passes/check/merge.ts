import type { Arena, NodeId, NodeView } from '../../graph/arena.ts'
import { conflict, effects, isEffect } from '../../graph/effects.ts'
import { keyOf } from '../../graph/make.ts'
import type { OpName } from '../../graph/ops/index.ts'
import { occurrenceOf, ownFootprint, withParts } from '../../graph/walk.ts'
import type { MergeCertificate, NeedJson } from '../certificate.ts'
import { bodyNeed, demandOf } from './demand.ts'
import { sameOrder } from './order.ts'
import { replay } from './replay.ts'
import type { Checker } from './verdict.ts'
import { refuse } from './verdict.ts'

/**
 * Putting the kept call in the place of each one that went gives the graph that came out. Each pair is a mergeable read
 * with equal attributes and operands, run in the same region whenever the other is, the kept one first, and nothing
 * between them writes what they read.
 */
export const checkMerge: Checker<MergeCertificate> = (before, after, claim) => {
  const { arena } = before
  const map = new Map(claim.merged)
  if (claim.merged.some((pair) => pair.length !== 2)) return refuse('certificate', 'a merge is of two occurrences')
  if (map.size !== claim.merged.length) return refuse('certificate', 'an occurrence is merged twice')
  for (const [gone, kept] of map)
    if (map.has(kept)) return refuse('certificate', `occurrence ${gone} is merged into ${kept}, which went itself`)
  const pairs = new Map<number, { kept: string; gone: string }>()
  const makers = new Map<string, NodeId>()
  const root = replay(arena, before.root, (node, args, bodies, region) => {
    const mine = occurrenceOf(node)
    const call = withParts(arena, node, args, bodies)
    if (mine === undefined) return call
    makers.set(`${region} ${mine}`, call)
    const kept = map.get(mine)
    if (kept === undefined) return call
    const other = makers.get(`${region} ${kept}`)
    if (other === undefined) return call
    pairs.set(mine, { kept: likeness(arena.node(other)), gone: likeness(arena.node(call)) })
    return other
  })
  for (const gone of map.keys()) {
    const pair = pairs.get(gone)
    if (pair === undefined)
      return refuse('legality', `occurrence ${gone} is merged into a call that does not come before it in its region`)
    if (pair.kept !== pair.gone)
      return refuse('legality', `occurrences ${gone} and ${map.get(gone)} are different calls`)
  }
  const illegal = legality(arena, before.root, map)
  if (illegal !== undefined) return refuse('legality', illegal)
  if (root !== after.root) return refuse('graph', 'merging these calls does not give this graph')
  return sameOrder(before, after, new Set(map.keys()))
}

/** A call without its occurrence, as text. */
const likeness = (n: NodeView): string =>
  `${n.op.name} ${keyOf(n.op.name as OpName, { ...n.op.attrs, occurrence: 0 })} ${n.args.join()}`

/** Walks every region as it runs, and says what stands against merging one of the pairs. */
const legality = (arena: Arena, top: NodeId, map: ReadonlyMap<number, number>): string | undefined => {
  const live = demandOf(arena)
  const seen = new Set<string>()
  const region = (root: NodeId, need: NeedJson): string | undefined => {
    const key = `${root} ${JSON.stringify(need)}`
    if (seen.has(key)) return undefined
    seen.add(key)
    const { order, needs } = live(root, need)
    const at = new Map<number, number>()
    for (const [i, id] of order.entries()) {
      const node = arena.node(id)
      const mine = occurrenceOf(node)
      const kept = mine === undefined ? undefined : map.get(mine)
      if (kept !== undefined) {
        if (!isEffect(node.op.name) || !effects[node.op.name].traits(node.op.attrs as never).mergeable)
          return `occurrence ${mine} may not be merged`
        const from = at.get(kept)
        if (from === undefined) return `occurrence ${kept} does not run before ${mine} wherever that runs`
        const reads = { reads: ownFootprint(arena, id).reads, writes: [] }
        const between = order
          .slice(from + 1, i)
          .find((x) => conflict(reads, { reads: [], writes: ownFootprint(arena, x).writes }))
        if (between !== undefined)
          return `%${between} ${arena.opOf(between).name} writes what occurrences ${kept} and ${mine} read`
      }
      if (mine !== undefined) at.set(mine, i)
      for (const [k, body] of node.regions.entries()) {
        const wrong = region(body.root, bodyNeed(node, k, needs.get(id)!))
        if (wrong !== undefined) return wrong
      }
    }
    return undefined
  }
  return region(top, true)
}
