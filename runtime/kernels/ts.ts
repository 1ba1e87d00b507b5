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
      descriptors.map((d) => callOf(d, function_(d))),
      descriptors.map((d) => machineOf(function_(d))),
      heap(),
      plan,
    ),
  )
}
type AnyFunction = (...args: readonly unknown[]) => void

const machineOf = (f: AnyFunction): Machine => ({
  call: (params) => {
    f(...params)
  },
  bound: (params) => f.bind(undefined, ...params),
  param: (arena, elem, at) => arena.from(elem, at),
  lent: (v) => (isTensorValue(v) ? v.data : v),
  own: () => new Arena(heap()),
  remedy: 'give the process more memory, or split the work',
})

/** An array buffer in which frames lie; a larger one takes over what the one before held. */
export const heap = (): Room => {
  let buffer = new ArrayBuffer(0)
  return {
    buffer: () => buffer,
    settle: () => false,
    grow: (bytes) => {
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

const callOf = (d: KernelDescriptor, f: AnyFunction): Call => {
  return (args) => {
    const scratch = d.scratch.map((s) => newStore(s.elem, s.length))
    const sizes = sizesOf(d, args)
    if (isLeft(sizes)) return sizes
    const { dims, outputs, bytes } = sizes.right
    let stores: readonly Store[]
    try {
      stores = d.outputs.map((o, k) => newStore(o.elem, outputs[k]!.length))
    } catch (e) {
      if (e instanceof RangeError)
        return left(
          exceeded(
            d.name,
            `needs ${bytes} bytes for its results: ${e.message}`,
            'give the process more memory, or split the work',
          ),
        )
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
