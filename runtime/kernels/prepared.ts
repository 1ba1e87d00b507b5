import type { Either } from '../../graph/either.ts'
import { isLeft, left, right } from '../../graph/either.ts'
import type { Numeric } from '../../graph/elem.ts'
import { bytesOf } from '../../graph/elem.ts'
import type { RunError } from '../../graph/errors.ts'
import { bug } from '../../graph/errors.ts'
import type { Store, Value } from '../../graph/values.ts'
import { arrays, cell, newStore } from '../../graph/values.ts'
import type { Arena } from './arena.ts'
import type { Machine } from './calls.ts'
import type { KernelDescriptor } from './descriptor.ts'
import type { Made, MemoryPlan } from './plan.ts'
import { exceeded, invalid, sizesWith } from './sizes.ts'

/** Calls whose operands all have their places: nothing is copied, looked up or allocated when they run. */
export interface PreparedKernels {
  /** The cells of an input, to be filled in; undefined where no kernel reads it. */
  readonly input: (name: string) => Store | undefined
  readonly run: () => void
  /** The result of the last run. Its arrays are views: the next run writes over them. */
  readonly value: () => Value
  /** Gives the room back. What was handed out must not be used any more. */
  readonly close: () => void
}

export const prepared = (
  descriptors: readonly KernelDescriptor[],
  machines: readonly Machine[],
  shared: Arena,
  plan: MemoryPlan,
  shapes: ReadonlyMap<string, readonly number[]>,
  carry: ReadonlyMap<string, string>,
): Either<RunError, PreparedKernels> => {
  const { direct } = plan
  if (direct === undefined)
    return left({
      ...invalid('', 'this graph cannot be prepared: it does more than call kernels on its inputs'),
      remedy: 'use run; sizes that are known when it is compiled ({ dims }) leave less to do beside kernels',
    })
  const arena = machines[0]?.own?.() ?? shared
  const from = arena.top
  try {
    const made = placed(descriptors, machines, arena, plan, shapes, carry)
    if (isLeft(made)) arena.top = from
    return made
  } catch (e) {
    arena.top = from
    return left(e instanceof RangeError ? exceeded('', `cannot be prepared: ${e.message}`, 'prepare less') : bug('', e))
  }
}

/** Where an input or output lies: an address, or an array. */
interface Place {
  readonly elem: Numeric
  readonly at: number | Store
  readonly shape: readonly number[]
}
const cellsIn = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1)

const outputsIn = (x: Made): readonly string[] =>
  'fields' in x ? x.fields.flatMap(([, y]) => outputsIn(y)) : [x.join(' ')]

const placed = (
  descriptors: readonly KernelDescriptor[],
  machines: readonly Machine[],
  arena: Arena,
  plan: MemoryPlan,
  shapes: ReadonlyMap<string, readonly number[]>,
  carry: ReadonlyMap<string, string>,
): Either<RunError, PreparedKernels> => {
  const { steps, result } = plan.direct!
  const from = arena.top
  const given = new Map<string, Place>()
  for (const { call, inputs } of steps) {
    const d = descriptors[plan.calls[call]!.kernel]!
    for (const [i, name] of inputs.entries()) {
      const { elem, read } = d.inputs[i]!
      if (typeof name !== 'string' || !read || given.has(name)) continue
      const shape = shapes.get(name)!
      given.set(name, { elem, shape, at: arena.reserve(cellsIn(shape) * bytesOf[elem]) })
    }
  }
  /** The plan has results copied away as soon as they are there; here they have places of their own. */
  const results = new Set(outputsIn(result))
  const kept = new Map<number, number>()
  arena.reserve(0)
  const frame = arena.enter(plan.frames[0]!)
  /** Where each output of each call lies, and in which shape. */
  const outputs = new Map<string, Place>()
  const places: (readonly (number | Place | null)[])[] = []
  const sizes: (readonly number[])[] = []
  for (const { call, inputs } of steps) {
    const c = plan.calls[call]!
    const d = descriptors[c.kernel]!
    const dims = new Map<string, number>()
    for (const [i, x] of d.inputs.entries()) {
      const source = inputs[i]!
      const shape = typeof source === 'string' ? shapes.get(source)! : outputs.get(source.join(' '))!.shape
      for (const [k, n] of x.shape.entries()) if (typeof n === 'string') dims.set(n, shape[k]!)
    }
    const known = sizesWith(d, dims)
    if (isLeft(known)) return known
    const put = (buffer: number | null, bytes: number): number | null =>
      buffer === null ? null : (kept.get(buffer) ?? arena.place(frame, buffer, bytes))
    const outs = d.outputs.map((o, k): Place => {
      const { shape, length } = known.right.outputs[k]!
      const buffer = c.outputs[k]!
      const name = `${call} ${k}`
      if (buffer !== null && results.has(name)) kept.set(buffer, arena.reserve(length * bytesOf[o.elem]))
      // Where kernels can work anywhere, what leaves the frame is an array of its own.
      const at = put(buffer, length * bytesOf[o.elem]) ?? newStore(o.elem, length)
      const output = { elem: o.elem, at, shape }
      outputs.set(name, output)
      return output
    })
    places.push([
      ...d.inputs.map((x, i) => {
        const source = inputs[i]!
        if (!x.read) return null
        return typeof source === 'string' ? given.get(source)! : outputs.get(source.join(' '))!
      }),
      ...outs,
      ...d.scratch.map((s, k) => put(c.scratch[k]!, s.length * bytesOf[s.elem])),
    ])
    sizes.push(known.right.dims)
  }
  const problem = arena.ready()
  if (problem !== undefined)
    return left(exceeded('', problem, 'prepare less, or close what is prepared and not needed any more'))
  const held = arena.hold(from)

  const param = (machine: Machine, elem: Numeric, x: Place | number | null): unknown => {
    const at = typeof x === 'object' ? x?.at : x
    return typeof at === 'number'
      ? machine.param(arena, elem, at)
      : at === undefined
        ? 0
        : machine.lent({ shape: [], data: at })
  }
  /** All calls, with these places in the place of others. */
  const callsWith = (instead: ReadonlyMap<Place, Place>): (() => void) => {
    const calls = steps.map(({ call }, s) => {
      const { kernel } = plan.calls[call]!
      const d = descriptors[kernel]!
      const elems = [...d.inputs, ...d.outputs, ...d.scratch].map((x) => x.elem)
      const params = places[s]!.map((x, k) =>
        param(machines[kernel]!, elems[k]!, typeof x === 'object' && x !== null ? (instead.get(x) ?? x) : x),
      )
      return machines[kernel]!.bound([...params, ...sizes[s]!])
    })
    if (calls.length === 1) return calls[0]!
    return () => {
      for (const call of calls) call()
    }
  }
  const turned = new Map<Place, Place>()
  for (const [name, output] of carry) {
    const [x, made] = [given.get(name), 'fields' in result ? result.fields.find(([n]) => n === output)?.[1] : undefined]
    const y = made === undefined || 'fields' in made ? undefined : outputs.get(made.join(' '))
    const alike = x !== undefined && y !== undefined && x.elem === y.elem && x.shape.join() === y.shape.join()
    if (!alike || turned.has(x) || turned.has(y)) {
      arena.release(held)
      return left({
        ...invalid('', `result ${output} cannot become input ${name}: they are not of one type, or taken already`),
        remedy: 'carry a result to an input of its own, of the same element and shape',
      })
    }
    turned.set(x, y).set(y, x)
  }
  const none: ReadonlyMap<Place, Place> = new Map()
  const [even, odd] = [callsWith(none), turned.size === 0 ? undefined : callsWith(turned)]
  /** Whether the next run, and the last one, have carried places the other way round. */
  let [next, last] = [none, none]
  const cells = ({ elem, at, shape }: Place): Store =>
    typeof at === 'number' ? new arrays[elem](arena.buffer, at, cellsIn(shape)) : at
  const view = (x: Made): Value => {
    if ('fields' in x) return Object.fromEntries(x.fields.map(([n, y]) => [n, view(y)]))
    const y = outputs.get(x.join(' '))!
    const data = cells(last.get(y) ?? y)
    return y.shape.length === 0 ? cell(y.elem, data, 0) : { shape: y.shape, data }
  }
  let open = true
  return right({
    input: (name) => {
      const x = given.get(name)
      return x === undefined ? undefined : cells(next.get(x) ?? x)
    },
    run:
      odd === undefined
        ? even
        : () => {
            ;(next === none ? even : odd)()
            ;[last, next] = [next, next === none ? turned : none]
          },
    value: () => view(result),
    close: () => {
      if (open) arena.release(held)
      open = false
    },
  })
}
