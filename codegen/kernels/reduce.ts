import type { Numeric } from '../../graph/elem.ts'
import { block, reductions, stripesOf } from '../../graph/reduction.ts'
import type { Scratch } from '../../runtime/kernels.ts'
import type { Buffer, Step, Stmt } from './ir.ts'
import type { Ix, Product } from './ix.ts'
import { add, ceilDiv, div, ixOf, min, mul, product, rem, sub } from './ix.ts'
import type { Names } from './nest.ts'
import { lanesAt, loops, sharedAxis } from './nest.ts'
import type { Plan } from './plan.ts'
import { fitness } from './plan.ts'
import type { Folding } from './stripes.ts'
import { mostSpans, Reducing, test } from './stripes.ts'

/** Columns reduced side by side when lanes run along a kept axis. */
const tile = 64
/** A stack of blocks combined so far: 2^31 cells are 2^19 blocks. */
const levels = 21

/** Cells of a reduction from which on spans of blocks are kept apart, so that threads can divide them. */
const worthSpans = 16 * block

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
  const buffer = (elem: Numeric, length: number, shared?: true): Buffer =>
    `tmp${scratch.push({ elem, length, ...(shared === undefined ? {} : { shared }) }) - 1}`
  const cells = product(...p.reduced.map((k) => p.sizes[k]!))
  const spans = p.kept.length === 0 && (cells.of.length > 0 || cells.times > worthSpans)
  const foldings = p.outputs.flatMap((output, k): Folding[] => {
    if (output.how === undefined) return []
    const stripes = stripesOf(output.elem)
    const width = across ? tile : 1
    return [
      {
        output,
        k,
        prim: reductions[output.how].prim,
        stripes,
        acc: buffer(output.elem, stripes * width),
        stack: buffer(output.elem, levels * width),
        ...(spans ? { ofSpans: buffer(output.elem, mostSpans, true) } : {}),
      },
    ]
  })
  const outer = p.kept.filter((k) => k !== along)
  const shared = sharedAxis(p, outer)
  const reduceAt = across
    ? new Across(p, names, foldings, along, shared === undefined)
    : new Along(p, names, foldings, along, spans)
  return { scratch, body: loops(p, outer, names, (at) => reduceAt.all(at), shared) }
}

const pick = (p: Plan, r: number, k: number): number => {
  const [a, b] = [fitness(p, r), fitness(p, k)]
  return a === b ? (r > k ? r : k) : a > b ? r : k
}
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
  all(at: readonly Ix[]): readonly Stmt[] {
    return this.shared ? this.spans(at) : this.columns(at, 1)
  }
  protected cells(at: readonly Ix[], _: Ix, first: Ix, count: Ix): readonly Stmt[] {
    if (this.p.reduced.length === 1)
      return [
        this.run(
          at.map((x, k) => (k === this.along ? first : x)),
          0,
          count,
        ),
      ]
    // Several axes: runs along the last one, each beginning at the stripe where the one before ended.
    const [r, end, length] = [this.names.fresh(), this.names.fresh(), this.names.fresh()]
    const { axes, last } = unravelled(this.p, at, r)
    return [
      { s: 'set', name: r, to: first },
      { s: 'set', name: end, to: add(first, count) },
      {
        s: 'while',
        test: test(r, '<', end),
        body: [
          { s: 'set', name: length, to: min(sub(ixOf(this.p.sizes[this.along]!), last), sub(end, r)) },
          this.run(axes, r, length),
          { s: 'set', name: r, to: add(r, length) },
        ],
      },
    ]
  }
  private run(axes: readonly Ix[], phase: Ix, count: Ix): Stmt {
    const place = { axes, lane: this.along }
    return lanesAt(
      this.p,
      place,
      count,
      this.roots(),
      [
        ...this.stores(place),
        ...this.foldings.map(
          (f): Step => ({
            i: 'fold',
            elem: f.output.elem,
            prim: f.prim,
            into: f.acc,
            stripes: f.stripes,
            phase,
            value: f.output.value,
          }),
        ),
      ],
      phase,
    )
  }
}

class Across extends Reducing {
  all(at: readonly Ix[]): readonly Stmt[] {
    const [t, from, width] = [this.names.fresh(), this.names.fresh(), this.names.fresh()]
    const size = ixOf(this.p.sizes[this.along]!)
    return [
      {
        s: 'for',
        name: t,
        count: ceilDiv(size, tile),
        shared: this.shared,
        body: [
          { s: 'set', name: from, to: mul(t, tile) },
          { s: 'set', name: width, to: min(tile, sub(size, from)) },
          ...this.columns(
            at.map((x, k) => (k === this.along ? from : x)),
            width,
          ),
        ],
      },
    ]
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
    return [
      {
        s: 'for',
        name: r,
        count,
        body: [lanesAt(this.p, place, width, this.roots(), [...this.stores(place), ...folds])],
      },
    ]
  }
}
