import { bytesOf } from '../../graph/elem.ts'
import type { ThreadStats } from './bound.ts'
import type { Threads } from './count.ts'
import type { KernelDescriptor } from './descriptor.ts'
import type { Program } from './helper.ts'
import type { Helping } from './helpers.ts'
import { fits, HelperLost, nextProgram, released } from './helpers.ts'
import { stepsOf } from './sizes.ts'
import type { Memory } from './webassembly.ts'

export type KernelFunction = (...args: readonly number[]) => void
export interface Instance {
  readonly memory: Memory
  readonly functions: Readonly<Record<string, KernelFunction>>
  /** The module, where its memory is one that threads share. */
  readonly module?: object
}

/**
 * Steps from which on a call is divided. Handing out and waiting took 5 to 15 µs where `npm run bench -- threads` was run, on a
 * machine with no free core; one thread takes about 30 µs for so many steps.
 */
export const worthThreads = 1 << 18
/** Parts for each thread: where another program takes a processor away for a while, the others take more of them. */
const partsEach = 4

/** The kernels of one module on several threads. Which of them does what is left open, and no bit depends on it. */
export class SharedKernels implements Threads {
  /** Below lies what helpers work in. */
  readonly from: number
  readonly #descriptors: readonly KernelDescriptor[]
  readonly #functions: Instance['functions']
  readonly #helpers: Helping
  readonly #most: number
  readonly #worth: number
  readonly #program: Program
  #shared = 0
  #open = true
  #lost: HelperLost | undefined

  constructor(
    descriptors: readonly KernelDescriptor[],
    instance: Instance,
    helpers: Helping,
    most: number,
    worth: number = worthThreads,
  ) {
    this.#worth = worth
    const places = descriptors.map(ownScratch)
    const scratch = Math.max(0, ...places.map((p) => p.bytes))
    this.#descriptors = descriptors
    this.#functions = instance.functions
    this.#helpers = helpers
    this.#most = Math.min(most, helpers.size)
    this.from = scratch * this.#most
    this.#program = {
      id: nextProgram(),
      module: instance.module!,
      memory: instance.memory,
      kernels: descriptors.map((d, k) => ({ name: d.name, own: places[k]!.own })),
      scratch,
    }
    helpers.add(this.#program)
  }
  readonly stats = (): ThreadStats => ({ threads: 1 + this.#helping, shared: this.#shared })
  readonly close = async (): Promise<void> => {
    if (!this.#open) return
    this.#open = false
    await released(this.#helpers, this.#program.id)
  }
  get #helping(): number {
    return this.#open ? Math.min(this.#most, this.#helpers.size) : 0
  }

  call(kernel: number, params: readonly number[]): void {
    const d = this.#descriptors[kernel]!
    if (d.divided === undefined) this.#alone(kernel, params)
    else this.#run(kernel, params, this.#steps(d, params))
  }
  bound(kernel: number): (params: readonly number[]) => () => void {
    return (params) => {
      const d = this.#descriptors[kernel]!
      const steps = this.#steps(d, params)
      return steps < this.#worth ? () => this.#alone(kernel, params) : () => this.#run(kernel, params, steps)
    }
  }
  #steps(d: KernelDescriptor, params: readonly number[]): number {
    const first = d.inputs.length + d.outputs.length + d.scratch.length
    return stepsOf(d, new Map(d.dims.map((n, k) => [n, params[first + k]!])))
  }
  #alone(kernel: number, params: readonly number[]): void {
    if (this.#lost !== undefined) throw this.#lost
    const d = this.#descriptors[kernel]!
    if (d.divided === undefined) this.#functions[d.name]!(...params)
    else this.#functions[d.name]!(...params, 0, 1)
  }
  #run(kernel: number, params: readonly number[], steps: number): void {
    const helpers = this.#helping
    if (helpers === 0 || steps < this.#worth || !fits(params.length)) return this.#alone(kernel, params)
    if (this.#lost !== undefined) throw this.#lost
    const d = this.#descriptors[kernel]!
    const f = this.#functions[d.name]!
    const parts = (helpers + 1) * (d.divided!.prepares ? 1 : partsEach)
    const own = (part: number): void => f(...params, part, parts)
    try {
      this.#helpers.run({ program: this.#program, kernel, params, parts, helpers, steps, own })
    } catch (e) {
      if (e instanceof HelperLost) this.#lost = e
      throw e
    }
    this.#shared++
    if (d.divided!.after) this.#functions[`${d.name}$after`]!(...params)
  }
}

/** Where a helper has the scratch that is its own, counted from the beginning of its room. */
const ownScratch = (
  d: KernelDescriptor,
): { readonly own: readonly (readonly [number, number])[]; readonly bytes: number } => {
  const first = d.inputs.length + d.outputs.length
  const own: (readonly [number, number])[] = []
  let bytes = 0
  for (const [k, s] of d.scratch.entries()) {
    if (s.shared === true) continue
    own.push([first + k, bytes])
    bytes += Math.ceil((s.length * bytesOf[s.elem]) / 64) * 64
  }
  return { own, bytes }
}
