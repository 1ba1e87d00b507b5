import type { NodeId, Region } from '../arena.ts'
import { effectRules } from '../check.ts'
import type { AttrsOf, OpName } from '../ops/index.ts'
import { declOf } from '../ops/index.ts'
import type { Type } from '../types.ts'
import { unit } from '../types.ts'
import type { Bodies, Builder } from './builder.ts'
import type { Ref, Scope } from './scope.ts'
import { isPoisoned, openScope } from './scope.ts'

/** A body to be closed: types of its own parameters, and how to build it from them. */
export interface BodySpec {
  readonly params: readonly Type[]
  readonly build: (params: readonly Ref[]) => Ref
}
/** How the bodies of an op run: for each element or turn, only sometimes, and never more than one of them. */
export interface BodyMode {
  readonly repeats?: boolean
  readonly lazy?: boolean
  readonly exclusive?: boolean
}
interface Drawn {
  readonly scope: Scope
  readonly root: Ref
  readonly order: readonly NodeId[]
  readonly captures: readonly NodeId[]
}

const deepest = 100

/**
 * Builds an op that has bodies. Each body is run once, in a scope of its own, with open parameters. What then depends
 * on those parameters, or may fail and was written inside, is the body; what it uses from outside becomes a capture,
 * an operand after the fixed ones in the order of first use, shared by all bodies of the op. Constants are copied.
 */
export const withBodies = <N extends OpName>(
  b: Builder,
  op: N,
  attrs: AttrsOf<N>,
  fixed: readonly Ref[],
  specs: readonly BodySpec[],
  mode: BodyMode,
  remedy?: string,
): Ref => {
  if (b.scope.depth >= deepest) {
    return b.fail(op, `bodies are nested more than ${deepest} deep`, 'flatten the nesting')
  }
  const drawn: Drawn[] = []
  const introduced: string[] = []
  for (const s of specs) {
    const d = draw(b, s, mode)
    drawn.push(d)
    // Of exclusive bodies only one runs, so they may bring in dimensions of one name.
    for (const name of d.scope.introduced) {
      if (mode.exclusive === true) introduced.push(name)
      else b.scope.introduced.add(name)
    }
  }
  for (const name of introduced) b.scope.introduced.add(name)
  if (drawn.some((d) => isPoisoned(d.root))) return poisonedResult(b, op, attrs, fixed, specs, drawn)
  const captures: NodeId[] = []
  const known = new Set<NodeId>()
  for (const d of drawn) {
    for (const c of d.captures) {
      if (!known.has(c)) {
        known.add(c)
        captures.push(c)
      }
    }
  }
  const outside = captures.map((id): Ref => ({ builder: b, id, type: b.arena.typeOf(id) }))
  const regions = drawn.map((d, k) => close(b, d, specs[k]!.params, outside))
  const bodies: Bodies = { regions, fails: drawn.some((d) => d.order.some((id) => fallible(b, id))) }
  const made = b.node(op, attrs, [...fixed, ...outside], remedy, bodies)
  if (!isPoisoned(made)) {
    effectRules(b.arena, b.arena.node(made.id), (_, cause, say) => {
      b.fail(op, `${op}: ${cause}`, say)
    })
  }
  if (bodies.fails && !isPoisoned(made)) b.failing.add(made.id)
  return made
}

/** Whether a node can fail or acts on the world, by itself or in its bodies (those were looked at when they closed). */
const fallible = (b: Builder, id: NodeId): boolean =>
  declOf(b.arena.opOf(id).name as OpName).fallible === true || b.failing.has(id)

const draw = (b: Builder, spec: BodySpec, mode: BodyMode): Drawn => {
  const outer = b.scope
  const scope = openScope(outer, mode.repeats, mode.lazy)
  b.scope = scope
  try {
    const root = spec.build(spec.params.map((t) => b.param(t)))
    if (isPoisoned(root)) return { scope, root, order: [], captures: [] }
    return { scope, root, ...collect(b, scope, root.id) }
  } finally {
    scope.closed = true
    b.scope = outer
  }
}

/** The nodes of a body in program order, and what it uses from outside in the order of first use. */
const collect = (b: Builder, scope: Scope, root: NodeId): { order: NodeId[]; captures: NodeId[] } => {
  const order: NodeId[] = []
  const captures: NodeId[] = []
  const seen = new Set<NodeId>([root])
  const enter = (id: NodeId): void => {
    if (inside(b, scope, id)) stack.push({ id, args: b.arena.argsOf(id), next: 0 })
    else if (!copied(b, id)) captures.push(id)
  }
  const stack: { id: NodeId; args: readonly NodeId[]; next: number }[] = []
  enter(root)
  while (stack.length > 0) {
    const top = stack[stack.length - 1]!
    if (top.next === top.args.length) {
      order.push(top.id)
      stack.pop()
      continue
    }
    const arg = top.args[top.next++]!
    if (seen.has(arg)) continue
    seen.add(arg)
    enter(arg)
  }
  for (const w of scope.writers) {
    if (!seen.has(w.id)) lostWrite(b, w)
  }
  return { order, captures }
}
export const lostWrite = (b: Builder, w: Scope['writers'][number]): void => {
  b.fail(
    w.name,
    `'${w.name}' writes, but is no part of the result, so it would never happen`,
    'return it, or put it before what follows it: sequence(write, then)',
    unit,
    w.place,
  )
}

const inside = (b: Builder, scope: Scope, id: NodeId): boolean => {
  if (b.ownerOf(id) === scope) return true
  if (!scope.lazy || copied(b, id) || b.ownerOf(id).depth > scope.depth) return false
  if (b.arena.opOf(id).name === 'input') return false
  let home: Scope | undefined = b.homeOf(id)
  while (home !== undefined && home.depth > scope.depth) home = home.parent
  return home === scope
}
/** Literals cost nothing, so that a body holds its own and equal bodies stay equal. */
const copied = (b: Builder, id: NodeId): boolean => {
  const { name } = b.arena.opOf(id)
  return name === 'const' || name === 'none' || (name === 'iota' && b.arena.argsOf(id).length === 0)
}

const close = (b: Builder, d: Drawn, params: readonly Type[], outside: readonly Ref[]): Region => {
  const closed = new Map<NodeId, NodeId>()
  const all = [...params, ...outside.map((o) => o.type)]
  const param = (index: number): NodeId => b.closedParam(index, all[index]!)
  for (const [i, id] of d.scope.params.entries()) closed.set(id, param(i))
  for (const [i, o] of outside.entries()) closed.set(o.id, param(params.length + i))
  for (const id of d.order) {
    if (closed.has(id)) continue
    const args = b.arena.argsOf(id).map((a) => closed.get(a) ?? a)
    const made = b.again(id, args)
    if (b.failing.has(id)) b.failing.add(made)
    closed.set(id, made)
  }
  const root = closed.get(d.root.id) ?? d.root.id
  if (b.taps.size > 0) closeTaps(b, [...d.scope.params, ...d.order], closed, root)
  return { params: all, root }
}
const closeTaps = (b: Builder, ids: readonly NodeId[], closed: ReadonlyMap<NodeId, NodeId>, root: NodeId): void => {
  const own = b.closedTaps.get(root) ?? new Map<NodeId, readonly string[]>()
  for (const id of ids) {
    const names = b.taps.get(id)
    if (names !== undefined) own.set(closed.get(id)!, [...new Set([...(own.get(closed.get(id)!) ?? []), ...names])])
  }
  if (own.size > 0) b.closedTaps.set(root, own)
}
/** The type an op would have had, so that what follows a poisoned body can be checked as well. */
const poisonedResult = <N extends OpName>(
  b: Builder,
  op: N,
  attrs: AttrsOf<N>,
  fixed: readonly Ref[],
  specs: readonly BodySpec[],
  drawn: readonly Drawn[],
): Ref => {
  const regions = drawn.map((d, k) => ({ params: specs[k]!.params, result: d.root.type }))
  const type = declOf(op).infer(
    attrs,
    fixed.map((f) => f.type),
    regions,
  )
  return b.poisoned(typeof type === 'string' ? (drawn[0]?.root.type ?? unit) : type)
}
