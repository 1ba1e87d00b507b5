import type { Numeric } from '../../graph/elem.ts'
import type { FramePlan, Size } from '../../runtime/kernels/plan.ts'

interface Range {
  readonly at: number
  readonly end: number
  readonly buffer: number
}

/**
 * What the buffers of a frame hold while a checker goes along. Buffers that hold something share no byte, so those of
 * known size are kept in order of their place, and a write looks at its neighbours only.
 */
export class Contents {
  readonly #frame: FramePlan
  readonly #named: (string | undefined)[] = []
  readonly #whole = new Set<number>()
  readonly #ranges: Range[] = []
  readonly #slots = new Map<number, number>()
  constructor(frame: FramePlan) {
    this.#frame = frame
  }

  /** What is wrong with the frame by itself: a buffer outside of it, or across cells. */
  problem(): string | undefined {
    const { bytes, slots, buffers } = this.#frame
    const natural = (n: number): boolean => Number.isSafeInteger(n) && n >= 0
    if (!natural(bytes)) return 'its size is no number of bytes'
    for (const [i, { at, size }] of buffers.entries()) {
      if (!natural(at) || !natural(size.bytes)) return `buffer ${i} has no place`
      if (size.of.length > 0) {
        if (slots[at] === undefined || !equal(slots[at], size)) return `buffer ${i} does not fit its slot`
      } else if (at % 8 !== 0) return `buffer ${i} lies across cells`
      else if (at + size.bytes > bytes) return `buffer ${i} ends outside of it`
    }
    return undefined
  }
  /** Why a buffer is not one for values of such a size. */
  fits(b: number, size: Size, elem: Numeric): string | undefined {
    const buffer = this.#frame.buffers[b]
    if (buffer === undefined) return `there is no buffer ${b}`
    return buffer.elem === elem && equal(buffer.size, size) ? undefined : `buffer ${b} has another size`
  }
  /** The value last written to a buffer, and whether all of it is still there. */
  named(b: number): string | undefined {
    return this.#named[b]
  }
  holds(b: number): boolean {
    return this.#whole.has(b)
  }
  overlap(a: number, b: number): boolean {
    const [x, y] = [this.#frame.buffers[a]!, this.#frame.buffers[b]!]
    if (x.size.of.length > 0 || y.size.of.length > 0)
      return x.size.of.length > 0 && y.size.of.length > 0 && x.at === y.at
    return Math.max(x.at, y.at) < Math.min(x.at + x.size.bytes, y.at + y.size.bytes)
  }
  same(a: number, b: number): boolean {
    const [x, y] = [this.#frame.buffers[a]!, this.#frame.buffers[b]!]
    return x.at === y.at && equal(x.size, y.size) && x.elem === y.elem
  }

  write(b: number, value: string): void {
    const { at, size } = this.#frame.buffers[b]!
    if (size.of.length > 0) {
      this.#whole.delete(this.#slots.get(at) ?? -1)
      this.#slots.set(at, b)
    } else if (size.bytes > 0) {
      const end = at + size.bytes
      const from = this.#firstEndingAfter(at)
      let to = from
      while (to < this.#ranges.length && this.#ranges[to]!.at < end) this.#whole.delete(this.#ranges[to++]!.buffer)
      this.#ranges.splice(from, to - from, { at, end, buffer: b })
    }
    this.#named[b] = value
    this.#whole.add(b)
  }
  #firstEndingAfter(at: number): number {
    let [low, high] = [0, this.#ranges.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#ranges[middle]!.end > at) high = middle
      else low = middle + 1
    }
    return low
  }
}

const equal = (a: Size, b: Size): boolean =>
  a.bytes === b.bytes && a.of.length === b.of.length && a.of.every((d, i) => d === b.of[i])
