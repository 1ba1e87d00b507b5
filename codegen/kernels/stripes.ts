import type { PlainPrim } from '../../graph/prims.ts'
import { block, reductions } from '../../graph/reduction.ts'
import type { Buffer, Id, Inst, Lanes, Step, Stmt, Test } from './ir.ts'
import type { Ix } from './ix.ts'
import { add, ceilDiv, div, ixOf, min, mul, product, rem, sub } from './ix.ts'
import type { Names } from './nest.ts'
import { ifZero, outputAt, storeAt } from './nest.ts'
import type { Output, Plan } from './plan.ts'

/** One reduction of a kernel, and the scratch it works in. */
export interface Folding {
  readonly output: Output
  readonly k: number
  readonly prim: PlainPrim
  readonly stripes: number
  /** Stripes of the running block, and the stack of finished ones. */
  readonly acc: Buffer
  readonly stack: Buffer
  /** What the spans have come to, where there are spans. */
  readonly ofSpans?: Buffer
}
/** Most spans of blocks that one reduction is cut into, a multiple of what threads take at once. */
export const mostSpans = 256
const lanes = (count: Ix, body: readonly Step[], before: readonly Inst[] = []): Lanes => ({
  s: 'lanes',
  count,
  before,
  body,
  phase: 0,
})
export const test = (a: Ix, is: Test['is'], b: Ix): Test => ({ a, is, b })

/** Blocks of stripes, and the tree over blocks; how the cells of a block are reached is left to `reduce.ts`. */
export abstract class Reducing {
  readonly p: Plan
  readonly names: Names
  readonly foldings: readonly Folding[]
  readonly along: number
  /** Whether threads may divide the loops made here. */
  readonly shared: boolean
  constructor(p: Plan, names: Names, foldings: readonly Folding[], along: number, shared: boolean) {
    this.p = p
    this.names = names
    this.foldings = foldings
    this.along = along
    this.shared = shared
  }
  abstract all(at: readonly Ix[]): readonly Stmt[]
  /** The cells of one block, `count` of them from `first` in the order of the reduction. */
  protected abstract cells(at: readonly Ix[], width: Ix, first: Ix, count: Ix): readonly Stmt[]

  protected stores(place: { axes: readonly Ix[]; lane: number }): Step[] {
    return this.p.outputs.flatMap((o, k) => (o.how === undefined ? [storeAt(o, k, place)] : []))
  }
  protected get size(): Ix {
    return ixOf(product(...this.p.reduced.map((k) => this.p.sizes[k]!)))
  }
  protected roots(): Id[] {
    return this.p.outputs.map((o) => o.value)
  }

  /** Reduces `width` columns and stores them; lane j of a result goes where `at` and the lanes' axis say. */
  protected columns(at: readonly Ix[], width: Ix): readonly Stmt[] {
    const blocks = ceilDiv(this.size, block)
    return [...this.blocks(at, width, 0, blocks), ...this.finish(at, width, blocks)]
  }
  /**
   * The same for one column in spans of blocks, each of which threads may take: a span is a power of two of blocks, so
   * what it comes to is one value of the tree, and the tree over spans is the rest of it.
   */
  protected spans(at: readonly Ix[]): readonly Stmt[] {
    const [c, from] = [this.names.fresh(), this.names.fresh()]
    const blocks = ceilDiv(this.size, block)
    const { span, count, set } = this.cut(blocks)
    return [
      ...set,
      {
        s: 'for',
        name: c,
        count,
        shared: true,
        body: [
          { s: 'set', name: from, to: mul(c, span) },
          ...this.blocks(at, 1, from, min(span, sub(blocks, from))),
          lanes(
            1,
            this.foldings.flatMap((f, i) => move(f, i, f.stack, 0, f.ofSpans!, c)),
          ),
        ],
      },
      { s: 'if', test: test(0, '==', 0), yes: this.joinSpans(at, blocks), no: [], after: true },
    ]
  }
  private joinSpans(at: readonly Ix[], blocks: Ix): readonly Stmt[] {
    const { count, set } = this.cut(blocks)
    return [
      ...set,
      ...this.grown(1, count, (c, top) => [
        lanes(
          1,
          this.foldings.flatMap((f, i) => move(f, i, f.ofSpans!, c, f.stack, top)),
        ),
      ]),
      ...this.finish(at, 1, blocks),
    ]
  }
  /** The least power of two that leaves few enough spans. */
  private cut(blocks: Ix): { readonly span: Ix; readonly count: Ix; readonly set: readonly Stmt[] } {
    if (typeof blocks === 'number') {
      const span = 2 ** Math.max(0, Math.ceil(Math.log2(blocks / mostSpans)))
      return { span, count: ceilDiv(blocks, span), set: [] }
    }
    const span = this.names.fresh()
    const count = div(add(blocks, sub(span, 1)), span)
    return {
      span,
      count,
      set: [
        { s: 'set', name: span, to: 1 },
        { s: 'while', test: test(count, '>', mostSpans), body: [{ s: 'set', name: span, to: mul(span, 2) }] },
      ],
    }
  }
  /** Reduces some blocks; what they come to lies at the bottom of the stack. */
  private blocks(at: readonly Ix[], width: Ix, from: Ix, count: Ix): readonly Stmt[] {
    return this.grown(width, count, (b, top) => {
      const first = mul(add(from, b), block)
      return [
        ...this.fill(width),
        ...this.cells(at, width, first, min(block, sub(this.size, first))),
        ...this.tree(width),
        lanes(
          width,
          this.foldings.flatMap((f, i) => move(f, i, f.acc, 0, f.stack, mul(top, width))),
        ),
      ]
    })
  }
  /** The tree over so many leaves, each of which `leaf` puts on the stack. */
  private grown(width: Ix, count: Ix, leaf: (b: string, top: string) => readonly Stmt[]): readonly Stmt[] {
    const [b, top] = [this.names.fresh(), this.names.fresh()]
    return [
      { s: 'set', name: top, to: 0 },
      {
        s: 'for',
        name: b,
        count,
        body: [...leaf(b, top), { s: 'set', name: top, to: add(top, 1) }, ...this.carry(width, b, top)],
      },
      { s: 'while', test: test(top, '>', 1), body: this.combine(width, top) },
    ]
  }
  private fill(width: Ix): readonly Stmt[] {
    return groups(this.foldings).map(([stripes, fs]) =>
      lanes(
        mul(stripes, width),
        fs.map((f, i): Step => ({ i: 'store', elem: f.output.elem, to: f.acc, at: 0, step: 1, value: i })),
        fs.map(unit),
      ),
    )
  }
  private tree(width: Ix): readonly Stmt[] {
    return groups(this.foldings).flatMap(([stripes, fs]) => {
      const halves: Stmt[] = []
      for (let half = stripes / 2; half >= 1; half /= 2) {
        halves.push(
          lanes(
            mul(half, width),
            fs.flatMap((f, i) => join(f, i, f.acc, 0, mul(half, width))),
          ),
        )
      }
      return halves
    })
  }
  private carry(width: Ix, b: string, top: string): readonly Stmt[] {
    const n = this.names.fresh()
    return [
      { s: 'set', name: n, to: add(b, 1) },
      {
        s: 'while',
        test: test(rem(n, 2), '==', 0),
        body: [...this.combine(width, top), { s: 'set', name: n, to: div(n, 2) }],
      },
    ]
  }
  private combine(width: Ix, top: string): readonly Stmt[] {
    return [
      { s: 'set', name: top, to: sub(top, 1) },
      lanes(
        width,
        this.foldings.flatMap((f, i) => join(f, i, f.stack, mul(sub(top, 1), width), mul(top, width))),
      ),
    ]
  }
  private finish(at: readonly Ix[], width: Ix, blocks: Ix): readonly Stmt[] {
    const place = { axes: at, lane: this.along }
    const out = (f: Folding): { at: Ix; step: Ix } => outputAt(f.output, place)
    // No cell: the identity.
    return ifZero(
      blocks,
      [
        lanes(
          width,
          this.foldings.map(
            (f, i): Step => ({ i: 'store', elem: f.output.elem, to: `out${f.k}`, ...out(f), value: i }),
          ),
          this.foldings.map(unit),
        ),
      ],
      [
        lanes(
          width,
          this.foldings.flatMap((f, i): Step[] => [
            { i: 'load', id: i, elem: f.output.elem, from: f.stack, at: 0, step: 1 },
            { i: 'store', elem: f.output.elem, to: `out${f.k}`, ...out(f), value: i },
          ]),
        ),
      ],
    )
  }
}

const unit = (f: Folding, id: Id): Inst => ({
  i: 'const',
  id,
  elem: f.output.elem,
  value: reductions[f.output.how!].identity(f.output.elem),
})
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
