import { readFileSync } from 'node:fs'
import { eject } from '../../codegen/eject/index.ts'
import type { Either } from '../../graph/either.ts'
import { isLeft, right } from '../../graph/either.ts'
import type { CompileError } from '../../graph/errors.ts'
import type { Graph } from '../../graph/graph.ts'
import type { Mode } from '../../passes/index.ts'
import { optimise } from '../../passes/index.ts'
import { bundle } from './bundle.ts'

/** Quoin's own sources, which are published beside what is built from them. */
const sources = new URL(import.meta.url.endsWith('.ts') ? '../../' : '../../../', import.meta.url)

/** Files that are nothing but a library by another name. */
const standIns: Readonly<Record<string, string>> = { 'graph/either.ts': 'codegen/eject/either.ts' }

/**
 * The text of a module that does what a graph means and needs nothing else. Looking ahead and asking together are left out:
 * what they need of a runtime would be longer than most graphs.
 */
export const ejected = async (
  g: Graph<'source'>,
  from: string,
  relax: readonly Mode[] = [],
): Promise<Either<CompileError, { readonly text: string; readonly name: string }>> => {
  const optimised = optimise(g, { off: ['batch'], ...(relax.length === 0 ? {} : { relax }) })
  const made = eject(g, optimised.graph, from)
  if (isLeft(made)) return made
  const { ts } = await import('ts-morph')
  const { module, kernels, name } = made.right
  const text = bundle(ts, 'ejected.ts', module, (path) =>
    path === 'kernels.ts' ? kernels : readFileSync(new URL(standIns[path] ?? path, sources), 'utf8'),
  )
  return right({ text, name })
}
