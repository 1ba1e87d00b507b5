import type { Arena, NodeId } from '../../graph/arena.ts'
import { sameType } from '../../graph/types.ts'
import { conditions } from '../laws/conditions.ts'
import type { Law, Mode, Term } from '../laws/index.ts'
import { orders } from '../laws/index.ts'
import { cellOf } from '../laws/value.ts'
import type { Tell } from '../pass.ts'
import type { Item } from './build.ts'
import { boundOf, instanceOf, recipeOf, tried } from './build.ts'
import { calmNodes } from './calm.ts'
import { foldable } from './constants.ts'
import type { Binding } from './match.ts'
import { literalsOf, matchTerm, works } from './match.ts'

/** One rewrite: which visit of the replay it happens at, by which law, with the operands in which order. */
export type Step = readonly [visit: number, law: string, order: number]

interface Entry {
  readonly law: Law
  readonly left: Term
  readonly order: number
  /** Ops the operands must have, where the left side says so. */
  readonly under: readonly (string | undefined)[]
}
interface Frame {
  readonly id: NodeId
  readonly law: string
  readonly items: readonly Item[]
  readonly made: NodeId[]
}

/** Rewrites nodes until no law applies, one at a time, operands first. Remembers every node it has seen. */
export class Settler {
  readonly #arena: Arena
  readonly #modes: ReadonlySet<Mode>
  readonly #settled = new Map<NodeId, NodeId>()
  readonly #literal
  readonly #calm
  protected readonly constant
  readonly #byOp: Map<string, readonly Entry[]>
  readonly #laws: readonly Law[]
  readonly steps: Step[] = []
  #visits = 0
  #left: number
  readonly #tell: Tell | undefined

  readonly #calmOnly: boolean
  /** Whether a law was used where something below can fail, read or write. */
  loud = false

  constructor(
    arena: Arena,
    top: NodeId,
    laws: readonly Law[],
    modes: readonly Mode[],
    budget: number,
    { tell, calmOnly = false }: { readonly tell?: Tell | undefined; readonly calmOnly?: boolean } = {},
  ) {
    this.#arena = arena
    const known = entriesOf(laws, modes)
    this.#laws = known.laws
    this.#byOp = known.byOp
    this.#modes = new Set(modes)
    this.#literal = literalsOf(arena)
    this.#calm = calmNodes(arena, top)
    this.constant = foldable(arena)
    this.#left = budget
    this.#tell = tell
    this.#calmOnly = calmOnly
  }
  get modes(): readonly Mode[] {
    const used = new Set(this.steps.map(([, name]) => name))
    return [...this.#modes].filter((m) => this.#laws.some((l) => l.mode === m && used.has(l.name))).sort()
  }

  settle(top: NodeId): NodeId {
    const known = this.#settled.get(top)
    if (known !== undefined) return known
    const stack: Frame[] = []
    let next: NodeId | undefined = top
    for (;;) {
      // Either a node is looked at, or the recipe on top of the stack goes on.
      let result: NodeId | undefined
      if (next !== undefined) {
        result = this.#settled.get(next)
        if (result === undefined) {
          const visit = this.#visits++
          const items = this.apply(next, visit)
          if (items === undefined) {
            this.#settled.set(next, next)
            result = next
          } else stack.push({ id: next, law: this.steps.at(-1)?.[1] ?? '', items, made: [] })
        }
        next = undefined
      }
      const frame = stack.at(-1)
      if (frame === undefined) return result!
      if (result !== undefined) frame.made.push(result)
      if (frame.made.length < frame.items.length) {
        next = frame.items[frame.made.length]!(frame.made)
        continue
      }
      stack.pop()
      for (const part of frame.made) this.#tell?.(part, frame.id, frame.law)
      const made = frame.made.at(-1)!
      this.#settled.set(frame.id, made)
      if (stack.length === 0) return made
      stack.at(-1)!.made.push(made)
    }
  }

  /** The recipe of the first law that fits, told as a step. */
  protected apply(id: NodeId, visit: number): readonly Item[] | undefined {
    if (this.#left <= 0) return undefined
    const folded = this.constant(id)
    if (folded !== undefined) {
      this.steps.push([visit, 'constant', 0])
      return [() => folded]
    }
    const { name } = this.#arena.opOf(id)
    const args = this.#arena.argsOf(id)
    for (const e of this.#entries(name)) {
      if (e.under.some((want, i) => want !== undefined && !this.#is(args[i], want))) continue
      const items = this.try(e.law, e.left, id)
      if (items === undefined) continue
      this.loud ||= !this.#calm(id)
      this.steps.push([visit, e.law.name, e.order])
      this.#left--
      return items
    }
    return undefined
  }
  #is(id: NodeId | undefined, want: string): boolean {
    return id !== undefined && this.#arena.opOf(id).name === want
  }
  try(law: Law, left: Term, id: NodeId): readonly Item[] | undefined {
    const b = matchTerm(this.#arena, this.#literal, left, id)
    if (b === undefined || !fits(this.#arena, law, id, b)) return undefined
    const recipe = recipeOf(this.#arena, id, b, law.right)
    if (recipe === undefined) return undefined
    const made = tried(() => {
      const done: NodeId[] = []
      for (const item of recipe.items) done.push(item(done))
      return done.at(-1)
    })
    if (made === undefined || made === id || !sameType(this.#arena.typeOf(made), this.#arena.typeOf(id)))
      return undefined
    const calmOnly = this.#calmOnly || law.calmOnly === true || law.right.tag === 'inline'
    if (calmOnly && !this.#calm(id)) return undefined
    const loud = (ids: readonly NodeId[]): string => [...new Set(ids.filter((n) => !this.#calm(n)))].join()
    // What can fail, read or write stays, and in its order.
    return this.#calm(id) || (loud(b.met) === loud(recipe.met) && this.#quietInside(law, left, id))
      ? recipe.items
      : undefined
  }
  /** Bodies of matched ops that the right side does not have are calm themselves. */
  #quietInside(law: Law, left: Term, id: NodeId): boolean {
    const inner = (t: Term, n: NodeId): boolean =>
      t.tag !== 'op' ||
      (this.#arena.regionsOf(n).every((r) => this.#calm(r.root)) &&
        t.args.every((a, i) => a.tag === 'rest' || inner(a, this.#arena.argsOf(n)[i]!)))
    return law.right.tag === 'inline' || inner(left, id)
  }
  #entries(name: string): readonly Entry[] {
    const known = this.#byOp.get(name)
    if (known !== undefined) return known
    const found = this.#laws.flatMap((law) =>
      ordersOf(law).flatMap((left, order) => {
        const root = left.tag === 'op' ? left.op === name : left.tag === 'each' && works(name)
        const args = left.tag === 'op' || left.tag === 'each' ? left.args : []
        return root ? [{ law, left, order, under: args.map((a) => (a.tag === 'op' ? a.op : undefined)) }] : []
      }),
    )
    this.#byOp.set(name, found)
    return found
  }
}

/** What laws of a table apply to an op, by op; kept for the table, because each graph would ask the same again. */
interface Entries {
  readonly laws: readonly Law[]
  readonly byOp: Map<string, readonly Entry[]>
}
const tables = new WeakMap<readonly Law[], Map<string, Entries>>()
const entriesOf = (table: readonly Law[], modes: readonly Mode[]): Entries => {
  const ofTable = tables.get(table) ?? new Map<string, Entries>()
  tables.set(table, ofTable)
  const key = [...modes].sort().join()
  const known = ofTable.get(key)
  if (known !== undefined) return known
  const made = { laws: table.filter((l) => l.mode === undefined || modes.includes(l.mode)), byOp: new Map() }
  ofTable.set(key, made)
  return made
}
/** The laws never change, and writing out their orders takes longer than simplifying a small graph. */
const written = new WeakMap<Law, readonly Term[]>()
const ordersOf = (law: Law): readonly Term[] => {
  const known = written.get(law)
  if (known !== undefined) return known
  const all = orders(law.left)
  written.set(law, all)
  return all
}

/** Elements, literals and further conditions of a law. */
const fits = (arena: Arena, law: Law, id: NodeId, b: Binding): boolean => {
  const at = instanceOf(b)
  if (!law.at.some((i) => Object.entries(i).every(([k, e]) => at[k as 'E'] === e))) return false
  if (law.when !== undefined && cellOf(law.when, at, (n) => b.literals.get(n))?.value !== true) return false
  if (law.where === undefined) return true
  const bound = boundOf(arena, id, b)
  return tried(() => law.where!.every((c) => conditions[c]!(bound))) === true
}
