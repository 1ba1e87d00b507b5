import type { Fields, Type } from '../../graph/types.ts'

/**
 * The sizes of the named dimensions of an input as its first elements show them, for estimates: what is wrong about an
 * input, the run tells.
 */
export const sizesOf = (inputs: Fields, input: unknown): Readonly<Record<string, number>> => {
  const sizes: Record<string, number> = {}
  if (typeof input === 'object' && input !== null)
    for (const [name, t] of inputs) look(t, (input as Readonly<Record<string, unknown>>)[name], sizes)
  return sizes
}

const look = (t: Type, x: unknown, to: Record<string, number>): void => {
  if (typeof x !== 'object' || x === null) return
  if (t.kind === 'record') {
    for (const [name, f] of t.fields) look(f, (x as Readonly<Record<string, unknown>>)[name], to)
  } else if (t.kind === 'list') {
    const rows = Array.isArray(x) ? x : 'columns' in x ? firstOf(x.columns) : undefined
    const n = lengthOf(rows)
    if (n === undefined) return
    note(t.dim, n, to)
    if (Array.isArray(x)) look(t.of, x[0], to)
  } else if (t.kind === 'tensor') {
    let at: unknown = x
    const shape = 'shape' in x && Array.isArray(x.shape) ? (x.shape as readonly number[]) : undefined
    for (const [i, d] of t.shape.entries()) {
      const n = shape === undefined ? lengthOf(at) : shape[i]
      if (n === undefined) return
      note(d, n, to)
      if (shape === undefined) at = (at as readonly unknown[])[0]
    }
  }
}
const note = (dim: number | string, n: number, to: Record<string, number>): void => {
  if (typeof dim === 'string') to[dim] = Math.max(to[dim] ?? 0, n)
}
const firstOf = (x: unknown): unknown => (typeof x === 'object' && x !== null ? Object.values(x)[0] : undefined)
const lengthOf = (x: unknown): number | undefined =>
  Array.isArray(x) || ArrayBuffer.isView(x) ? (x as { readonly length: number } & object).length : undefined

/** Work of a graph by the sizes of an input; sizes that come again, which they do, are not looked up in the graph. */
export class Work {
  readonly #inputs: Fields
  readonly #at: (sizes: Readonly<Record<string, number>>) => number
  readonly #known = new Map<string, number>()
  readonly #named: boolean

  constructor(inputs: Fields, at: (sizes: Readonly<Record<string, number>>) => number) {
    this.#inputs = inputs
    this.#at = at
    this.#named = inputs.some(([, t]) => t.kind !== 'tensor' || t.shape.length > 0)
  }
  of(input: unknown): number {
    const sizes = this.#named ? sizesOf(this.#inputs, input) : {}
    const key = this.#named ? Object.values(sizes).join() : ''
    const known = this.#known.get(key)
    if (known !== undefined) return known
    if (this.#known.size >= 100) this.#known.clear()
    const work = Math.max(1, this.#at(sizes))
    this.#known.set(key, work)
    return work
  }
}
