import type { Generated, Target } from './codegen/artifact.ts'
import { generate } from './codegen/artifact.ts'
import type { Built } from './graph/build/index.ts'
import type { Either } from './graph/either.ts'
import { isLeft, left, right } from './graph/either.ts'
import type { CompileError } from './graph/errors.ts'
import { excerpt, shownIn } from './graph/excerpt.ts'
import type { Graph } from './graph/graph.ts'
import type { Sizes } from './graph/specialise.ts'
import { specialise } from './graph/specialise.ts'
import type { Topology } from './graph/topology.ts'
import type { Optimised, OptimiseOptions, Placement } from './passes/index.ts'
import { modes, optimise, placement } from './passes/index.ts'
import type { Artifact } from './runtime/artifact.ts'
import { moduleFunction } from './runtime/module-text.ts'
import type { StaticKernel } from './runtime/statics/kernel.ts'

export interface CompileOptions extends Omit<OptimiseOptions, 'statics'> {
  /** Hand-written kernels to which operations are left that meet their criteria; give them to `load` as well. */
  readonly statics?: readonly StaticKernel[]
  /** `wasm` (default) puts the kernels in a WebAssembly module with SIMD; `ts` writes them as TypeScript. */
  readonly target?: Target
  /** Sizes for named dimensions of the inputs: code for one shape, which refuses inputs of another. */
  readonly dims?: Sizes
  /** Where it may run: a site is chosen for each step, and a graph that cannot be placed is refused. It still runs whole. */
  readonly sites?: Topology
  /** Graphs of more nodes are refused; two million by default. */
  readonly maxNodes?: number
  /** Hears what begins; decides nothing. */
  readonly progress?: (stage: 'optimise' | 'generate') => void
}

/** A compiled graph: an artefact that `load` and `world` take, its files, and how it came about. */
export interface Compiled<Input = unknown, Output = unknown> extends Artifact<Input, Output> {
  readonly files: Generated['files']
  readonly program: Artifact<Input, Output>['program']
  readonly effectProgram: Generated['program']
  readonly source: Graph<'source'>
  readonly optimised: Optimised
  /** Which site each step was given, if there were sites to choose from. */
  readonly placement: Placement | undefined
}

/**
 * Compiles a graph: optimise, put in order, generate. Passes whose result was refused by their checker are dropped
 * and listed in `optimised.failures`; the answer stays right.
 *
 * Example:
 *
 *     const g = graph('double', { x: t.f64 }, ({ x }) => ({ y: fx`2 * ${x}` }))
 *     const compiled = await compile(g)
 */
export const compile = async <Input, Output>(
  built: Built<Input, Output>,
  options: CompileOptions = {},
): Promise<Either<CompileError, Compiled<Input, Output>>> => {
  if (built?.sealed === undefined) return left(notAGraph('what was given is no graph', 'pass what graph(…) returned'))
  if (isLeft(built.sealed)) return built.sealed
  return compileGraph(built.sealed.right, options)
}

/** Compiles a sealed graph, wherever it came from: the builder, a JSON document, or text. */
export const compileGraph = async <Input, Output>(
  general: Graph<'source'>,
  options: CompileOptions = {},
): Promise<Either<CompileError, Compiled<Input, Output>>> => {
  const { target = 'wasm', maxNodes = 2_000_000, dims, relax = [], progress, statics = [], ...others } = options
  const rest = statics.length === 0 ? others : { ...others, statics: statics.map((k) => k.choice) }
  // Allowing nothing is not asking, so both give the same key.
  const chosen: OptimiseOptions & Pick<CompileOptions, 'sites'> =
    relax.length === 0 ? rest : { ...rest, relax: modes.filter((m) => relax.includes(m)) }
  if (target !== 'ts' && target !== 'wasm')
    return left(notAGraph(`there is no target ${String(target)}`, "choose 'ts' or 'wasm'"))
  const unknown = relax.find((m) => !modes.includes(m))
  if (unknown !== undefined)
    return left(notAGraph(`there is no mode ${String(unknown)} of relaxed laws`, `choose from ${modes.join(', ')}`))
  const one = dims === undefined ? right(general) : specialise(general, dims)
  if (isLeft(one)) return one
  const source = one.right
  if (source.arena.size > maxNodes) {
    return left({
      _tag: 'ResourceExceeded',
      stage: 'optimise',
      what: 'nodes',
      node: source.name,
      place: '',
      ...excerpt(source),
      cause: `the graph has ${source.arena.size} nodes, and the limit is ${maxNodes}`,
      remedy: 'use map and tensors instead of repeating nodes, or raise maxNodes',
    })
  }
  progress?.('optimise')
  const optimised = optimise(source, chosen)
  const placed = chosen.sites === undefined ? undefined : placement(optimised.graph, chosen.sites, target)
  if (placed !== undefined && isLeft(placed)) return placed
  const { extra: _, ...keyed } = chosen
  progress?.('generate')
  const generated = await generate(source, optimised.graph, {
    target,
    options: keyed,
    assumptions: statics.flatMap((k) => k.assumptions.map((assumption) => ({ of: k.choice.name, assumption }))),
    ...(chosen.relax === undefined ? {} : { relax: chosen.relax }),
    memory: chosen.optimize !== false && chosen.off?.includes('memory') !== true,
    certificates: [
      ...optimised.steps.map((s) => ({ pass: s.pass, changed: s.changed, certificate: s.certificate })),
      ...(placed === undefined ? [] : [{ pass: 'place', changed: true, certificate: placed.right.certificate }]),
    ],
  })
  if (isLeft(generated)) return generated
  const { files, manifest, bare, program, sidecar, failures } = generated.right
  const module = await instantiate<Input, Output>(bare)
  if (isLeft(module)) return left(shownIn(optimised.graph, module.left))
  const wasm = files['kernels.wasm']
  return right({
    ...module.right,
    manifest,
    names: () => sidecar,
    files,
    effectProgram: program,
    source,
    optimised: failures.length === 0 ? optimised : { ...optimised, failures: [...optimised.failures, ...failures] },
    placement: placed?.right,
    kernels: wasm === undefined ? module.right.kernels : { wasm: () => wasm },
  })
}

/**
 * The artefact that the text of a generated module makes when the engine runs it; nothing is written to disk. It runs as a
 * function where the engine allows that: a module that was imported is never given up again, and importing one takes a
 * millisecond.
 */
export const instantiate = async <Input, Output>(
  text: string,
): Promise<Either<CompileError, Artifact<Input, Output>>> => {
  try {
    const made = moduleFunction(text)
    if (made !== undefined) return right(made() as Artifact<Input, Output>)
    const url = `data:text/javascript;base64,${Buffer.from(text).toString('base64')}`
    return right(((await import(url)) as { default: Artifact<Input, Output> }).default)
  } catch (e) {
    return left({
      _tag: 'BackendCompileError',
      stage: 'assemble',
      place: '',
      subgraph: '',
      picture: '',
      cause: `the engine refused the generated module: ${e instanceof Error ? e.message : String(e)}`,
      remedy: 'this is a mistake in Quoin; please report it with the graph',
    })
  }
}

/** What only JavaScript callers can get wrong. */
const notAGraph = (cause: string, remedy: string): CompileError => ({
  _tag: 'InvalidGraph',
  stage: 'build',
  place: '',
  problems: [],
  cause,
  remedy,
})
