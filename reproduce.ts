import type { NodeId } from './graph/arena.ts'
import { checkGraph } from './graph/check.ts'
import type { Either } from './graph/either.ts'
import { isLeft } from './graph/either.ts'
import type { CompileError } from './graph/errors.ts'
import { describeError } from './graph/errors.ts'
import { evaluate, runPure } from './graph/eval.ts'
import type { Graph } from './graph/graph.ts'
import { decodeGraph, encodeGraph } from './graph/json.ts'
import { canonicalise } from './graph/listing.ts'
import { mustMake } from './graph/make.ts'
import { digest } from './graph/text.ts'
import type { Fields, Type } from './graph/types.ts'
import { record } from './graph/types.ts'
import type { Column, RecordValue, TensorValue, Value } from './graph/values.ts'
import { cell, isTensorValue, lengthOf, newStore, setCell, takeRows } from './graph/values.ts'
import { occurrenceOf, postorder, withParts } from './graph/walk.ts'
import { replayGraph } from './interpret.ts'
import type { Smallest } from './runtime/engine/cross-check.ts'
import { artifactOf } from './runtime/engine/instantiate.ts'
import type { CompiledTier } from './runtime/engine/tiers.ts'
import type { Choices, Code, Job } from './runtime/engine/workshop.ts'
import { Playback } from './runtime/replay/playback.ts'
import type { Recording } from './runtime/replay/recording.ts'
import { keepValue } from './runtime/replay/recording.ts'
import { inputOf, replay } from './runtime/replay/replay.ts'

/** A graph as written and a recorded run of it, of which two tiers make different things. */
export interface Case {
  readonly graph: Graph
  readonly recording: Recording
}
/** The recording with the outcome of the tier that is doubted, where that still differs from the interpreter's. */
export type Doubted = (c: Case) => Promise<Recording | undefined>
/** What may be spent on making a case smaller. */
export interface Budget {
  readonly ms: number
  readonly tries: number
}

/**
 * Makes a case smaller for as long as both tiers still differ: less of the graph, what is computed before as given, fewer
 * elements. Each candidate is compiled and run, so its steps are few and large first.
 */
export const smallest = async (from: Case, doubted: Doubted, { ms, tries }: Budget): Promise<Case> => {
  const until = performance.now() + ms
  let best = from
  let left = tries
  for (let better: Case | undefined = from; better !== undefined; ) {
    better = undefined
    for (const candidate of smaller(best)) {
      if (left-- <= 0 || performance.now() > until) return best
      const recording = await doubted(candidate)
      if (recording === undefined) continue
      better = { graph: candidate.graph, recording }
      best = better
      break
    }
  }
  return best
}

function* smaller(c: Case): Generator<Case> {
  const input = inputOf(c.recording, c.graph.inputs)
  if (isLeft(input)) return
  const { inner, values } = observed(c, input.right)
  for (const make of [() => parts(c, inner), () => cuts(c, values), () => fewer(c, input.right)])
    for (const [graph, given] of make()) {
      const candidate = asCase(c, graph, given ?? input.right)
      if (candidate !== undefined) yield candidate
    }
}
type Inputs = Readonly<Record<string, Value>>
type Candidate = readonly [Graph, Inputs?]

/** What the interpreter makes of each node outside bodies; nodes in the order in which they are computed. */
const observed = (c: Case, input: Inputs): { inner: readonly NodeId[]; values: ReadonlyMap<NodeId, Value> } => {
  const { arena, root } = c.graph
  const values = new Map<NodeId, Value>()
  const run = evaluate(c.graph, input, (region, id, value) => {
    if (region === root) values.set(id, value)
  })
  const playback = new Playback(c.recording, {}, () => ({ node: '', place: '' }))
  runPure(run, (call) => playback.answer(call))
  const inner = postorder(arena, root).filter((id) => id !== root && !given(c.graph, id))
  return { inner, values }
}
const given = (g: Graph, id: NodeId): boolean => ['input', 'const', 'absent'].includes(g.arena.opOf(id).name)

/** One node as the result, and nothing that only others need: halves of the graph first, then what the result is made of. */
function* parts({ graph }: Case, inner: readonly NodeId[]): Generator<Candidate> {
  const seen = new Set<NodeId>()
  const halves = [0.25, 0.5, 0.75, 0.9].map((x) => inner[Math.floor(inner.length * x)])
  for (const root of [...halves, ...graph.arena.argsOf(graph.root)]) {
    if (root === undefined || given(graph, root) || seen.has(root)) continue
    seen.add(root)
    yield [{ ...graph, root }]
  }
}

/** The operands of the result as inputs, all together or one of them: what made them is gone. */
function* cuts({ graph, recording }: Case, values: ReadonlyMap<NodeId, Value>): Generator<Candidate> {
  const input = inputOf(recording, graph.inputs)
  if (isLeft(input)) return
  const { arena, root } = graph
  const args = [...new Set(arena.argsOf(root))].filter((a) => !given(graph, a) && values.has(a))
  for (const some of args.length > 1 ? [args, ...args.map((a) => [a])] : [args]) {
    if (some.length === 0) continue
    const names = new Map(some.map((id, i) => [id, fresh(graph.inputs, i)]))
    const inputs: Fields = [...graph.inputs, ...some.map((id) => [names.get(id)!, arena.typeOf(id)] as const)]
    const cut = some.map(
      (id) => [id, mustMake(arena, 'input', { name: names.get(id)!, type: arena.typeOf(id) })] as const,
    )
    const replaced = new Map(cut)
    const node = arena.node(root)
    const made = withParts(
      arena,
      node,
      node.args.map((a) => replaced.get(a) ?? a),
      node.regions,
    )
    const more = Object.fromEntries(some.map((id) => [names.get(id)!, values.get(id)!]))
    yield [
      { ...graph, inputs, root: made },
      { ...input.right, ...more },
    ]
  }
}
const fresh = (inputs: Fields, i: number): string => {
  let name = `x${i}`
  while (inputs.some(([n]) => n === name)) name += '_'
  return name
}

/** Half of a dimension of the inputs, wherever it occurs. */
function* fewer({ graph }: Case, input: Inputs): Generator<Candidate> {
  const sizes = new Map<string, number>()
  for (const [name, t] of graph.inputs) sizesIn(t, input[name]!, sizes)
  for (const [dim, n] of sizes)
    if (n > 1)
      for (const [from, to] of [
        [0, n >> 1],
        [n >> 1, n],
      ] as const)
        yield [
          graph,
          Object.fromEntries(graph.inputs.map(([name, t]) => [name, taken(t, input[name]!, dim, from, to)])),
        ]
}
const sizesIn = (t: Type, v: Value, to: Map<string, number>): void => {
  if (t.kind === 'tensor' && isTensorValue(v))
    t.shape.forEach((d, k) => {
      if (typeof d === 'string') to.set(d, v.shape[k]!)
    })
  else if (t.kind === 'list' && typeof t.dim === 'string') to.set(t.dim, lengthOf(v as Column))
  else if (t.kind === 'record') for (const [name, f] of t.fields) sizesIn(f, (v as RecordValue)[name]!, to)
}
const taken = (t: Type, v: Value, dim: string, from: number, to: number): Value => {
  const rows = Array.from({ length: to - from }, (_, i) => from + i)
  if (t.kind === 'tensor' && isTensorValue(v))
    return t.shape.reduce((x: TensorValue, d, axis) => (d === dim ? along(t, x, axis, rows) : x), v)
  if (t.kind === 'list') return t.dim === dim ? (takeRows(t.of, v as Column, rows) as Value) : v
  if (t.kind === 'record')
    return Object.fromEntries(t.fields.map(([n, f]) => [n, taken(f, (v as RecordValue)[n]!, dim, from, to)])) as Value
  return v
}
/** The cells of an array at some places of one axis. */
const along = (t: Type & { kind: 'tensor' }, v: TensorValue, axis: number, rows: readonly number[]): TensorValue => {
  const inner = v.shape.slice(axis + 1).reduce((a, b) => a * b, 1)
  const outer = v.shape.slice(0, axis).reduce((a, b) => a * b, 1)
  const shape = v.shape.map((n, k) => (k === axis ? rows.length : n))
  const data = newStore(t.elem, outer * rows.length * inner)
  let at = 0
  for (let o = 0; o < outer; o++)
    for (const r of rows)
      for (let i = 0; i < inner; i++)
        setCell(t.elem, data, at++, cell(t.elem, v.data, (o * v.shape[axis]! + r) * inner + i))
  return { shape, data }
}

/** The candidate as a graph of its own, with what the interpreter makes of it; nothing where it is no graph. */
const asCase = ({ recording }: Case, g: Graph, input: Inputs): Case | undefined => {
  try {
    const used = new Set(
      postorder(g.arena, g.root).flatMap((id) => {
        const { name, attrs } = g.arena.opOf(id)
        return name === 'input' ? [(attrs as { name: string }).name] : []
      }),
    )
    const inputs = g.inputs.filter(([n]) => used.has(n))
    const sites = new Map([...occurrences(g)].map((o) => [o, { name: String(o), place: '' }]))
    const graph = canonicalise({ ...g, inputs, sites })
    if (checkGraph(graph).length > 0) return undefined
    const fresh = new Map([...graph.sites].map(([now, { name }]) => [Number(name), now]))
    const named = new Map([...graph.sites].map(([now, { name }]) => [now, g.sites.get(Number(name)) ?? nowhere]))
    const kept = keepValue(record(inputs), Object.fromEntries(inputs.map(([n]) => [n, input[n]!])) as Value)
    const calls = recording.calls.flatMap((c) => {
      const occurrence = fresh.get(c.occurrence)
      if (occurrence === undefined) return []
      const answer = 'as' in c.answer ? recording.calls[c.answer.as]!.answer : c.answer
      return [{ ...c, occurrence, answer }]
    })
    const transactions = recording.transactions?.flatMap((t) => {
      const occurrence = fresh.get(t.occurrence)
      return occurrence === undefined ? [] : [{ ...t, occurrence }]
    })
    const small: Recording = {
      ...recording,
      digest: digest(graph),
      artifact: '',
      input: kept,
      calls,
      batches: [],
      ...(transactions === undefined ? {} : { transactions }),
    }
    return { graph: { ...graph, sites: named }, recording: small }
  } catch {
    // What cannot be made smaller this way is left as it is.
    return undefined
  }
}
const nowhere = { name: '', place: '' }
const occurrences = (g: Graph): ReadonlySet<number> => {
  const found = new Set<number>()
  const seen = new Set<NodeId>()
  const open = [g.root]
  for (let root = open.pop(); root !== undefined; root = open.pop()) {
    if (seen.has(root)) continue
    seen.add(root)
    for (const id of postorder(g.arena, root)) {
      const o = occurrenceOf(g.arena.node(id))
      if (o !== undefined) found.add(o)
      for (const r of g.arena.regionsOf(id)) open.push(r.root)
    }
  }
  return found
}

export type Compile = (job: Job) => Promise<Either<CompileError, Code>>
export interface Doubt {
  readonly graph: unknown
  readonly recording: Recording
  readonly tier: CompiledTier
  readonly choices: Choices
}

/**
 * The smallest case that was found in which a tier, compiled afresh, differs from the interpreter; nothing where the
 * tier as it is compiled now does not differ at all.
 */
export const minimise = async (
  { graph, recording, tier, choices }: Doubt,
  compile: Compile,
  budget: Budget,
): Promise<Smallest | null> => {
  const g = decodeGraph(graph)
  if (isLeft(g)) return null
  const doubted = doubtedIn(tier, choices, compile)
  const from = { graph: g.right, recording }
  if ((await doubted(from)) === undefined) return null
  const least = await smallest(from, doubted, budget)
  const again = replayGraph(least.graph, least.recording)
  const differences = isLeft(again) ? [describeError(again.left)] : again.right.differences
  return { graph: encodeGraph(least.graph), recording: least.recording, differences, nodes: countNodes(least.graph) }
}
const countNodes = (g: Graph): number => postorder(g.arena, g.root).length

const doubtedIn =
  (tier: CompiledTier, choices: Choices, compile: Compile): Doubted =>
  async ({ graph, recording }) => {
    const reference = replayGraph(graph, recording)
    if (isLeft(reference)) return undefined
    const code = await compile({ graph: encodeGraph(graph), tier, choices })
    if (isLeft(code)) return undefined
    const artifact = artifactOf(code.right, { name: graph.name, sites: [] })
    if (isLeft(artifact)) return undefined
    const r = await replay(artifact.right, { ...recording, outcome: reference.right.outcome })
    return isLeft(r) || r.right.verdict !== 'differs' ? undefined : { ...recording, outcome: r.right.outcome }
  }
