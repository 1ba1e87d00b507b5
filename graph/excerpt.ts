import type { NodeId } from './arena.ts'
import type { CompileError } from './errors.ts'
import type { Graph } from './graph.ts'
import { print } from './text.ts'
import { showType } from './types.ts'
import { postorder } from './walk.ts'

/** What an error of compiling shows of the graph: the text form, and a Mermaid flowchart of the same. Long ones are cut. */
export interface Excerpt {
  readonly subgraph: string
  readonly picture: string
}
const most = 40

/** The part of a graph that a root stands for; all of it unless said. */
export const excerpt = (g: Graph, root: NodeId = g.root): Excerpt => {
  const part = { ...g, root, ...(root === g.root ? {} : { inputs: [] }) }
  const lines = print(part).split('\n')
  const cut = lines.length - most
  return {
    subgraph: cut <= 0 ? lines.join('\n') : [...lines.slice(0, most), `… ${cut} lines more`].join('\n'),
    picture: pictureOf(part),
  }
}
/** The error with what it is about, where whoever made it did not know the graph. */
export const shownIn = <E extends CompileError>(g: Graph, e: E): E =>
  e._tag === 'InvalidGraph' || e.subgraph !== '' ? e : { ...e, ...excerpt(g) }

const pictureOf = (g: Graph): string => {
  const lines: string[] = []
  let left = most
  const frame = (root: NodeId, prefix: string, indent: string): void => {
    const order = postorder(g.arena, root)
    // The end of a long region is nearer to its result.
    const shown = order.slice(Math.max(0, order.length - left))
    left -= shown.length
    const drawn = new Set(shown)
    if (shown.length < order.length) lines.push(`${indent}${prefix}more["… ${order.length - shown.length} more"]`)
    for (const id of shown) {
      const { op, args, type, regions } = g.arena.node(id)
      lines.push(
        `${indent}${prefix}${id}["${escaped(label(op.name, op.attrs))}<br/>${escaped(short(showType(type)))}"]`,
      )
      for (const a of new Set(args)) lines.push(`${indent}${prefix}${drawn.has(a) ? a : 'more'} --> ${prefix}${id}`)
      regions.forEach((r, i) => {
        if (left <= 0) return
        const own = `${prefix}${id}_${i}`
        lines.push(`${indent}subgraph ${own}["${escaped(op.name)} ${i}"]`)
        frame(r.root, `${own}_`, `${indent}  `)
        lines.push(`${indent}end`)
      })
    }
  }
  frame(g.root, 'n', '  ')
  return ['flowchart TD', ...lines, ''].join('\n')
}
const label = (op: string, attrs: object): string => {
  const { name } = attrs as { readonly name?: unknown }
  return typeof name === 'string' ? `${op} ${short(name)}` : op
}
const short = (text: string): string => (text.length > 60 ? `${text.slice(0, 59)}…` : text)
const escaped = (text: string): string => text.replace(/[&"<>#\n]/g, (c) => `#${c.codePointAt(0)};`)
