import type { Arena, NodeId } from '../arena.ts'
import type { InvalidGraph } from '../build/graph.ts'
import { invalidGraph } from '../build/graph.ts'
import { nearest } from '../build/nearest.ts'
import { optionProblem } from '../build/options.ts'
import { checkGraph } from '../check.ts'
import type { Either } from '../either.ts'
import { left, right } from '../either.ts'
import { isFloat } from '../elem.ts'
import type { Problem } from '../errors.ts'
import { bug } from '../errors.ts'
import type { Graph } from '../graph.ts'
import { siteOf } from '../graph.ts'
import { canonicalise } from '../listing.ts'
import { mustMake } from '../make.ts'
import type { Type } from '../types.ts'
import { fieldOf, isScalar, showType } from '../types.ts'
import { occurrenceOf, postorder } from '../walk.ts'
import type { Kept } from './answers.ts'
import { keepAnswers } from './answers.ts'
import { Cells } from './cells.ts'
import { sweepOf } from './reverse.ts'

export interface GradientOptions {
  /** The output to differentiate: the name of a field of the result, or several that lead to it. */
  readonly of?: string | readonly string[]
  /**
   * Allows an output with axes: the gradient is that of the sum of its cells. By an input of which each cell acts on one
   * cell of the output only, that is the derivative of each cell by its own input.
   */
  readonly each?: boolean
}

/** `grad` for a sealed graph, wherever it came from. */
export const gradGraph = (
  g: Graph<'source'>,
  wrt: readonly string[],
  options?: GradientOptions | null,
): Either<InvalidGraph, Graph<'source'>> => {
  if (g?.arena === undefined) return left(invalidGraph('build', 'gradient', [noGraph]))
  const name = `${g.name}-gradient`
  const problems: Problem[] = []
  const bad = (node: string, cause: string, remedy: string, place = ''): void => {
    if (!problems.some((p) => p.node === node && p.cause === cause)) problems.push({ node, place, cause, remedy })
  }
  try {
    const inputs = asked(g, wrt, bad)
    // In an arena of its own: the graph that is given stays as small as it is.
    const copy = canonicalise(g)
    const types = new Map(g.inputs)
    const named = inputs.filter((n) => types.has(n)).map((name) => inputNode(copy.arena, name, types.get(name)!))
    const odd = optionProblem(options, ['of', 'each'])
    if (odd !== undefined) bad('grad', odd.cause, odd.remedy)
    const { root: whole, kept } = keepAnswers(copy.arena, copy.root, named)
    const own = { ...copy, root: whole }
    const output = outputOf(own, odd === undefined ? (options ?? {}) : {}, bad)
    if (problems.length > 0 || output === undefined) return left(invalidGraph('build', name, problems))
    const root = differentiated(own, { names: inputs, inputs: named, kept, said: saidOf(options?.of) }, output, bad)
    if (problems.length > 0) return left(invalidGraph('build', name, problems))
    const made = canonicalise({ ...own, name, root })
    const wrong = checkGraph(made)
    return wrong.length > 0 ? left(invalidGraph('build', name, wrong)) : right(made)
  } catch (e) {
    const { cause, remedy } = bug(name, e)
    return left(invalidGraph('build', name, [{ node: name, place: '', cause, remedy }]))
  }
}
export const noGraph: Problem = {
  node: '',
  place: '',
  cause: 'what was given is no graph',
  remedy: 'pass what graph(…) returned',
}
type Bad = (node: string, cause: string, remedy: string, place?: string) => void

const asked = (g: Graph, wrt: readonly string[], bad: Bad): readonly string[] => {
  const names = Array.isArray(wrt) ? (wrt as readonly string[]) : []
  const floats = g.inputs.filter(([, t]) => t.kind === 'tensor' && isFloat(t.elem)).map(([n]) => n)
  const choose = floats.length === 0 ? 'no input of this graph is of f64 or f32' : `choose from ${floats.join(', ')}`
  if (names.length === 0) bad('wrt', 'no input is named to differentiate by', choose)
  if (new Set(names).size !== names.length) bad('wrt', 'an input is named twice', 'name each once')
  for (const n of names) {
    const type = g.inputs.find(([i]) => i === n)?.[1]
    if (type === undefined) {
      bad(String(n), `there is no input '${String(n)}'`, floats.length === 0 ? choose : nearest(String(n), floats))
    } else if (!floats.includes(n)) bad(n, `input '${n}' is ${showType(type)}, which does not change a little`, choose)
  }
  return names
}

/** The node to differentiate. */
const outputOf = ({ arena, root }: Graph, { of, each = false }: GradientOptions, bad: Bad): NodeId | undefined => {
  const path = of === undefined ? onlyPath(arena.typeOf(root)) : typeof of === 'string' ? [of] : of
  if (!Array.isArray(path) || !path.every((n) => typeof n === 'string')) {
    bad('of', `the output is given as ${String(of)}`, "name it: { of: 'y' }, or the fields that lead to it")
    return undefined
  }
  let at = root
  for (const [k, field] of path.entries()) {
    const type = arena.typeOf(at)
    if (fieldOf(type, field) === undefined) {
      const names = type.kind === 'record' ? type.fields.map(([n]) => n) : []
      const cause = `there is no output '${path.slice(0, k + 1).join('.')}'`
      bad('of', cause, names.length === 0 ? 'leave it out' : `choose from ${names.join(', ')}`)
      return undefined
    }
    at = mustMake(arena, 'field', { name: field }, [at])
  }
  const type = arena.typeOf(at)
  const label = path.length === 0 ? 'the result' : `output '${path.join('.')}'`
  if (type.kind === 'record') {
    const names = type.fields.map(([n]) => n).join(', ')
    bad('of', `${label} is a record, and one number is differentiated`, `name one of ${names}: { of: … }`)
  } else if (type.kind !== 'tensor' || !isFloat(type.elem)) {
    bad('of', `${label} is ${showType(type)}, which does not change a little`, 'choose an output of f64 or f32')
  } else if (!isScalar(type) && !each) {
    const remedy = 'return its sum, or say { each: true } for the gradient of the sum of its cells'
    bad('of', `${label} is ${showType(type)}, and one number is differentiated`, remedy)
  } else return at
  return undefined
}
const onlyPath = (t: Type): readonly string[] =>
  t.kind === 'record' && t.fields.length === 1 ? [t.fields[0]![0], ...onlyPath(t.fields[0]![1])] : []

const inputNode = (arena: Arena, name: string, type: Type): NodeId => mustMake(arena, 'input', { name, type })
interface By {
  readonly names: readonly string[]
  readonly inputs: readonly NodeId[]
  readonly kept: Kept
  readonly said: string
}
/** What an output is called in messages. */
const saidOf = (of: GradientOptions['of']): string =>
  of === undefined ? 'output' : `output '${typeof of === 'string' ? of : of.join('.')}'`
const differentiated = (g: Graph, { names, inputs, kept, said }: By, output: NodeId, bad: Bad): NodeId => {
  const { arena } = g
  const cells = new Cells(arena)
  const sweep = sweepOf(cells, kept, (node, cause, remedy) => {
    const site = siteOf(g, occurrenceOf(node) ?? -1)
    const below = new Set(postorder(arena, node.id))
    const from = names.filter((_, k) => below.has(inputs[k]!))
    const between = `stands between ${(from.length === 0 ? names : from).join(', ')} and the ${said}`
    bad(site.name || node.op.name, `${node.op.name} ${between}: ${cause}`, remedy, site.place)
  })
  const one = cells.constant(cells.tensor(output).elem, 1)
  const flows = sweep.back(output, cells.spread(one, output), inputs)
  const parts = inputs.map((x, k) => (flows[k] as NodeId | undefined) ?? cells.zeros(x))
  const gradient = mustMake(arena, 'record', { fields: [...names] }, parts)
  const root = mustMake(arena, 'record', { fields: ['value', 'gradient'] }, [g.root, gradient])
  if (holdsAbsent(arena, gradient)) {
    const cause = 'its derivative needs what an effect answered inside of an arm or a map in a map, which nobody keeps'
    bad('gradient', cause, 'ask before it, and compute with what was answered')
  }
  return root
}
const holdsAbsent = (arena: Arena, root: NodeId, seen = new Set<NodeId>()): boolean => {
  if (seen.has(root)) return false
  seen.add(root)
  return postorder(arena, root).some(
    (id) => arena.opOf(id).name === 'absent' || arena.regionsOf(id).some((r) => holdsAbsent(arena, r.root, seen)),
  )
}
