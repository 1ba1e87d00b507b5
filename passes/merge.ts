import type { NodeId } from '../graph/arena.ts'
import type { DbQueryAttrs, Resource } from '../graph/effects.ts'
import { effects } from '../graph/effects.ts'
import { right } from '../graph/either.ts'
import type { Graph } from '../graph/graph.ts'
import { keyOf } from '../graph/make.ts'
import { sqlFacts } from '../graph/sql/facts.ts'
import { ownFootprint, withParts } from '../graph/walk.ts'
import { regionPlans } from './needs.ts'
import type { Note, Pass } from './pass.ts'
import type { Rewrite } from './rewrite.ts'
import { rewrite } from './rewrite.ts'

/**
 * Common subexpressions of reads; pure ones are free, because equal nodes are one node. Only within a region: a call in a
 * body may run any number of times. Clocks and random bytes are never equal. A query that calls a volatile function
 * declares to be mergeable like any other, so its text is looked at here.
 */
export const merge: Pass = {
  name: 'merge',
  doc: `Makes equal reads one.
before: query "rate" (occurrence 1) … query "rate" (occurrence 4), same arguments
after:  query "rate" (occurrence 1), used in both places
limits: within one region; no write to what it reads in between; never clocks or random bytes.`,
  from: 'normal',
  to: 'normal',
  run: (graph, tell) => {
    const { arena } = graph
    const merged = new Map<number, number>()
    const notes: Note[] = []
    const plans = regionPlans(arena, graph.root)
    const places = new Map([...plans].map(([r, { plan }]) => [r, new Map(plan.order.map((id, i) => [id, i]))]))
    const scopes = new Map<NodeId, Scope>()
    const rebuilt: Rewrite = (node, args, bodies, region) => {
      const call = withParts(arena, node, args, bodies)
      const { plan, always } = plans.get(region)!
      const place = places.get(region)!.get(node.id)
      const scope = scopes.get(region) ?? new Scope(plan.order.map((id) => ownFootprint(arena, id).writes))
      scopes.set(region, scope)
      if (node.op.name !== 'dbQuery' || place === undefined || !always(node.id)) return call
      const attrs = node.op.attrs as DbQueryAttrs
      if (!effects.dbQuery.traits(attrs).mergeable || !steady(attrs.sql)) return call
      const key = `${keyOf('dbQuery', { ...attrs, occurrence: 0 })} ${args.join()}`
      const first = scope.find(key, place, effects.dbQuery.footprint(attrs).reads)
      if (first === undefined) {
        scope.add(key, { place, call, occurrence: attrs.occurrence })
        return call
      }
      merged.set(attrs.occurrence, first.occurrence)
      notes.push({
        occurrence: attrs.occurrence,
        text: `query '${attrs.name}' asked again with the same arguments: occurrence ${attrs.occurrence} is answered by ${first.occurrence}`,
      })
      tell?.(first.call, node.id, 'the same question with the same arguments')
      return first.call
    }
    const root = rewrite(arena, graph.root, rebuilt, tell)
    const after: Graph = { ...graph, root, stage: graph.stage === 'source' ? 'normal' : graph.stage }
    return right({ graph: after, certificate: { kind: 'merge', merged: [...merged] }, notes })
  },
}

/** Whether equal calls have equal answers as far as the text tells; what does not parse is believed. */
const steady = (sql: string): boolean => {
  const facts = sqlFacts(sql)
  return facts._tag === 'Left' || (!facts.right.volatile && !facts.right.locking)
}

interface Candidate {
  readonly place: number
  readonly call: NodeId
  readonly occurrence: number
}

/** The reads of one region so far, and for every resource where it was last written. */
class Scope {
  readonly #calls = new Map<string, Candidate>()
  readonly #writes: readonly (readonly Resource[])[]
  readonly #last = new Map<string, number>()
  #upTo = 0
  constructor(writes: readonly (readonly Resource[])[]) {
    this.#writes = writes
  }

  add(key: string, c: Candidate): void {
    this.#calls.set(key, c)
  }

  /** An equal read before `place` with nothing written to `reads` since. */
  find(key: string, place: number, reads: readonly Resource[]): Candidate | undefined {
    for (; this.#upTo < place; this.#upTo++) {
      for (const w of this.#writes[this.#upTo]!) {
        // A write to `*` touches every name, and a read of `*` is touched by a write to any; so it is with whose they are.
        for (const k of [`${w.kind} ${w.of} ${w.name}`, `${w.kind} ${w.of}`, w.kind]) this.#last.set(k, this.#upTo)
      }
    }
    const c = this.#calls.get(key)
    if (c === undefined || c.place >= place) return undefined
    const since = (k: string): boolean => (this.#last.get(k) ?? -1) > c.place
    const touched = reads.some((r) =>
      r.of === '*'
        ? since(r.kind)
        : since(`${r.kind} *`) ||
          (r.name === '*'
            ? since(`${r.kind} ${r.of}`)
            : since(`${r.kind} ${r.of} ${r.name}`) || since(`${r.kind} ${r.of} *`)),
    )
    return touched ? undefined : c
  }
}
