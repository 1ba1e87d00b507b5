import type { Either } from '../../graph/either.ts'
import { isLeft, left, right } from '../../graph/either.ts'
import type { Numeric } from '../../graph/elem.ts'
import { bytesOf } from '../../graph/elem.ts'
import type { RunError } from '../../graph/errors.ts'
import { bug } from '../../graph/errors.ts'
import type { Store, TensorValue, Value } from '../../graph/values.ts'
import { newStore } from '../../graph/values.ts'
import type { Arena, Frame } from './arena.ts'
import type { KernelDescriptor } from './descriptor.ts'
import type { CallPlan } from './plan.ts'
import type { Sizes } from './sizes.ts'
import { exceeded, invalid, mismatch, sizesWith } from './sizes.ts'

/** How a target calls one kernel: addresses where its kernels have a memory of their own, views of it where not. */
export interface Machine {
  readonly call: (params: readonly unknown[]) => void
  /** The same call again and again. */
  readonly bound: (params: readonly unknown[]) => () => void
  readonly param: (arena: Arena, elem: Numeric, at: number) => unknown
  /** A value of the caller that is not in the arena. */
  readonly lent: (v: Value) => unknown
  /** An arena apart, for targets whose kernels can work anywhere. */
  readonly own?: () => Arena
  /** Most bytes of what one call makes, where that is no part of a memory with a limit of its own. */
  readonly most?: number
  /** What to do when its memory does not suffice. */
  readonly remedy: string
}
export type Planned = (f: Frame, args: readonly (Value | null)[]) => Either<RunError, Value>

/** What does not change while frame and memory stay where they are. */
interface Prepared {
  readonly base: number
  readonly buffer: ArrayBuffer
  readonly sizes: Sizes
  /** Addresses by operand: inputs, outputs, scratch. */
  readonly at: readonly number[]
  readonly params: unknown[]
}

/** One kernel step of a memory plan. `used` is told the bytes of outputs and scratch of each call. */
export const plannedCall = (
  d: KernelDescriptor,
  c: CallPlan,
  arena: Arena,
  machine: Machine,
  used: (bytes: number) => void,
): Planned => {
  const fixed = d.inputs.every((x) => x.shape.every((n) => typeof n === 'number')) ? sizesWith(d, new Map()) : undefined
  const given = d.inputs.map((_, i) => c.inputs[i] === null || c.brought.includes(i))
  const lent = [
    ...c.inputs.flatMap((b, i) => (b === null ? [i] : [])),
    ...c.outputs.flatMap((b, o) => (b === null ? [d.inputs.length + o] : [])),
  ]
  let prepared: Prepared | undefined

  const dims = new Map<string, number>()
  let last: { readonly sizes: Either<RunError, Sizes>; readonly dims: readonly (number | undefined)[] } | undefined

  const sizesOf = (f: Frame, args: readonly (Value | null)[]): Either<RunError, Sizes> => {
    dims.clear()
    for (let i = 0; i < d.inputs.length; i++) {
      const input = d.inputs[i]!
      const b = c.inputs[i]!
      if (given[i]!) {
        const problem = mismatch(input, args[i]!, dims)
        if (problem !== undefined) return left(invalid(d.name, `was given as input ${i} ${problem}`))
        if (b !== null) f.shapes[b] = shapeOf(args[i]!)
      } else
        for (let k = 0; k < input.shape.length; k++) {
          const [n, size] = [input.shape[k]!, f.shapes[b!]![k]!]
          const known = typeof n === 'number' ? n : (dims.get(n) ?? size)
          if (known !== size)
            return left(invalid(d.name, `has as input ${i} ${size} cells along axis ${k}, where ${n} is ${known}`))
          if (typeof n === 'string') dims.set(n, size)
        }
    }
    if (fixed !== undefined) return fixed
    // Sizes are mostly those of the call before.
    if (last === undefined || !d.dims.every((n, k) => dims.get(n) === last!.dims[k]))
      last = { sizes: sizesWith(d, dims), dims: d.dims.map((n) => dims.get(n)) }
    return last.sizes
  }
  const elems = [...d.inputs, ...d.outputs, ...d.scratch].map((x) => x.elem)
  const buffers = [...d.inputs.map((x, i) => (x.read ? c.inputs[i]! : null)), ...c.outputs, ...c.scratch]
  const cellsOf = (k: number, f: Frame, sizes: Sizes): number => {
    const o = k - d.inputs.length
    const t = o - d.outputs.length
    if (t >= 0) return d.scratch[t]!.length
    if (o >= 0) return sizes.outputs[o]!.length
    return (f.shapes[buffers[k]!] ?? (d.inputs[k]!.shape as number[])).reduce((n, x) => n * x, 1)
  }
  const prepare = (f: Frame, sizes: Sizes): Either<RunError, Prepared> => {
    if (fixed !== undefined && prepared?.base === f.base && prepared.buffer === arena.buffer) return right(prepared)
    const at = buffers.map((b, k) => (b === null ? 0 : arena.place(f, b, cellsOf(k, f, sizes) * bytesOf[elems[k]!])))
    const problem = arena.ready()
    if (problem !== undefined) return left(exceeded(d.name, problem, machine.remedy))
    if (prepared?.sizes !== sizes || prepared.buffer !== arena.buffer || !at.every((x, k) => x === prepared!.at[k])) {
      const params = [...at.map((a, k) => machine.param(arena, elems[k]!, a)), ...sizes.dims]
      prepared = { base: f.base, buffer: arena.buffer, sizes, at, params }
    }
    return right(prepared)
  }

  return (f, args) => {
    const sizes = sizesOf(f, args)
    if (isLeft(sizes)) return sizes
    if (machine.most !== undefined && sizes.right.bytes > machine.most)
      return left(exceeded(d.name, `needs ${sizes.right.bytes} bytes, and ${machine.most} are allowed`, machine.remedy))
    try {
      const ready = prepare(f, sizes.right)
      if (isLeft(ready)) return ready
      const { at, params } = ready.right
      const { outputs } = sizes.right
      for (let o = 0; o < outputs.length; o++) if (c.outputs[o] !== null) f.shapes[c.outputs[o]!] = outputs[o]!.shape
      for (const i of c.brought) arena.put(d.inputs[i]!.elem, at[i]!, args[i]!)
      for (const k of lent) if (k < d.inputs.length) params[k] = machine.lent(args[k]!)
      for (const o of c.leaving) {
        if (c.outputs[o] !== null) continue
        arena.made++
        params[d.inputs.length + o] = newStore(d.outputs[o]!.elem, outputs[o]!.length)
      }
      machine.call(params)
      used(sizes.right.bytes)
      const out: Record<string, Value> = {}
      for (const o of c.leaving) {
        const { shape, length } = outputs[o]!
        const k = d.inputs.length + o
        out[o] =
          c.outputs[o] === null
            ? { shape, data: params[k] as Store }
            : arena.take(d.outputs[o]!.elem, at[k]!, shape, length)
      }
      // What is prepared stays; the caller's arrays must not stay with it.
      for (const k of lent) params[k] = undefined
      return right(out)
    } catch (e) {
      if (e instanceof RangeError)
        return left(
          exceeded(d.name, `cannot hold its results: ${e.message}`, 'give the process more memory, or split the work'),
        )
      return left(bug(d.name, e))
    }
  }
}

const shapeOf = (v: Value): readonly number[] => (v as TensorValue | undefined)?.shape ?? []
