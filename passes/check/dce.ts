import type { Arena, NodeId, NodeView } from '../../graph/arena.ts'
import { make } from '../../graph/make.ts'
import { withParts, writes } from '../../graph/walk.ts'
import type { DceCertificate, NeedJson } from '../certificate.ts'
import type { BodyAsks } from './demand.ts'
import { asks, asksAll, bodyNeed, both, carriersOf, keyOf, none } from './demand.ts'
import { sameOrder } from './order.ts'
import { regionsOf, replay } from './replay.ts'
import type { Checker } from './verdict.ts'
import { refuse } from './verdict.ts'

/** For each region, each way in which it is entered: the nodes needed, by what is asked of the result. */
type Claims = ReadonlyMap<NodeId, ReadonlyMap<string, Way>>
interface Way {
  readonly need: NeedJson
  readonly needs: ReadonlyMap<NodeId, NeedJson>
}

/**
 * The claimed needs are closed: the result is needed, whatever a needed node looks at is needed, in every way in which a
 * region is entered, and so is every write; and nothing more is claimed than that. Replacing by `absent` exactly the
 * operands that no way looks at gives the graph that came out.
 */
export const checkDce: Checker<DceCertificate> = (before, after, claim) => {
  const { arena } = before
  const regions = regionsOf(arena, before.root)
  const claims = new Map([...regions.keys()].map((r) => [r, new Map<string, Way>()]))
  for (const { root, need, needs } of claim.regions) {
    const nodes = new Set(regions.get(root))
    if (!claims.has(root)) return refuse('certificate', `%${root} is not a region of the graph`)
    if (claims.get(root)!.has(keyOf(need)))
      return refuse('certificate', `region %${root} is claimed twice for one need`)
    const stray = needs.find((pair) => pair.length !== 2 || !nodes.has(pair[0]))
    if (stray !== undefined) return refuse('certificate', `%${stray[0]} is not in region %${root}`)
    const own = new Map(needs)
    if (own.size !== needs.length) return refuse('certificate', `a node of region %${root} is claimed twice`)
    claims.get(root)!.set(keyOf(need), { need, needs: own })
  }
  if (!claims.get(before.root)!.has(keyOf(true)))
    return refuse('legality', 'the result of the graph is not claimed to be needed')
  const entered = new Set([`${before.root} ${keyOf(true)}`])
  for (const [root, order] of regions) {
    for (const way of claims.get(root)!.values()) {
      const open = openIn(arena, root, order, way, claims, entered)
      if (open !== undefined) return refuse('legality', open)
    }
  }
  for (const [root, own] of claims) {
    for (const key of own.keys())
      if (!entered.has(`${root} ${key}`)) return refuse('legality', `region %${root} is never entered for ${key}`)
  }
  const carriers = new Map([...regions].map(([root, order]) => [root, carriersOf(arena, order)]))
  const ways = new Map([...claims].map(([root, own]) => [root, [...own.values()]]))
  const waysOf = (region: NodeId): readonly Way[] => ways.get(region)!
  const kept = (region: NodeId, id: NodeId): boolean =>
    carriers.get(region)!.has(id) || waysOf(region).some((w) => w.needs.has(id))
  const gone = (id: NodeId): NodeId => {
    const made = make(arena, 'absent', { type: arena.typeOf(id) })
    return made._tag === 'Right' ? made.right : -1
  }
  const root = replay(arena, before.root, (node, args, bodies, region) => {
    if (!kept(region, node.id)) return node.id
    const whole = bodies.length === 0 && asksAll(arena, node.id) && waysOf(region).some((w) => w.needs.has(node.id))
    if (whole) return withParts(arena, node, args, bodies)
    const looked = new Set(
      waysOf(region).flatMap(({ needs }) => {
        const need = needs.get(node.id)
        return need === undefined ? [] : asks(node, need, paramsOf(arena, claims, node, need)).map(([i]) => i)
      }),
    )
    const operands = node.args.map((a, i) => (looked.has(i) || carriers.get(region)!.has(a) ? args[i]! : gone(a)))
    const parts = bodies.map((b, k) => {
      const old = node.regions[k]!.root
      return kept(old, old) ? b : { ...b, root: gone(old) }
    })
    return withParts(arena, node, operands, parts)
  })
  if (root !== after.root) return refuse('graph', 'replacing what is not claimed to be needed does not give this graph')
  return sameOrder(before, after)
}

/** What the claims about bodies say of their parameters, when so much of their owner is needed. */
const paramsOf =
  (arena: Arena, claims: Claims, owner: NodeView, need: NeedJson): BodyAsks =>
  (k) => {
    const way = claims.get(owner.regions[k]!.root)!.get(keyOf(bodyNeed(owner, k, need)))
    return [...(way?.needs ?? [])].flatMap(([id, n]) => {
      const { name, attrs } = arena.opOf(id)
      return name === 'param' ? [[(attrs as { index: number }).index, n] as const] : []
    })
  }

/** Finds something needed in a region that a claim leaves out, or something claimed that nothing asks for. */
const openIn = (
  arena: Arena,
  root: NodeId,
  order: readonly NodeId[],
  { need, needs }: Way,
  claims: Claims,
  entered: Set<string>,
): string | undefined => {
  const asked = new Map<NodeId, NeedJson>()
  const ask = (id: NodeId, part: NeedJson): void => {
    asked.set(id, both(asked.get(id), part))
  }
  if (need === true || Object.keys(need).length > 0) ask(root, need)
  // Users come after their operands in program order, so on the way back everything has been asked of a node it is asked.
  for (let at = order.length - 1; at >= 0; at--) {
    const id = order[at]!
    if (writes(arena, id)) ask(id, none)
    const wanted = asked.get(id)
    const own = needs.get(id)
    if (wanted === undefined && own === undefined) continue
    if (own === undefined) return `${whoAsks(arena, order, id)} and it is not claimed`
    if (wanted === undefined) return `%${id} is claimed to be needed, and nothing asks for it`
    if (own !== wanted && keyOf(own) !== keyOf(wanted))
      return `${whoAsks(arena, order, id)}: ${keyOf(wanted)} of it is asked, and ${keyOf(own)} is claimed`
    if (asksAll(arena, id) && !arena.hasRegions(id)) {
      for (const a of arena.argsOf(id)) asked.set(a, true)
      continue
    }
    const node = arena.node(id)
    for (const [k, body] of node.regions.entries()) {
      const key = keyOf(bodyNeed(node, k, own))
      if (!claims.get(body.root)!.has(key)) return `body ${k} of %${id} is entered in a way that is not claimed`
      entered.add(`${body.root} ${key}`)
    }
    for (const [i, part] of asks(node, own, paramsOf(arena, claims, node, own))) ask(node.args[i]!, part)
  }
  return undefined
}
/** The first that has something to do with a node, for the message. */
const whoAsks = (arena: Arena, order: readonly NodeId[], id: NodeId): string => {
  if (writes(arena, id)) return `%${id} writes`
  const user = order.find((x) => arena.argsOf(x).includes(id))
  if (user === undefined) return `the result %${id} of a region is needed`
  return `%${user} ${arena.opOf(user).name} looks at operand ${arena.argsOf(user).indexOf(id)}, %${id},`
}
