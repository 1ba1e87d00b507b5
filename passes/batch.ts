import { lookAhead } from '../graph/ahead.ts'
import type { Arena, NodeId, NodeView } from '../graph/arena.ts'
import type { DbQueryAttrs, EffectAttrs } from '../graph/effects.ts'
import { callLabel, conflict, footprintOf, isEffect, traitsOf } from '../graph/effects.ts'
import type { Either } from '../graph/either.ts'
import { left, right } from '../graph/either.ts'
import type { EffectName } from '../graph/errors.ts'
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
 * Queries and lookups anywhere inside a map are answered for all elements together, where parsing and footprints allow
 * it. The plans stand on the outermost map for which that holds, and the original body stays inside the node; which
 * calls really share a statement or request is decided when it runs, and what asks for many keys is the driver's.
 */
export const batchWith = (collapse: readonly string[]): Pass => ({
  name: 'batch',
  doc: `Answers the queries and lookups in a map for all elements at once, through nested maps and under conditions.
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

/** A call inside a map, with the ops around it from the map's body inwards. */
interface Inside {
  readonly call: NodeView
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
    const inside = this.#calls(root, [], undefined)
    const { claims, asks } = this.#look(root, [], true, inside, new Set())
    const units = this.#live(root).filter((n) =>
      isEffect(n.op.name) ? asks.has(occurrenceOf(n)!) : this.#asksInside(n, asks),
    )
    const own = claims.filter((c) => asks.has(c.occurrence))
    if (!this.#together(root, new Set(units.map((u) => u.id))) && !own.some((c) => c.derived.length > 0))
      return new Set()
    this.first = own
    for (const { call, within } of inside) {
      if (asks.has(occurrenceOf(call)!) && !within.some((w) => maps.has(w)))
        this.#note(call, 'asked when the graph begins, together with whatever else can be asked then')
    }
    return asks
  }
  #asksInside(node: NodeView, asks: ReadonlySet<number>): boolean {
    if (!through.has(node.op.name)) return false
    return node.regions.some((r) => this.#calls(r.root, [], undefined).some((c) => asks.has(occurrenceOf(c.call)!)))
  }
  /** Whether two of these nodes do not wait for each other. */
  #together(root: NodeId, units: ReadonlySet<NodeId>): boolean {
    const depth = new Map<NodeId, number>()
    let most = 0
    for (const { id, args } of this.#live(root)) {
      const d = args.reduce((m, a) => Math.max(m, depth.get(a) ?? 0), 0) + (units.has(id) ? 1 : 0)
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
    for (const { call, within, frame } of inside) {
      const repeated = params.length > 0 || within.some((w) => maps.has(w))
      const claim = planFor(this.#arena, root, call, repeated)
      if (claim._tag === 'Left') {
        if (params.length > 0) this.#note(call, `runs once an element: ${claim.left}`)
        continue
      }
      const { db } = call.op.attrs as Partial<DbQueryAttrs>
      const from = db !== undefined && this.#collapse.includes(db) ? derivationOf(this.#arena, call, frame) : undefined
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
    const inside = this.#calls(root, [], undefined)
    const need = this.#plans.get(root)!.ways.reduce<Need>((n, w) => join(n, w.need), nothing)
    const { claims, asks } = this.#look(root, params, need, inside, early)
    const own = claims.filter((c) => asks.has(c.occurrence))
    for (const { call, within } of inside) {
      if (asks.has(occurrenceOf(call)!)) this.#noteBatched(call, within)
      else if (claims.some((c) => c.occurrence === occurrenceOf(call)))
        this.#note(call, 'runs once an element: its arguments wait for what only the run of the body can give')
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
  /** Every query, and whatever else may go in batches, that may run in a region, as far as one can look ahead. */
  #calls(root: NodeId, within: readonly string[], frame: Frame | undefined): readonly Inside[] {
    return this.#live(root).flatMap((node) => {
      if (isEffect(node.op.name)) return ofInterest(node) ? [{ call: node, within, frame }] : []
      if (!through.has(node.op.name)) return []
      return node.regions.flatMap((r) => this.#calls(r.root, [...within, node.op.name], { owner: node, outer: frame }))
    })
  }

  #note(call: NodeView, text: string): void {
    const occurrence = occurrenceOf(call)!
    if (this.#notes.get(occurrence)?.includes(' batched: ') !== true)
      this.#notes.set(occurrence, `${labelOf(call)} ${text}`)
  }
  #noteBatched(call: NodeView, within: readonly string[]): void {
    const levels = within.filter((w) => maps.has(w)).length
    const depth = levels === 0 ? '' : `, of all ${levels + 1} levels`
    const branch = within.some((w) => w === 'cond' || w === 'match') ? ' that come to it' : ''
    this.#note(call, `batched: one call answers all elements${depth}${branch}`)
  }
  #noteHidden(root: NodeId, op: string): void {
    if (op === 'kernel') return
    for (const { call } of this.#calls(root, [], undefined))
      this.#note(call, `runs by itself: it stands inside ${op}, and nobody can look ahead into that`)
  }
}

/** Queries are always spoken of; of the others those that the user and their declaration let into batches. */
const ofInterest = ({ op }: NodeView): boolean =>
  op.name === 'dbQuery' || traitsOf(op.name as EffectName, op.attrs as never).batchable
const labelOf = ({ op }: NodeView): string => callLabel(op.name as EffectName, op.attrs as never)

/** How a call is batched over the elements of a map with this body, or why it is not. */
const planFor = (arena: Arena, body: NodeId, call: NodeView, repeated: boolean): Either<string, BatchClaim> => {
  const name = call.op.name as EffectName
  const form = name === 'dbQuery' ? statementFor(arena, call, repeated) : right(lookup(labelOf(call)))
  if (form._tag === 'Left') return form
  const print = footprintOf(name, call.op.attrs as EffectAttrs[EffectName] as never)
  if (print.writes.length > 0) return left('it declares that it writes')
  if (conflict(print, { reads: [], writes: regionFootprint(arena, body).writes }))
    return left('the body writes what it reads, so the elements depend on one another')
  return right({ occurrence: occurrenceOf(call)!, ...form.right, derived: [] })
}
type Form = Omit<BatchClaim, 'occurrence' | 'derived'>
/** Nothing has to be known of a lookup but its arguments. */
const lookup = (label: string): Form => ({
  ordered: false,
  params: [],
  keyed: [],
  assumes: `${label} answers many keys as each of them alone`,
})
const statementFor = (arena: Arena, query: NodeView, repeated: boolean): Either<string, Form> => {
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
  const { ordered, keyed } = facts.right
  return right({
    ordered,
    params: facts.right.params.map(({ at, length, number }) => ({ at, length, number })),
    keyed: keyed === undefined ? [] : [keyed],
    assumes: `'${a.name}' is one read-only ${facts.right.statement} without volatile functions or locks`,
  })
}
