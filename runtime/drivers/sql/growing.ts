import type { Store } from '../../../graph/values.ts'

export type NumericStore = Exclude<Store, readonly unknown[]>
export type Maker<A> = { new (buffer: ArrayBuffer): A; readonly BYTES_PER_ELEMENT: number }

/** A typed array that grows by moving its buffer; at the end it is cut to size, so no slack is kept. */
export class Growing<A extends NumericStore> {
  #array: A
  #length = 0
  readonly #make: Maker<A>
  constructor(make: Maker<A>) {
    this.#make = make
    this.#array = new make(new ArrayBuffer(0))
  }
  get length(): number {
    return this.#length
  }
  /** Makes room for `n` more cells and answers the array and where they begin. */
  extend(n: number): { readonly array: A; readonly at: number } {
    const at = this.room(n)
    return { array: this.#array, at }
  }
  /** Makes room for `n` more cells and answers where they begin; the array may be another one afterwards. */
  room(n: number): number {
    const at = this.#length
    this.#length = at + n
    if (this.#length > this.#array.length) {
      const room = Math.max(this.#length, this.#array.length * 2, 16)
      this.#array = new this.#make((this.#array.buffer as ArrayBuffer).transfer(room * this.#make.BYTES_PER_ELEMENT))
    }
    return at
  }
  get array(): A {
    return this.#array
  }
  finish(): A {
    const bytes = this.#length * this.#make.BYTES_PER_ELEMENT
    return new this.#make((this.#array.buffer as ArrayBuffer).transfer(bytes))
  }
}
