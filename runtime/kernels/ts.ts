import type { Either } from '../../graph/either.ts'
import { isLeft, left, right } from '../../graph/either.ts'
import type { Numeric } from '../../graph/elem.ts'
import type { RunError } from '../../graph/errors.ts'
import { bug } from '../../graph/errors.ts'
import type { Store, Value } from '../../graph/values.ts'
import { cell, isTensorValue, newStore, setCell } from '../../graph/values.ts'
import type { Room } from './arena.ts'
import { Arena } from './arena.ts'
import type { BoundKernels, Call } from './bound.ts'
import type { Machine } from './calls.ts'
import { counted } from './count.ts'
import type { KernelDescriptor } from './descriptor.ts'
import type { KernelLimits } from './limits.ts'
import type { MemoryPlan } from './plan.ts'
import { exceeded, sizesOf } from './sizes.ts'

/** Cells of inputs, outputs and scratch, then sizes of dimensions. The generated text says the exact type. */
export type KernelFunction = (...args: never[]) => void
export type TsKernels = Readonly<Record<string, KernelFunction>>

/** Binds generated functions, which stand under the names of their kernels. */
export const bindTs = (
  descriptors: readonly KernelDescriptor[],
  functions: TsKernels,
  plan?: MemoryPlan,
  { maxBytes: most = Number.POSITIVE_INFINITY }: KernelLimits = {},
): Either<RunError, BoundKernels> => {
  const missing = descriptors.find((d) => typeof functions[d.name] !== 'function')
  if (missing !== undefined) {
    return left({
      _tag: 'LoadFailed',
      node: missing.name,
      place: '',
      cause: 'the artefact lacks this kernel',
      remedy: 'build it again with quoin build',
    })
  }
  const function_ = (d: KernelDescriptor): AnyFunction => functions[d.name] as unknown as AnyFunction
  return right(
    counted(
      descriptors,
      descriptors.map((d) => callOf(d, function_(d), most)),
      descriptors.map((d) => machineOf(function_(d), most)),
      heap(most),
      plan,
    ),
  )
}
type AnyFunction = (...args: readonly unknown[]) => void

const machineOf = (f: AnyFunction, most: number): Machine => ({
  call: (params) => {
    f(...params)
  },
  bound: (params) => f.bind(undefined, ...params),
  param: (arena, elem, at) => arena.from(elem, at),
  lent: (v) => (isTensorValue(v) ? v.data : v),
  own: () => new Arena(heap(most)),
  ...(most === Number.POSITIVE_INFINITY ? {} : { most }),
  remedy: 'give the process more memory, or split the work',
})

/** An array buffer in which frames lie; a larger one takes over what the one before held. */
export const heap = (most = Number.POSITIVE_INFINITY): Room => {
  let buffer = new ArrayBuffer(0)
  return {
    buffer: () => buffer,
    settle: () => false,
    grow: (bytes) => {
      if (bytes > most) return `needs ${bytes} bytes of memory, and ${most} are allowed`
      try {
        const larger = new Uint8Array(Math.ceil(bytes / page) * page)
        larger.set(new Uint8Array(buffer))
        buffer = larger.buffer
        return undefined
      } catch (e) {
        return `needs ${bytes} bytes of memory, which the engine refuses: ${e instanceof Error ? e.message : String(e)}`
      }
    },
  }
}
const page = 65536

const callOf = (d: KernelDescriptor, f: AnyFunction, most: number): Call => {
  return (args) => {
    const sizes = sizesOf(d, args)
    if (isLeft(sizes)) return sizes
    const { dims, outputs, bytes } = sizes.right
    const remedy = 'give the process more memory, or split the work'
    if (bytes > most)
      return left(
        exceeded(d.name, `needs ${bytes} bytes, and ${most} are allowed`, 'split the work, or raise the limit'),
      )
    const scratch = d.scratch.map((s) => newStore(s.elem, s.length))
    let stores: readonly Store[]
    try {
      stores = d.outputs.map((o, k) => newStore(o.elem, outputs[k]!.length))
    } catch (e) {
      if (e instanceof RangeError)
        return left(exceeded(d.name, `needs ${bytes} bytes for its results: ${e.message}`, remedy))
      return left(bug(d.name, e))
    }
    try {
      f(...d.inputs.map((x, k) => inputCells(x.elem, args[k]!)), ...stores, ...scratch, ...dims)
    } catch (e) {
      return left(bug(d.name, e))
    }
    const values = stores.map((data, k): Value => {
      const { shape } = outputs[k]!
      return shape.length === 0 ? cell(d.outputs[k]!.elem, data, 0) : { shape, data }
    })
    return right({ values, bytes })
  }
}

const inputCells = (elem: Numeric, v: Value): Store => {
  if (isTensorValue(v)) return v.data
  const one = newStore(elem, 1)
  setCell(elem, one, 0, v as never)
  return one
}
