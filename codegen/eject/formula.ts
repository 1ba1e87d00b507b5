import type { Arena, NodeId } from '../../graph/arena.ts'
import type { Json } from '../../graph/values.ts'
import { postorder } from '../../graph/walk.ts'

const infix: Readonly<Record<string, string>> = { add: '+', sub: '-', mul: '*', div: '/', lt: '<', le: '<=', eq: '=' }

/**
 * What a kernel computes, as formulas for a comment: a line an output, and one for whatever is used more than once. They are
 * for reading; the code beside them is what counts.
 */
export const formulas = (arena: Arena, root: NodeId): readonly string[] => {
  const order = postorder(arena, root)
  const uses = new Map<NodeId, number>()
  for (const id of order) for (const a of arena.node(id).args) uses.set(a, (uses.get(a) ?? 0) + 1)
  const text = new Map<NodeId, string>()
  const lines: string[] = []
  for (const id of order) {
    const { op, args } = arena.node(id)
    const attrs = op.attrs as { readonly index?: number; readonly value?: Json; readonly fields?: readonly string[] }
    const given = args.map((a) => text.get(a)!)
    if (op.name === 'record' && id === root) {
      given.forEach(
        (g, i) =>
          void lines.push(`out${i} = ${g.replace(/^\((.*)\)$/, (all, inner) => (balanced(inner) ? inner : all))}`),
      )
      break
    }
    const written =
      op.name === 'param'
        ? `in${attrs.index}`
        : op.name === 'const'
          ? JSON.stringify(attrs.value)
          : op.name === 'broadcast'
            ? given[0]!
            : infix[op.name] !== undefined
              ? `(${given[0]} ${infix[op.name]} ${given[1]})`
              : `${op.name}(${given.join(', ')})`
    const shared = (uses.get(id) ?? 0) > 1 && args.length > 0 && op.name !== 'broadcast'
    if (!shared && written.length < 400) text.set(id, written)
    else {
      const name = `t${lines.length}`
      lines.push(`${name} = ${written}`)
      text.set(id, name)
    }
  }
  return lines
}
const balanced = (s: string): boolean => {
  let depth = 0
  for (const c of s) {
    if (c === '(') depth++
    else if (c === ')' && --depth < 0) return false
  }
  return depth === 0
}
