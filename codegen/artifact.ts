import { createHash } from 'node:crypto'
import type { NodeId } from '../graph/arena.ts'
import type { DbQueryAttrs, Dialect } from '../graph/effects.ts'
import { answeredByName, effects, isEffect } from '../graph/effects.ts'
import type { Either } from '../graph/either.ts'
import { isLeft, left, right } from '../graph/either.ts'
import type { CompileError } from '../graph/errors.ts'
import type { Excerpt } from '../graph/excerpt.ts'
import { excerpt, shownIn } from '../graph/excerpt.ts'
import type { Graph } from '../graph/graph.ts'
import { numerics } from '../graph/graph.ts'
import { canonical } from '../graph/make.ts'
import { notPortable } from '../graph/sql/portable.ts'
import { digest } from '../graph/text.ts'
import type { TransactionAttrs } from '../graph/transaction.ts'
import type { Type } from '../graph/types.ts'
import { option, showType } from '../graph/types.ts'
import { occurrenceOf, postorder } from '../graph/walk.ts'
import type { EffectEntry, Manifest, Sidecar } from '../runtime/artifact.ts'
import type { Assumption } from '../runtime/assumption.ts'
import type { MemoryPlan } from '../runtime/kernels.ts'
import { inventoryMarkdown, inventoryOf } from './inventory.ts'
import type { Kernel } from './kernels/index.ts'
import { memoryProblem, placed } from './memory/index.ts'
import { programProblem } from './program/check.ts'
import { lower } from './program/lower.ts'
import type { Program } from './program/types.ts'
import { emitModule } from './targets/module/index.ts'
import { version } from './version.ts'

export type Target = 'ts' | 'wasm'
export interface GenerateOptions {
  readonly target: Target
  /** Modes of relaxed laws that were allowed. */
  readonly relax?: readonly string[]
  /** What hand-written kernels rest on, for those that are used. */
  readonly assumptions?: readonly { readonly of: string; readonly assumption: Assumption }[]
  /** Everything the user chose that changes the code; part of the key. */
  readonly options: Readonly<Record<string, unknown>>
  /** Certificates of the passes, in order: plain data, written beside the code. */
  readonly certificates: readonly unknown[]
  /** False leaves memory unplanned: every call of a kernel brings its inputs and takes its outputs away. */
  readonly memory?: boolean
}

/** The files of an artefact, by name, and the parts that later stages look at. */
export interface Generated {
  readonly files: Readonly<Record<ArtifactFile, string>> & { readonly 'kernels.wasm'?: Uint8Array<ArrayBuffer> }
  readonly manifest: Manifest
  readonly sidecar: Sidecar
  readonly program: Program
  /** Plans that their checker refused; the code does without them. */
  readonly failures: readonly OptimizationFailed[]
}
export interface Runnable extends Generated {
  /** The module without its manifest, to be run at once. */
  readonly bare: string
}
type OptimizationFailed = Extract<CompileError, { _tag: 'OptimizationFailed' }>
export type ArtifactFile =
  | 'module.ts'
  | 'module.js'
  | 'manifest.json'
  | 'inventory.json'
  | 'inventory.md'
  | 'certificates.json'
  | 'names.json'

/**
 * Generates everything from an optimised graph; `source` is the graph as written, which the digest names. The effect
 * program is checked against the graph before any code is written from it.
 */
export const generate = async (
  source: Graph,
  optimised: Graph,
  o: GenerateOptions,
): Promise<Either<CompileError, Runnable>> => {
  const lowered = lower(optimised)
  if (isLeft(lowered)) return lowered
  const { program, kernels, digests } = lowered.right
  const wrong = programProblem(program, optimised)
  if (wrong !== undefined)
    return left({
      _tag: 'CodegenFailed',
      stage: 'generate',
      place: '',
      ...excerpt(optimised),
      cause: `the effect program is not its graph: ${wrong}`,
      remedy: 'this is a mistake in Quoin; please report it with the graph',
    })

  const memory =
    o.memory === false || kernels.length === 0
      ? undefined
      : plannedMemory(program, kernels, o.target, () => excerpt(optimised))
  const wasm = o.target === 'wasm' ? await (await import('./targets/wasm/index.ts')).emitWasm(kernels) : undefined
  if (wasm !== undefined && isLeft(wasm)) return left(shownIn(optimised, wasm.left))
  const sourceDigest = digest(source)
  const transactions = transactionsOf(optimised)
  const statics = [...new Set(program.blocks.flatMap((b) => b.steps.flatMap((s) => s.static ?? [])))].sort()
  const manifest: Manifest = {
    format: 1,
    quoin: version,
    numerics,
    digest: sourceDigest,
    target: o.target,
    key: sha256(canonical({ graph: sourceDigest, options: o.options, target: o.target, version, numerics })),
    ...(o.relax === undefined ? {} : { relax: o.relax }),
    inputs: source.inputs.map(([n, t]) => [n, showType(t)] as const),
    output: showType(outputOf(source)),
    effects: effectEntries(optimised),
    ...(transactions.length === 0 ? {} : { transactions }),
    ...(statics.length === 0 ? {} : { statics }),
    kernels: kernels.map((k) => k.descriptor),
    removed: removedQueries(source, optimised),
    inventory: inventoryOf(optimised, o.target, o.assumptions),
    ...(memory?._tag === 'Right' ? { memory: memory.right } : {}),
    ...(wasm === undefined ? {} : { wasm: sha256(wasm.right) }),
  }
  const module = await emitModule({
    program,
    manifest,
    digests,
    inputs: source.inputs,
    output: outputOf(source),
    queries: queryParts(optimised),
    kernels: o.target === 'ts' ? (await import('./targets/ts/index.ts')).emitTs(kernels) : undefined,
  })
  const sidecar: Sidecar = {
    name: source.name,
    sites: [...source.sites].map(([k, s]) => [k, s.name, s.place] as const),
  }
  // Written when somebody looks: who runs a graph at once needs the module only.
  const files = lazy({
    'module.ts': module.ts,
    'module.js': module.js,
    'inventory.json': () => pretty(manifest.inventory),
    'inventory.md': () => inventoryMarkdown('this graph', manifest.inventory),
    'certificates.json': () => pretty(o.certificates),
    'names.json': () => pretty(sidecar),
    ...(wasm === undefined ? {} : { 'kernels.wasm': () => wasm.right }),
    'manifest.json': (): string => {
      const hashed = Object.keys(files).filter((n) => n !== 'names.json' && n !== 'manifest.json')
      const hashes = hashed.map((n) => [n, sha256(files[n as ArtifactFile])] as const)
      return pretty({ ...manifest, files: Object.fromEntries(hashes) })
    },
  }) as Generated['files']
  return right({
    files,
    manifest,
    bare: module.bare,
    sidecar,
    program,
    failures: memory?._tag === 'Left' ? [memory.left] : [],
  })
}

/** A plan that its checker refuses, or that cannot be made, costs speed only. */
const plannedMemory = (
  program: Program,
  kernels: readonly Kernel[],
  target: Target,
  shown: () => Excerpt,
): Either<OptimizationFailed, MemoryPlan> => {
  const fail = (cause: string): Either<OptimizationFailed, never> =>
    left({
      _tag: 'OptimizationFailed',
      stage: 'optimise',
      pass: 'memory',
      place: '',
      ...shown(),
      cause,
      remedy: 'the kernels run without a memory plan; please report it with the graph',
    })
  try {
    // Kernels in WebAssembly reach nothing but their own memory.
    const apart = target === 'wasm'
    const plan = placed(program, kernels, apart)
    const wrong = memoryProblem(program, kernels, plan, apart)
    return wrong === undefined ? right(plan) : fail(`its plan was refused: ${wrong}`)
  } catch (e) {
    return fail(`it threw: ${e instanceof Error ? e.message : String(e)}`)
  }
}

/** An object whose fields are made when they are first asked for. */
const lazy = <T extends Readonly<Record<string, () => unknown>>>(
  make: T,
): { readonly [K in keyof T]: ReturnType<T[K]> } => {
  const made = new Map<string, unknown>()
  const get = (name: string): unknown => {
    if (!made.has(name)) made.set(name, make[name]!())
    return made.get(name)
  }
  const fields = Object.keys(make).map((n) => [n, { enumerable: true, get: () => get(n) }] as const)
  return Object.defineProperties({}, Object.fromEntries(fields)) as { readonly [K in keyof T]: ReturnType<T[K]> }
}

const pretty = (x: unknown): string => `${JSON.stringify(x, null, 2)}\n`
export const sha256 = (x: string | Uint8Array): string => createHash('sha256').update(x).digest('hex')
export const outputOf = (g: Graph): Type => g.arena.typeOf(g.root)

const transactionsOf = (g: Graph): readonly TransactionAttrs[] =>
  nodesWhere(g, (name) => name === 'transaction').map((id) => g.arena.opOf(id).attrs as TransactionAttrs)
const effectNodes = (g: Graph): readonly NodeId[] => nodesWhere(g, isEffect)
/** Every node of some kind, bodies included, in program order. */
const nodesWhere = (g: Graph, wanted: (name: string) => boolean): readonly NodeId[] => {
  const out = new Set<NodeId>()
  const entered = new Set<NodeId>()
  const region = (root: NodeId): void => {
    if (entered.has(root)) return
    entered.add(root)
    for (const id of postorder(g.arena, root)) {
      if (wanted(g.arena.opOf(id).name)) out.add(id)
      for (const r of g.arena.regionsOf(id)) region(r.root)
    }
  }
  region(g.root)
  return [...out]
}
const effectEntries = (g: Graph): readonly EffectEntry[] =>
  effectNodes(g).map((id) => {
    const { name, attrs } = g.arena.opOf(id)
    if (!isEffect(name)) throw new Error('bug: not an effect')
    const a = attrs as { occurrence: number; name?: string; row?: Type; mode?: string; sql?: string; dialect?: Dialect }
    return {
      occurrence: a.occurrence,
      effect: name,
      driver: effects[name].driver(a as never),
      name: a.name ?? name,
      footprint: effects[name].footprint(a as never),
      ...(a.row === undefined ? {} : { row: showType(a.row), mode: a.mode! }),
      ...(a.dialect === undefined ? {} : { dialect: a.dialect }),
      ...(a.sql === undefined ? {} : { notPortable: notPortable(a.sql) }),
    }
  })

/** What the types of a module say about its queries, and whatever else a test world answers by name. */
const queryParts = (g: Graph): Parameters<typeof emitModule>[0]['queries'] =>
  effectNodes(g).flatMap((id) => {
    const { op, args } = g.arena.node(id)
    if (!answeredByName.has(op.name)) return []
    const { name, mode, row } = op.attrs as DbQueryAttrs
    // `one` without a row is what a test may want to see: the run ends with NoRow.
    const answer = op.name === 'dbQuery' && mode === 'one' ? option(row) : g.arena.typeOf(id)
    return [{ name, answer, params: args.map((a) => g.arena.typeOf(a)) }]
  })

/** Queries that the graph as written has and the optimised one has not: occurrences are kept by every pass. */
const removedQueries = (source: Graph, optimised: Graph): Manifest['removed'] => {
  const kept = new Set(effectNodes(optimised).map((id) => occurrenceOf(optimised.arena.node(id))))
  return effectNodes(source).flatMap((id) => {
    const { name, attrs } = source.arena.opOf(id)
    const { occurrence, name: query } = attrs as { occurrence: number; name: string }
    return name === 'dbQuery' && !kept.has(occurrence) ? [{ occurrence, name: query }] : []
  })
}
