import type { Elem } from '../elem.ts'
import { encodeValue } from '../json-value.ts'
import type { Dim, TensorType, Type } from '../types.ts'
import { bool, sameShape, scalar, showType, tensor } from '../types.ts'
import type { Builder } from './builder.ts'
import { toValue } from './host.ts'
import type { Ref } from './scope.ts'
import { isPoisoned } from './scope.ts'

/** What users write as an operand, once expressions have been unwrapped: a node, or a JavaScript value. */
export type Operand = Ref | number | bigint | boolean | string | Date | Uint8Array | null

export const isRef = (x: unknown): x is Ref => typeof x === 'object' && x !== null && 'builder' in x && 'id' in x

/** A literal of a type, from whatever JavaScript form `toValue` takes. */
export const literal = (b: Builder, type: Type, x: unknown): Ref => {
  const v = toValue(type, x)
  if (v._tag === 'Right') return b.node('const', { type, value: encodeValue(type, v.right) })
  const m = v.left[0]!
  const at = m.path === '$' ? '' : `${m.path} `
  return b.fail(
    'constant',
    `a constant of ${showType(type)}: ${at}${m.problem}`,
    `give a value of ${showType(type)}`,
    type,
  )
}
/** An operand as a node; JavaScript values take the element of what they stand beside. */
export const lift = (b: Builder, x: Operand, elem: Elem): Ref => (isRef(x) ? x : literal(b, scalar(elem), x))

/** A JavaScript value by itself: whole numbers and bigints as i64, other numbers as f64. */
export const lone = (b: Builder, x: unknown): Ref => {
  if (isRef(x)) return x
  switch (typeof x) {
    case 'string':
      return literal(b, scalar('string'), x)
    case 'boolean':
      return literal(b, bool, x)
    case 'bigint':
      return literal(b, scalar('i64'), x)
    case 'number':
      return literal(b, scalar(Number.isSafeInteger(x) ? 'i64' : 'f64'), x)
    default:
      if (x instanceof Uint8Array) return literal(b, scalar('bytes'), x)
      if (x instanceof Date) return literal(b, scalar('timestamp'), x)
      return b.fail(
        'value',
        `${x === null ? 'null' : typeof x} is no value of a graph`,
        'give an expression, or a number, text, boolean or bytes',
      )
  }
}

export const shapeOf = (t: Type): readonly Dim[] => (t.kind === 'tensor' ? t.shape : [])
export const elemOf = (t: Type): Elem => (t.kind === 'tensor' ? t.elem : 'unit')
export const isTensor = (r: Ref): r is Ref & { readonly type: TensorType } => r.type.kind === 'tensor'

/** A node stretched to a shape, its own axes going to `axes`; `like` is a node of that shape, if there is one. */
export const spread = (b: Builder, x: Ref, shape: readonly Dim[], axes: readonly number[], like?: Ref): Ref => {
  if (isPoisoned(x)) return b.poisoned(tensor(elemOf(x.type), shape))
  if (sameShape(shapeOf(x.type), shape)) return x
  const own = shapeOf(x.type)
  const open = shape.filter((d): d is string => typeof d === 'string' && !own.includes(d))
  if (open.length === 0) return b.node('broadcast', { shape, axes }, [x])
  const witness = like ?? witnessOf(b, shape, open)
  return witness === undefined
    ? b.poisoned(tensor(elemOf(x.type), shape))
    : b.node('broadcast', { shape, axes }, [x, witness])
}
/** A scalar beside a tensor, or a tensor that keeps its axes in front of the ones it lacks. */
export const beside = (b: Builder, x: Ref, other: Ref): Ref =>
  shapeOf(x.type).length === 0 ? spread(b, x, shapeOf(other.type), [], other) : x

/** 0, 1, 2 … along a dimension that is known here. */
export const counting = (b: Builder, dim: Dim): Ref => {
  const type = tensor('i32', [dim])
  if (typeof dim === 'number') return b.node('iota', { dim })
  const known = b.sizeOf(dim)
  if (known === undefined) {
    return b.fail(
      'iota',
      `nothing here has the dimension '${dim}', so its size is not known`,
      `use a value that has '${dim}' first, or a literal size`,
      type,
    )
  }
  const { ref, axis } = known
  if (axis === 0) return b.node('iota', { dim }, [ref])
  const perm = [
    axis,
    ...shapeOf(ref.type)
      .map((_, k) => k)
      .filter((k) => k !== axis),
  ]
  return b.node('iota', { dim }, [b.node('transpose', { perm }, [ref])])
}

/**
 * A node of a shape whose sizes x does not know. One unknown dimension is counted and spread over the rest; more of
 * them are laid crosswise with gather, whose result has the axes of its index and of its rows.
 */
const witnessOf = (b: Builder, shape: readonly Dim[], open: readonly string[]): Ref | undefined => {
  const unknown = open.find((d) => b.sizeOf(d) === undefined)
  if (unknown !== undefined) {
    counting(b, unknown)
    return undefined
  }
  if (shape.length === 1) {
    const { ref, axis } = b.sizeOf(open[0]!)!
    return axis === 0 && (ref.type.kind === 'list' || shapeOf(ref.type).length === 1) ? ref : counting(b, open[0]!)
  }
  // Lay the named dimensions crosswise, the last first; literal ones need no witness and are added by a broadcast.
  const named = shape.map((d, k) => ({ d, k })).filter((s): s is { d: string; k: number } => typeof s.d === 'string')
  let made: Ref | undefined
  for (let i = named.length - 1; i >= 0; i--) {
    const line = counting(b, named[i]!.d)
    if (made === undefined) made = line
    else {
      const row: Ref = b.node('reshape', { shape: [1, ...shapeOf(made.type)] }, [made])
      made = b.node('gather', {}, [row, line])
    }
  }
  return spread(
    b,
    made!,
    shape,
    named.map((n) => n.k),
  )
}
