import type { Either } from '../../graph/either.ts'
import { left, right } from '../../graph/either.ts'
import { bytesOf } from '../../graph/elem.ts'
import type { RunError } from '../../graph/errors.ts'
import type { Value } from '../../graph/values.ts'
import { arrays, isTensorValue } from '../../graph/values.ts'
import type { KernelDescriptor, SizeExpr } from './descriptor.ts'

/** The sizes of one call: of the named dimensions, of what follows from them, and of the outputs. */
export interface Sizes {
  readonly dims: readonly number[]
  readonly outputs: readonly { readonly shape: readonly number[]; readonly length: number }[]
  /** Outputs and scratch, in bytes. */
  readonly bytes: number
}
/** Kernels count cells in 32 bits: a few thousand below what those hold, so that no step past the end is more either. */
const most = 2 ** 31 - 8192

export const invalid = (node: string, cause: string): RunError => ({
  _tag: 'InvalidInput',
  node,
  place: '',
  cause,
  remedy: 'pass a value of the declared type',
})
export const exceeded = (node: string, cause: string, remedy: string): RunError => ({
  _tag: 'ResourceExceeded',
  stage: 'run',
  what: 'memory',
  node,
  place: '',
  cause,
  remedy,
})

export const sizeOfExpr = (x: SizeExpr, dims: ReadonlyMap<string, number>): number => {
  if (typeof x === 'number') return x
  if (typeof x === 'string') return dims.get(x) ?? 0
  if ('sum' in x) return x.sum.reduce<number>((n, y) => n + sizeOfExpr(y, dims), 0)
  const n = sizeOfExpr(x.slice, dims)
  const clamp = (i: number): number => Math.min(n, Math.max(0, i < 0 ? i + n : i))
  return Math.max(0, Math.ceil((clamp(x.stop ?? n) - clamp(x.start)) / x.step))
}
/** The steps that a call takes, about; 0 for a kernel that threads may not divide. */
export const stepsOf = (d: KernelDescriptor, dims: ReadonlyMap<string, number>): number =>
  (d.divided?.work ?? []).reduce((n, xs) => n + xs.reduce<number>((m, x) => m * sizeOfExpr(x, dims), 1), 0)
const cellsIn = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1)

/** Reads the sizes off the arguments, holding these to the types of the kernel's inputs. */
export const sizesOf = (d: KernelDescriptor, args: readonly Value[]): Either<RunError, Sizes> => {
  if (args.length !== d.inputs.length)
    return left(invalid(d.name, `takes ${d.inputs.length} inputs and was given ${args.length}`))
  const dims = new Map<string, number>()
  for (const [k, input] of d.inputs.entries()) {
    const problem = mismatch(input, args[k]!, dims)
    if (problem !== undefined) return left(invalid(d.name, `was given as input ${k} ${problem}`))
  }
  return sizesWith(d, dims)
}

/** The same where the dimensions are known already. */
export const sizesWith = (d: KernelDescriptor, dims: ReadonlyMap<string, number>): Either<RunError, Sizes> => {
  const shapeOf = (shape: readonly SizeExpr[]): number[] => shape.map((x) => sizeOfExpr(x, dims))
  const outputs = d.outputs.map((o) => {
    const shape = shapeOf(o.shape)
    return { shape, length: cellsIn(shape) }
  })
  const large = [...outputs.map((o) => o.shape), shapeOf(d.domain)].find((s) => cellsIn(s) > most)
  if (large !== undefined) {
    return left(
      exceeded(
        d.name,
        `would go through ${large.join(' × ')} cells, more than 2^31 - 1`,
        'split the work into several calls',
      ),
    )
  }
  const bytes =
    d.outputs.reduce((n, o, k) => n + outputs[k]!.length * bytesOf[o.elem], 0) +
    d.scratch.reduce((n, s) => n + s.length * bytesOf[s.elem], 0)
  return right({
    dims: [...d.dims.map((n) => dims.get(n) ?? 0), ...d.derived.map((x) => sizeOfExpr(x, dims))],
    outputs,
    bytes,
  })
}

const scalars = {
  f64: 'number',
  f32: 'number',
  i32: 'number',
  u32: 'number',
  i64: 'bigint',
  u64: 'bigint',
  bool: 'boolean',
} as const

/** Learns the dimensions of an argument; the answer says what it is, if it is not of the type it must have. */
export const mismatch = (
  { elem, shape }: KernelDescriptor['inputs'][number],
  v: Value,
  dims: Map<string, number>,
): string | undefined => {
  if (shape.length === 0)
    return typeof v === scalars[elem] ? undefined : `a ${typeof v} where ${elem} is a ${scalars[elem]}`
  if (!isTensorValue(v) || v.shape.length !== shape.length) return `no tensor of rank ${shape.length}`
  if (v.data.constructor !== arrays[elem]) return `cells that are not ${elem}`
  if (v.data.length !== cellsIn(v.shape)) return `${v.data.length} cells for the shape [${v.shape.join(', ')}]`
  for (let k = 0; k < shape.length; k++) {
    const [dim, size] = [shape[k]!, v.shape[k]!]
    const known = typeof dim === 'number' ? dim : (dims.get(dim) ?? size)
    if (known !== size) return `${size} cells along axis ${k}, where ${dim === known ? known : `${dim} is ${known}`}`
    if (typeof dim === 'string') dims.set(dim, size)
  }
  return undefined
}
