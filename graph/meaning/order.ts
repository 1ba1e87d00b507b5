import type { Elem, Numeric } from '../elem.ts'
import { storage } from '../elem.ts'
import type { Atom, Store } from '../values.ts'
import { arrays, cell } from '../values.ts'

/**
 * Which of two cells comes first: numbers ascending with -0 before 0, false before true, strings by code unit; NaN after
 * everything, in either direction.
 */
const compare = (a: Atom, b: Atom, descending: boolean): number => {
  const [none, other] = [Number.isNaN(a), Number.isNaN(b)]
  if (none || other) return Number(none) - Number(other)
  const zeros = a === 0 && b === 0 && !Object.is(a, b)
  const order = (zeros ? Object.is(b, 0) : a! < b!) ? -1 : zeros || a! > b! ? 1 : 0
  return descending ? -order : order
}

/** From here on the cost of the tables of digits is small beside that of comparing. */
const many = 4096

/** Places of `n` cells, `step` apart from `start` on, in the order of the cells; equal ones as they stand. */
export const orderOf = (
  elem: Elem,
  data: Store,
  line: { readonly n: number; readonly start: number; readonly step: number },
  descending: boolean,
): ArrayLike<number> => {
  const { n, start, step } = line
  const s = storage(elem)
  if (s !== undefined && n >= many) return byDigits(wordsOf(s, data, line, descending), n)
  const cells = Array.from({ length: n }, (_, j) => cell(elem, data, start + j * step))
  return cells.map((_, j) => j).sort((i, j) => compare(cells[i]!, cells[j]!, descending) || i - j)
}

const littleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1
/** Cells as unsigned integers in the same order, in one or two words each, the lower first. */
const wordsOf = (
  elem: Numeric,
  data: Store,
  { n, start, step }: { readonly n: number; readonly start: number; readonly step: number },
  descending: boolean,
): readonly Uint32Array[] => {
  const own = new arrays[elem](n)
  for (let j = 0; j < n; j++) own[j] = data[start + j * step] as never
  const [float, signed] = [elem.startsWith('f'), elem.startsWith('i')]
  const width = elem === 'bool' ? 0 : own.BYTES_PER_ELEMENT / 4
  const bits = width === 0 ? Uint32Array.from(own as Uint8Array) : new Uint32Array(own.buffer)
  const words = Array.from({ length: Math.max(1, width) }, () => new Uint32Array(n))
  const top = words.length - 1
  for (let j = 0; j < n; j++) {
    const none = float && Number.isNaN(own[j])
    const high = bits[j * words.length + (littleEndian ? top : 0)]!
    // A negative float grows as its bits fall.
    const flip = float && high >>> 31 === 1 ? 0xffffffff : 0
    for (let w = 0; w <= top; w++) {
      const word = bits[j * words.length + (littleEndian ? w : top - w)]!
      const sign = w === top && (float || signed) && flip === 0 ? 0x80000000 : 0
      words[w]![j] = none ? 0xffffffff : descending ? ~(word ^ flip ^ sign) : word ^ flip ^ sign
    }
  }
  return words
}

/** Radix sort from the last digit of 16 bits to the first; a digit that all have in common is passed over. */
const byDigits = (words: readonly Uint32Array[], n: number): Int32Array => {
  let order = Int32Array.from({ length: n }, (_, j) => j)
  let next = new Int32Array(n)
  const ends = new Int32Array(65_537)
  for (const word of words) {
    for (const shift of [0, 16]) {
      ends.fill(0)
      for (let j = 0; j < n; j++) ends[((word[j]! >>> shift) & 0xffff) + 1]!++
      if (ends.includes(n, 1)) continue
      for (let d = 0; d < 65_536; d++) ends[d + 1]! += ends[d]!
      for (let j = 0; j < n; j++) {
        const place = order[j]!
        next[ends[(word[place]! >>> shift) & 0xffff]!++] = place
      }
      ;[order, next] = [next, order]
    }
  }
  return order
}
