import type { Arena, NodeId } from '../../graph/arena.ts'
import { decodeValue, encodeValue } from '../../graph/json-value.ts'
import { mustMake } from '../../graph/make.ts'
import type { OpName } from '../../graph/ops/index.ts'
import { declOf } from '../../graph/ops/index.ts'
import type { Value } from '../../graph/values.ts'
import { sameValue } from '../../graph/values.ts'
import { withParts } from '../../graph/walk.ts'
import type { SimplifyCertificate } from '../certificate.ts'
import { laws, orders } from '../laws/index.ts'
import type { Law, Term } from '../laws/term.ts'
import { sameOrder } from './order.ts'
import { replay } from './replay.ts'
import type { Make } from './rule.ts'
import { applyLaw, calmness } from './rule.ts'
import type { Checker } from './verdict.ts'
import { refuse } from './verdict.ts'

/**
 * Does every step again. Each is a listed law, allowed by its mode, whose left side describes the node it is applied to
 * and whose conditions hold; or a node of literals, computed here. These steps, no others, give the graph that came out.
 */
export const checkSimplify: Checker<SimplifyCertificate> = (before, after, claim) => {
  const { arena } = before
  const steps = new Map(claim.steps.map((s) => [s[0], s]))
  if (claim.steps.some((s) => s.length !== 3)) return refuse('certificate', 'a step is a visit, a law and an order')
  if (steps.size !== claim.steps.length) return refuse('certificate', 'two steps at one visit')
  const denied = claim.modes.find((m) => before.relaxed?.includes(m) !== true)
  if (denied !== undefined) return refuse('legality', `nobody allowed to relax by ${denied}`)
  const unknown = claim.steps.find(([, law]) => law !== 'constant' && !byName.has(law))
  if (unknown !== undefined) return refuse('certificate', `there is no law ${unknown[1]}`)
  const relaxed = new Set(claim.steps.map(([, law]) => byName.get(law)?.law.mode).filter((m) => m !== undefined))
  if (relaxed.size !== claim.modes.length || claim.modes.some((m) => !relaxed.has(m as 'reassociate')))
    return refuse('legality', 'the modes claimed are not those of the steps')
  const run = new Replay(arena, steps)
  const root = replay(arena, before.root, (node, args, bodies) => run.settle(withParts(arena, node, args, bodies)))
  if (run.wrong !== undefined) return refuse('legality', run.wrong)
  if (run.taken !== steps.size) return refuse('certificate', 'a step is at no visit')
  if (root !== after.root) return refuse('graph', 'these steps do not give this graph')
  return sameOrder(before, after)
}

const byName: ReadonlyMap<string, { readonly law: Law; readonly lefts: readonly Term[] }> = new Map(
  laws.map((law) => [law.name, { law, lefts: orders(law.left) }]),
)

type Step = SimplifyCertificate['steps'][number]
/** What is being made in the place of a node, and how far that has come. */
interface Open {
  readonly id: NodeId
  readonly makes: readonly Make[]
  readonly done: NodeId[]
}

class Replay {
  wrong: string | undefined
  taken = 0
  #visits = 0
  readonly #arena: Arena
  readonly #steps: ReadonlyMap<number, Step>
  readonly #final = new Map<NodeId, NodeId>()
  readonly #calm: (id: NodeId) => boolean
  constructor(arena: Arena, steps: ReadonlyMap<number, Step>) {
    this.#arena = arena
    this.#steps = steps
    this.#calm = calmness(arena)
  }

  /** What becomes of a node. Without recursion: rewriting can go as deep as the graph. */
  settle(top: NodeId): NodeId {
    const open: Open[] = []
    this.#look(top, open)
    while (open.length > 0) {
      const o = open.at(-1)!
      if (o.done.length === o.makes.length) {
        open.pop()
        this.#final.set(o.id, o.done.at(-1)!)
        open.at(-1)?.done.push(o.done.at(-1)!)
        continue
      }
      const made = o.makes[o.done.length]!(o.done)
      const depth = open.length
      this.#look(made, open)
      if (open.length === depth) o.done.push(this.#final.get(made)!)
    }
    return this.#final.get(top)!
  }
  /** Visits a node that was not visited before, and opens it where there is a step. */
  #look(id: NodeId, open: Open[]): void {
    if (this.#final.has(id)) return
    const step = this.#steps.get(this.#visits++)
    const makes = step === undefined ? undefined : this.#makes(id, step)
    if (makes === undefined) this.#final.set(id, id)
    else open.push({ id, makes, done: [] })
  }
  #makes(id: NodeId, [visit, name, order]: Step): readonly Make[] | undefined {
    this.taken++
    const where = `visit ${visit}, %${id} ${this.#arena.opOf(id).name}`
    if (name === 'constant') {
      const literal = order === 0 ? computed(this.#arena, id) : undefined
      if (literal === undefined) this.wrong ??= `${where}: it is not computed from literals`
      return literal === undefined ? undefined : [() => literal]
    }
    const { law, lefts } = byName.get(name)!
    if (lefts[order] === undefined) {
      this.wrong ??= `${where}: ${name} has no order ${order} of operands`
      return undefined
    }
    const applied = applyLaw(this.#arena, law, lefts[order], id, this.#calm)
    if ('makes' in applied) return applied.makes
    this.wrong ??= `${where}: ${name} does not apply: ${applied.wrong}`
    return undefined
  }
}

/** The literal that the op's own meaning says of its literal operands. */
const computed = (arena: Arena, id: NodeId): NodeId | undefined => {
  const { op, args, type } = arena.node(id)
  const { meaning } = declOf(op.name as OpName)
  const values: Value[] = []
  for (const a of args) {
    const { name, attrs } = arena.opOf(a)
    const v = name === 'const' ? decodeValue(arena.typeOf(a), (attrs as { value: unknown }).value) : undefined
    if (v?._tag !== 'Right') return undefined
    values.push(v.right)
  }
  if (meaning === undefined || args.length === 0) return undefined
  const types = args.map((a) => arena.typeOf(a))
  const value = meaning(op.attrs as never, values, types, type)
  const json = encodeValue(type, value)
  const back = decodeValue(type, json)
  return back._tag === 'Right' && sameValue(back.right, value)
    ? mustMake(arena, 'const', { type, value: json })
    : undefined
}
