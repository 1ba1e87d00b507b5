import type { Compiled, CompileOptions } from '../compile.ts'
import { isLeft } from '../graph/either.ts'
import { debugOptimised } from './debug-passes.ts'
import { debug } from './debug.ts'
import { failedWith, interrupted } from './failure.ts'
import type { Interrupt } from './interrupt.ts'
import type { GraphSource } from './load/index.ts'
import { progress } from './progress.ts'

/** Compiles a graph that was loaded, telling as much as QUOIN_DEBUG asks for. */
export const compileSource = async (source: GraphSource, options: CompileOptions, interrupt: Interrupt): Promise<Compiled> => {
  const { compile } = await import('../compile.ts')
  const compiled = await progress(`compiling ${source.file}`, () => compile(source.built, options))
  if (isLeft(compiled)) throw failedWith(compiled.left, source.file)
  await debugOptimised(compiled.right.source, compiled.right.optimised)
  await debug(4, () => compiled.right.files['module.ts'])
  if (interrupt.signal.aborted) throw interrupted()
  return compiled.right
}
