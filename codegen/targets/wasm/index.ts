import type { Either } from '../../../graph/either.ts'
import { left, right } from '../../../graph/either.ts'
import type { CompileError } from '../../../graph/errors.ts'
import type { Kernel } from '../../kernels/index.ts'
import type { Binaryen } from './fn.ts'
import { Fn } from './fn.ts'
import { statements } from './statements.ts'

/** Most pages of 64 KiB: one less than 32-bit pointers reach. */
const mostPages = 65535

/**
 * All kernels of a program as one module. It exports its memory and a function a kernel, which takes the addresses of
 * inputs, outputs and scratch, then the sizes of dimensions.
 */
export const emitWasm = async (kernels: readonly Kernel[]): Promise<Either<CompileError, Uint8Array<ArrayBuffer>>> => {
  const { default: b } = await import('binaryen')
  const m = new b.Module()
  try {
    m.setFeatures(b.Features.SIMD128 | b.Features.NontrappingFPToInt | b.Features.SignExt | b.Features.MutableGlobals)
    m.setMemory(1, mostPages, 'memory')
    for (const k of kernels) addKernel(b, m, k)
    if (m.validate() !== 1) return left(broken('the module does not validate'))
    return right(new Uint8Array(m.emitBinary()))
  } catch (e) {
    return left(broken(reason(b, e)))
  } finally {
    m.dispose()
  }
}

const addKernel = (b: Binaryen, m: InstanceType<Binaryen['Module']>, k: Kernel): void => {
  const f = new Fn(b, m, k)
  const body = f.block(statements(f, k.body))
  m.addFunction(k.descriptor.name, b.createType(f.params), b.none, f.vars, body)
  m.addFunctionExport(k.descriptor.name, k.descriptor.name)
}
const reason = (b: Binaryen, e: unknown): string =>
  e instanceof Error ? e.message : (b as unknown as { getExceptionMessage(e: unknown): readonly string[] }).getExceptionMessage(e).join(': ')
const broken = (cause: string): CompileError => ({
  _tag: 'BackendCompileError', stage: 'assemble', place: '', subgraph: '', cause: `WebAssembly: ${cause}`,
  remedy: 'compile with target ts, and report this with the graph',
})
