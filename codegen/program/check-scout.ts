import type { Arena, NodeId, NodeView, Region } from '../../graph/arena.ts'
import { isEffect } from '../../graph/effects.ts'
import { canonical } from '../../graph/make.ts'
import type { Need, Plan } from '../../graph/need.ts'
import { needOfBody, planOf } from '../../graph/need.ts'
import type { OpName } from '../../graph/ops/index.ts'
import { declOf } from '../../graph/ops/index.ts'
import { showType } from '../../graph/types.ts'
import { occurrenceOf } from '../../graph/walk.ts'
import type { Operand, Program, Step } from './types.ts'

/**
 * Checks that a scout is a part of its region: each step is a node that the region runs, with the same op, attributes and
 * operands, and asks nothing but queries that may be asked early. So it asks for an element only what stands under
 * conditions that hold for it. Parameters whose value it is not given, it does not use.
 */
export const scoutProblem = (
  p: Program,
  arena: Arena,
  early: ReadonlySet<number>,
  block: number,
  region: Region,
  rootNeed: Need,
  rootGiven: readonly boolean[],
  path: string,
): string | undefined => {
  const done = new Set<string>()
  const enter = (index: number, r: Region, need: Need, given: readonly boolean[], at: string): string | undefined => {
    const key = `${index} ${r.root} ${given.map(Number).join('')}`
    if (done.has(key)) return undefined
    done.add(key)
    const b = p.blocks[index]
    if (b?.scout !== true) return `${at}: block ${index} is no scout`
    const plan = planOf(arena, r.root, need)
    const places = new Map<NodeId, Operand>()
    let step = 0
    for (const id of plan.order) {
      const { name, attrs } = arena.opOf(id)
      if (name === 'param') {
        const { index } = attrs as { index: number }
        if (given[index] === true) places.set(id, { at: 'param', index })
      } else if (name === 'input') places.set(id, { at: 'input', name: (attrs as { name: string }).name })
      else if (b.steps[step]?.node === id) {
        const s = b.steps[step]!
        if (!isStep(arena.node(id), s, places, plan)) return `${at}, step ${step}: ${s.op} is not what its region says`
        const wrong =
          illegal(arena.node(id), early) ?? bodies(arena.node(id), s, plan.need.get(id)!, `${at}, step ${step}`)
        if (wrong !== undefined) return `${at}, step ${step}: ${wrong}`
        places.set(id, { at: 'step', index: step++ })
      }
    }
    if (step < b.steps.length) return `${at}: step ${step}, ${b.steps[step]!.op}, is not in its region`
    const known = places.get(r.root)
    return b.result.at === 'absent' || (known !== undefined && canonical(known) === canonical(b.result))
      ? undefined
      : `${at}: gives another result`
  }
  /** Same op, attributes and type; each operand is that of the node, or left out. */
  const isStep = (node: NodeView, s: Step, places: ReadonlyMap<NodeId, Operand>, plan: Plan): boolean =>
    s.op === node.op.name &&
    canonical(s.attrs) === canonical(declOf(s.op as OpName).attrs.encode(node.op.attrs as never)) &&
    showType(p.types[s.type]!) === showType(node.type) &&
    s.args.length === node.args.length &&
    s.args.every((o, k) => {
      const place = places.get(node.args[k]!)
      if (o.at === 'absent') return !plan.looks(node.id, k) || mayLack(node, k) || isAbsent(node, k)
      return place !== undefined && canonical(place) === canonical(o)
    })
  const isAbsent = (node: NodeView, k: number): boolean => arena.opOf(node.args[k]!).name === 'absent'
  const bodies = (node: NodeView, s: Step, need: Need, at: string): string | undefined => {
    if (s.kind === 'kernel' || node.regions.length === 0) return undefined
    if (s.blocks.length !== node.regions.length) return `${s.op} has other bodies`
    const has = s.args.map((o, k) => o.at !== 'absent' || isAbsent(node, k))
    const own = node.op.name
    const given = own === 'cond' ? has.slice(1) : own === 'fork' || own === 'attempt' ? has : [true, ...has.slice(1)]
    for (const [k, r] of node.regions.entries()) {
      const wrong = enter(s.blocks[k]!, r, needOfBody(node, k, need), given, `${at}/${s.op}.${k}`)
      if (wrong !== undefined) return wrong
    }
    return undefined
  }
  return enter(block, region, rootNeed, rootGiven, path)
}

const looksInto: ReadonlySet<string> = new Set(['map', 'forkMap', 'mapBatched', 'cond', 'match', 'fork', 'attempt'])
const illegal = (node: NodeView, early: ReadonlySet<number>): string | undefined => {
  const { name } = node.op
  if (isEffect(name)) return early.has(occurrenceOf(node)!) ? undefined : `${name} is not to be asked early`
  const decl = declOf(name as OpName)
  const plain = decl.meaning !== undefined || ['assert', 'decodeJson', 'kernel', 'sequence', 'absent'].includes(name)
  return plain || looksInto.has(name) ? undefined : `${name} does not run ahead of its turn`
}
/** Operands that may be left out: captures, which then nothing inside uses, and what a sequence only waits for. */
const mayLack = (node: NodeView, k: number): boolean =>
  node.op.name === 'sequence'
    ? k === 0
    : ['fork', 'attempt'].includes(node.op.name) || (looksInto.has(node.op.name) && k > 0)
