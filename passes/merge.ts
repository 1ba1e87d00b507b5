import type { NodeId } from '../graph/arena.ts'
import type { DbQueryAttrs, Resource } from '../graph/effects.ts'
import { callLabel, effects, isEffect } from '../graph/effects.ts'
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
      const { name, attrs: all } = node.op
      if (!isEffect(name) || place === undefined || !always(node.id)) return call
      const attrs = all as { readonly occurrence: number; readonly name?: string }
      if (!effects[name].traits(attrs as never).mergeable || !steady(name, attrs)) return call
      const key = `${keyOf(name, { ...attrs, occurrence: 0 })} ${name} ${args.join()}`
      const first = scope.find(key, place, effects[name].footprint(attrs as never).reads)
      if (first === undefined) {
        scope.add(key, { place, call, occurrence: attrs.occurrence })
        return call
      }
      merged.set(attrs.occurrence, first.occurrence)
      notes.push({
        occurrence: attrs.occurrence,
        text: `${callLabel(name, attrs as never)} asked again with the same arguments: occurrence ${attrs.occurrence} is answered by ${first.occurrence}`,
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
const steady = (name: string, attrs: object): boolean => {
  if (name !== 'dbQuery') return true
  const facts = sqlFacts((attrs as DbQueryAttrs).sql)
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
  readonly #patterns = new Map<string, Map<string, number>>()
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
        const whole = `${w.kind} ${w.of}`
        // Few patterns are told apart; a further one is taken for a write to every name.
        const patterns = this.#patterns.get(whole) ?? new Map<string, number>()
        this.#patterns.set(whole, patterns)
        if (isPattern(w.name)) patterns.set(patterns.size < mostPatterns ? w.name.slice(0, -1) : '', this.#upTo)
        for (const k of [`${whole} ${w.name}`, whole, w.kind]) this.#last.set(k, this.#upTo)
      }
    }
    const c = this.#calls.get(key)
    if (c === undefined || c.place >= place) return undefined
    const since = (k: string): boolean => (this.#last.get(k) ?? -1) > c.place
    const touched = reads.some((r) => {
      const whole = `${r.kind} ${r.of}`
      // A read of a pattern is taken for one of every name, and a file may lie under any root.
      if (isPattern(r.of)) return since(r.kind)
      if (since(`${r.kind} *`)) return true
      if (isPattern(r.name)) return since(whole)
      const patterns = [...(this.#patterns.get(whole) ?? [])]
      return since(`${whole} ${r.name}`) || patterns.some(([p, at]) => at > c.place && r.name.startsWith(p))
    })
    return touched ? undefined : c
  }
}
const mostPatterns = 32
const isPattern = (name: string): boolean => name.endsWith('*')
