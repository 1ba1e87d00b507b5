import type { Compiled, CompileOptions } from '../compile.ts'
import { isLeft } from '../graph/either.ts'
import { debug } from './debug.ts'
import { debugOptimised } from './debug-passes.ts'
import { failedWith, interrupted } from './failure.ts'
import type { Interrupt } from './interrupt.ts'
import type { GraphSource } from './load/index.ts'
import { progress } from './progress.ts'

/** Compiles a graph that was loaded, telling as much as QUOIN_DEBUG asks for. */
export const compileSource = async (
  source: GraphSource,
  options: CompileOptions,
  interrupt: Interrupt,
): Promise<Compiled> => {
  const { compile } = await import('../compile.ts')
  const compiled = await progress(`compiling ${source.file}`, () =>
    orInterrupt(compile(source.built, options), interrupt.signal),
  )
  if (isLeft(compiled)) throw failedWith(compiled.left, source.file)
  await debugOptimised(compiled.right.source, compiled.right.optimised)
  await debug(4, () => compiled.right.files['module.ts'])
  if (interrupt.signal.aborted) throw interrupted()
  return compiled.right
}

/** Compiling touches nothing outside, so an interrupt need not wait for its end. */
const orInterrupt = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const stop = (): void => reject(interrupted())
    if (signal.aborted) return stop()
    signal.addEventListener('abort', stop, { once: true })
    work.then(resolve, reject)
  })
