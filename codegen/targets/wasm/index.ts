import type { Either } from '../../../graph/either.ts'
import { left, right } from '../../../graph/either.ts'
import type { CompileError } from '../../../graph/errors.ts'
import type { Kernel, Stmt } from '../../kernels/index.ts'
import { isAfter } from '../../kernels/index.ts'
import type { Binaryen, Expr } from './fn.ts'
import { Fn, partOf } from './fn.ts'
import { binaryen, listening } from './load.ts'
import { statements } from './statements.ts'

/** Most pages of 64 KiB: one less than 32-bit pointers reach. */
const mostPages = 65535

/**
 * All kernels of a program as one module. It exports its memory and a function a kernel, which takes the addresses of
 * inputs, outputs and scratch, then the sizes of dimensions; where threads may divide a kernel, also the number of a part
 * and how many parts there are. What is to be done after all parts is a function of its own. Binaryen's `optimize` is not used: V8 gives the same speed
 * without it (57 ms against 58 ms on three million rows of exp and log), and it costs more than all the rest.
 */
export const emitWasm = (kernels: readonly Kernel[]): Promise<Either<CompileError, Uint8Array<ArrayBuffer>>> =>
  assembled(kernels, false, (b, m) => {
    // Functions keep their names in the module, so that a profiler shows what a kernel computes.
    b.setDebugInfo(true)
    const bytes = new Uint8Array(m.emitBinary())
    b.setDebugInfo(false)
    return bytes
  })

/** The same module as text for people: functions, parameters and values under the names of what they are. */
export const wasmText = (kernels: readonly Kernel[]): Promise<Either<CompileError, string>> =>
  assembled(kernels, true, (_, m) => m.emitText())

const assembled = async <A>(
  kernels: readonly Kernel[],
  titled: boolean,
  emit: (b: Binaryen, m: InstanceType<Binaryen['Module']>) => A,
): Promise<Either<CompileError, A>> => {
  const b = await binaryen()
  const m = new b.Module()
  try {
    m.setFeatures(b.Features.SIMD128 | b.Features.NontrappingFPToInt | b.Features.SignExt | b.Features.MutableGlobals)
    m.setMemory(1, mostPages, 'memory')
    for (const k of kernels) addKernel(b, m, k, titled)
    const { answer: valid, said } = listening(() => m.validate())
    if (valid !== 1) return left(broken(said === '' ? 'the module does not validate' : said.split('\n', 8).join('\n')))
    return right(emit(b, m))
  } catch (e) {
    return left(broken(reason(b, e)))
  } finally {
    m.dispose()
  }
}

const addKernel = (b: Binaryen, m: InstanceType<Binaryen['Module']>, k: Kernel, titled: boolean): void => {
  const { name, inputs, outputs, scratch, dims, derived, divided } = k.descriptor
  const numbered = (prefix: string, of: readonly unknown[]): string[] => of.map((_, i) => `${prefix}${i}`)
  const params = [
    ...numbered('in', inputs),
    ...numbered('out', outputs),
    ...numbered('tmp', scratch),
    ...numbered('n', [...dims, ...derived]),
  ]
  const inside = (called: string): string => (k.title === undefined || k.title === '' ? called : `${called} ${k.title}`)
  const add = (called: string, given: readonly string[], body: readonly Stmt[], last?: (f: Fn) => Expr): void => {
    const f = new Fn(b, m, inside(called), given, titled)
    f.add([...statements(f, body), ...(last === undefined ? [] : [last(f)])])
    m.addFunctionExport(f.name, called)
  }
  if (divided?.after !== true) return add(name, divided === undefined ? params : [...params, ...partOf], k.body)
  const after = `${name}$after`
  const ends = (s: Stmt): readonly Stmt[] => (s.s === 'if' && isAfter(s) ? s.yes : [])
  add(after, params, k.body.flatMap(ends))
  add(
    name,
    [...params, ...partOf],
    k.body.filter((s) => !isAfter(s)),
    (f) => {
      const same = params.map((p) => f.get32(f.named(p)))
      return m.if(m.i32.eq(f.get32(f.named(partOf[1])), f.i32(1)), m.call(inside(after), same, b.none))
    },
  )
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
  picture: '',
  cause: `WebAssembly: ${cause}`,
  remedy: 'compile with target ts, and report this with the graph',
})
