import type { Arena, NodeId, NodeView } from '../../graph/arena.ts'
import { isEffect } from '../../graph/effects.ts'
import { decodeValue } from '../../graph/json-value.ts'
import { make } from '../../graph/make.ts'
import type { OpName } from '../../graph/ops/index.ts'
import { declOf } from '../../graph/ops/index.ts'
import type { Value } from '../../graph/values.ts'
import { sameValue } from '../../graph/values.ts'
import { mayFail, postorder, withParts } from '../../graph/walk.ts'
import type { FoldCertificate } from '../certificate.ts'
import { sameOrder } from './order.ts'
import { replay } from './replay.ts'
import type { Checker } from './verdict.ts'
import { refuse } from './verdict.ts'

/**
 * Each constant is what the op's own meaning says of its constant operands; each field is read from a record of which
 * nothing that could fail, write or read is dropped; and these replacements, no others, give the graph that came out.
 */
export const checkFold: Checker<FoldCertificate> = (before, after, claim) => {
  const { arena } = before
  const constants = new Map(claim.constants.map((c) => [c.node, c.value]))
  const projected = new Set(claim.projected)
  const used = new Set<NodeId>()
  let wrong: string | undefined
  const root = replay(arena, before.root, (node, args, bodies) => {
    const rebuilt = withParts(arena, node, args, bodies)
    if (constants.has(node.id)) {
      used.add(node.id)
      const literal = make(arena, 'const', { type: node.type, value: constants.get(node.id)! })
      if (literal._tag === 'Left') wrong ??= `%${node.id}: the literal ${literal.left}`
      else if (!equals(arena, arena.node(rebuilt), literal.right))
        wrong ??= `%${node.id} ${node.op.name} is not the constant claimed for it`
      return literal._tag === 'Right' ? literal.right : rebuilt
    }
    if (!projected.has(node.id)) return rebuilt
    used.add(node.id)
    const part =
      node.op.name === 'field' ? projection(arena, args[0]!, (node.op.attrs as { name: string }).name) : undefined
    if (part === undefined) wrong ??= `%${node.id} does not read a field of a record from which everything else may go`
    return part ?? rebuilt
  })
  const idle = [...constants.keys(), ...projected].find((id) => !used.has(id))
  if (idle !== undefined) return refuse('certificate', `%${idle} is not in the graph`)
  if (used.size !== claim.constants.length + claim.projected.length)
    return refuse('certificate', 'a node is claimed twice')
  if (wrong !== undefined) return refuse('legality', wrong)
  if (root !== after.root) return refuse('graph', 'these replacements do not give this graph')
  return sameOrder(before, after)
}

const literalOf = (arena: Arena, id: NodeId): { readonly value: Value } | undefined => {
  const { name, attrs } = arena.opOf(id)
  if (name !== 'const') return undefined
  const v = decodeValue(arena.typeOf(id), (attrs as { value: unknown }).value)
  return v._tag === 'Right' ? { value: v.right } : undefined
}
/** Runs the meaning of a node on its literal operands, and compares. */
const equals = (arena: Arena, node: NodeView, literal: NodeId): boolean => {
  const { meaning } = declOf(node.op.name as OpName)
  const values = node.args.map((a) => literalOf(arena, a))
  if (meaning === undefined || values.includes(undefined)) return false
  const types = node.args.map((a) => arena.typeOf(a))
  const value = meaning(
    node.op.attrs as never,
    values.map((v) => v!.value),
    types,
    node.type,
  )
  return sameValue(value, literalOf(arena, literal)!.value)
}
const projection = (arena: Arena, id: NodeId, field: string): NodeId | undefined => {
  const { op, args } = arena.node(id)
  if (op.name !== 'record') return undefined
  const i = (op.attrs as { fields: readonly string[] }).fields.indexOf(field)
  const quiet = (x: NodeId): boolean =>
    !isEffect(arena.opOf(x).name) && arena.regionsOf(x).length === 0 && !mayFail(arena, x)
  return args.every((a, k) => k === i || postorder(arena, a).every(quiet)) ? args[i] : undefined
}
