import type { Numeric } from '../../graph/elem.ts'
import type { Emit, Scalar } from '../../graph/emit.ts'
import { numbers } from '../../graph/numbers.ts'
import type { PlainPrim } from '../../graph/prims.ts'
import { resultOf } from '../../graph/prims.ts'
import type { Buffer, Id, Inst } from './ir.ts'
import { uses } from './ir.ts'
import type { Ix, Product } from './ix.ts'
import { add, ixOf, mul, none } from './ix.ts'

/** Where a value comes from, as a function of the place in the domain: offset + Σ axis index · stride. */
export interface Affine {
  readonly offset: Ix
  readonly strides: readonly Product[]
}
type Plain = Extract<Inst, { i: 'const' | 'prim' | 'select' | 'convert' | 'bitcast' }>
export type Node =
  | Plain
  | (Affine & { readonly i: 'load'; readonly id: Id; readonly elem: Numeric; readonly from: Buffer })
  | (Affine & { readonly i: 'index'; readonly id: Id; readonly elem: 'i32' })
  | (Affine & {
      readonly i: 'fetch'
      readonly id: Id
      readonly elem: Numeric
      readonly from: Buffer
      readonly args: readonly [Id]
    })
type Bare<N> = N extends { readonly id: Id } ? Omit<N, 'id'> : never

/**
 * The values of a kernel, structurally hash-consed: equal expressions at equal places are computed once. As an
 * interpretation of `Emit` it takes the expansions of elementary functions; what is constant is computed here, by the
 * reference itself. Operands come before users.
 */
export class Ssa implements Emit<Id> {
  readonly nodes: Node[] = []
  readonly #known = new Map<string, Id>()

  #add(key: string, node: Bare<Node>): Id {
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const id = this.nodes.length
    this.nodes.push({ ...node, id } as Node)
    this.#known.set(key, id)
    return id
  }
  elemOf(id: Id): Numeric {
    return this.nodes[id]!.elem
  }

  constant(elem: Numeric, value: Scalar): Id {
    const v = numbers.constant(elem, value)
    return this.#add(`const ${elem} ${Object.is(v, -0) ? '-0' : String(v)}`, { i: 'const', elem, value: v })
  }
  prim(prim: PlainPrim, on: Numeric, ...args: readonly Id[]): Id {
    const elem = resultOf(prim, on)!
    return (
      this.#folded(elem, args, (xs) => numbers.prim(prim, on, ...xs)) ??
      this.#add(`${prim} ${on} ${args.join()}`, { i: 'prim', elem, prim, on, args })
    )
  }
  select(elem: Numeric, condition: Id, then: Id, otherwise: Id): Id {
    const args = [condition, then, otherwise] as const
    return (
      this.#folded(elem, args, ([c, a, b]) => numbers.select(elem, c!, a!, b!)) ??
      this.#add(`select ${args.join()}`, { i: 'select', elem, args })
    )
  }
  convert(from: Numeric, to: Numeric, x: Id): Id {
    return this.#cast('convert', from, to, x)
  }
  bitcast(from: Numeric, to: Numeric, x: Id): Id {
    return this.#cast('bitcast', from, to, x)
  }
  #cast(i: 'convert' | 'bitcast', on: Numeric, elem: Numeric, x: Id): Id {
    if (on === elem) return x
    return (
      this.#folded(elem, [x], ([v]) => numbers[i](on, elem, v!)) ??
      this.#add(`${i} ${elem} ${x}`, { i, elem, on, args: [x] })
    )
  }
  load(elem: Numeric, from: Buffer, at: Affine): Id {
    return this.#add(`load ${from} ${JSON.stringify([at.offset, at.strides])}`, { i: 'load', elem, from, ...at })
  }
  /** Cell `index`, an i32 value, of a buffer of one axis. */
  fetch(elem: Numeric, from: Buffer, index: Id, rank: number): Id {
    const strides = new Array<Product>(rank).fill(none)
    return this.#add(`fetch ${from} ${index}`, { i: 'fetch', elem, from, args: [index], offset: 0, strides })
  }
  index(at: Affine): Id {
    return this.#add(`index ${JSON.stringify([at.offset, at.strides])}`, { i: 'index', elem: 'i32', ...at })
  }

  #folded(elem: Numeric, args: readonly Id[], f: (xs: readonly Scalar[]) => Scalar): Id | undefined {
    const xs: Scalar[] = []
    for (const a of args) {
      const n = this.nodes[a]!
      if (n.i !== 'const') return undefined
      xs.push(n.value)
    }
    return this.constant(elem, f(xs))
  }
}

/** Where in the domain the loops stand: an index for each axis, and the axis along which lanes run (-1: none). */
export interface Place {
  readonly axes: readonly Ix[]
  readonly lane: number
}

const placed = (n: Affine, p: Place): { at: Ix; step: Ix } => ({
  at: n.strides.reduce<Ix>((x, s, k) => add(x, mul(ixOf(s), p.axes[k]!)), n.offset),
  step: p.lane < 0 ? 0 : ixOf(n.strides[p.lane]!),
})

/** The instructions that compute `roots` at a place, split into those all lanes share and those each lane needs. */
export const instructions = (ssa: Ssa, roots: readonly Id[], p: Place): { before: Inst[]; body: Inst[] } => {
  const needed = new Uint8Array(ssa.nodes.length)
  for (const r of roots) needed[r] = 1
  for (let id = ssa.nodes.length - 1; id >= 0; id--) {
    const n = ssa.nodes[id]!
    if (needed[id] === 1 && 'args' in n) for (const a of n.args) needed[a] = 1
  }
  const before: Inst[] = []
  const body: Inst[] = []
  const varies = new Uint8Array(ssa.nodes.length)
  for (const n of ssa.nodes) {
    if (needed[n.id] !== 1) continue
    const inst: Inst =
      n.i === 'load'
        ? { i: 'load', id: n.id, elem: n.elem, from: n.from, ...placed(n, p) }
        : n.i === 'index'
          ? { i: 'index', id: n.id, elem: 'i32', ...placed(n, p) }
          : n.i === 'fetch'
            ? { i: 'fetch', id: n.id, elem: n.elem, from: n.from, index: n.args[0], scale: 1, ...placed(n, p) }
            : n
    const each = ('step' in inst && inst.step !== 0) || uses(inst).some((a) => varies[a] === 1)
    varies[n.id] = each ? 1 : 0
    ;(each ? body : before).push(inst)
  }
  return { before, body }
}
