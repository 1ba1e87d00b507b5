/** Words that cannot name a variable, and names that generated text uses for itself. */
const reserved = new Set(
  (
    'abstract any as async await bigint boolean break case catch class const continue debugger declare default delete do ' +
    'else enum export extends false finally for from function get if implements import in infer instanceof interface is ' +
    'keyof let module namespace never new null number object of package private protected public readonly require return ' +
    'satisfies set static string super switch symbol this throw true try type typeof undefined unique unknown var void ' +
    'while with yield arguments eval NaN Infinity Promise Array Object Map Set Number String Math BigInt Boolean Symbol ' +
    'Float64Array Float32Array Int32Array Uint32Array BigInt64Array BigUint64Array Uint8Array Int16Array Int8Array ' +
    'Uint16Array ArrayBuffer DataView JSON Date Error RangeError TypeError Iterable Generator Record Readonly Extract ' +
    'Exclude Omit Pick Partial Parameters ReturnType Required NonNullable ArrayLike WeakMap TextEncoder TextDecoder ' +
    'globalThis structuredClone console process Intl Reflect Proxy RegExp Function run place'
  ).split(' '),
)

/** `the odd name` as `theOddName`: letters, digits and `_`, not beginning with a digit. */
export const identifier = (text: string, otherwise: string): string => {
  const words = text.normalize('NFC').match(/[\p{ID_Continue}$]+/gu) ?? []
  const joined = words.map((w, i) => (i === 0 ? w : w[0]!.toUpperCase() + w.slice(1))).join('')
  const plain = joined.replaceAll('$', '').replace(/[\u200c\u200d]/g, '')
  if (!/^[\p{ID_Start}_]/u.test(plain)) return otherwise
  return plain.slice(0, 60)
}

/** Gives out names, each once; what is inside another scope may not hide what is around it. */
export class Names {
  readonly #taken: Set<string>
  constructor(around: Iterable<string> = []) {
    this.#taken = new Set(around)
  }
  take(text: string, otherwise: string): string {
    const base = identifier(text, otherwise)
    for (let i = 1; ; i++) {
      const name = i === 1 ? base : `${base}${i}`
      if (reserved.has(name) || this.#taken.has(name)) continue
      this.#taken.add(name)
      return name
    }
  }
  inner(): Names {
    return new Names(this.#taken)
  }
}
