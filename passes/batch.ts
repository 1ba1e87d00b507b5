import { lookAhead } from '../graph/ahead.ts'
import type { Arena, NodeId, NodeView } from '../graph/arena.ts'
import type { DbQueryAttrs } from '../graph/effects.ts'
import { conflict, effects } from '../graph/effects.ts'
import type { Either } from '../graph/either.ts'
import { left, right } from '../graph/either.ts'
import type { Graph } from '../graph/graph.ts'
import { mustMake } from '../graph/make.ts'
import type { Need } from '../graph/need.ts'
import { join, nothing } from '../graph/need.ts'
import { whyNotBatchable, whyNotEarly } from '../graph/sql/batchable.ts'
import { sqlFacts } from '../graph/sql/facts.ts'
import { occurrenceOf, regionFootprint, withParts } from '../graph/walk.ts'
import type { BatchClaim } from './certificate.ts'
import type { Frame } from './derive.ts'
import { derivationOf } from './derive.ts'
import type { RegionPlan } from './needs.ts'
import { regionPlans } from './needs.ts'
import type { Note, Pass } from './pass.ts'
import type { Rewrite } from './rewrite.ts'
import { rewrite } from './rewrite.ts'

const maps: ReadonlySet<string> = new Set(['map', 'forkMap', 'mapBatched'])
/** Bodies into which one can look ahead: it is known whether and how often they are entered. */
const through: ReadonlySet<string> = new Set([...maps, 'cond', 'match', 'fork', 'attempt'])

/**
 * Queries anywhere inside a map are answered for all elements together, where parsing and footprints allow it. The plans
 * stand on the outermost map for which that holds, and the original body stays inside the node; which calls really
 * share a statement is decided when it runs, and the SQL for many keys is written by the driver.
 */
export const batchWith = (collapse: readonly string[]): Pass => ({
  name: 'batch',
  doc: `Answers the queries in a map for all elements at once, through nested maps and under conditions.
before: map(authors) { query "posts" (author.id); map(posts) { query "comments" (post.id) } }
after:  mapBatched(authors) { … } plans: "posts", "comments"      two round trips, whatever there are of either
limits: queries that read what the map writes, or wait for what only its own run can give; bodies of loop and cached.`,
  from: 'normal',
  to: 'batched',
  run: (graph, tell) => {
    const { arena } = graph
    const top = arena.opOf(graph.root).name === 'ahead' ? arena.argsOf(graph.root)[0]! : graph.root
    const found = new Planning(arena, regionPlans(arena, top), collapse)
    found.visit(top, found.top(top))
    const claims: BatchClaim[] = []
    const rebuilt: Rewrite = (node, args, bodies) => {
      const own = found.claims.get(node.id)
      if (own === undefined) return withParts(arena, node, args, bodies)
      claims.push(...own.values())
      const fork = node.op.name === 'forkMap' || (node.op.attrs as { fork?: boolean }).fork === true
      const made = mustMake(arena, 'mapBatched', { plans: plansOf(own.values()), fork }, args, bodies)
      tell?.(made, node.id, 'its calls are asked together')
      return made
    }
    const body = rewrite(arena, top, rebuilt, tell)
    claims.push(...found.first)
    const root = found.first.length === 0 ? body : mustMake(arena, 'ahead', { plans: plansOf(found.first) }, [body])
    if (root !== body) tell?.(root, body, 'its calls are asked when the graph begins')
    const after: Graph = { ...graph, root, stage: graph.stage === 'fused' ? 'fused' : 'batched' }
    return right({ graph: after, certificate: { kind: 'batch', plans: claims }, notes: found.notes() })
  },
})
export const batch: Pass = batchWith([])
const plansOf = (claims: Iterable<BatchClaim>): readonly Omit<BatchClaim, 'assumes'>[] =>
  [...claims].sort((a, b) => a.occurrence - b.occurrence).map(({ assumes: _, ...p }) => p)

/** A query inside a map, with the ops around it from the map's body inwards. */
interface Inside {
  readonly query: NodeView
  readonly within: readonly string[]
  readonly frame: Frame | undefined
}

class Planning {
  /** The plans of each map, by occurrence. */
  readonly claims = new Map<NodeId, Map<number, BatchClaim>>()
  /** What is asked when the graph begins. */
  first: readonly BatchClaim[] = []
  readonly #arena: Arena
  readonly #collapse: readonly string[]
  readonly #plans: ReadonlyMap<NodeId, RegionPlan>
  readonly #visited = new Set<string>()
  readonly #notes = new Map<number, string>()
  constructor(arena: Arena, plans: ReadonlyMap<NodeId, RegionPlan>, collapse: readonly string[]) {
    this.#collapse = collapse
    this.#arena = arena
    this.#plans = plans
  }

  notes(): readonly Note[] {
    return [...this.#notes].sort(([a], [b]) => a - b).map(([occurrence, text]) => ({ occurrence, text }))
  }

  /** Plans the maps of a region; `early` are the queries that a map around it asks ahead. */
  visit(root: NodeId, early: ReadonlySet<number>): void {
    const key = `${root} ${[...early].join()}`
    if (this.#visited.has(key)) return
    this.#visited.add(key)
    for (const node of this.#live(root)) {
      const inside = maps.has(node.op.name) ? this.#map(node, early) : early
      const entered = through.has(node.op.name)
      for (const r of node.regions) {
        if (!entered) this.#noteHidden(r.root, node.op.name)
        this.visit(r.root, entered ? inside : new Set())
      }
    }
  }

  /**
   * Plans the graph as a whole, where that saves a wait: queries that do not follow from one another are asked together,
   * and what follows from their rows with them, where the user allows it.
   */
  top(root: NodeId): ReadonlySet<number> {
    const inside = this.#queries(root, [], undefined)
    const { claims, asks } = this.#look(root, [], true, inside, new Set())
    const units = this.#live(root).filter((n) =>
      n.op.name === 'dbQuery' ? asks.has(occurrenceOf(n)!) : this.#asksInside(n, asks),
    )
    const own = claims.filter((c) => asks.has(c.occurrence))
    if (!this.#together(root, new Set(units.map((u) => u.id))) && !own.some((c) => c.derived.length > 0))
      return new Set()
    this.first = own
    for (const { query, within } of inside) {
      if (asks.has(occurrenceOf(query)!) && !within.some((w) => maps.has(w)))
        this.#note(query, 'asked when the graph begins, together with whatever else can be asked then')
    }
    return asks
  }
  #asksInside(node: NodeView, asks: ReadonlySet<number>): boolean {
    if (!through.has(node.op.name)) return false
    return node.regions.some((r) => this.#queries(r.root, [], undefined).some((q) => asks.has(occurrenceOf(q.query)!)))
  }
  /** Whether two of these nodes do not wait for each other. */
  #together(root: NodeId, units: ReadonlySet<NodeId>): boolean {
    const depth = new Map<NodeId, number>()
    let most = 0
    for (const { id, args } of this.#live(root)) {
      const d = Math.max(0, ...args.map((a) => depth.get(a) ?? 0)) + (units.has(id) ? 1 : 0)
      depth.set(id, d)
      most = Math.max(most, d)
    }
    return most < units.size
  }

  /** What may be asked ahead in a body, and what can be. */
  #look(
    root: NodeId,
    params: readonly unknown[],
    need: Need,
    inside: readonly Inside[],
    early: ReadonlySet<number>,
  ): { readonly claims: readonly BatchClaim[]; readonly asks: ReadonlySet<number> } {
    const legal = new Map<number, BatchClaim>()
    for (const { query, within, frame } of inside) {
      const repeated = params.length > 0 || within.some((w) => maps.has(w))
      const claim = planFor(this.#arena, root, query, repeated)
      if (claim._tag === 'Left') {
        if (params.length > 0) this.#note(query, `runs once an element: ${claim.left}`)
        continue
      }
      const { db } = query.op.attrs as DbQueryAttrs
      const from = this.#collapse.includes(db) ? derivationOf(this.#arena, query, frame) : undefined
      legal.set(claim.right.occurrence, { ...claim.right, derived: from === undefined ? [] : [from] })
    }
    const { asks } = lookAhead(this.#arena, new Set([...legal.keys(), ...early]))(
      root,
      need,
      params.map(() => true),
    )
    const claims = [...legal.values()].map((c) => ({
      ...c,
      derived: c.derived.filter((d) => asks.has(d.parent) && legal.has(d.parent)),
    }))
    return { claims, asks }
  }

  #map(map: NodeView, early: ReadonlySet<number>): ReadonlySet<number> {
    const { root, params } = map.regions[0]!
    const inside = this.#queries(root, [], undefined)
    const need = this.#plans.get(root)!.ways.reduce<Need>((n, w) => join(n, w.need), nothing)
    const { claims, asks } = this.#look(root, params, need, inside, early)
    const own = claims.filter((c) => asks.has(c.occurrence))
    for (const { query, within } of inside) {
      if (asks.has(occurrenceOf(query)!)) this.#noteBatched(query, within)
      else if (claims.some((c) => c.occurrence === occurrenceOf(query)))
        this.#note(query, 'runs once an element: its arguments wait for what only the run of the body can give')
    }
    if (own.every((c) => early.has(c.occurrence))) return new Set([...early, ...asks])
    const known = this.claims.get(map.id) ?? new Map<number, BatchClaim>()
    for (const c of own) known.set(c.occurrence, c)
    this.claims.set(map.id, known)
    return new Set([...early, ...asks])
  }

  #live(root: NodeId): readonly NodeView[] {
    return this.#plans.get(root)!.plan.order.map((id) => this.#arena.node(id))
  }
  /** Every query that may run in a region, as far as one can look ahead. */
  #queries(root: NodeId, within: readonly string[], frame: Frame | undefined): readonly Inside[] {
    return this.#live(root).flatMap((node) => {
      if (node.op.name === 'dbQuery') return [{ query: node, within, frame }]
      if (!through.has(node.op.name)) return []
      return node.regions.flatMap((r) =>
        this.#queries(r.root, [...within, node.op.name], { owner: node, outer: frame }),
      )
    })
  }

  #note(query: NodeView, text: string): void {
    const { name, occurrence } = query.op.attrs as DbQueryAttrs
    if (this.#notes.get(occurrence)?.includes(' batched: ') !== true)
      this.#notes.set(occurrence, `query '${name}' ${text}`)
  }
  #noteBatched(query: NodeView, within: readonly string[]): void {
    const levels = within.filter((w) => maps.has(w)).length
    const depth = levels === 0 ? '' : `, of all ${levels + 1} levels`
    const branch = within.some((w) => w === 'cond' || w === 'match') ? ' that come to it' : ''
    this.#note(query, `batched: one call answers all elements${depth}${branch}`)
  }
  #noteHidden(root: NodeId, op: string): void {
    if (op === 'kernel') return
    for (const { query } of this.#queries(root, [], undefined))
      this.#note(query, `runs by itself: it stands inside ${op}, and nobody can look ahead into that`)
  }
}

/** How a query is batched over the elements of a map with this body, or why it is not. */
const planFor = (arena: Arena, body: NodeId, query: NodeView, repeated: boolean): Either<string, BatchClaim> => {
  const a = query.op.attrs as DbQueryAttrs
  if (a.mode === 'exec') return left('it changes data; only queries that read are batched')
  if (!a.batch) return left('batching is switched off for it')
  const facts = sqlFacts(a.sql)
  if (facts._tag === 'Left') return left(facts.left)
  const params = a.authority ? query.args.slice(1) : query.args
  const types = params.map((p) => arena.typeOf(p))
  // Without parameters all calls are equal, and the first answers them all.
  const why =
    !repeated || facts.right.params.length === 0 ? whyNotEarly(facts.right) : whyNotBatchable(facts.right, types)
  if (why !== undefined) return left(why)
  const print = effects.dbQuery.footprint(a)
  if (print.writes.length > 0) return left('it declares that it writes')
  if (conflict(print, { reads: [], writes: regionFootprint(arena, body).writes }))
    return left('the body writes what it reads, so the elements depend on one another')
  const { ordered, keyed } = facts.right
  return right({
    occurrence: a.occurrence,
    ordered,
    params: facts.right.params.map(({ at, length, number }) => ({ at, length, number })),
    keyed: keyed === undefined ? [] : [keyed],
    derived: [],
    assumes: `'${a.name}' is one read-only ${facts.right.statement} without volatile functions or locks`,
  })
}
