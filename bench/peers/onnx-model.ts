/**
 * Models in ONNX's own form, written byte by byte: a protocol buffer is fields of a number, a kind and a value, and what a
 * workload needs of the format is a page.
 */
const varint = (n: number): number[] => {
  const out: number[] = []
  let rest = n
  for (; rest > 127; rest = Math.floor(rest / 128)) out.push((rest % 128) + 128)
  return [...out, rest]
}
const whole = (field: number, n: number): number[] => [...varint(field * 8), ...varint(n)]
const bytes = (field: number, value: Iterable<number>): number[] => {
  const all = [...value]
  return [...varint(field * 8 + 2), ...varint(all.length), ...all]
}
const text = (field: number, s: string): number[] => bytes(field, new TextEncoder().encode(s))

export type Elem = 'f32' | 'f64'
const elemCode = { f32: 1, f64: 11 } as const

/** A graph under construction; every operation answers the name of its result. */
export class Model {
  readonly #elem: Elem
  readonly #nodes: number[] = []
  readonly #constants: number[] = []
  readonly #inputs: number[] = []
  #made = 0

  constructor(elem: Elem) {
    this.#elem = elem
  }
  #fresh(): string {
    return `v${this.#made++}`
  }
  #value(name: string, shape: readonly number[]): number[] {
    const dims = shape.flatMap((n) => bytes(1, whole(1, n)))
    const tensor = [...whole(1, elemCode[this.#elem]), ...bytes(2, dims)]
    return [...text(1, name), ...bytes(2, bytes(1, tensor))]
  }
  input(name: string, shape: readonly number[]): string {
    this.#inputs.push(...bytes(11, this.#value(name, shape)))
    return name
  }
  /** A number of the model's element, or one axis of whole numbers. */
  constant(x: number): string {
    const name = this.#fresh()
    const raw = new Uint8Array((this.#elem === 'f32' ? Float32Array.of(x) : Float64Array.of(x)).buffer)
    this.#constants.push(...bytes(5, [...whole(2, elemCode[this.#elem]), ...text(8, name), ...bytes(9, raw)]))
    return name
  }
  op(name: string, inputs: readonly string[], attrs: Readonly<Record<string, number>> = {}): string {
    const out = this.#fresh()
    const given = Object.entries(attrs).flatMap(([k, n]) =>
      // Fractions are f32, of kind 1; whole numbers, also -1 in ten bytes, of kind 2.
      bytes(
        5,
        Number.isInteger(n)
          ? [...text(1, k), ...signed(3, n), ...whole(20, 2)]
          : [...text(1, k), ...float(2, n), ...whole(20, 1)],
      ),
    )
    this.#nodes.push(...bytes(1, [...inputs.flatMap((x) => text(1, x)), ...text(2, out), ...text(4, name), ...given]))
    return out
  }
  done(result: string, shape: readonly number[]): Uint8Array {
    const graph = [
      ...this.#nodes,
      ...text(2, 'work'),
      ...this.#constants,
      ...this.#inputs,
      ...bytes(12, this.#value(result, shape)),
    ]
    return Uint8Array.from([...whole(1, 9), ...bytes(7, graph), ...bytes(8, [...text(1, ''), ...whole(2, 17)])])
  }
}
const signed = (field: number, n: number): number[] =>
  n >= 0
    ? whole(field, n)
    : [
        ...varint(field * 8),
        ...new Array<number>(9)
          .fill(0)
          .map((_, k) => Number((BigInt.asUintN(64, BigInt(n)) >> BigInt(7 * k)) & 127n) + 128),
        1,
      ]
const float = (field: number, x: number): number[] => [
  ...varint(field * 8 + 5),
  ...new Uint8Array(Float32Array.of(x).buffer),
]
