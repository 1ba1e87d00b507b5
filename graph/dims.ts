import type { Arena, NodeId, NodeView } from './arena.ts'
import { isEffect } from './effects.ts'
import type { OpName } from './ops/index.ts'
import { dimsOfLiteral } from './sizes.ts'
import type { Dim, TensorType } from './types.ts'
import { elementOf, freeDims, isRagged } from './types.ts'
import type { Json } from './values.ts'
import { postorder } from './walk.ts'

export type Complain = (node: NodeView, cause: string, remedy: string) => void

/**
 * Equal names of dimensions mean equal sizes, so a name has one origin: the op that brings it in, with the operands that
 * decide its size. This checks it for every region. A body that repeats has a scope of its own, in which ragged names are
 * those of the element; the other bodies share the scope around them.
 *
 * What a region brings in is worked out once, as names with keys relative to the region; its owner then adds which region
 * it is and on which operands, so that sharing of bodies costs nothing.
 */
export const checkDims = (arena: Arena, root: NodeId, bad: Complain): void => {
  new Origins(arena, bad).top(root)
}

/** Where a name comes from. Keys that begin with `=` follow from other dimensions alone, and hold in every scope. */
type Names = Map<string, string>
/** What a region brings in, and what it says of the names it was given, which its owner has to confirm. */
interface Brought {
  readonly names: Names
  readonly claims: Names
}
const given = 'given'
const repeats: ReadonlySet<string> = new Set(['map', 'forkMap', 'mapBatched', 'loop'])

class Origins {
  readonly #arena: Arena
  readonly #bad: Complain
  readonly #brought = new Map<NodeId, Brought>()
  constructor(arena: Arena, bad: Complain) {
    this.#arena = arena
    this.#bad = bad
  }

  top(root: NodeId): void {
    this.#region(root, [])
  }

  #region(root: NodeId, params: readonly string[]): Brought {
    const known = this.#brought.get(root)
    if (known !== undefined) return known
    const names: Names = new Map(params.map((d) => [d, given]))
    const all = { names, claims: new Map<string, string>() }
    for (const id of postorder(this.#arena, root)) {
      const node = this.#arena.node(id)
      if (node.op.name === 'rows') this.#columns(node)
      if (node.regions.length > 0) this.#owner(node, all)
      else for (const d of broughtBy(this.#arena, node)) this.#bring(all, d, originOf(this.#arena, node, d), node)
    }
    for (const d of params) names.delete(d)
    this.#brought.set(root, all)
    return all
  }

  #bring({ names, claims }: Brought, dim: string, key: string, node: NodeView): void {
    const known = names.get(dim)
    const said = known === given && key.startsWith('=') ? claims : names
    const before = said === names ? known : claims.get(dim)
    if (before === undefined) said.set(dim, key)
    else if (before !== key) this.#taken(node, dim)
  }
  #taken(node: NodeView, dim: string): void {
    this.#bad(
      node,
      `the dimension '${dim}' exists already with another origin, and equal names mean equal sizes`,
      'give this one a name of its own',
    )
  }

  #owner(node: NodeView, all: Brought): void {
    const exclusive = node.op.name === 'cond' || node.op.name === 'match'
    const turns = repeats.has(node.op.name)
    if (turns && node.op.name !== 'loop') this.#element(node)
    const arms = new Map<string, Set<string>>()
    for (const [k, r] of node.regions.entries()) {
      const own = this.#region(
        r.root,
        r.params.flatMap((p) => freeDims(p)),
      )
      const prefix = `${r.root}(${node.args.join()}${node.op.name === 'match' ? `;${k}` : ''}) `
      const varies = new Set(turns && node.op.name !== 'loop' ? freeDims(r.params[0]!).filter(isRagged) : [])
      for (const [d, key] of own.claims) {
        if (varies.has(d) || (turns && key.includes('~'))) this.#taken(node, d)
        else this.#bring(all, d, key, node)
      }
      for (const [d, relative] of own.names) {
        const follows = relative.startsWith('=')
        if (turns && isRagged(d)) continue
        if (turns && !follows) {
          this.#bad(
            node,
            `the dimension '${d}' arises in a body that repeats, where its size may differ each time`,
            `call it '~${d}'`,
          )
          continue
        }
        const key = follows ? relative : prefix + relative
        if (!exclusive) this.#bring(all, d, key, node)
        else arms.set(d, (arms.get(d) ?? new Set()).add(key))
      }
    }
    for (const [d, keys] of arms) this.#bring(all, d, keys.size === 1 ? [...keys][0]! : `%${node.id}`, node)
  }

  /** An element and what a body uses from outside may not have ragged names in common: they are of different elements. */
  #element(node: NodeView): void {
    const [element, ...captures] = node.regions[0]!.params
    const own = new Set(freeDims(element!).filter(isRagged))
    const shared = own.size === 0 ? undefined : captures.flatMap((c) => freeDims(c)).find((d) => own.has(d))
    if (shared !== undefined)
      this.#bad(
        node,
        `its body uses '${shared}' of the element and of a value from outside, which may differ in size`,
        'compute what is needed of the outer value before, or give its dimension a name of its own',
      )
  }

  /** Columns become one list only when their elements share no ragged names, or were one element before. */
  #columns(node: NodeView): void {
    const from = new Map<string, NodeId>()
    for (const a of node.args) {
      const of = elementOf(this.#arena.typeOf(a))?.of
      if (of === undefined) continue
      for (const d of freeDims(of).filter(isRagged)) {
        const source = this.#listOf(a, d)
        if (this.#arena.opOf(source).name === 'absent') continue
        const other = from.get(d)
        if (other !== undefined && other !== source)
          this.#bad(
            node,
            `its columns use '${d}' for different lists, which may differ in size element by element`,
            'give the dimensions of one of them names of their own',
          )
        from.set(d, source)
      }
    }
  }
  /** The list whose elements have the sizes of a ragged name: columns and rows made of them only hand it on. */
  #listOf(list: NodeId, d: string): NodeId {
    for (let at = list; ; ) {
      const args = this.#arena.argsOf(at)
      const { name } = this.#arena.opOf(at)
      const next =
        name === 'column'
          ? args[0]
          : name === 'rows'
            ? args.find((a) => freeDims(elementOf(this.#arena.typeOf(a))!.of).includes(d))
            : undefined
      if (next === undefined) return at
      at = next
    }
  }
}

/** Names to which a node itself gives a size, whatever its operands are called. */
const broughtBy = (arena: Arena, node: NodeView): readonly string[] => {
  const { name, attrs } = node.op
  const free = freeDims(node.type)
  if (free.length === 0) return free
  switch (name as OpName) {
    case 'param':
    case 'none':
    case 'inject':
    case 'absent':
      return []
    case 'filter':
    case 'flatten':
    case 'join':
    case 'slice':
    case 'concat': {
      const { dim } = attrs as { dim: Dim }
      return typeof dim === 'string' && dim !== '' ? [dim] : []
    }
    case 'at':
      return (attrs as { dims: readonly string[] }).dims
    case 'const':
      return dimsOfLiteral(node.type, (attrs as { value: Json }).value)
    case 'input':
    case 'decodeJson':
      return free
    default: {
      if (isEffect(name)) return free
      const old = new Set(node.args.flatMap((a) => freeDims(arena.typeOf(a))))
      return free.filter((d) => !old.has(d))
    }
  }
}

/** What decides the size of a dimension that a node brings in: its operands, or other dimensions. */
const originOf = (arena: Arena, node: NodeView, dim: string): string => {
  const { op, args, id } = node
  const shape = (k: number): readonly Dim[] => (arena.typeOf(args[k]!) as TensorType).shape
  const fixed = (...of: readonly Dim[]): string => (of.some(isRagged) && !isRagged(dim) ? ' ' : '=')
  switch (op.name as OpName) {
    case 'input':
      return isRagged(dim) ? `input ${id}` : '=input'
    case 'filter':
      return `filter %${args[1]}`
    case 'slice': {
      const { axis, start, stop, step } = op.attrs as { axis: number; start: number; stop: number; step: number }
      const d = shape(0)[axis]!
      return `${fixed(d)}${d} from ${start} to ${stop} by ${step}`
    }
    case 'concat': {
      const { axis } = op.attrs as { axis: number }
      const parts = args.map((_, k) => shape(k)[axis]!)
      return `${fixed(...parts)}${parts.join(' + ')}`
    }
    case 'flatten':
      return `flatten %${args[0]}`
    default:
      return `%${id}`
  }
}
