import type { Arena, NodeId } from '../../graph/arena.ts'
import { decodeValue, encodeValue } from '../../graph/json-value.ts'
import { make } from '../../graph/make.ts'
import type { OpName } from '../../graph/ops/index.ts'
import { declOf } from '../../graph/ops/index.ts'
import type { Type } from '../../graph/types.ts'
import type { Json, Value } from '../../graph/values.ts'
import { sameValue, sizeOf } from '../../graph/values.ts'
import { nodeCost } from '../laws/cost.ts'

/** Constants beyond this many cells, or this long a text, would make the graph bigger than the work it saves. */
export const cells = 64
const text = 1000
/** Not work: kernels compute them from the index, and a constant would have to be loaded. */
const free = new Set(['broadcast', 'iota', 'const', 'record', 'rows', 'absent'])

/** The constant that a node of literals is, if it is small; literals are decoded once. */
export const foldable = (arena: Arena): ((id: NodeId) => NodeId | undefined) => {
  const known = new Map<NodeId, Value>()
  const literal = (id: NodeId): Value | undefined => {
    const seen = known.get(id)
    if (seen !== undefined) return seen
    const v = decodeValue(arena.typeOf(id), (arena.opOf(id).attrs as { value: Json }).value)
    if (v._tag === 'Right') known.set(id, v.right)
    return v._tag === 'Right' ? v.right : undefined
  }
  return (id) => {
    const { name, attrs } = arena.opOf(id)
    if (free.has(name)) return undefined
    const args = arena.argsOf(id)
    if (args.length === 0 || !args.every((a) => arena.opOf(a).name === 'const')) return undefined
    if (!isCheaper(arena, id)) return undefined
    const { meaning } = declOf(name as OpName)
    const type = arena.typeOf(id)
    const values = args.map(literal)
    if (meaning === undefined || !concrete(type) || values.includes(undefined)) return undefined
    const types = args.map((a) => arena.typeOf(a))
    const value = meaning(attrs as never, values as Value[], types, type)
    const json = encodeValue(type, value)
    const back = decodeValue(type, json)
    if (back._tag === 'Left' || !sameValue(back.right, value) || !small(json)) return undefined
    const made = make(arena, 'const', { type, value: json })
    return made._tag === 'Right' ? made.right : undefined
  }
}
/** One cell as an array is dearer written out than as what spreads the cell. */
const isCheaper = (arena: Arena, id: NodeId): boolean => {
  const literal = (x: NodeId): bigint => nodeCost('const', rankOf(arena.typeOf(x)), [])
  return literal(id) < nodeCost(arena.opOf(id).name, rankOf(arena.typeOf(id)), arena.argsOf(id).map(literal))
}
const rankOf = (t: Type): number => (t.kind === 'tensor' ? t.shape.length : 0)

const concrete = (t: Type): boolean =>
  t.kind === 'tensor' && t.shape.every((d) => typeof d === 'number') && sizeOf(t.shape as number[]) <= cells
const small = (json: Json): boolean =>
  (typeof json === 'object' && json !== null ? JSON.stringify(json) : String(json)).length <= text
