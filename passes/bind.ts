import type { NodeId } from '../graph/arena.ts'
import { toValue } from '../graph/build/host.ts'
import type { Built, InvalidGraph } from '../graph/build/index.ts'
import { checkGraph } from '../graph/check.ts'
import type { Either } from '../graph/either.ts'
import { isLeft, left, right } from '../graph/either.ts'
import type { Problem } from '../graph/errors.ts'
import { bug } from '../graph/errors.ts'
import type { Graph } from '../graph/graph.ts'
import { encodeValue } from '../graph/json-value.ts'
import { canonicalise } from '../graph/listing.ts'
import { mustMake } from '../graph/make.ts'
import { specialise } from '../graph/specialise.ts'
import type { Dim, Fields, Type } from '../graph/types.ts'
import { freeDims, isRagged, record, showType, unit } from '../graph/types.ts'
import type { Column, Json, TensorValue, Value } from '../graph/values.ts'
import { elementAt, lengthOf } from '../graph/values.ts'
import { postorder, withParts } from '../graph/walk.ts'
import { checkBind } from './check/bind.ts'

/** What was known when a graph was bound: the literal of each input that went, and sizes of dimensions. */
export interface BindCertificate {
  readonly bound: readonly (readonly [input: string, literal: Json])[]
  readonly sizes: Readonly<Record<string, number>>
}

/** `bind` for a sealed graph, wherever it came from. */
export const bindGraph = (
  g: Graph<'source'>,
  given: Readonly<Record<string, unknown>>,
): Either<InvalidGraph, Graph<'source'>> => {
  try {
    const known = read(g, given)
    if (isLeft(known)) return left(invalid(g, known.left))
    const { values, sizes } = known.right
    const types = new Map(g.inputs)
    const claim: BindCertificate = { bound: values.map(([n, v]) => [n, encodeValue(types.get(n)!, v)] as const), sizes }
    const sized = Object.keys(sizes).length === 0 ? right(canonicalise(g)) : specialise(g, sizes)
    if (isLeft(sized)) return left(invalid(g, 'problems' in sized.left ? sized.left.problems : []))
    const made = written(sized.right, new Map(claim.bound))
    const problems = checkGraph(made)
    if (problems.length > 0) return left(invalid(g, problems))
    const refused = checkBind(g, made, claim)
    return refused === undefined
      ? right(made)
      : left(
          invalid(g, [problem(g.name, `the checker refused it (${refused.obligation}): ${refused.detail}`, mistake)]),
        )
  } catch (e) {
    const { cause, remedy } = bug(g.name, e)
    return left(invalid(g, [problem(g.name, cause, remedy)]))
  }
}
const mistake = 'this is a mistake in Quoin; please report it with the graph'
const problem = (node: string, cause: string, remedy: string): Problem => ({ node, place: '', cause, remedy })
const invalid = (g: Pick<Graph, 'name'>, problems: readonly Problem[]): InvalidGraph => ({
  _tag: 'InvalidGraph',
  stage: 'build',
  place: '',
  problems,
  cause: `graph '${g.name}' cannot be bound: ${problems.map((p) => p.cause).join('; ')}`,
  remedy: problems[0]?.remedy ?? mistake,
})

interface Known {
  readonly values: readonly (readonly [input: string, value: Value])[]
  readonly sizes: Readonly<Record<string, number>>
}
/** What was given, by inputs and dimensions, and everything that is wrong with it. */
const read = (g: Graph, given: unknown): Either<readonly Problem[], Known> => {
  if (typeof given !== 'object' || given === null)
    return left([problem('bind', `what is known is ${String(given)}`, 'give an object: { rate: 0.05 }')])
  const types = new Map(g.inputs)
  const dims = new Set(g.inputs.flatMap(([, t]) => freeDims(t).filter((d) => !isRagged(d))))
  const problems: Problem[] = []
  const values: (readonly [string, Value])[] = []
  const sizes = new Map<string, { readonly size: number; readonly by: string }>()
  const size = (dim: string, n: number, by: string): void => {
    const other = sizes.get(dim)
    if (other !== undefined && other.size !== n) {
      const cause = `dimension '${dim}' is ${other.size} by ${other.by} and ${n} by ${by}`
      problems.push(problem(by, cause, 'give values of sizes that fit together'))
    } else sizes.set(dim, { size: n, by })
  }
  for (const [name, x] of Object.entries(given)) {
    const type = types.get(name)
    if (type === undefined && dims.has(name)) {
      if (Number.isSafeInteger(x) && (x as number) >= 0) size(name, x as number, `'${name}'`)
      else problems.push(problem(name, `dimension '${name}' cannot have the size ${String(x)}`, 'give a whole number'))
    } else if (type === undefined) {
      const all = [...types.keys(), ...dims].join(', ')
      const remedy = all === '' ? 'this graph has no inputs' : `name one of ${all}`
      problems.push(problem(name, `there is no input or dimension '${name}'`, remedy))
    } else {
      const v = toValue(type, x)
      if (isLeft(v)) {
        const cause = v.left.map((m) => `input '${name}'${m.path.slice(1)} ${m.problem}`).join('; ')
        problems.push(problem(name, cause, `give a value of ${showType(type)}`))
      } else {
        values.push([name, v.right])
        for (const [d, n] of sizesIn(type, v.right)) size(d, n, `input '${name}'`)
      }
    }
  }
  return problems.length > 0
    ? left(problems)
    : right({ values, sizes: Object.fromEntries([...sizes].map(([d, s]) => [d, s.size])) })
}
type Found = Map<string, number>
/** Sizes of named dimensions, as a value has them; those that differ from element to element are none. */
const sizesIn = (t: Type, v: Value, found: Found = new Map()): Found => {
  const lacks = (type: Type): boolean => freeDims(type).some((d) => !isRagged(d) && !found.has(d))
  const named = (d: Dim, n: number): void => {
    if (typeof d === 'string' && !isRagged(d)) found.set(d, n)
  }
  if (!lacks(t)) return found
  if (t.kind === 'tensor') for (const [k, d] of t.shape.entries()) named(d, (v as TensorValue).shape[k]!)
  else if (t.kind === 'record')
    for (const [n, f] of t.fields) sizesIn(f, (v as Readonly<Record<string, Value>>)[n]!, found)
  else if (t.kind === 'list') {
    const n = lengthOf(v as Column)
    named(t.dim, n)
    // The first elements may hold none of them; all that do agree, which was looked at before.
    for (let i = 0; i < n && lacks(t.of); i++) sizesIn(t.of, elementAt(t.of, v as Column, i), found)
  } else {
    const held = v as { readonly _tag: string; readonly value: Value }
    if (t.kind === 'union') return sizesIn(t.cases.find(([n]) => n === held._tag)![1], held.value, found)
    if (held._tag !== 'None' && held._tag !== 'Err') sizesIn(t.of, held.value, found)
  }
  return found
}

/** The graph with literals in the place of inputs. */
const written = (g: Graph<'source'>, literals: ReadonlyMap<string, Json>): Graph<'source'> => {
  const { arena } = g
  const done = new Map<NodeId, NodeId>()
  for (const id of postorder(arena, g.root)) {
    const node = arena.node(id)
    const { name, type } = node.op.attrs as { name: string; type: Type }
    const known = node.op.name === 'input' ? literals.get(name) : undefined
    const made =
      known === undefined
        ? withParts(
            arena,
            node,
            node.args.map((a) => done.get(a)!),
            node.regions,
          )
        : mustMake(arena, 'const', { type, value: known })
    done.set(id, made)
  }
  const inputs: Fields = g.inputs.filter(([n]) => !literals.has(n))
  return canonicalise({ ...g, inputs, root: done.get(g.root)! })
}

/**
 * A graph in which some inputs are known: they become literals, go from the inputs, and what follows from them is computed
 * when it is compiled. Dimensions take the sizes of what is given, or can be given by name. What was asked cannot be done
 * is told in `sealed`. The result is held to the graph it came from by a checker of its own.
 *
 *     const cheap = bind(price, { rate: 0.05 })     // compile(cheap); run({ spot })
 */
export const bind = <Input, Output, const G extends Partial<Input> & Readonly<Record<string, unknown>>>(
  built: Built<Input, Output>,
  given: G,
): Built<{ readonly [K in Exclude<keyof Input, keyof G>]: Input[K] }, Output> => {
  if (built?.sealed === undefined) {
    const none = problem('', 'what was given is no graph', 'pass what graph(…) returned')
    return { name: '', inputType: unit, outputType: unit, sealed: left(invalid({ name: '' }, [none])) }
  }
  const { name, inputType, outputType, sealed } = built
  if (isLeft(sealed)) return { name, inputType, outputType, sealed }
  const made = bindGraph(sealed.right, given)
  if (isLeft(made)) return { name, inputType, outputType: unit, sealed: made }
  const g = made.right
  return { name, inputType: record(g.inputs), outputType: g.arena.typeOf(g.root), sealed: made }
}
