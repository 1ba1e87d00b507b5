import type { Generated, Target } from './codegen/artifact.ts'
import { generate } from './codegen/artifact.ts'
import type { Built } from './graph/build/index.ts'
import type { Either } from './graph/either.ts'
import { isLeft, left, right } from './graph/either.ts'
import type { CompileError } from './graph/errors.ts'
import type { Graph } from './graph/graph.ts'
import type { Optimised, OptimiseOptions } from './passes/index.ts'
import { optimise } from './passes/index.ts'
import type { Artifact } from './runtime/artifact.ts'

export interface CompileOptions extends OptimiseOptions {
  /** `wasm` (default) puts the kernels in a WebAssembly module with SIMD; `ts` writes them as TypeScript. */
  readonly target?: Target
  /** Graphs of more nodes are refused; two million by default. */
  readonly maxNodes?: number
}

/** A compiled graph: an artefact that `load` and `world` take, its files, and how it came about. */
export interface Compiled<Input = unknown, Output = unknown> extends Artifact<Input, Output> {
  readonly files: Generated['files']
  readonly program: Artifact<Input, Output>['program']
  readonly effectProgram: Generated['program']
  readonly source: Graph<'source'>
  readonly optimised: Optimised
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
  if (isLeft(built.sealed)) return built.sealed
  return compileGraph(built.sealed.right, options)
}

/** Compiles a sealed graph, wherever it came from: the builder, a JSON document, or text. */
export const compileGraph = async <Input, Output>(
  source: Graph<'source'>,
  options: CompileOptions = {},
): Promise<Either<CompileError, Compiled<Input, Output>>> => {
  const { target = 'wasm', maxNodes = 2_000_000, ...chosen } = options
  if (source.arena.size > maxNodes) {
    return left({
      _tag: 'ResourceExceeded',
      stage: 'optimise',
      what: 'nodes',
      node: source.name,
      place: '',
      cause: `the graph has ${source.arena.size} nodes, and the limit is ${maxNodes}`,
      remedy: 'use map and tensors instead of repeating nodes, or raise maxNodes',
    })
  }
  const optimised = optimise(source, chosen)
  const { extra: _, ...keyed } = chosen
  const generated = await generate(source, optimised.graph, {
    target,
    options: keyed,
    certificates: optimised.steps.map((s) => ({ pass: s.pass, changed: s.changed, certificate: s.certificate })),
  })
  if (isLeft(generated)) return generated
  const { files, manifest, program, sidecar } = generated.right
  try {
    const module = (await import(
      `data:text/javascript;base64,${Buffer.from(files['module.js']).toString('base64')}`
    )) as { default: Artifact<Input, Output> }
    const wasm = files['kernels.wasm']
    return right({
      ...module.default,
      manifest,
      names: () => sidecar,
      files,
      effectProgram: program,
      source,
      optimised,
      kernels: wasm === undefined ? module.default.kernels : { wasm: () => wasm },
    })
  } catch (e) {
    return left({
      _tag: 'BackendCompileError',
      stage: 'assemble',
      place: '',
      subgraph: '',
      cause: `the engine refused the generated module: ${e instanceof Error ? e.message : String(e)}`,
      remedy: 'this is a mistake in Quoin; please report it with the graph',
    })
  }
}
