import type { Arena, NodeId, NodeView } from '../../graph/arena.ts'
import { keyOf } from '../../graph/make.ts'
import type { AttrsOf, OpName } from '../../graph/ops/index.ts'
import { declOf, families } from '../../graph/ops/index.ts'
import type { Dim, Type } from '../../graph/types.ts'
import { isRagged, listOf, sameType, tensor } from '../../graph/types.ts'
import { postorder } from '../../graph/walk.ts'

const up = (axes: readonly number[]): number[] => axes.map((a) => a + 1)

/**
 * The statement of what lifting is. An operation on the cells of one element does the same for all elements when its
 * operands have one axis more, in front, and its attributes are those given here. Each keeps every element to itself
 * and goes through its cells in the same order, so that results agree to the last bit.
 */
const moved: { readonly [N in OpName]?: (a: AttrsOf<N>, dim: Dim) => AttrsOf<N> } = {
  transpose: (a) => ({ perm: [0, ...up(a.perm)] }),
  reshape: (a, dim) => ({ shape: [dim, ...a.shape] }),
  slice: (a) => ({ ...a, axis: a.axis + 1 }),
  concat: (a) => ({ ...a, axis: a.axis + 1 }),
  argReduce: (a) => ({ ...a, axis: a.axis + 1 }),
  cumsum: (a) => ({ axis: a.axis + 1 }),
  cumulate: (a) => ({ ...a, axis: a.axis + 1 }),
  argSort: (a) => ({ ...a, axis: a.axis + 1 }),
  reduce: (a) => ({ ...a, axes: up(a.axes) }),
  contract: (a) => ({ batch: a.batch + 1 }),
}

/** A body with what its parameters are: of the map itself, or of an arm of a condition inside. */
interface Frame {
  readonly number: number
  /** Undefined for the map; for an arm, where the condition stands, and its captures there. */
  readonly outer?: { readonly frame: Frame; readonly args: readonly NodeId[] }
  /** Nodes that depend on the element. */
  readonly varying: ReadonlySet<NodeId>
}
/** `each`: cell or element i of the array is the node for element i. `one`: the array is the node, for every element. */
interface Claim {
  readonly kind: 'each' | 'one'
  readonly frame: Frame
  readonly node: NodeId
  readonly array: NodeId
}

/** Walks a body and an array side by side, over a stack, each pair once. */
export class Simulation {
  readonly #arena: Arena
  readonly #args: readonly NodeId[]
  readonly #dim: Dim
  readonly #claims: Claim[] = []
  readonly #partners = new Map<string, NodeId>()
  #frames = 0
  constructor(arena: Arena, args: readonly NodeId[], dim: Dim) {
    this.#arena = arena
    this.#args = args
    this.#dim = dim
  }

  /** Why the array is not the body over all elements; undefined when it is. */
  follow(body: NodeId, array: NodeId): string | undefined {
    this.#claim(
      'each',
      this.#frame(body, (index) => index === 0),
      body,
      array,
    )
    for (let c = this.#claims.pop(); c !== undefined; c = this.#claims.pop()) {
      const fine = c.kind === 'one' ? this.#one(c) : this.#each(c)
      if (fine === true) continue
      const [x, y] = [this.#arena.opOf(c.node).name, this.#arena.opOf(c.array).name]
      return c.kind === 'one'
        ? `%${c.array} ${y} is not the same as %${c.node} ${x}`
        : `%${c.array} ${y} does not do for all elements what %${c.node} ${x} does for one`
    }
    return undefined
  }

  #claim(kind: Claim['kind'], frame: Frame, node: NodeId, array: NodeId): boolean {
    const key = `${kind} ${frame.number} ${node} ${this.#arena.typeOf(array).kind}`
    const partner = this.#partners.get(key)
    if (partner === array) return true
    // What is the same for all elements may be spread beside several arrays; everything else has one partner.
    if (partner !== undefined && (kind === 'one' || frame.varying.has(node))) return false
    this.#partners.set(key, array)
    this.#claims.push({ kind, frame, node, array })
    return true
  }
  #frame(body: NodeId, varies: (index: number) => boolean, outer?: Frame['outer']): Frame {
    const varying = new Set<NodeId>()
    for (const id of postorder(this.#arena, body)) {
      const { op, args } = this.#arena.node(id)
      const itself = op.name === 'param' && varies((op.attrs as { index: number }).index)
      // A body of its own is never the same for every element: nothing here says so.
      if (itself || op.name === 'cond' || args.some((a) => varying.has(a))) varying.add(id)
    }
    const number = this.#frames++
    return outer === undefined ? { number, varying } : { number, varying, outer }
  }

  #one({ frame, node, array }: Claim): boolean {
    const x = this.#arena.node(node)
    const a = this.#arena.node(array)
    if (x.op.name === 'param') {
      const { index } = x.op.attrs as { index: number }
      return frame.outer === undefined
        ? index > 0 && this.#args[index] === array
        : this.#claim('one', frame.outer.frame, frame.outer.args[index]!, array)
    }
    const pure = x.op.name === 'absent' || declOf(x.op.name as OpName).meaning !== undefined
    if (!pure || a.op !== x.op || a.args.length !== x.args.length) return false
    return x.args.every((y, k) => this.#claim('one', frame, y, a.args[k]!))
  }

  #each({ frame, node, array }: Claim): boolean {
    const x = this.#arena.node(node)
    if (!this.#isForm(x.type, this.#arena.typeOf(array))) return false
    const a = this.#arena.node(this.#peeled(array))
    const each = (y: NodeId, b: NodeId | undefined): boolean => b !== undefined && this.#claim('each', frame, y, b)
    const one = (y: NodeId, b: NodeId | undefined): boolean => b !== undefined && this.#claim('one', frame, y, b)
    if (x.op.name === 'record' || x.op.name === 'absent') {
      const parts = this.#rows(x, a, each)
      if (parts !== undefined) return parts
    }
    if (!frame.varying.has(node)) return this.#spread(x, a, 0) && one(node, a.args[0])
    switch (x.op.name as OpName) {
      case 'param': {
        const { index } = x.op.attrs as { index: number }
        return frame.outer === undefined
          ? this.#peeled(this.#args[0]!) === a.id
          : this.#claim('each', frame.outer.frame, frame.outer.args[index]!, a.id)
      }
      case 'field':
        return this.#field(frame, x, a)
      case 'cond':
        return this.#cond(frame, x, a)
      case 'broadcast':
        return this.#spread(x, a, 1) && each(x.args[0]!, a.args[0])
      case 'gather':
        return a.op.name === 'gather' && one(x.args[0]!, a.args[0]) && each(x.args[1]!, a.args[1])
      case 'isSome':
        return a.op.name === 'isSome' && each(x.args[0]!, a.args[0])
      case 'orElse':
        return a.op.name === 'orElse' && each(x.args[0]!, a.args[0]) && one(x.args[1]!, a.args[1])
      case 'contract': {
        const shared = this.#sharedMatrix(frame, x, a)
        if (shared !== undefined) return shared
      }
    }
    if (a.op.name === 'segmentReduce') return this.#segments(x, a) && each(x.args[0]!, a.args[0])
    if (a.op.name !== x.op.name || a.args.length !== x.args.length) return false
    return this.#movedFits(x, a) && x.args.every((y, k) => each(y, a.args[k]))
  }

  /** A list of elements, or of tensors one tensor with an axis more. */
  #isForm(of: Type, t: Type): boolean {
    return (
      sameType(t, listOf(of, this.#dim)) ||
      (of.kind === 'tensor' && sameType(t, tensor(of.elem, [this.#dim, ...of.shape])))
    )
  }
  /** A list of tensors and one tensor with an axis more hold the same cells: which of the two it is makes no difference. */
  #peeled(array: NodeId): NodeId {
    let id = array
    while (['stack', 'unstack'].includes(this.#arena.opOf(id).name)) id = this.#arena.argsOf(id)[0]!
    return id
  }
  #movedFits(x: NodeView, a: NodeView): boolean {
    const name = x.op.name as OpName
    if (Object.hasOwn(families.elementwise, name)) return a.op === x.op
    const attrs = moved[name] as ((a: object, dim: Dim) => object) | undefined
    return attrs !== undefined && keyOf(name, a.op.attrs) === keyOf(name, attrs(x.op.attrs, this.#dim))
  }
  /** The array repeats its operand: along the list alone, or (`kept` 1) in each element as the node does. */
  #spread(x: NodeView, a: NodeView, kept: 0 | 1): boolean {
    if (a.op.name !== 'broadcast' || x.type.kind !== 'tensor') return false
    const own = kept === 1 ? (x.op.attrs as AttrsOf<'broadcast'>).axes : x.type.shape.map((_, k) => k)
    const { axes } = a.op.attrs as AttrsOf<'broadcast'>
    return axes.join() === [...(kept === 1 ? [0] : []), ...up(own)].join()
  }
  /** Records made in the body, and those that nothing looks at, field by field. */
  #rows(x: NodeView, a: NodeView, each: (y: NodeId, b: NodeId) => boolean): boolean | undefined {
    if (a.op.name !== 'rows' || x.type.kind !== 'record') return undefined
    const { fields } = a.op.attrs as AttrsOf<'rows'>
    if (fields.join('\n') !== x.type.fields.map(([n]) => n).join('\n')) return false
    if (x.op.name === 'record') return x.args.every((y, k) => each(y, a.args[k]!))
    return x.type.fields.every(([, t], k) => this.#isFiller(t, a.args[k]!))
  }
  #isFiller(t: Type, array: NodeId): boolean {
    const a = this.#arena.node(array)
    if (t.kind === 'record') return a.op.name === 'rows' && t.fields.every(([, f], k) => this.#isFiller(f, a.args[k]!))
    if (t.kind === 'tensor' && t.shape.length > 0) return a.op.name === 'unstack' && this.#isSpreadAbsent(t, a.args[0]!)
    return this.#isSpreadAbsent(t, array)
  }
  #isSpreadAbsent(t: Type, array: NodeId): boolean {
    const a = this.#arena.node(array)
    if (a.op.name !== 'broadcast' || this.#arena.opOf(a.args[0]!).name !== 'absent') return false
    const { axes } = a.op.attrs as AttrsOf<'broadcast'>
    return sameType(this.#arena.typeOf(a.args[0]!), t) && axes.every((x) => x > 0)
  }
  /** A field of each element is a column: of the list of those elements, or one that the list was made of. */
  #field(frame: Frame, x: NodeView, a: NodeView): boolean {
    const { name } = x.op.attrs as AttrsOf<'field'>
    const from = x.args[0]!
    if (this.#arena.opOf(from).name === 'record') {
      const inner = this.#arena.node(from)
      const k = (inner.op.attrs as AttrsOf<'record'>).fields.indexOf(name)
      return this.#claim('each', frame, inner.args[k]!, a.id)
    }
    const made = this.#rowsOf(frame, from)
    if (made !== undefined) return this.#peeled(this.#part(made, name)!) === a.id
    return (
      a.op.name === 'column' &&
      (a.op.attrs as AttrsOf<'column'>).name === name &&
      this.#claim('each', frame, from, a.args[0]!)
    )
  }
  /** The columns of which the list behind a node was made, if it was. */
  #rowsOf(frame: Frame, node: NodeId): NodeView | undefined {
    const names: string[] = []
    let [f, x] = [frame, this.#arena.node(node)]
    while (x.op.name === 'field' || (x.op.name === 'param' && f.outer !== undefined)) {
      if (x.op.name === 'field') {
        names.push((x.op.attrs as AttrsOf<'field'>).name)
        x = this.#arena.node(x.args[0]!)
      } else {
        const { frame: g, args } = f.outer!
        ;[f, x] = [g, this.#arena.node(args[(x.op.attrs as { index: number }).index]!)]
      }
    }
    let made: NodeView | undefined =
      x.op.name === 'param' && (x.op.attrs as { index: number }).index === 0
        ? this.#arena.node(this.#args[0]!)
        : undefined
    for (const n of names.toReversed()) {
      const part = made === undefined ? undefined : this.#part(made, n)
      made = part === undefined ? undefined : this.#arena.node(part)
    }
    return made?.op.name === 'rows' ? made : undefined
  }
  #part(rows: NodeView, name: string): NodeId | undefined {
    if (rows.op.name !== 'rows') return undefined
    return rows.args[(rows.op.attrs as AttrsOf<'rows'>).fields.indexOf(name)]
  }
  /** A condition whose arms only compute chooses between both, element by element. */
  #cond(frame: Frame, x: NodeView, a: NodeView): boolean {
    if (a.op.name !== 'select' || !this.#claim('each', frame, x.args[0]!, a.args[0]!)) return false
    const args = x.args.slice(1)
    return x.regions.every((r, k) => {
      const arm = this.#frame(r.root, (index) => frame.varying.has(args[index]!), { frame, args })
      return this.#claim('each', arm, r.root, a.args[k + 1]!)
    })
  }
  /**
   * Products with a matrix that all elements share: x·W adds over k for each row of x by itself. W·v is v·Wᵀ, because
   * multiplication commutes to the last bit; W then comes with its last axis in front.
   */
  #sharedMatrix(frame: Frame, x: NodeView, a: NodeView): boolean | undefined {
    const [p, q] = x.args as [NodeId, NodeId]
    if (a.op !== x.op || (x.op.attrs as AttrsOf<'contract'>).batch !== 0) return undefined
    if (!frame.varying.has(q))
      return this.#claim('each', frame, p, a.args[0]!) && this.#claim('one', frame, q, a.args[1]!)
    const [v, w] = [this.#arena.typeOf(q), this.#arena.typeOf(p)]
    if (frame.varying.has(p) || v.kind !== 'tensor' || v.shape.length !== 1 || w.kind !== 'tensor') return false
    const turn = this.#arena.node(a.args[1]!)
    const last = w.shape.length - 1
    if (last === 0) return this.#claim('each', frame, q, a.args[0]!) && this.#claim('one', frame, p, a.args[1]!)
    const perm = [last, ...Array.from({ length: last }, (_, k) => k)]
    if (turn.op.name !== 'transpose' || (turn.op.attrs as AttrsOf<'transpose'>).perm.join() !== perm.join())
      return false
    return this.#claim('each', frame, q, a.args[0]!) && this.#claim('one', frame, p, turn.args[0]!)
  }
  /** The reduction of an inner list of its own length. */
  #segments(x: NodeView, a: NodeView): boolean {
    const t = this.#arena.typeOf(x.args[0] ?? x.id)
    if (x.op.name !== 'reduce' || t.kind !== 'tensor' || t.shape.length !== 1 || !isRagged(t.shape[0]!)) return false
    const { how, axes } = x.op.attrs as AttrsOf<'reduce'>
    return axes.length === 1 && (a.op.attrs as AttrsOf<'segmentReduce'>).how === how
  }
}
