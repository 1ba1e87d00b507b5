import { questionOf } from '../../graph/effects.ts'
import { canonical } from '../../graph/make.ts'
import type { Block, Step } from './types.ts'

type Occurrences = ReadonlySet<number>
const none: Occurrences = new Set()
const union = (sets: readonly Occurrences[]): Occurrences => new Set(sets.flatMap((s) => [...s]))

/**
 * The round in which each query of a scout is asked. Nobody waits longer for the last answer than with every query
 * asked as early as it can be; within that, calls of one query that stand at different depths meet in one round.
 */
export const levelsOf = (blocks: readonly Block[], scout: number): ReadonlyMap<number, number> => {
  const { needs, query } = dependences(blocks, scout)
  const order = [...needs.keys()]
  /** As early as can be, none before the round it was moved to. */
  const early = (moved: ReadonlyMap<number, number>): Map<number, number> => {
    const at = new Map<number, number>()
    const level = (o: number): number => {
      const known = at.get(o)
      if (known !== undefined) return known
      const l = Math.max(moved.get(o) ?? 0, ...[...needs.get(o)!].map((d) => level(d) + 1))
      at.set(o, l)
      return l
    }
    for (const o of order) level(o)
    return at
  }
  let moved: ReadonlyMap<number, number> = new Map()
  let levels = early(moved)
  const rounds = Math.max(0, ...levels.values())
  // Moving is worth a try, not a search: bodies of a thousand queries keep the first plan.
  for (const key of order.length > 1000 ? [] : new Set(query.values())) {
    const same = order.filter((o) => query.get(o) === key)
    const latest = Math.max(...same.map((o) => levels.get(o)!))
    for (const o of same) {
      const tried = new Map(moved).set(o, latest)
      const then = early(tried)
      if (Math.max(...then.values()) > rounds) continue
      moved = tried
      levels = then
    }
  }
  return levels
}

/** For each query of a scout, those whose answers it waits for, and a text that equal queries share. */
const dependences = (
  blocks: readonly Block[],
  scout: number,
): { readonly needs: ReadonlyMap<number, Occurrences>; readonly query: ReadonlyMap<number, string> } => {
  const needs = new Map<number, Occurrences>()
  const query = new Map<number, string>()
  const memo = new Map<string, Occurrences>()
  const text = (s: Occurrences): string => [...s].sort((a, b) => a - b).join()
  /** What the result of a block waits for; `base`: what it waits for before it begins. */
  const enter = (index: number, params: readonly Occurrences[], base: Occurrences): Occurrences => {
    const key = `${index} ${text(base)} ${params.map(text).join('|')}`
    const found = memo.get(key) ?? walk(blocks[index]!, params, base)
    memo.set(key, found)
    return found
  }
  const walk = (b: Block, params: readonly Occurrences[], base: Occurrences): Occurrences => {
    const values: Occurrences[] = []
    const of = (o: Step['args'][number]): Occurrences =>
      o.at === 'step' ? values[o.index]! : o.at === 'param' ? params[o.index]! : none
    for (const s of b.steps) {
      const args = s.args.map(of)
      if (s.kind === 'effect') {
        const { occurrence } = s.attrs as { occurrence: number }
        needs.set(occurrence, union([needs.get(occurrence) ?? none, base, ...args]))
        query.set(occurrence, canonical({ ...questionOf(s.attrs as object), op: s.op }))
        values.push(new Set([occurrence]))
      } else if (s.blocks.length > 0) {
        const first = s.kind === 'fork' || s.kind === 'attempt' ? none : args[0]!
        const given = s.kind === 'cond' ? args.slice(1) : args
        const inside = s.blocks.map((x) => enter(x, given, union([base, first])))
        values.push(union([first, ...inside]))
      } else values.push(union(args))
    }
    return of(b.result)
  }
  enter(
    scout,
    blocks[scout]!.params.map(() => none),
    none,
  )
  return { needs, query }
}
