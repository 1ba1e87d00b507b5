import type { Numeric } from '../../graph/elem.ts'
import type { PlainPrim } from '../../graph/prims.ts'
import { block, reductions, stripesOf } from '../../graph/reduction.ts'
import type { Buffer, Id, Inst, Lanes, Stmt, Step, Test } from './ir.ts'
import type { Ix, Product } from './ix.ts'
import { add, ceilDiv, div, ixOf, min, mul, product, rem, sub } from './ix.ts'
import type { Names } from './nest.ts'
import { lanesAt, loops, outputAt, storeAt } from './nest.ts'
import type { Output, Plan } from './plan.ts'
import { fitness } from './plan.ts'

/** Columns reduced side by side when lanes run along a kept axis. */
const tile = 64
/** A stack of blocks combined so far: 2^31 cells are 2^19 blocks. */
const levels = 21

interface Folding {
  readonly output: Output
  readonly k: number
  readonly prim: PlainPrim
  readonly stripes: number
  /** Stripes of the running block, and the stack of finished ones. */
  readonly acc: Buffer
  readonly stack: Buffer
}
export interface Scratch { readonly elem: Numeric; readonly length: number }

/**
 * Reductions in the order of `graph/reduction.ts`. The tree over blocks grows like a binary counter: each finished block
 * goes onto a stack, and as often as the number of blocks so far is even the two topmost are combined; what is left at
 * the end is combined from the top. That is the balanced tree that splits after the greatest power of two.
 *
 * Lanes run either along the last reduced axis, one stripe after another, or along the last kept axis, when that is the
 * one whose cells lie side by side; then `width` columns are reduced at a time and stripe s of column j is cell s·width + j.
 */
export const reduceNest = (p: Plan, names: Names): { body: readonly Stmt[]; scratch: readonly Scratch[] } => {
  const [lastR, lastK] = [p.reduced.at(-1)!, p.kept.at(-1)]
  const along = lastK === undefined ? lastR : pick(p, lastR, lastK)
  const across = along === lastK
  const scratch: Scratch[] = []
  const buffer = (elem: Numeric, length: number): Buffer => `tmp${scratch.push({ elem, length }) - 1}`
  const foldings = p.outputs.flatMap((output, k): Folding[] => {
    if (output.how === undefined) return []
    const stripes = stripesOf(output.elem)
    const width = across ? tile : 1
    return [{
      output, k, prim: reductions[output.how].prim, stripes,
      acc: buffer(output.elem, stripes * width), stack: buffer(output.elem, levels * width),
    }]
  })
  const reduceAt = across ? new Across(p, names, foldings, along) : new Along(p, names, foldings, along)
  return { scratch, body: loops(p, p.kept.filter((k) => k !== along), names, (at) => reduceAt.all(at)) }
}

const pick = (p: Plan, r: number, k: number): number => {
  const [a, b] = [fitness(p, r), fitness(p, k)]
  return a === b ? (r > k ? r : k) : a > b ? r : k
}
const lanes = (count: Ix, body: readonly Step[], before: readonly Inst[] = []): Lanes => ({ s: 'lanes', count, before, body, aligned: true })
const test = (a: Ix, is: Test['is'], b: Ix): Test => ({ a, is, b })

abstract class Reducing {
  readonly p: Plan
  readonly names: Names
  readonly foldings: readonly Folding[]
  readonly along: number
  constructor(p: Plan, names: Names, foldings: readonly Folding[], along: number) {
    this.p = p
    this.names = names
    this.foldings = foldings
    this.along = along
  }
  abstract all(at: readonly Ix[]): readonly Stmt[]
  /** The cells of one block, `count` of them from `first` in the order of the reduction. */
  protected abstract cells(at: readonly Ix[], width: Ix, first: Ix, count: Ix): readonly Stmt[]

  protected stores(place: { axes: readonly Ix[]; lane: number }): Step[] {
    return this.p.outputs.flatMap((o, k) => (o.how === undefined ? [storeAt(o, k, place)] : []))
  }
  protected get size(): Ix { return ixOf(product(...this.p.reduced.map((k) => this.p.sizes[k]!))) }
  protected roots(): Id[] { return this.p.outputs.map((o) => o.value) }

  /** Reduces `width` columns and stores them; lane j of a result goes where `at` and the lanes' axis say. */
  protected columns(at: readonly Ix[], width: Ix): readonly Stmt[] {
    const [b, top, blocks] = [this.names.fresh(), this.names.fresh(), ceilDiv(this.size, block)]
    const first = mul(b, block)
    return [
      { s: 'set', name: top, to: 0 },
      {
        s: 'for', name: b, count: blocks,
        body: [
          ...this.fill(width), ...this.cells(at, width, first, min(block, sub(this.size, first))), ...this.tree(width),
          lanes(width, this.foldings.flatMap((f, i) => move(f, i, f.acc, 0, f.stack, mul(top, width)))),
          { s: 'set', name: top, to: add(top, 1) },
          ...this.carry(width, b, top),
        ],
      },
      { s: 'while', test: test(top, '>', 1), body: this.combine(width, top) },
      this.finish(at, width, blocks),
    ]
  }
  private fill(width: Ix): readonly Stmt[] {
    return groups(this.foldings).map(([stripes, fs]) => lanes(
      mul(stripes, width), fs.map((f, i): Step => ({ i: 'store', elem: f.output.elem, to: f.acc, at: 0, step: 1, value: i })), fs.map(unit)))
  }
  private tree(width: Ix): readonly Stmt[] {
    return groups(this.foldings).flatMap(([stripes, fs]) => {
      const halves: Stmt[] = []
      for (let half = stripes / 2; half >= 1; half /= 2) {
        halves.push(lanes(mul(half, width), fs.flatMap((f, i) => join(f, i, f.acc, 0, mul(half, width)))))
      }
      return halves
    })
  }
  private carry(width: Ix, b: string, top: string): readonly Stmt[] {
    const n = this.names.fresh()
    return [
      { s: 'set', name: n, to: add(b, 1) },
      {
        s: 'while', test: test(rem(n, 2), '==', 0),
        body: [...this.combine(width, top), { s: 'set', name: n, to: div(n, 2) }],
      },
    ]
  }
  private combine(width: Ix, top: string): readonly Stmt[] {
    return [
      { s: 'set', name: top, to: sub(top, 1) },
      lanes(width, this.foldings.flatMap((f, i) => join(f, i, f.stack, mul(sub(top, 1), width), mul(top, width)))),
    ]
  }
  private finish(at: readonly Ix[], width: Ix, blocks: Ix): Stmt {
    const place = { axes: at, lane: this.along }
    const out = (f: Folding): { at: Ix; step: Ix } => outputAt(f.output, place)
    return {
      s: 'if', test: test(blocks, '==', 0),
      // No cell: the identity.
      then: [lanes(width, this.foldings.map((f, i): Step => ({ i: 'store', elem: f.output.elem, to: `out${f.k}`, ...out(f), value: i })), this.foldings.map(unit))],
      else: [lanes(width, this.foldings.flatMap((f, i): Step[] => [
        { i: 'load', id: i, elem: f.output.elem, from: f.stack, at: 0, step: 1 },
        { i: 'store', elem: f.output.elem, to: `out${f.k}`, ...out(f), value: i },
      ]))],
    }
  }
}

const unit = (f: Folding, id: Id): Inst => ({ i: 'const', id, elem: f.output.elem, value: reductions[f.output.how!].identity(f.output.elem) })
const move = (f: Folding, i: number, from: Buffer, at: Ix, to: Buffer, target: Ix): Step[] => [
  { i: 'load', id: i, elem: f.output.elem, from, at, step: 1 },
  { i: 'store', elem: f.output.elem, to, at: target, step: 1, value: i },
]
/** b[x + lane] = f(b[x + lane], b[y + lane]) */
const join = (f: Folding, i: number, b: Buffer, x: Ix, y: Ix): Step[] => {
  const { elem } = f.output
  return [
    { i: 'load', id: 3 * i, elem, from: b, at: x, step: 1 },
    { i: 'load', id: 3 * i + 1, elem, from: b, at: y, step: 1 },
    { i: 'prim', id: 3 * i + 2, elem, prim: f.prim, on: elem, args: [3 * i, 3 * i + 1] },
    { i: 'store', elem, to: b, at: x, step: 1, value: 3 * i + 2 },
  ]
}
const groups = (fs: readonly Folding[]): readonly (readonly [number, readonly Folding[]])[] =>
  [16, 32].flatMap((s) => {
    const of = fs.filter((f) => f.stripes === s)
    return of.length === 0 ? [] : [[s, of] as const]
  })

/** Index along each reduced axis of cell `r` of the reduction, the last axis apart from the others. */
const unravelled = (p: Plan, at: readonly Ix[], r: Ix): { axes: Ix[]; last: Ix } => {
  const axes = [...at]
  let rest = r
  let last: Ix = 0
  for (let i = p.reduced.length - 1; i >= 0; i--) {
    const k = p.reduced[i]!
    const size = ixOf(p.sizes[k] as Product)
    const index = i === 0 ? rest : rem(rest, size)
    if (i === p.reduced.length - 1) last = index
    axes[k] = index
    rest = i === 0 ? 0 : div(rest, size)
  }
  return { axes, last }
}

class Along extends Reducing {
  all(at: readonly Ix[]): readonly Stmt[] { return this.columns(at, 1) }
  protected cells(at: readonly Ix[], _: Ix, first: Ix, count: Ix): readonly Stmt[] {
    if (this.p.reduced.length === 1) return [this.run(at.map((x, k) => (k === this.along ? first : x)), first, count, true)]
    // Several axes: runs along the last one, each beginning at the stripe where the one before ended.
    const [r, end, length] = [this.names.fresh(), this.names.fresh(), this.names.fresh()]
    const { axes, last } = unravelled(this.p, at, r)
    return [
      { s: 'set', name: r, to: first },
      { s: 'set', name: end, to: add(first, count) },
      {
        s: 'while', test: test(r, '<', end),
        body: [
          { s: 'set', name: length, to: min(sub(ixOf(this.p.sizes[this.along]!), last), sub(end, r)) },
          this.run(axes, r, length, false),
          { s: 'set', name: r, to: add(r, length) },
        ],
      },
    ]
  }
  private run(axes: readonly Ix[], phase: Ix, count: Ix, aligned: boolean): Stmt {
    const place = { axes, lane: this.along }
    return lanesAt(this.p, place, count, this.roots(), [
      ...this.stores(place),
      ...this.foldings.map((f): Step => ({
        i: 'fold', elem: f.output.elem, prim: f.prim, into: f.acc, stripes: f.stripes,
        phase: aligned ? 0 : phase, value: f.output.value,
      })),
    ], aligned)
  }
}

class Across extends Reducing {
  all(at: readonly Ix[]): readonly Stmt[] {
    const [t, from, width] = [this.names.fresh(), this.names.fresh(), this.names.fresh()]
    const size = ixOf(this.p.sizes[this.along]!)
    return [{
      s: 'for', name: t, count: ceilDiv(size, tile),
      body: [
        { s: 'set', name: from, to: mul(t, tile) },
        { s: 'set', name: width, to: min(tile, sub(size, from)) },
        ...this.columns(at.map((x, k) => (k === this.along ? from : x)), width),
      ],
    }]
  }
  protected cells(at: readonly Ix[], width: Ix, first: Ix, count: Ix): readonly Stmt[] {
    const r = this.names.fresh()
    const place = { axes: unravelled(this.p, at, add(first, r)).axes, lane: this.along }
    const top = this.p.ssa.nodes.length
    const folds = this.foldings.flatMap((f, i): Step[] => {
      const { elem, value } = f.output
      const cell = { at: mul(rem(r, f.stripes), width), step: 1 }
      return [
        { i: 'load', id: top + 2 * i, elem, from: f.acc, ...cell },
        { i: 'prim', id: top + 2 * i + 1, elem, prim: f.prim, on: elem, args: [top + 2 * i, value] },
        { i: 'store', elem, to: f.acc, ...cell, value: top + 2 * i + 1 },
      ]
    })
    return [{ s: 'for', name: r, count, body: [lanesAt(this.p, place, width, this.roots(), [...this.stores(place), ...folds])] }]
  }
}
