import type { Either } from '../../../graph/either.ts'
import { left, right } from '../../../graph/either.ts'
import type { CompileError } from '../../../graph/errors.ts'
import type { Kernel } from '../../kernels/index.ts'
import type { Binaryen } from './fn.ts'
import { Fn } from './fn.ts'
import { binaryen, listening } from './load.ts'
import { statements } from './statements.ts'

/** Most pages of 64 KiB: one less than 32-bit pointers reach. */
const mostPages = 65535

/**
 * All kernels of a program as one module. It exports its memory and a function a kernel, which takes the addresses of
 * inputs, outputs and scratch, then the sizes of dimensions. Binaryen's `optimize` is not used: V8 gives the same speed
 * without it (57 ms against 58 ms on three million rows of exp and log), and it costs more than all the rest.
 */
export const emitWasm = async (kernels: readonly Kernel[]): Promise<Either<CompileError, Uint8Array<ArrayBuffer>>> => {
  const b = await binaryen()
  const m = new b.Module()
  try {
    m.setFeatures(b.Features.SIMD128 | b.Features.NontrappingFPToInt | b.Features.SignExt | b.Features.MutableGlobals)
    m.setMemory(1, mostPages, 'memory')
    for (const k of kernels) addKernel(b, m, k)
    const { answer: valid, said } = listening(() => m.validate())
    if (valid !== 1) return left(broken(said === '' ? 'the module does not validate' : said.split('\n', 8).join('\n')))
    return right(new Uint8Array(m.emitBinary()))
  } catch (e) {
    return left(broken(reason(b, e)))
  } finally {
    m.dispose()
  }
}

const addKernel = (b: Binaryen, m: InstanceType<Binaryen['Module']>, k: Kernel): void => {
  const { name, inputs, outputs, scratch, dims, derived } = k.descriptor
  const numbered = (prefix: string, of: readonly unknown[]): string[] => of.map((_, i) => `${prefix}${i}`)
  const f = new Fn(b, m, name, [
    ...numbered('in', inputs),
    ...numbered('out', outputs),
    ...numbered('tmp', scratch),
    ...numbered('n', [...dims, ...derived]),
  ])
  f.add(statements(f, k.body))
  m.addFunctionExport(name, name)
}
const reason = (b: Binaryen, e: unknown): string =>
  e instanceof Error
    ? e.message
    : (b as unknown as { getExceptionMessage(e: unknown): readonly string[] }).getExceptionMessage(e).join(': ')
const broken = (cause: string): CompileError => ({
  _tag: 'BackendCompileError',
  stage: 'assemble',
  place: '',
  subgraph: '',
  cause: `WebAssembly: ${cause}`,
  remedy: 'compile with target ts, and report this with the graph',
})
