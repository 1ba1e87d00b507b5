import type { NodeId, Region } from './arena.ts'
import { Arena } from './arena.ts'
import type { Either } from './either.ts'
import { left, right } from './either.ts'
import type { Problem } from './errors.ts'
import type { Graph, SiteInfo } from './graph.ts'
import { make } from './make.ts'
import type { OpName, Stage } from './ops/index.ts'
import { declOf, isOp } from './ops/index.ts'
import type { Fields, Type } from './types.ts'
import { sameType, showType } from './types.ts'
import type { Json } from './values.ts'
import { occurrenceOf, postorder } from './walk.ts'

/**
 * A graph as plain data: the common ground of the text form, the JSON document and sealing. Nodes are numbered per
 * region in program order, so two equal graphs have equal listings whatever arena they came from.
 */
export interface Listing {
  readonly params: readonly Type[]
  readonly nodes: readonly Line[]
  readonly root: number
}
export interface Line {
  readonly op: string
  readonly attrs: Json
  readonly args: readonly number[]
  readonly regions: readonly Listing[]
  readonly type: Type
}

/** Lists a graph; occurrences are renumbered in program order, and `sites` follows them. */
export const listGraph = (
  arena: Arena,
  root: NodeId,
  sites: ReadonlyMap<number, SiteInfo>,
): { listing: Listing; sites: Map<number, SiteInfo> } => {
  const renumbered = new Map<number, number>()
  const kept = new Map<number, SiteInfo>()
  const listed = new Map<NodeId, Listing>()
  const region = (r: Region): Listing => {
    const known = listed.get(r.root)
    if (known !== undefined) return { ...known, params: r.params }
    const index = new Map<NodeId, number>()
    const nodes = postorder(arena, r.root).map((id, i): Line => {
      index.set(id, i)
      const node = arena.node(id)
      const old = occurrenceOf(node)
      let attrs = declOf(node.op.name as OpName).attrs.encode(node.op.attrs as never)
      if (old !== undefined) {
        const fresh = renumbered.get(old) ?? renumbered.size
        renumbered.set(old, fresh)
        const site = sites.get(old)
        if (site !== undefined) kept.set(fresh, site)
        attrs = { ...(attrs as Record<string, Json>), occurrence: fresh }
      }
      const regions = node.regions.map(region)
      return {
        op: node.op.name,
        attrs: renumberPlans(attrs, renumbered),
        args: node.args.map((a) => index.get(a)!),
        regions,
        type: node.type,
      }
    })
    const listing = { params: r.params, nodes, root: index.get(r.root)! }
    listed.set(r.root, listing)
    return listing
  }
  return { listing: region({ params: [], root }), sites: kept }
}
/** Attributes that speak of occurrences inside the node's own body. */
const renumberPlans = (attrs: Json, renumbered: ReadonlyMap<number, number>): Json => {
  const { plans } = attrs as { plans?: readonly { occurrence: number }[] }
  if (plans === undefined) return attrs
  const fresh = plans.map((p) => ({ ...p, occurrence: renumbered.get(p.occurrence) ?? p.occurrence }))
  return { ...(attrs as Record<string, Json>), plans: fresh as unknown as Json }
}

/** Builds a listing in a fresh arena, checking everything about it that a document could get wrong. */
export const buildListing = <S extends Stage>(
  header: {
    readonly name: string
    readonly stage: S
    readonly inputs: Fields
    readonly sites: ReadonlyMap<number, SiteInfo>
  },
  listing: Listing,
): Either<readonly Problem[], Graph<S>> => {
  const arena = new Arena()
  const problems: Problem[] = []
  const bad = (node: string, cause: string, remedy: string): void => {
    if (problems.length < 50) problems.push({ node, place: '', cause, remedy })
  }
  const region = (l: Listing, path: string): Region => {
    const ids: (NodeId | undefined)[] = []
    for (const [i, line] of l.nodes.entries()) {
      const name = `${path}%${i}`
      const bodies = line.regions.map((r, k) => region(r, `${name}.${k}.`))
      ids.push(node(line, name, i, ids, bodies, l.params, path === ''))
    }
    const root = ids[l.root]
    if (root === undefined && problems.length === 0)
      bad(path, `has its result at %${l.root}, which is not a node`, 'name one of its nodes as the result')
    return { params: l.params, root: root ?? 0 }
  }
  const node = (
    line: Line,
    name: string,
    i: number,
    ids: readonly (NodeId | undefined)[],
    bodies: readonly Region[],
    params: readonly Type[],
    top: boolean,
  ): NodeId | undefined => {
    if (!isOp(line.op)) return void bad(name, `there is no op '${line.op}'`, 'see the list of ops in docs/ops.md')
    const attrs = declOf(line.op).attrs.decode(line.attrs)
    if (attrs._tag === 'Left') {
      const e = attrs.left[0]!
      const at = e.context
        .map((c) => c.key)
        .filter((k) => k !== '' && !/^\d+$/.test(k))
        .join('.')
      return void bad(
        name,
        `${line.op}: attribute ${at === '' ? 'list' : at} is wrong: ${e.message ?? `${JSON.stringify(e.value)?.slice(0, 60) ?? 'missing'}`}`,
        'correct the attribute',
      )
    }
    const late = line.args.find((a) => !(a >= 0 && a < i))
    if (late !== undefined)
      return void bad(
        name,
        `${line.op}: operand %${late} does not come before it`,
        'list operands before their users; a graph has no cycles',
      )
    const args = line.args.map((a) => ids[a])
    if (args.includes(undefined)) return undefined
    const p = attrs.right as { index?: number; type?: Type; name?: string }
    if (line.op === 'param' && !(params[p.index!] !== undefined && sameType(params[p.index!]!, p.type!))) {
      return void bad(
        name,
        `param: the surrounding region has no parameter ${p.index} of type ${showType(p.type!)}`,
        'use a parameter of the region',
      )
    }
    if (line.op === 'input' && (!top || !header.inputs.some(([n, t]) => n === p.name && sameType(t, p.type!)))) {
      return void bad(
        name,
        top
          ? `input: the graph has no input ${p.name} of type ${showType(p.type!)}`
          : 'input: inputs are used at the top only',
        top ? 'declare the input in the header' : 'pass the input to the body as an operand',
      )
    }
    const made = make(arena, line.op, attrs.right as never, args as NodeId[], bodies)
    if (made._tag === 'Left') return void bad(name, `${line.op} ${made.left}`, 'give it operands that fit')
    if (!sameType(arena.typeOf(made.right), line.type)) {
      return void bad(
        name,
        `${line.op}: its type is written as ${showType(line.type)} but is ${showType(arena.typeOf(made.right))}`,
        'correct the type',
      )
    }
    return made.right
  }
  const { root } = region(listing, '')
  return problems.length > 0 ? left(problems) : right({ ...header, arena, root })
}

/** Canonical form of a graph: fresh arena, program order, occurrences renumbered. Sealing twice changes nothing. */
export const canonicalise = <S extends Stage>(g: Graph<S>): Graph<S> => {
  const { listing, sites } = listGraph(g.arena, g.root, g.sites)
  const built = buildListing({ name: g.name, stage: g.stage, inputs: g.inputs, sites }, listing)
  if (built._tag === 'Left') throw new Error(`bug: ${built.left[0]!.node} ${built.left[0]!.cause}`)
  return built.right
}
