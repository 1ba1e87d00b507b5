import type { NodeId, NodeView } from '../../graph/arena.ts'
import type { DbQueryAttrs } from '../../graph/effects.ts'
import { isEffect } from '../../graph/effects.ts'
import type { Graph } from '../../graph/graph.ts'
import { showType } from '../../graph/types.ts'
import { postorder } from '../../graph/walk.ts'
import { operations } from './view.ts'

/** The optimised graph as boxes and arrows, in no diagram language yet. */
export type Shape = 'op' | 'effect' | 'kernel' | 'leaf' | 'result'
export interface Box {
  readonly id: string
  readonly shape: Shape
  readonly lines: readonly string[]
}
export interface Arrow {
  readonly from: string
  readonly to: string
  /** A body's result goes back to the op that owns it. */
  readonly back?: true
}
/** Boxes of one region; bodies are drawn inside a frame of their own. */
export interface Frame {
  readonly id: string
  readonly title: string
  readonly boxes: readonly Box[]
  readonly frames: readonly Frame[]
}
export interface Drawing {
  readonly name: string
  readonly top: Frame
  readonly arrows: readonly Arrow[]
}

/** A region that is used twice is drawn twice: a drawing shows where things happen. */
export const draw = (g: Graph): Drawing => {
  const arrows: Arrow[] = []
  let kernels = 0
  const known = new Map<NodeId, string>()
  const kernelName = (body: NodeId): string => {
    const name = known.get(body) ?? `k${kernels++}`
    known.set(body, name)
    return name
  }
  const frame = (root: NodeId, prefix: string, title: string, owner = ''): Frame => {
    const boxes: Box[] = []
    const frames: Frame[] = []
    for (const id of postorder(g.arena, root)) {
      const node = g.arena.node(id)
      if (node.op.name === 'absent') continue
      const own = `${prefix}${id}`
      const kernel = node.op.name === 'kernel'
      boxes.push(kernel ? kernelBox(own, kernelName(node.regions[0]!.root), node) : box(own, node, owner))
      for (const a of new Set(node.args)) {
        if (g.arena.opOf(a).name !== 'absent') arrows.push({ from: `${prefix}${a}`, to: own })
      }
      if (kernel) continue
      node.regions.forEach((r, i) => {
        const inner = `${own}_${i}_`
        frames.push(frame(r.root, inner, `${node.op.name}${bodyName(node, i)}`, node.op.name))
        arrows.push({ from: `${inner}${r.root}`, to: own, back: true })
      })
    }
    return { id: `${prefix}frame`, title, boxes, frames }
  }
  const kernelBox = (id: string, name: string, node: NodeView): Box => {
    const ops = operations(g.arena, node.regions[0]!.root)
    const total = ops.reduce((n, [, k]) => n + k, 0)
    return {
      id,
      shape: 'kernel',
      lines: [
        `kernel ${name}: ${total} ${total === 1 ? 'op' : 'ops'}`,
        ...wrap(ops.map(([op, n]) => (n === 1 ? op : `${op}×${n}`))),
      ],
    }
  }
  const top = frame(g.root, 'n', g.name)
  const result: Box = { id: 'result', shape: 'result', lines: ['result'] }
  return {
    name: g.name,
    top: { ...top, boxes: [...top.boxes, result] },
    arrows: [...arrows, { from: `n${g.root}`, to: 'result' }],
  }
}

const box = (id: string, node: NodeView, owner: string): Box => {
  const { name } = node.op
  const a = node.op.attrs as Partial<DbQueryAttrs> & {
    readonly value?: unknown
    readonly index?: number
    readonly fields?: readonly string[]
  }
  if (isEffect(name))
    return {
      id,
      shape: 'effect',
      lines:
        name === 'dbQuery' ? [`query ${a.name}`, `${a.db}: ${a.mode}`] : a.name === undefined ? [name] : [name, a.name],
    }
  switch (name) {
    case 'input':
      return { id, shape: 'leaf', lines: [`input ${a.name}`, type(node)] }
    case 'param':
      return { id, shape: 'leaf', lines: [parameter(owner, a.index ?? 0)] }
    case 'const':
      return { id, shape: 'leaf', lines: [cut(JSON.stringify(a.value) ?? '')] }
    case 'field':
    case 'column':
      return { id, shape: 'op', lines: [`.${a.name}`] }
    case 'record':
    case 'rows':
      return { id, shape: 'op', lines: [name, ...wrap(a.fields ?? [])] }
    default:
      return { id, shape: 'op', lines: [name, type(node)] }
  }
}
/** The first parameter of a body is what its owner brings; the others come from around it. */
const parameter = (owner: string, index: number): string =>
  index > 0
    ? `from outside ${index}`
    : owner.toLowerCase().includes('map')
      ? 'element'
      : owner === 'loop'
        ? 'state'
        : owner === 'match'
          ? 'value'
          : 'from outside 0'
const type = (node: NodeView): string => cut(showType(node.type))
const cut = (s: string): string => (s.length > 32 ? `${s.slice(0, 31)}…` : s)

const bodyName = (node: NodeView, i: number): string => {
  const { fields } = node.op.attrs as { fields?: readonly string[] }
  if (node.op.name === 'fork') return ` ${fields?.[i] ?? i}`
  if (node.op.name === 'cond') return i === 0 ? ' then' : ' else'
  if (node.op.name === 'loop') return i === 0 ? ' while' : ' step'
  return node.regions.length > 1 ? ` ${i}` : ''
}

/** Words in lines of a readable length, at most four of them. */
const wrap = (words: readonly string[]): readonly string[] => {
  const lines: string[] = []
  for (const w of words) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + w.length < 32) lines[lines.length - 1] = `${last} ${w}`
    else lines.push(cut(w))
  }
  return lines.length > 4 ? [...lines.slice(0, 3), '…'] : lines
}
