import type { NodeId, Region } from '../arena.ts'
import { Arena } from '../arena.ts'
import { effects, isEffect } from '../effects.ts'
import type { Problem } from '../errors.ts'
import type { SiteInfo } from '../graph.ts'
import { keyOf } from '../make.ts'
import type { AttrsOf, OpName } from '../ops/index.ts'
import { declOf } from '../ops/index.ts'
import type { Dim, Type } from '../types.ts'
import { dimProblem, dimRemedy, isType, showType, unit } from '../types.ts'
import { regionFootprint } from '../walk.ts'
import { userPlace } from './place.ts'
import type { Ref, Scope } from './scope.ts'
import { isPoisoned, openScope, poison } from './scope.ts'

/** What a region node does, as found when its bodies were closed. */
export interface Bodies {
  readonly regions: readonly Region[]
  readonly fails: boolean
}
const noBodies: Bodies = { regions: [], fails: false }

const longestList = 200
const captureLimit = 10_000

/** The state of one graph under construction. All its methods record problems; none throws. */
export class Builder {
  readonly graph: string
  readonly arena = new Arena()
  readonly sites = new Map<number, SiteInfo>()
  readonly problems: Problem[] = []
  /** Problems beyond those listed. */
  more = 0
  scope: Scope = openScope(undefined)
  sealed: boolean
  /** While a formula is read, the place of the formula stands for the place of each of its operations. */
  fixedPlace: string | undefined
  #calling: string | undefined
  readonly names = new Map<NodeId, string>()
  /** Values that the user wants to see on the way. */
  readonly taps = new Map<NodeId, readonly string[]>()
  /** The same in bodies that are closed, by the root of the body. */
  readonly closedTaps = new Map<NodeId, Map<NodeId, readonly string[]>>()
  /** Nodes with bodies that can fail or act on the world. */
  readonly failing = new Set<NodeId>()
  readonly #owners: (Scope | undefined)[] = []
  readonly #homes: (Scope | undefined)[] = []
  readonly #keys = new WeakMap<object, string>()
  readonly #causes = new Map<string, string>()
  #occurrences = 0
  #opens = 0
  #captures = 0

  constructor(graph: string, sealed = false) {
    this.graph = graph
    this.sealed = sealed
  }

  place(): string {
    return this.fixedPlace ?? (this.#captures++ < captureLimit ? userPlace() : '')
  }
  /** Records a problem at the user's line and gives the poisoned expression that carries on in its stead. */
  fail(node: string, cause: string, remedy: string, type: Type = unit, place: string | undefined = undefined): Ref {
    if (this.sealed) return this.poisoned(type)
    if (this.problems.length < longestList) {
      const known = { node, place: place ?? this.place(), cause, remedy }
      const said = this.problems.some((p) => p.place === known.place && p.cause === cause && p.node === node)
      if (!said) this.problems.push(known)
    } else this.more++
    return this.poisoned(type)
  }
  poisoned(type: Type): Ref {
    return { builder: this, id: poison, type }
  }
  get failed(): boolean {
    return this.problems.length > 0
  }

  /** Marks a value to be shown. No node is made: what is generated is the same with and without. */
  tap(r: Ref, name: string): void {
    if (isPoisoned(r) || r.builder !== this) return
    const known = this.taps.get(r.id) ?? []
    if (!known.includes(name)) this.taps.set(r.id, [...known, name])
  }

  /** Nodes made meanwhile belong to a function the user called, and their problems are told under its name. */
  calling<A>(name: string, make: () => A): A {
    const outer = this.#calling
    this.#calling = name
    try {
      return make()
    } finally {
      this.#calling = outer
    }
  }

  /** A fresh occurrence with its name and place. */
  occurrence(name: string): number {
    const n = this.#occurrences++
    this.sites.set(n, { name, place: this.place() })
    return n
  }

  /** What to call a node in messages: its name, or that of the input, field or column it is. */
  label(r: Ref): string {
    if (isPoisoned(r) || r.builder !== this) return showType(r.type)
    const named = this.names.get(r.id)
    if (named !== undefined) return `'${named}'`
    const op = this.arena.opOf(r.id)
    if (op.name === 'broadcast') {
      const [id] = this.arena.argsOf(r.id)
      return this.label({ builder: this, id: id!, type: this.arena.typeOf(id!) })
    }
    const { name, value } = op.attrs as { name?: string; value?: unknown }
    if (op.name === 'const') return JSON.stringify(value).slice(0, 30)
    return typeof name === 'string' ? `'${name}'` : op.name
  }

  /**
   * Adds a node in the current scope. `remedy` is what the message says to do when the op refuses its operands; the
   * type of a poisoned result is the one the op would have, as far as that is known.
   */
  node<N extends OpName>(
    op: N,
    attrs: AttrsOf<N>,
    args: readonly Ref[] = [],
    remedy = 'give it operands that fit',
    bodies: Bodies = noBodies,
  ): Ref {
    const wrong = this.#attribute(op, attrs)
    if (wrong !== undefined) return this.fail(op, `${op}: ${wrong.cause}`, wrong.remedy, args[0]?.type ?? unit)
    const types = args.map((a) => a.type)
    const decl = declOf(op)
    const shapes = bodies.regions.map((r) => ({ params: r.params, result: this.arena.typeOf(r.root) }))
    const type = decl.infer(attrs, types, shapes)
    const guess = typeof type === 'string' ? (types[0] ?? unit) : type
    if (this.sealed) return this.poisoned(guess)
    const told = this.#calling ?? op
    if (!this.usable(told, args)) return this.poisoned(guess)
    if (typeof type === 'string') {
      const given = bodies === noBodies ? args.map((a) => this.label(a)).filter((l) => l !== op) : []
      return this.fail(told, `${told}${given.length === 0 ? '' : ` of ${given.join(', ')}`} ${type}`, remedy, guess)
    }
    const opId = this.arena.internOp(op, attrs, keyOf(op, attrs))
    const id = this.arena.add(
      opId,
      args.map((a) => a.id),
      bodies.regions.map((r) => this.arena.internRegion(r)),
      this.arena.internType(type),
    )
    this.#settle(op, id, args, bodies, decl.fallible === true)
    const ref: Ref = { builder: this, id, type }
    this.#noteSizes(ref)
    return ref
  }
  readonly #known = new Set<string>()
  /** What is wrong with attributes that the user gave (sizes, names, types), looked at once for each. */
  #attribute(op: OpName, attrs: object): { readonly cause: string; readonly remedy: string } | undefined {
    for (const v of Object.values(attrs)) {
      const odd = isType(v) ? dimProblem(v) : undefined
      if (odd !== undefined) return { cause: odd, remedy: dimRemedy }
    }
    const key = keyOf(op, attrs)
    if (key === '' || op === 'param' || this.#known.has(`${op} ${key}`)) return undefined
    const { attrs: codec } = declOf(op)
    const r = codec.decode(codec.encode(attrs))
    if (r._tag === 'Right') {
      this.#known.add(`${op} ${key}`)
      return undefined
    }
    const e = r.left[0]!
    const at = e.context.map((c) => c.key).filter((k) => k !== '' && !/^\d+$/.test(k))
    const cause = `its ${at.at(-1) ?? 'attribute'} is wrong: ${e.message ?? `${JSON.stringify(e.value)?.slice(0, 60)}`}`
    return { cause, remedy: at.some((k) => k === 'shape' || k === 'dim') ? dimRemedy : 'give it what it takes' }
  }
  /** The node again under other operands: same op, same type. Used when a body is closed. */
  again(id: NodeId, args: readonly NodeId[]): NodeId {
    const op = this.arena.opOf(id)
    let key = this.#keys.get(op)
    if (key === undefined) {
      key = keyOf(op.name as OpName, op.attrs)
      this.#keys.set(op, key)
    }
    const regions = this.arena.regionsOf(id).map((r) => this.arena.internRegion(r))
    return this.arena.add(
      this.arena.internOp(op.name, op.attrs, key),
      args,
      regions,
      this.arena.internType(this.arena.typeOf(id)),
    )
  }
  /** A numbered parameter of a closed body; nothing the user ever holds. */
  closedParam(index: number, type: Type): NodeId {
    const attrs = { index, type }
    return this.arena.add(
      this.arena.internOp('param', attrs, keyOf('param', attrs)),
      [],
      [],
      this.arena.internType(type),
    )
  }
  /** A parameter of the current body, open until the body is closed. */
  param(type: Type): Ref {
    const ref = this.node('param', { index: 1_000_000_000 + this.#opens++, type })
    if (isPoisoned(ref)) return ref
    this.#owners[ref.id] = this.scope
    this.scope.params.push(ref.id)
    return ref
  }

  /** The deepest scope whose parameters, effects or checks a node depends on. */
  ownerOf(id: NodeId): Scope {
    return this.#owners[id] ?? this.#top()
  }
  /** The scope in which a node was first written, as seen from the scopes that are still open. */
  homeOf(id: NodeId): Scope {
    return this.#homes[id] ?? this.#top()
  }
  #top(): Scope {
    let s = this.scope
    while (s.parent !== undefined) s = s.parent
    return s
  }

  /** Whether operands can be used here: not of another graph, not of a body that is closed; says so if not. */
  usable(op: string, args: readonly Ref[]): boolean {
    let usable = true
    for (const a of args) {
      if (a.builder !== this) {
        this.#foreign(op, a)
        usable = false
      } else if (isPoisoned(a)) {
        usable = false
      } else if (this.ownerOf(a.id).closed) {
        this.fail(
          op,
          `${op} uses ${this.label(a)}, which belongs to a body that is already closed`,
          'return the value from the body and use the result of map, cond, loop … instead',
          a.type,
        )
        usable = false
      }
    }
    return usable
  }
  #foreign(op: string, a: Ref): Ref {
    const whose = a.builder === limbo ? 'was made outside any graph' : `belongs to graph '${a.builder.graph}'`
    const cause = `${op === '' ? '' : `${op} uses `}${a.builder.label(a)}${op === '' ? '' : ', which'} ${whose}`
    return this.fail(
      op === '' ? a.builder.label(a).replaceAll("'", '') : op,
      cause,
      'build the value inside this graph, or pass it in as an input',
      a.type,
    )
  }
  /** A reference the user brought, as one of this graph: what belongs to another is a problem. */
  own(a: Ref): Ref {
    return a.builder === this ? a : this.#foreign('', a)
  }
  #settle(op: OpName, id: NodeId, args: readonly Ref[], bodies: Bodies, fallible: boolean): void {
    if (this.#owners[id] === undefined) {
      let owner: Scope | undefined = fallible || bodies.fails ? this.scope : undefined
      for (const a of args) {
        const o = this.#owners[a.id]
        if (o !== undefined && (owner === undefined || o.depth > owner.depth)) owner = o
      }
      this.#owners[id] = owner
      const writing =
        (isEffect(op) && effects[op].footprint(this.arena.opOf(id).attrs as never).writes.length > 0) ||
        bodies.regions.some((r) => regionFootprint(this.arena, r.root).writes.length > 0)
      if (writing) {
        const occurrence = (this.arena.opOf(id).attrs as { occurrence?: number }).occurrence
        const site = occurrence === undefined ? undefined : this.sites.get(occurrence)
        this.scope.writers.push({ id, name: site?.name ?? op, place: site?.place ?? this.place() })
      }
    }
    if (this.#homes[id] === undefined || this.#homes[id].closed) this.#homes[id] = this.scope
  }
  /** The first node that has a named dimension is the one that brought it in. */
  #noteSizes(ref: Ref): void {
    const t = ref.type
    const shape: readonly Dim[] = t.kind === 'tensor' ? t.shape : t.kind === 'list' ? [t.dim] : []
    shape.forEach((d, axis) => {
      if (typeof d === 'string' && this.sizeOf(d) === undefined) this.scope.sizes.set(d, { ref, axis })
    })
  }
  /** Where the size of a dimension can be read here. */
  sizeOf(dim: string): { readonly ref: Ref; readonly axis: number } | undefined {
    for (let s: Scope | undefined = this.scope; s !== undefined; s = s.parent) {
      const found = s.sizes.get(dim)
      if (found !== undefined) return found
    }
    return undefined
  }
  /**
   * Brings in a dimension under a name that no other uses, because equal names mean equal sizes. Inside a body that
   * repeats it varies, which its name says with a `~`. The same name may come again for the same `cause`, such as two
   * columns filtered by one mask.
   */
  introduce(wanted: string, what: string, cause = ''): string {
    let repeats = false
    for (let s: Scope | undefined = this.scope; s !== undefined; s = s.parent) repeats ||= s.repeats
    const dim = repeats && !wanted.startsWith('~') ? `~${wanted}` : wanted
    const again = cause !== '' && this.#causes.get(dim) === cause
    this.#causes.set(dim, cause)
    for (let s: Scope | undefined = this.scope; s !== undefined && !again; s = s.parent) {
      if (s.introduced.has(dim) || s.sizes.has(dim)) {
        this.fail(
          what,
          `the dimension '${dim}' exists already, and equal names mean equal sizes`,
          `give this one a name of its own, such as '${wanted}2'`,
        )
        break
      }
    }
    this.scope.introduced.add(dim)
    return dim
  }
}
/** Where operations go that are made outside any graph: they give poisoned expressions and nobody reads the problems. */
const limbo = new Builder('none', true)
const building: Builder[] = []
export const current = (): Builder => building[building.length - 1] ?? limbo
export const isBuilding = (): boolean => building.length > 0
/** Makes a builder current while `body` runs; always takes it off again. */
export const during = <A>(b: Builder, body: () => A): A => {
  building.push(b)
  try {
    return body()
  } finally {
    building.pop()
  }
}
