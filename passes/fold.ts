import type { Arena, NodeId, NodeView } from '../graph/arena.ts'
import { isEffect } from '../graph/effects.ts'
import { right } from '../graph/either.ts'
import type { Graph } from '../graph/graph.ts'
import { decodeValue, encodeValue } from '../graph/json-value.ts'
import { make } from '../graph/make.ts'
import type { OpName } from '../graph/ops/index.ts'
import { declOf } from '../graph/ops/index.ts'
import type { Type } from '../graph/types.ts'
import type { Json, Value } from '../graph/values.ts'
import { sameValue, sizeOf } from '../graph/values.ts'
import { mayFail, withParts } from '../graph/walk.ts'
import type { FoldCertificate } from './certificate.ts'
import type { Pass } from './pass.ts'
import { rewrite } from './rewrite.ts'

/** Constants beyond this many cells, or this long a text, would make the graph bigger than the work it saves. */
const cells = 64
const text = 1000
/** Not work: kernels compute them from the index, and a constant would have to be loaded. */
const free = new Set(['broadcast', 'iota', 'const', 'record', 'rows', 'absent'])

/** Constant folding: what depends on literals only is computed while compiling, by the op's own meaning. */
export const fold: Pass = {
  name: 'fold',
  doc: `Computes what is constant, and reads fields straight from the record made for them.
before: mul(x, add(2, 3))      field(record(a: x, b: y), "a")
after:  mul(x, 5)              x
limits: results of at most ${cells} cells; a record is looked through only when nothing in it can fail, read or write.`,
  from: 'normal',
  to: 'normal',
  run: (graph) => {
    const { arena } = graph
    const constants: FoldCertificate['constants'][number][] = []
    const projected: NodeId[] = []
    const told = new Set<NodeId>()
    const literals = new Map<NodeId, Value>()
    const calm = calmNodes(arena)
    const root = rewrite(arena, graph.root, (node, args, bodies) => {
      const rebuilt = withParts(arena, node, args, bodies)
      const again = told.has(node.id)
      told.add(node.id)
      const value = folded(arena, arena.node(rebuilt), literals)
      if (value !== undefined) {
        const literal = make(arena, 'const', { type: node.type, value })
        if (literal._tag === 'Right') {
          if (!again) constants.push({ node: node.id, value })
          return literal.right
        }
      }
      const part =
        node.op.name === 'field'
          ? projection(arena, args[0]!, (node.op.attrs as { name: string }).name, calm)
          : undefined
      if (part !== undefined && !again) projected.push(node.id)
      return part ?? rebuilt
    })
    const after: Graph = { ...graph, root, stage: graph.stage === 'source' ? 'normal' : graph.stage }
    const notes =
      constants.length === 0
        ? []
        : [{ text: `${constants.length} ${constants.length === 1 ? 'node' : 'nodes'} computed while compiling` }]
    return right({ graph: after, certificate: { kind: 'fold', constants, projected }, notes })
  },
}

const literalOf = (arena: Arena, id: NodeId, known: Map<NodeId, Value>): Value | undefined => {
  const seen = known.get(id)
  if (seen !== undefined) return seen
  const { name, attrs } = arena.opOf(id)
  if (name !== 'const') return undefined
  const v = decodeValue(arena.typeOf(id), (attrs as { value: Json }).value)
  if (v._tag === 'Right') known.set(id, v.right)
  return v._tag === 'Right' ? v.right : undefined
}
const concrete = (t: Type): boolean =>
  t.kind === 'tensor' && t.shape.every((d) => typeof d === 'number') && sizeOf(t.shape as number[]) <= cells

/** The constant a node is, in its JSON form, when all its operands are literals and the result is small. */
const folded = (arena: Arena, node: NodeView, known: Map<NodeId, Value>): Json | undefined => {
  const { meaning } = declOf(node.op.name as OpName)
  if (meaning === undefined || node.args.length === 0 || free.has(node.op.name) || !concrete(node.type))
    return undefined
  const values: Value[] = []
  for (const a of node.args) {
    const v = literalOf(arena, a, known)
    if (v === undefined) return undefined
    values.push(v)
  }
  const value = meaning(
    node.op.attrs as never,
    values,
    node.args.map((a) => arena.typeOf(a)),
    node.type,
  )
  const json = encodeValue(node.type, value)
  const back = decodeValue(node.type, json)
  return back._tag === 'Right' && sameValue(back.right, value) && small(json) ? json : undefined
}
const small = (json: Json): boolean =>
  (typeof json === 'object' && json !== null ? JSON.stringify(json) : String(json)).length <= text

/** Nodes below which nothing can fail, read or write; found once for each node. */
const calmNodes = (arena: Arena): ((id: NodeId) => boolean) => {
  const known = new Map<NodeId, boolean>()
  const itself = (id: NodeId): boolean =>
    !isEffect(arena.opOf(id).name) && arena.regionsOf(id).length === 0 && !mayFail(arena, id)
  return (root) => {
    const stack = [root]
    while (stack.length > 0) {
      const id = stack.at(-1)!
      const open = known.has(id) ? [] : arena.argsOf(id).filter((a) => !known.has(a))
      if (open.length > 0) for (const a of open) stack.push(a)
      else {
        stack.pop()
        if (!known.has(id)) known.set(id, itself(id) && arena.argsOf(id).every((a) => known.get(a) === true))
      }
    }
    return known.get(root)!
  }
}
const projection = (arena: Arena, id: NodeId, field: string, calm: (id: NodeId) => boolean): NodeId | undefined => {
  const { op, args } = arena.node(id)
  if (op.name !== 'record') return undefined
  const i = (op.attrs as { fields: readonly string[] }).fields.indexOf(field)
  return args.every((a, k) => k === i || calm(a)) ? args[i] : undefined
}
