import * as io from 'io-ts'
import { checkGraph } from './check.ts'
import type { Either } from './either.ts'
import { isLeft, left, right } from './either.ts'
import type { CompileError, Problem } from './errors.ts'
import type { Graph, SiteInfo } from './graph.ts'
import { numerics } from './graph.ts'
import { capped, fields, index, list, named, optional, version } from './json-codec.ts'
import type { Line, Listing } from './listing.ts'
import { buildListing, canonicalise, listGraph } from './listing.ts'
import type { Stage } from './ops/index.ts'
import { stages } from './ops/index.ts'
import type { Type } from './types.ts'
import { parseType, showType } from './types.ts'
import type { Json } from './values.ts'

/** The version of the document; what is written by a later one is refused, not guessed at. */
export const jsonVersion = 1

/**
 * A graph as a JSON document: `{ quoin, numerics, name, stage, inputs, nodes, root, sites }`. A node is
 * `{ op, args, attrs, regions, type }`, with what is empty left out; `args` are indices of earlier nodes of the same
 * body, a region is `{ params, nodes, root }`, and types are written as in the text form. `sites` names the calls and
 * places in the source; it is no part of the graph's identity. `decodeGraph(encodeGraph(g))` equals g.
 */
export const encodeGraph = (g: Graph): Json => {
  const { listing, sites } = listGraph(g.arena, g.root, g.sites)
  const { params: _, ...body } = encodeListing(listing)
  return {
    quoin: jsonVersion,
    numerics,
    name: g.name,
    stage: g.stage,
    inputs: g.inputs.map(([name, type]) => ({ name, type: showType(type) })),
    ...body,
    sites: [...sites]
      .sort(([a], [b]) => a - b)
      .map(([occurrence, s]) => ({ occurrence, name: s.name, place: s.place })),
  }
}
const encodeListing = (l: Listing): { readonly params: Json; readonly nodes: Json; readonly root: Json } => ({
  params: l.params.map(showType),
  nodes: l.nodes.map(encodeLine),
  root: l.root,
})
const encodeLine = (n: Line): Json => ({
  op: n.op,
  ...(n.args.length > 0 && { args: n.args }),
  ...(Object.keys(n.attrs as object).length > 0 && { attrs: n.attrs }),
  ...(n.regions.length > 0 && { regions: n.regions.map((r): Json => ({ ...encodeListing(r) })) }),
  type: showType(n.type),
})

// Types repeat from node to node: each text is read once for a document.
let known = new Map<string, Type | string>()
const typeText = new io.Type<Type, unknown, unknown>(
  'type',
  (u): u is Type => typeof u === 'object',
  (u, c) => {
    if (typeof u !== 'string') return io.failure(u, c, 'expected a type as text')
    const type = known.get(u) ?? (u.length > 100_000 ? 'a type has at most 100000 characters' : parseType(u))
    known.set(u, type)
    return typeof type === 'string' ? io.failure(u, c, type) : io.success(type)
  },
  showType,
)
const anyObject = new io.Type<Json, unknown, unknown>(
  'attributes',
  (u): u is Json => typeof u === 'object',
  (u, c) =>
    typeof u === 'object' && u !== null && !Array.isArray(u)
      ? io.success(u as Json)
      : io.failure(u, c, 'expected an object of attributes'),
  (a) => a,
)
const stage = new io.Type<Stage, string, unknown>(
  'stage',
  (u): u is Stage => stages.includes(u as Stage),
  (u, c) =>
    stages.includes(u as Stage) ? io.success(u as Stage) : io.failure(u, c, `expected a stage: ${stages.join(', ')}`),
  (s) => s,
)
/** Operands are earlier nodes of the same body, so that no document can hold a cycle. */
const line = (i: number) =>
  fields({
    op: named,
    args: optional(
      list(() => index(i, 'an earlier node of this body; a graph has no cycles')),
      [],
    ),
    attrs: optional(anyObject, {}),
    regions: optional(
      list(() => region),
      [],
    ),
    type: typeText,
  })
const region: io.Type<Listing, unknown, unknown> = new io.Type(
  'region',
  (_u): _u is Listing => false,
  (u, c) => listing.validate(u, c) as io.Validation<Listing>,
  (l) => encodeListing(l),
)
const listing = fields({ params: list(() => typeText), nodes: list(line), root: index(undefined, 'a node') })
const document = fields({
  quoin: version(jsonVersion, 'document'),
  numerics: version(numerics, 'the meaning of numbers'),
  name: io.string,
  stage,
  inputs: list(() => fields({ name: named, type: typeText })),
  nodes: list(line),
  root: index(undefined, 'a node'),
  sites: optional(
    list(() => fields({ occurrence: index(undefined, 'an occurrence'), name: io.string, place: io.string })),
    [],
  ),
})

/**
 * Reads the JSON document of a graph. Whatever else it is given, it answers with what is wrong and where, as a path
 * such as `$.nodes[3].args[1]` in the place of each problem; at most 50 of them.
 *
 *     const g = decodeGraph(JSON.parse(text))
 */
export const decodeGraph = (json: unknown): Either<Extract<CompileError, { readonly _tag: 'InvalidGraph' }>, Graph> => {
  const deep = tooDeep(json)
  if (deep !== undefined)
    return left(invalid([{ node: '', place: '$', cause: deep, remedy: 'give the document that encodeGraph made' }]))
  known = new Map()
  const read = document.decode(json)
  known = new Map()
  if (isLeft(read)) {
    return left(
      invalid(
        capped(read.left).map((e) => ({
          node: '',
          place: pathOf(e.context),
          cause: e.message ?? 'is not as expected',
          remedy: 'correct the document there',
        })),
      ),
    )
  }
  const d = read.right
  const inputs = d.inputs.map((i) => [i.name, i.type] as const)
  const twice = inputs.findIndex(([n], i) => inputs.findIndex(([m]) => m === n) !== i)
  if (twice >= 0)
    return left(
      invalid([
        {
          node: '',
          place: `$.inputs[${twice}].name`,
          cause: `there are two inputs '${inputs[twice]![0]}'`,
          remedy: 'name each input once',
        },
      ]),
    )
  const sites = new Map<number, SiteInfo>(d.sites.map((s) => [s.occurrence, { name: s.name, place: s.place }]))
  const built = buildListing(
    { name: d.name, stage: d.stage, inputs, sites },
    { params: [], nodes: d.nodes, root: d.root },
  )
  if (isLeft(built)) return left(invalid(built.left.map(located)))
  const problems = checkGraph(built.right)
  return problems.length > 0 ? left(invalid(problems.slice(0, 50))) : right(canonicalise(built.right))
}

const invalid = (problems: readonly Problem[]): Extract<CompileError, { readonly _tag: 'InvalidGraph' }> => ({
  _tag: 'InvalidGraph',
  stage: 'decode',
  place: problems[0]!.place,
  problems,
  cause: `the document is not a graph: ${problems.length} problem${problems.length === 1 ? '' : 's'}`,
  remedy: problems[0]!.remedy,
})
/** `%3.0.%1` of a listing is `$.nodes[3].regions[0].nodes[1]` of the document. */
const located = (p: Problem): Problem => {
  const path = p.node
    .replace(/%(\d+)/g, '.nodes[$1]')
    .replace(/\.(\d+)\./g, '.regions[$1]')
    .replace(/\.$/, '')
  return { ...p, node: '', place: `$${path}` }
}
const pathOf = (context: io.Context): string =>
  `$${context
    .slice(1)
    .map((c) =>
      /^\d+$/.test(c.key)
        ? `[${c.key}]`
        : /^[A-Za-z_]\w*$/.test(c.key)
          ? `.${c.key}`
          : `[${JSON.stringify(c.key.slice(0, 40))}]`,
    )
    .join('')}`

const deepest = 1_000
const most = 50_000_000
/** Refuses, before anything recursive looks at it, what is nested too deep, holds itself, or unfolds without end. */
const tooDeep = (json: unknown): string | undefined => {
  const stack: { readonly items: readonly unknown[]; next: number }[] = []
  let visits = 0
  const enter = (x: unknown): void => {
    if (typeof x === 'object' && x !== null) stack.push({ items: Array.isArray(x) ? x : Object.values(x), next: 0 })
  }
  enter(json)
  while (stack.length > 0) {
    const top = stack[stack.length - 1]!
    if (top.next === top.items.length) {
      stack.pop()
      continue
    }
    if (++visits > most) return `the document has more than ${most} parts, or holds itself`
    enter(top.items[top.next++])
    if (stack.length > deepest) return `the document is nested more than ${deepest} deep, or holds itself`
  }
  return undefined
}
