import type { Kernel } from '../../codegen/kernels/index.ts'
import { dividedBy } from '../../codegen/kernels/index.ts'
import { emitWasm } from '../../codegen/targets/wasm/index.ts'
import type { BoundKernels, Helping, Program, SharedCall } from '../../runtime/kernels.ts'
import { bindWasm } from '../../runtime/kernels.ts'
import { must } from '../kernels/compile.ts'

/**
 * Helpers without threads: parts are done one after another in an order drawn by chance, each in a place drawn by chance,
 * the scratch of a helper being filled with something else before.
 */
export class Drawn implements Helping {
  readonly size: number
  readonly #next: () => number
  readonly #programs = new Map<number, Program>()
  calls = 0
  constructor(size: number, next: () => number) {
    this.size = size
    this.#next = next
  }
  add(p: Program): void {
    this.#programs.set(p.id, p)
  }
  remove(id: number): number {
    this.#programs.delete(id)
    return this.#programs.size
  }
  close(): Promise<void> {
    return Promise.resolve()
  }
  run({ program, kernel, params, parts, helpers, own }: SharedCall): void {
    this.calls++
    const { WebAssembly } = globalThis as unknown as {
      WebAssembly: { Instance: new (m: object, i: object) => { exports: object } }
    }
    const { exports } = new WebAssembly.Instance(program.module, { q: { m: program.memory } })
    const { name, own: mine } = program.kernels[kernel]!
    const left = Array.from({ length: parts }, (_, k) => k)
    const bytes = new Uint8Array((program.memory as { buffer: ArrayBuffer }).buffer)
    while (left.length > 0) {
      const [part] = left.splice(Math.floor(this.#next() * left.length), 1) as [number]
      const who = Math.floor(this.#next() * (helpers + 1))
      if (who === helpers) {
        own(part)
        continue
      }
      bytes.fill(0x41, who * program.scratch, (who + 1) * program.scratch)
      const given = [...params]
      for (const [param, at] of mine) given[param] = who * program.scratch + at
      ;(exports as Record<string, (...args: number[]) => void>)[name]!(...given, part, parts)
    }
  }
}

/** A kernel that threads may divide, however small its work. */
export const dividable = (k: Kernel): Kernel | undefined => {
  const divided = dividedBy(k.body, [[1 << 30]])
  return divided === undefined ? undefined : { ...k, descriptor: { ...k.descriptor, divided } }
}
export const bindDivided = async (
  kernels: readonly Kernel[],
  helpers: Helping,
  threads: number,
): Promise<BoundKernels> =>
  must(
    bindWasm(
      kernels.map((k) => k.descriptor),
      must(await emitWasm(kernels)),
      { threads },
      undefined,
      helpers,
      0,
    ),
  )
