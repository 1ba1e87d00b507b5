import type { NodeId } from '../../graph/arena.ts'
import { Arena } from '../../graph/arena.ts'
import { checkGraph } from '../../graph/check.ts'
import type { Elem, Numeric } from '../../graph/elem.ts'
import { isFloat, isInt } from '../../graph/elem.ts'
import type { Graph } from '../../graph/graph.ts'
import { encodeValue } from '../../graph/json-value.ts'
import { mustMake } from '../../graph/make.ts'
import type { OpName } from '../../graph/ops/index.ts'
import type { Dim, TensorType, Type } from '../../graph/types.ts'
import { bool, casesOf, elementOf, listOf, record, scalar, tensor, union } from '../../graph/types.ts'
import type { Value } from '../../graph/values.ts'
import { tabulate } from '../../graph/values.ts'
import type { Instance, Law, Term } from '../../passes/laws/index.ts'
import { orders } from '../../passes/laws/index.ts'
import { elemAt, litValue } from '../../passes/laws/value.ts'
import { edges } from '../../verify/proofs/edges.ts'

/** Chooses one of so many; of a chance, only whether it is 0 matters. */
export type Choose = (below: number, chance?: true) => number

/** A graph whose root is drawn to fit the left side of a law: mostly it does, and sometimes it just does not. */
export const drawLeft = (law: Law, at: Instance, next: Choose, space: Space = everything): Graph | undefined => {
  const draw = new Draw(at, next, space)
  try {
    const lefts = orders(law.left)
    const root = draw.term(lefts[next(lefts.length)]!)
    const g: Graph = {
      name: law.name,
      stage: 'normal',
      arena: draw.arena,
      inputs: [...draw.inputs].map(([n, t]) => [n, t] as const),
      root,
      sites: new Map(),
    }
    return checkGraph(g).length === 0 ? g : undefined
  } catch (e) {
    // What does not type is drawn again.
    if (e instanceof Error && e.message.startsWith('bug: ')) return undefined
    throw e
  }
}

/** From what is drawn: shapes, elements of variables that any would do for, and ops that work cell by cell. */
export interface Space {
  readonly shapes: readonly (readonly Dim[])[]
  readonly elems: readonly Elem[]
  readonly works: Readonly<Record<'float' | 'int', readonly [unary: readonly string[], binary: readonly string[]]>>
}
const everything: Space = {
  shapes: [[], [3], ['n'], [2], [2, 3], ['n', 2], [1], ['n', 'm'], [0], [2, 'n', 2], ['n', 0]],
  elems: ['f64', 'i32', 'f32', 'u32'],
  works: {
    float: [
      ['neg', 'abs', 'floor', 'exp', 'sqrt'],
      ['add', 'sub', 'mul', 'div', 'max', 'lt', 'le'],
    ],
    int: [
      ['neg', 'abs', 'not'],
      ['add', 'mul', 'div', 'max', 'xor', 'ge'],
    ],
  },
}

class Draw {
  readonly arena = new Arena()
  readonly inputs = new Map<string, Type>()
  readonly #vars = new Map<string, NodeId>()
  readonly #rests = new Map<string, readonly NodeId[]>()
  readonly #attrs = new Map<string, object>()
  readonly #works = new Map<string, string>()
  readonly #at: Instance
  readonly #next: Choose
  readonly #shape: readonly Dim[]
  readonly #elem: Elem
  readonly #space: Space
  constructor(at: Instance, next: Choose, space: Space) {
    this.#at = at
    this.#next = next
    this.#space = space
    this.#shape = this.#of(space.shapes)
    this.#elem = this.#of(space.elems)
  }
  #of<A>(list: readonly A[]): A {
    return list[this.#next(list.length)]!
  }
  #make(
    name: string,
    attrs: object,
    args: readonly NodeId[] = [],
    regions: readonly { params: readonly Type[]; root: NodeId }[] = [],
  ): NodeId {
    return mustMake(this.arena, name as 'add', attrs, args, regions)
  }
  #input(type: Type): NodeId {
    const name = `v${this.inputs.size}`
    this.inputs.set(name, type)
    return this.#make('input', { name, type })
  }
  #typeOf(id: NodeId): Type {
    return this.arena.typeOf(id)
  }
  #shapeOf(id: NodeId): readonly Dim[] {
    const t = this.#typeOf(id)
    return t.kind === 'tensor' ? t.shape : []
  }

  term(t: Term, hint: { elem?: Elem; shape?: readonly Dim[]; type?: Type } = {}): NodeId {
    switch (t.tag) {
      case 'var': {
        const known = this.#vars.get(t.name)
        if (known !== undefined) return known
        const made = this.#input(hint.type ?? this.#variable(t, hint))
        this.#vars.set(t.name, made)
        return made
      }
      case 'lit': {
        const elem = elemAt(t.sort, this.#at)!
        return this.#literal(elem, litValue(t.value, elem), hint.shape ?? this.#shape)
      }
      case 'any': {
        const elem = (t.sort === undefined ? (hint.elem ?? this.#elem) : elemAt(t.sort, this.#at)!) as Numeric
        const list = [...edges(elem), ...(isFloat(elem) ? [2, 0.25, 8] : [])]
        return this.#literal(elem, this.#of(list) as number, hint.shape ?? this.#shape)
      }
      case 'each':
        return this.#each(t)
      case 'op':
        return this.#op(t, hint)
      default:
        throw new Error(`bug: a left side with ${t.tag}`)
    }
  }
  #variable(t: Extract<Term, { tag: 'var' }>, hint: { elem?: Elem }): Type {
    const elem = t.sort === undefined ? (hint.elem ?? this.#elem) : elemAt(t.sort, this.#at)!
    if (t.name === 'i') return this.#next(6, true) === 0 ? tensor('i32', [2]) : scalar('i32')
    if (t.name === 's' && this.#next(6, true) > 0) return scalar(elem)
    const other = t.sort === undefined && this.#next(3, true) === 0
    return tensor(elem, other ? this.#of(this.#space.shapes) : this.#shape)
  }
  #literal(elem: Numeric, value: number | bigint | boolean, shape: readonly Dim[]): NodeId {
    const sized = shape.every((d) => typeof d === 'number')
    const type = tensor(elem, shape)
    if (sized && shape.length > 0 && this.#next(3, true) === 0) {
      const all = tabulate(elem, shape as number[], () => value)
      return this.#make('const', { type, value: encodeValue(type, all) })
    }
    const one = this.#make('const', { type: scalar(elem), value: encodeValue(scalar(elem), value as Value) })
    if (shape.length === 0) return one
    const like = [...this.#vars.values()].find((id) => String(this.#shapeOf(id)) === String(shape))
    return this.#make('broadcast', { shape, axes: [] }, sized ? [one] : [one, like ?? this.#input(type)])
  }
  /** Operands: variables first, so that literals know how far they are spread. */
  #args(terms: readonly Term[], hint: { elem?: Elem; type?: Type } = {}): NodeId[] {
    const made = new Map<Term, readonly NodeId[]>()
    const isLiteral = (t: Term): boolean => t.tag === 'lit' || t.tag === 'any'
    for (const t of terms.filter((x) => !isLiteral(x))) {
      if (t.tag !== 'rest') made.set(t, [this.term(t, hint)])
      else {
        const first = [...made.values()][0]?.[0]
        made.set(
          t,
          this.#rest(t.name, first === undefined ? hint : { ...hint, type: hint.type ?? this.#typeOf(first) }),
        )
      }
    }
    const [first] = [...made.values()].flat()
    const shape = first === undefined ? undefined : this.#shapeOf(first)
    const elem = first === undefined ? undefined : (this.#typeOf(first) as TensorType).elem
    const more = { ...(shape === undefined ? {} : { shape }), ...(elem === undefined ? {} : { elem }) }
    for (const t of terms.filter(isLiteral)) made.set(t, [this.term(t, more)])
    return terms.flatMap((t) => made.get(t)!)
  }
  #rest(name: string, hint: { type?: Type }): readonly NodeId[] {
    const known = this.#rests.get(name)
    if (known !== undefined) return known
    const n = name === 'captures' || name === 'like' || name === 'inner' ? this.#next(2) : 1 + this.#next(3)
    const made = Array.from({ length: n }, () => this.#input(hint.type ?? tensor(this.#elem, this.#shape)))
    this.#rests.set(name, made)
    return made
  }
  #each(t: Extract<Term, { tag: 'each' }>): NodeId {
    if (t.args.length === 3 && t.args.every((a) => a.tag !== 'rest')) {
      const [c, ...arms] = t.args
      const first = this.#args([c!], { elem: 'bool' })
      return this.#make('select', {}, [...first, ...this.#args(arms)])
    }
    const args = this.#args(t.args)
    const { elem } = this.#typeOf(args[0]!) as TensorType
    const kind = isFloat(elem) ? 'float' : isInt(elem) ? 'int' : undefined
    const name =
      this.#works.get(t.name) ??
      (kind === undefined ? 'not' : this.#of(this.#space.works[kind][args.length === 1 ? 0 : 1]))
    this.#works.set(t.name, name)
    return this.#make(name, {}, args.slice(0, 2))
  }
  #op(t: Extract<Term, { tag: 'op' }>, hint: { elem?: Elem } = {}): NodeId {
    if (t.op === 'cond' || t.op === 'match' || t.op === 'map') return this.#control(t)
    if (t.op === 'broadcast') return this.#spread(t, hint)
    const text = t.op === 'concatText' ? { type: scalar('string') } : {}
    const stamps =
      t.op === 'stored' ? { elem: 'timestamp' as const } : t.op === 'restored' ? { elem: 'i64' as const } : {}
    const list =
      t.op === 'column' && t.args[0]?.tag === 'var' ? { type: listOf(record([['f0', scalar('f64')]]), 'n') } : {}
    const inside = t.op === 'transpose' || t.op === 'reshape' ? hint : {}
    const args = this.#args(t.args, { ...inside, ...text, ...stamps, ...list })
    if (t.to !== undefined) return this.#make(t.op, { to: elemAt(t.to, this.#at)! }, args)
    const known = t.attrs === undefined ? {} : this.#attrs.get(t.attrs)
    const attrs = known ?? { ...this.#attributes(t.op, args), ...t.is }
    if (t.attrs !== undefined) this.#attrs.set(t.attrs, attrs)
    return this.#make(t.op, attrs, args)
  }
  #attributes(name: OpName, args: readonly NodeId[]): object {
    const shape = args.length === 0 ? [] : this.#shapeOf(args[0]!)
    const rank = shape.length
    const axis = rank === 0 ? 0 : this.#next(rank)
    const axes = shape.map((_, k) => k)
    const sized = shape.every((d) => typeof d === 'number')
    switch (name) {
      case 'transpose':
        return { perm: this.#of([axes, axes.toReversed(), [...axes.slice(1), ...axes.slice(0, 1)]]) }
      case 'reshape':
        return {
          shape: this.#of([
            shape,
            shape.toReversed(),
            [1, ...shape],
            sized ? [(shape as readonly number[]).reduce((m, n) => m * n, 1)] : [...shape, 1],
          ]),
        }
      case 'slice': {
        const dim = typeof shape[axis] === 'number' ? '' : this.#of(['part', 'other'])
        return this.#next(4, true) === 0
          ? { axis, start: 0, stop: null, step: 1, dim }
          : { axis, start: this.#next(4) - 1, stop: this.#of([null, 1, 2, 3, -1]), step: 1 + this.#next(2), dim }
      }
      case 'concat':
        return { axis, dim: typeof shape[axis] === 'number' ? '' : this.#of(['all', 'both']) }
      case 'reduce':
        return {
          how: this.#of(['sum', 'max', 'min', 'prod']),
          axes: this.#of([axes, axes, [], axes.slice(0, 1), axes.slice(1), axes.toReversed()]),
        }
      case 'contract':
        return { batch: this.#next(8, true) === 0 ? 1 : 0 }
      case 'record':
      case 'rows':
        return { fields: args.map((_, k) => `f${k}`) }
      case 'field':
      case 'column': {
        const of = this.#typeOf(args[0]!)
        const r = name === 'field' ? of : elementOf(of)?.of
        return { name: r?.kind === 'record' ? this.#of(r.fields)[0] : 'f0' }
      }
      case 'restored':
        return { to: 'timestamp' }
      case 'none':
        return { of: tensor(this.#elem, this.#shape) }
      case 'inject': {
        const type = this.#typeOf(args[0]!)
        return {
          case: this.#of(['a', 'b']),
          type: union([
            ['a', type],
            ['b', type],
          ]),
        }
      }
      default:
        return {}
    }
  }
  #spread(t: Extract<Term, { tag: 'op' }>, hint: { elem?: Elem }): NodeId {
    const [of] = this.#args(t.args.slice(0, 1), hint)
    const own = this.#shapeOf(of!)
    const attrs = (this.#attrs.get(t.attrs!) ?? this.#spreading(own)) as { shape: readonly Dim[] }
    this.#attrs.set(t.attrs!, attrs)
    const last = t.args[1] as Extract<Term, { tag: 'rest' }>
    const open = attrs.shape.some((d) => typeof d === 'string' && !own.includes(d))
    const known = this.#rests.get(last.name)
    const like = known ?? (open || this.#next(4, true) === 0 ? [this.#input(tensor('f64', attrs.shape))] : [])
    this.#rests.set(last.name, like)
    return this.#make('broadcast', attrs, [of!, ...like])
  }
  #spreading(own: readonly Dim[]): object {
    const more = this.#of<readonly Dim[]>([[], [2], [3], ['p'], [2, 2], [0]])
    const front = more.length > 0 && this.#next(2) === 0
    return {
      shape: front ? [...more, ...own] : [...own, ...more],
      axes: own.map((_, k) => (front ? k + more.length : k)),
    }
  }
  #control(t: Extract<Term, { tag: 'op' }>): NodeId {
    const captures = [this.#input(tensor('f64', this.#shape)), ...(this.#next(2) === 0 ? [] : [this.#input(bool)])]
    const held = captures.map((c) => this.#typeOf(c))
    const param = (index: number, type: Type): NodeId => this.#make('param', { index, type })
    if (t.op === 'map') {
      const [list] = this.#args(t.args.slice(0, 1))
      const e = elementOf(this.#typeOf(list!))
      if (e === undefined) throw new Error('bug: no list')
      if (this.#next(2) === 0) {
        captures.push(this.#input(e.of))
        held.push(e.of)
      }
      const given = [e.of, ...held]
      const root = this.#next(3, true) > 0 ? param(0, e.of) : param(given.length - 1, given.at(-1)!)
      this.#rests.set('captures', captures)
      return this.#make('map', {}, [list!, ...captures], [{ params: given, root }])
    }
    if (t.op === 'cond') {
      const choice = this.term(t.args[0]!, { shape: [] })
      const one = param(0, held[0]!)
      const roots = [one, this.#make('neg', {}, [one])]
      return this.#make(
        'cond',
        {},
        [choice, ...captures],
        roots.map((root) => ({ params: held, root })),
      )
    }
    const subject = this.term(t.args[0]!)
    const cases = casesOf(this.#typeOf(subject))!
    const regions = cases.map(([, type], k) => {
      const capture = param(1, held[0]!)
      return { params: [type, ...held], root: k === 0 ? capture : this.#make('abs', {}, [capture]) }
    })
    return this.#make('match', {}, [subject, ...captures], regions)
  }
}
