import type { Either } from '../../graph/either.ts'
import { isLeft, left, right } from '../../graph/either.ts'
import type { Numeric } from '../../graph/elem.ts'
import { bytesOf } from '../../graph/elem.ts'
import type { RunError } from '../../graph/errors.ts'
import { bug } from '../../graph/errors.ts'
import type { TensorValue, Value } from '../../graph/values.ts'
import { arrays, cell, isTensorValue, setCell } from '../../graph/values.ts'
import type { BoundKernels, Call } from './bound.ts'
import type { Machine } from './calls.ts'
import { counted } from './count.ts'
import type { KernelDescriptor } from './descriptor.ts'
import type { KernelLimits } from './limits.ts'
import type { MemoryPlan } from './plan.ts'
import type { Sizes } from './sizes.ts'
import { exceeded, sizesOf } from './sizes.ts'
import type { Memory } from './webassembly.ts'
import { webAssembly } from './webassembly.ts'

const page = 65536
const slack = 16
const reach = 65535 * page

interface Instance {
  readonly memory: Memory
  readonly functions: Readonly<Record<string, (...args: readonly number[]) => void>>
}

/** Compiles the module once and binds its functions; values are copied in and out of its memory in each call. */
export const bindWasm = (
  descriptors: readonly KernelDescriptor[],
  bytes: Uint8Array<ArrayBuffer>,
  limits: KernelLimits = {},
  plan?: MemoryPlan,
): Either<RunError, BoundKernels> => {
  const instance = instantiate(descriptors, bytes)
  if (isLeft(instance)) return instance
  const most = Math.min(limits.maxBytes ?? reach, reach)
  const { memory, functions } = instance.right
  return right(
    counted(
      descriptors,
      descriptors.map((d) => callOf(d, instance.right, most)),
      descriptors.map((d) => machineOf(functions[d.name]!)),
      {
        buffer: () => memory.buffer,
        grow: (n) => grow(memory, n, most),
        settle: () => memory.toResizableBuffer?.() !== undefined,
      },
      plan,
    ),
  )
}

const machineOf = (f: (...args: readonly number[]) => void): Machine => ({
  call: (params) => {
    f(...(params as readonly number[]))
  },
  bound: (params) => f.bind(undefined, ...(params as readonly number[])),
  param: (_, __, at) => at,
  // Only inputs of which nothing is read stay outside.
  lent: () => 0,
  remedy: 'split the work into several calls, or use the TypeScript target',
})

const instantiate = (
  descriptors: readonly KernelDescriptor[],
  bytes: Uint8Array<ArrayBuffer>,
): Either<RunError, Instance> => {
  const failed = (cause: string): RunError => ({
    _tag: 'LoadFailed',
    node: '',
    place: '',
    cause,
    remedy: 'build the artefact again with quoin build',
  })
  try {
    const { exports } = new webAssembly.Instance(new webAssembly.Module(bytes))
    if (!(exports.memory instanceof webAssembly.Memory)) return left(failed('the kernels have no memory'))
    const missing = descriptors.find((d) => typeof exports[d.name] !== 'function')
    if (missing !== undefined) return left(failed(`the module lacks the kernel ${missing.name}`))
    return right({ memory: exports.memory, functions: exports as unknown as Instance['functions'] })
  } catch (e) {
    return left(
      failed(`the kernels are no WebAssembly that this engine runs: ${e instanceof Error ? e.message : String(e)}`),
    )
  }
}

/** Where everything lies during one call, each piece on a boundary of 16 bytes. */
const layout = (d: KernelDescriptor, args: readonly Value[], sizes: Sizes) => {
  let end = 0
  const take = (bytes: number): number => {
    const at = end
    end += Math.ceil(bytes / 16) * 16
    return at
  }
  const inputs = d.inputs.map((x, k) => (x.read ? take(lengthOf(args[k]!) * bytesOf[x.elem]) : 0))
  const outputs = d.outputs.map((o, k) => take(sizes.outputs[k]!.length * bytesOf[o.elem]))
  const scratch = d.scratch.map((s) => take(s.length * bytesOf[s.elem]))
  return { inputs, outputs, scratch, end }
}
const lengthOf = (v: Value): number => (isTensorValue(v) ? v.data.length : 1)

const callOf =
  (d: KernelDescriptor, { memory, functions }: Instance, most: number): Call =>
  (args) => {
    const sizes = sizesOf(d, args)
    if (isLeft(sizes)) return sizes
    const { dims, outputs, bytes } = sizes.right
    const at = layout(d, args, sizes.right)
    const grown = grow(memory, at.end, most)
    if (grown !== undefined)
      return left(exceeded(d.name, grown, 'split the work into several calls, or use the TypeScript target'))
    try {
      d.inputs.forEach((x, k) => {
        if (x.read) copyIn(memory, x.elem, at.inputs[k]!, args[k]!)
      })
      functions[d.name]!(...at.inputs, ...at.outputs, ...at.scratch, ...dims)
      // Views are made anew in every call: growing detaches the buffer under them.
      const values = d.outputs.map((o, k): Value => {
        const { shape, length } = outputs[k]!
        const data = new arrays[o.elem](memory.buffer, at.outputs[k]!, length).slice()
        return shape.length === 0 ? cell(o.elem, data, 0) : { shape, data }
      })
      return right({ values, bytes })
    } catch (e) {
      if (e instanceof RangeError)
        return left(
          exceeded(d.name, `cannot hold its results: ${e.message}`, 'give the process more memory, or split the work'),
        )
      return left(bug(d.name, e))
    }
  }

/** Makes the memory hold `bytes`; the answer says why it cannot. */
const grow = (memory: Memory, bytes: number, most: number): string | undefined => {
  if (bytes > most) return `needs ${bytes} bytes of memory, and ${most} are allowed`
  // Loops read a first cell even of an empty column, before they choose zero instead.
  const lacking = Math.ceil((bytes + slack - memory.buffer.byteLength) / page)
  if (lacking <= 0) return undefined
  try {
    memory.grow(lacking)
    return undefined
  } catch (e) {
    return `needs ${bytes} bytes of memory, which the engine refuses: ${e instanceof Error ? e.message : String(e)}`
  }
}

const copyIn = (memory: Memory, elem: Numeric, at: number, v: Value): void => {
  if (!isTensorValue(v)) {
    setCell(elem, new arrays[elem](memory.buffer, at, 1), 0, v as never)
    return
  }
  const { data } = v as TensorValue
  ;(new arrays[elem](memory.buffer, at, data.length) as { set(from: unknown): void }).set(data)
}
