import type { Numeric } from '../../graph/elem.ts'
import { bytesOf } from '../../graph/elem.ts'
import type { Atom, Store, Value } from '../../graph/values.ts'
import { arrays, cell, isTensorValue, setCell } from '../../graph/values.ts'
import type { FramePlan } from './plan.ts'

/** Bytes that kernels work in; only ever larger. Growing may put another buffer in the place of the one before. */
export interface Room {
  readonly buffer: () => ArrayBuffer
  /** Makes it hold so many bytes; the answer says why it cannot. */
  readonly grow: (bytes: number) => string | undefined
  /** From now on views of the buffer outlive its growth; false where the engine cannot do that. */
  readonly settle: () => boolean
}

/** A frame of the plan, in use. */
export interface Frame {
  readonly plan: FramePlan
  readonly base: number
  /** Addresses and sizes of the slots it has taken so far. */
  readonly slots: (Slot | undefined)[]
  /** Shapes of what lies in its buffers. */
  readonly shapes: (readonly number[])[]
}
interface Slot {
  readonly at: number
  readonly bytes: number
}

interface Held {
  readonly from: number
  readonly end: number
  live: boolean
}
type Views = { readonly [E in Numeric]: InstanceType<(typeof arrays)[E]> }

/**
 * The stack of frames, and reading and writing its cells. Every place is a multiple of 8 bytes, so a few views of the
 * whole buffer serve all cells, and nothing is allocated to move them.
 */
export class Arena {
  /** Counts how often the room was made larger, and arrays made for callers. */
  grown = 0
  made = 0
  peak = 0
  readonly #room: Room
  /** Pieces that are kept beyond any frame, lowest first. */
  readonly #held: Held[] = []
  #settled = false
  #top = 0
  #views: Views
  /** What lies below `from` belongs to others. */
  constructor(room: Room, from = 0) {
    this.#room = room
    this.#top = from
    this.#views = viewsOf(room.buffer())
  }

  enter(plan: FramePlan): Frame {
    const base = this.#top
    this.#top += plan.bytes
    return { plan, base, slots: [], shapes: [] }
  }
  /** Frames are left in the reverse order of entering; what an exception left behind goes with the frame below it. */
  leave(f: Frame): void {
    this.#top = Math.max(f.base, this.#held.at(-1)?.end ?? 0)
  }
  /** Keeps everything from an address to the top, until it is let go; what lies above goes first. */
  hold(from: number): Held {
    this.#settled = this.#room.settle()
    this.#views = viewsOf(this.#room.buffer())
    const held = { from, end: this.#top, live: true }
    this.#held.push(held)
    return held
  }
  release(h: Held): void {
    h.live = false
    const top = this.#held.at(-1)?.end
    let last = h
    while (this.#held.at(-1)?.live === false) last = this.#held.pop()!
    // With frames above it stays until they are left.
    if (top === this.#top) this.#top = Math.max(last.live ? top : last.from, this.#held.at(-1)?.end ?? 0)
  }
  /** An address for so many bytes at the top. */
  reserve(bytes: number): number {
    const at = Math.ceil(this.#top / 64) * 64
    this.#top = at + bytes
    return at
  }
  get top(): number {
    return this.#top
  }
  set top(to: number) {
    this.#top = to
  }
  /** The address of a buffer; the first that lies in a slot takes room for it. */
  place(f: Frame, buffer: number, bytes: number): number {
    const { at, size } = f.plan.buffers[buffer]!
    if (size.of.length === 0) return f.base + at
    const known = f.slots[at]
    // Equal names are equal sizes, so one size fits all; should it not, the value gets room of its own.
    if (known !== undefined && bytes <= known.bytes) return known.at
    const place = this.#top
    f.slots[at] = { at: place, bytes }
    this.#top += Math.ceil(bytes / 64) * 64
    return place
  }
  /** Makes room for everything that has a place; the answer says why there is none. */
  ready(): string | undefined {
    if (this.#top <= this.peak) return undefined
    if (this.#top > this.#views.bool.byteLength) {
      if (this.#held.length > 0 && !this.#settled)
        return `needs ${this.#top} bytes of memory, and growing it would take it away under what is prepared`
      const problem = this.#room.grow(this.#top)
      this.#views = viewsOf(this.#room.buffer())
      if (problem !== undefined) return problem
      this.grown++
    }
    this.peak = this.#top
    return undefined
  }
  get buffer(): ArrayBuffer {
    return this.#views.bool.buffer
  }

  put(elem: Numeric, at: number, v: Value): void {
    const all = this.#views[elem]
    if (isTensorValue(v)) (all as { set(from: unknown, at: number): void }).set(v.data, at / bytesOf[elem])
    else setCell(elem, all, at / bytesOf[elem], v as Atom)
  }
  take(elem: Numeric, at: number, shape: readonly number[], length: number): Value {
    const first = at / bytesOf[elem]
    if (shape.length === 0) return cell(elem, this.#views[elem], first)
    this.made++
    return { shape, data: this.#views[elem].slice(first, first + length) }
  }
  /** Cells from an address to the end: what lies there says itself how far it goes. */
  from(elem: Numeric, at: number): Store {
    return new arrays[elem](this.buffer, at)
  }
}

const viewsOf = (buffer: ArrayBuffer): Views =>
  Object.fromEntries(Object.entries(arrays).map(([e, View]) => [e, new View(buffer)])) as unknown as Views
