import type { Arena, NodeId, Region } from './arena.ts'
import type { Either } from './either.ts'
import { left, right } from './either.ts'
import type { AttrsOf, OpName } from './ops/index.ts'
import { declOf } from './ops/index.ts'

/**
 * Makes a node: infers its type from its operands and adds it to the arena. The only way nodes come to be, in the
 * builder, in passes and in decoders alike; the reason on the left completes the sentence "`op` …".
 */
export const make = <N extends OpName>(
  arena: Arena,
  name: N,
  attrs: AttrsOf<N>,
  args: readonly NodeId[] = [],
  regions: readonly Region[] = [],
): Either<string, NodeId> => {
  const decl = declOf(name)
  const type = decl.infer(
    attrs,
    args.map((a) => arena.typeOf(a)),
    regions.map((r) => ({ params: r.params, result: arena.typeOf(r.root) })),
  )
  if (typeof type === 'string') return left(type)
  const op = arena.internOp(name, attrs, keyOf(name, attrs))
  return right(
    arena.add(
      op,
      args,
      regions.map((r) => arena.internRegion(r)),
      arena.internType(type),
    ),
  )
}

/** Makes a node that is known to be well-typed; a reason here is a mistake in Quoin. */
export const mustMake = <N extends OpName>(
  arena: Arena,
  name: N,
  attrs: AttrsOf<N>,
  args: readonly NodeId[] = [],
  regions: readonly Region[] = [],
): NodeId => {
  const made = make(arena, name, attrs, args, regions)
  if (made._tag === 'Left') throw new Error(`bug: ${name} ${made.left}`)
  return made.right
}

/** The attributes as canonical JSON text, keys sorted: equal texts mean equal attributes. */
export const keyOf = (name: OpName, attrs: object): string => {
  for (const _ in attrs) return canonical(declOf(name).attrs.encode(attrs))
  return ''
}
export const canonical = (x: unknown): string => {
  if (Array.isArray(x)) return `[${x.map(canonical).join(',')}]`
  if (typeof x !== 'object' || x === null) return JSON.stringify(x)
  const entries = Object.entries(x).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return `{${entries.map(([k, v]) => `${JSON.stringify(k)}:${canonical(v)}`).join(',')}}`
}
