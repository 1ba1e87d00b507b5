import type { Either } from '../../graph/either.ts'
import { isLeft, left, right } from '../../graph/either.ts'
import type { Numeric } from '../../graph/elem.ts'
import { bytesOf } from '../../graph/elem.ts'
import type { RunError } from '../../graph/errors.ts'
import { bug } from '../../graph/errors.ts'
import type { TensorValue, Value } from '../../graph/values.ts'
import { arrays, cell, isTensorValue, setCell } from '../../graph/values.ts'
import type { Room } from './arena.ts'
import type { BoundKernels, Call } from './bound.ts'
import type { Machine } from './calls.ts'
import { counted } from './count.ts'
import type { KernelDescriptor } from './descriptor.ts'
import type { Helping } from './helpers.ts'
import type { KernelLimits } from './limits.ts'
import type { MemoryPlan } from './plan.ts'
import type { Instance, KernelFunction } from './shared.ts'
import { SharedKernels } from './shared.ts'
import { imported, sharedModule, sharedPages } from './shared-module.ts'
import type { Sizes } from './sizes.ts'
import { exceeded, sizesOf } from './sizes.ts'
import type { Memory } from './webassembly.ts'
import { webAssembly } from './webassembly.ts'

const page = 65536
const slack = 16
const reach = sharedPages * page

/** Compiles the module once and binds its functions; values are copied in and out of its memory in each call. */
export const bindWasm = (
  descriptors: readonly KernelDescriptor[],
  bytes: Uint8Array<ArrayBuffer>,
  limits: KernelLimits = {},
  plan?: MemoryPlan,
  helpers?: Helping,
  worth?: number,
): Either<RunError, BoundKernels> => {
  const instance = instantiate(descriptors, bytes, helpers === undefined ? undefined : sharedModule(bytes))
  if (isLeft(instance)) return instance
  const most = Math.min(limits.maxBytes ?? reach, reach)
  const { memory, functions } = instance.right
  const shared =
    helpers === undefined || instance.right.module === undefined
      ? undefined
      : new SharedKernels(descriptors, instance.right, helpers, (limits.threads ?? 1) - 1, worth)
  const called = descriptors.map((d, k): Invoke => {
    const f = functions[d.name]!
    if (shared !== undefined) return (params) => shared.call(k, params)
    return d.divided === undefined ? (params) => f(...params) : (params) => f(...params, 0, 1)
  })
  const room: Room = {
    buffer: () => memory.buffer,
    grow: (n) => grow(memory, n, most),
    // A shared memory that grows takes nothing away.
    settle: () => shared !== undefined || memory.toResizableBuffer?.() !== undefined,
  }
  const from = shared?.from ?? 0
  return right(
    counted(
      descriptors,
      descriptors.map((d, k) => callOf(d, memory, called[k]!, most, from)),
      descriptors.map((d, k) => machineOf(called[k]!, shared?.bound(k) ?? boundTo(d, functions[d.name]!))),
      room,
      plan,
      shared,
    ),
  )
}
type Invoke = (params: readonly number[]) => void
type Bind = (params: readonly number[]) => () => void

const boundTo =
  (d: KernelDescriptor, f: KernelFunction): Bind =>
  (params) =>
    f.bind(undefined, ...params, ...(d.divided === undefined ? [] : [0, 1]))
const machineOf = (call: Invoke, bound: Bind): Machine => ({
  call: call as Machine['call'],
  bound: bound as Machine['bound'],
  param: (_, __, at) => at,
  // Only inputs of which nothing is read stay outside.
  lent: () => 0,
  remedy: 'split the work into several calls, or use the TypeScript target',
})

const instantiate = (
  descriptors: readonly KernelDescriptor[],
  bytes: Uint8Array<ArrayBuffer>,
  shared: Uint8Array<ArrayBuffer> | undefined,
): Either<RunError, Instance> => {
  const failed = (cause: string): RunError => ({
    _tag: 'LoadFailed',
    node: '',
    place: '',
    cause,
    remedy: 'build the artefact again with quoin build',
  })
  try {
    const memory = shared === undefined ? undefined : sharedMemory()
    const module = new webAssembly.Module(memory === undefined ? bytes : shared!)
    const imports = { [imported.module]: { [imported.memory]: memory } }
    const { exports } = new webAssembly.Instance(module, imports)
    if (!(exports.memory instanceof webAssembly.Memory)) return left(failed('the kernels have no memory'))
    const missing = descriptors.flatMap(namesOf).find((name) => typeof exports[name] !== 'function')
    if (missing !== undefined) return left(failed(`the module lacks the kernel ${missing}`))
    return right({
      memory: exports.memory,
      functions: exports as unknown as Instance['functions'],
      ...(memory === undefined ? {} : { module }),
    })
  } catch (e) {
    return left(
      failed(`the kernels are no WebAssembly that this engine runs: ${e instanceof Error ? e.message : String(e)}`),
    )
  }
}

const namesOf = (d: KernelDescriptor): readonly string[] =>
  d.divided?.after === true ? [d.name, `${d.name}$after`] : [d.name]
/** Undefined where there is no room for all that it might become: then one thread works in a memory of its own. */
const sharedMemory = (): Memory | undefined => {
  try {
    return new webAssembly.Memory({ initial: 1, maximum: sharedPages, shared: true })
  } catch {
    return undefined
  }
}

/** Where everything lies during one call, each piece on a boundary of 16 bytes. */
const layout = (d: KernelDescriptor, args: readonly Value[], sizes: Sizes, from: number) => {
  let end = from
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
  (d: KernelDescriptor, memory: Memory, call: Invoke, most: number, from: number): Call =>
  (args) => {
    const sizes = sizesOf(d, args)
    if (isLeft(sizes)) return sizes
    const { dims, outputs, bytes } = sizes.right
    const at = layout(d, args, sizes.right, from)
    const grown = grow(memory, at.end, most)
    if (grown !== undefined)
      return left(exceeded(d.name, grown, 'split the work into several calls, or use the TypeScript target'))
    try {
      d.inputs.forEach((x, k) => {
        if (x.read) copyIn(memory, x.elem, at.inputs[k]!, args[k]!)
      })
      call([...at.inputs, ...at.outputs, ...at.scratch, ...dims])
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
