import type { Arena, NodeId, NodeView, Region } from './arena.ts'
import type { Complain } from './dims.ts'
import { checkDims } from './dims.ts'
import { asksOracle, conflict } from './effects.ts'
import type { Problem } from './errors.ts'
import type { Graph } from './graph.ts'
import { siteOf } from './graph.ts'
import type { OpName } from './ops/index.ts'
import { declOf, isOp, stages } from './ops/index.ts'
import { transactionRules } from './transaction-rules.ts'
import type { Type } from './types.ts'
import { dimProblem, dimRemedy, sameType, showType } from './types.ts'
import { occurrenceOf, postorder, regionFootprint } from './walk.ts'

/**
 * What every graph must satisfy at its stage: each node has the type its op infers, occurs no earlier than its stage
 * allows, regions are closed, occurrences are unique, each dimension has one origin, forked branches do not conflict,
 * cached bodies only read, transactions write what can be undone. The answer is the list of everything that is wrong.
 */
export const checkGraph = (g: Graph): readonly Problem[] => {
  const typed = wellTyped.get(g.arena) ?? new Set<NodeId>()
  wellTyped.set(g.arena, typed)
  const problems: Problem[] = []
  const seen = new Map<number, NodeId>()
  const entered = new Set<string>()
  const bad = (node: NodeView, cause: string, remedy: string): void => {
    const site = siteOf(g, occurrenceOf(node) ?? -1)
    problems.push({
      node: site.name === '' ? `${node.op.name} %${node.id}` : site.name,
      place: site.place,
      cause,
      remedy,
    })
  }
  const region = (root: NodeId, params: readonly Type[] | undefined): void => {
    const key = `${root} ${params?.map(showType).join(';') ?? 'top'}`
    if (entered.has(key)) return
    entered.add(key)
    for (const id of postorder(g.arena, root)) {
      const node = g.arena.node(id)
      one(node, params)
      for (const r of node.regions) region(r.root, r.params)
    }
  }
  const one = (node: NodeView, params: readonly Type[] | undefined): void => {
    const { name } = node.op
    if (!isOp(name)) return bad(node, `there is no op ${name}`, 'use an op of this version')
    const decl = declOf(name)
    if (stages.indexOf(decl.from ?? 'source') > stages.indexOf(g.stage)) {
      bad(
        node,
        `${name} belongs to stage ${decl.from}, and this graph is at stage ${g.stage}`,
        'run the passes in their order',
      )
    }
    const type = typed.has(node.id)
      ? node.type
      : decl.infer(
          node.op.attrs,
          node.args.map((a) => g.arena.typeOf(a)),
          node.regions.map((r) => ({ params: r.params, result: g.arena.typeOf(r.root) })),
        )
    if (typeof type === 'string') bad(node, `${name} ${type}`, 'give it operands that fit')
    else if (!sameType(type, node.type))
      bad(node, `${name} has type ${showType(node.type)} but computes ${showType(type)}`, 'rebuild the node')
    else typed.add(node.id)
    const odd = dimProblem(node.type)
    if (odd !== undefined) bad(node, odd, dimRemedy)
    if (name === 'param') closed(node, params)
    if (name === 'input' && params !== undefined) bad(node, 'input occurs inside a body', 'pass it as an operand')
    const occurrence = occurrenceOf(node)
    if (occurrence !== undefined && (seen.get(occurrence) ?? node.id) !== node.id)
      bad(node, `occurrence ${occurrence} is used twice`, 'number each call by itself')
    if (occurrence !== undefined) seen.set(occurrence, node.id)
    effectRules(g.arena, node, bad)
  }
  const closed = (node: NodeView, params: readonly Type[] | undefined): void => {
    const { index } = node.op.attrs as { index: number }
    if (params?.[index] === undefined || !sameType(params[index], node.type))
      bad(
        node,
        `there is no parameter ${index} of type ${showType(node.type)} here`,
        'pass the value to the body as an operand',
      )
  }
  region(g.root, undefined)
  // Sizes are looked at only where the types hold, because they are read off the types.
  if (problems.length === 0) checkDims(g.arena, g.root, bad)
  return problems
}

/** Nodes never change, so what an op infers is looked at once, however many passes hand the node on. */
const wellTyped = new WeakMap<Arena, Set<NodeId>>()

/** The rules about what bodies may do to the world: forks are independent, caches only read, transactions can be undone. */
export const effectRules = (arena: Arena, node: NodeView, bad: Complain): void => {
  const footprints = (rs: readonly Region[]) => rs.map((r) => regionFootprint(arena, r.root))
  switch (node.op.name as OpName) {
    case 'fork': {
      const { fields } = node.op.attrs as { fields: readonly string[] }
      const prints = footprints(node.regions)
      for (let i = 0; i < prints.length; i++) {
        for (let j = i + 1; j < prints.length; j++) {
          if (conflict(prints[i]!, prints[j]!))
            bad(
              node,
              `branches ${fields[i]} and ${fields[j]} conflict: one writes what the other uses`,
              'put the one after the other with sequence',
            )
        }
      }
      return
    }
    case 'forkMap': {
      const [print] = footprints(node.regions)
      if (conflict({ reads: print!.reads, writes: [] }, { reads: [], writes: print!.writes }))
        bad(
          node,
          'the body reads what it writes, so its elements depend on one another',
          'use map, which runs them in order',
        )
      return
    }
    case 'cached': {
      const [print] = footprints(node.regions)
      if (print!.writes.length > 0)
        bad(node, 'the cached body writes', 'cache reads and computations only; write outside')
      if (asksOracle(print!))
        bad(
          node,
          'the cached body reads the clock or random bytes, which differ at every call',
          'ask for them outside, and pass them in',
        )
      return
    }
    case 'transaction':
      transactionRules(arena, node, bad)
  }
}
