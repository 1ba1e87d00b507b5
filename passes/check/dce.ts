import type { Arena, NodeId } from '../../graph/arena.ts'
import { make } from '../../graph/make.ts'
import { withParts, writes } from '../../graph/walk.ts'
import type { DceCertificate, NeedJson } from '../certificate.ts'
import { asks, bodyNeed, carriersOf, covers } from './demand.ts'
import { sameOrder } from './order.ts'
import { regionsOf, replay } from './replay.ts'
import type { Checker, Refusal } from './verdict.ts'
import { refuse } from './verdict.ts'

interface Claimed {
  readonly need: NeedJson
  readonly needs: ReadonlyMap<NodeId, NeedJson>
}

/**
 * The claimed needs are closed: whatever a needed node looks at is claimed too, in every region, and so is every write.
 * Replacing by `absent` exactly the operands that nothing claimed looks at gives the graph that came out.
 */
export const checkDce: Checker<DceCertificate> = (before, after, claim) => {
  const { arena } = before
  const regions = regionsOf(arena, before.root)
  const claims = new Map<NodeId, Claimed>()
  for (const { root, need, needs } of claim.regions) {
    if (!regions.has(root)) return refuse('certificate', `%${root} is not a region of the graph`)
    if (claims.has(root)) return refuse('certificate', `region %${root} is claimed twice`)
    claims.set(root, { need, needs: new Map(needs) })
  }
  for (const [root, order] of regions) {
    const own = claims.get(root)
    if (own === undefined) return refuse('certificate', `region %${root} is not claimed`)
    const known = new Set(order)
    for (const id of own.needs.keys())
      if (!known.has(id)) return refuse('certificate', `%${id} is not in region %${root}`)
  }
  if (!covers(claims.get(before.root)!.need, true))
    return refuse('legality', 'the result of the graph is not claimed to be needed')
  for (const [root, order] of regions) {
    const open = closed(arena, root, order, claims)
    if (open !== undefined) return open
  }
  const carriers = new Map([...regions].map(([root, order]) => [root, carriersOf(arena, order)]))
  const kept = (region: NodeId, id: NodeId): boolean =>
    claims.get(region)!.needs.has(id) || carriers.get(region)!.has(id)
  const gone = (id: NodeId): NodeId => {
    const made = make(arena, 'absent', { type: arena.typeOf(id) })
    return made._tag === 'Right' ? made.right : -1
  }
  const root = replay(arena, before.root, (node, args, bodies, region) => {
    if (!kept(region, node.id)) return node.id
    const need = claims.get(region)!.needs.get(node.id)
    const looked = new Set(
      need === undefined ? [] : asks(node, need, paramsOf(arena, claims, node.regions)).map(([i]) => i),
    )
    const operands = node.args.map((a, i) => (looked.has(i) || carriers.get(region)!.has(a) ? args[i]! : gone(a)))
    const parts = bodies.map((b, k) =>
      kept(node.regions[k]!.root, node.regions[k]!.root) ? b : { ...b, root: gone(node.regions[k]!.root) },
    )
    return withParts(arena, node, operands, parts)
  })
  if (root !== after.root) return refuse('graph', 'replacing what is not claimed to be needed does not give this graph')
  return sameOrder(before, after)
}

/** What the claims about bodies say of their parameters. */
const paramsOf =
  (arena: Arena, claims: ReadonlyMap<NodeId, Claimed>, bodies: readonly { readonly root: NodeId }[]) =>
  (k: number): (readonly [number, NeedJson])[] =>
    [...claims.get(bodies[k]!.root)!.needs].flatMap(([id, need]) => {
      const { name, attrs } = arena.opOf(id)
      return name === 'param' ? [[(attrs as { index: number }).index, need] as const] : []
    })

/** Finds a demand of a region that its claim leaves out. */
const closed = (
  arena: Arena,
  root: NodeId,
  order: readonly NodeId[],
  claims: ReadonlyMap<NodeId, Claimed>,
): Refusal | undefined => {
  const { need, needs } = claims.get(root)!
  const looked = need === true || Object.keys(need).length > 0
  if (looked && !covers(needs.get(root), need))
    return refuse('legality', `the result %${root} of a region is needed and not claimed`)
  for (const id of order) {
    if (writes(arena, id) && !needs.has(id)) return refuse('legality', `%${id} writes and is not claimed`)
    const own = needs.get(id)
    if (own === undefined) continue
    const node = arena.node(id)
    for (const [k, body] of node.regions.entries()) {
      const asked = bodyNeed(node, k, own)
      if (!covers(claims.get(body.root)!.need, asked))
        return refuse('legality', `body ${k} of %${id} is asked for more than its claim says`)
    }
    for (const [i, part] of asks(node, own, paramsOf(arena, claims, node.regions))) {
      const given = needs.get(node.args[i]!)
      if (given === undefined || !covers(given, part)) {
        return refuse(
          'legality',
          `%${id} ${node.op.name} looks at operand ${i}, %${node.args[i]}, which is not claimed`,
        )
      }
    }
  }
  return undefined
}
