/**
 * Formulas as a tree: numbers, holes, names with arguments. Operators are names too (`a + b` is add(a, b)); places are
 * characters of the formula as shown, for the caret.
 */
export type Tree =
  | { readonly kind: 'number'; readonly value: number; readonly at: number }
  | { readonly kind: 'hole'; readonly index: number; readonly at: number }
  | { readonly kind: 'name'; readonly name: string; readonly at: number }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Tree[]; readonly at: number }

/** A formula that cannot be read, with the spot marked by a caret. */
export class Unreadable extends Error {
  readonly at: number
  constructor(message: string, at: number) {
    super(message)
    this.at = at
  }
}
/** The formula with ^ under the spot; only the line of the spot is shown. */
export const caret = (formula: string, at: number): string => {
  const start = formula.lastIndexOf('\n', at - 1) + 1
  const end = formula.indexOf('\n', at)
  const line = formula.slice(start, end < 0 ? undefined : end)
  return `  ${line}\n  ${' '.repeat(at - start)}^`
}

interface Token {
  readonly kind: 'number' | 'name' | 'hole' | 'sign' | 'end'
  readonly text: string
  readonly at: number
}
const shapes =
  /\s*(?:((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)|(\*\*|<=|>=|==|!=|&&|\|\||[-+*/%^<>!?:(),]))/y

/** Splits the parts of a template into tokens; `labels` stand for the holes in what is shown. */
const tokens = (
  parts: readonly string[],
  labels: readonly string[],
): { readonly list: readonly Token[]; readonly formula: string } => {
  const list: Token[] = []
  let formula = ''
  const lead = /^\s*/.exec(parts[0]!)![0].length
  parts.forEach((part, i) => {
    const base = formula.length
    const shown = i === 0 ? part.slice(lead) : part
    formula += shown
    shapes.lastIndex = 0
    while (shown.slice(shapes.lastIndex).trim() !== '') {
      const from = shapes.lastIndex
      const m = shapes.exec(shown)
      if (m === null) {
        const at = base + from + /^\s*/.exec(shown.slice(from))![0].length
        throw new Unreadable(`'${formula[at]}' means nothing here`, at)
      }
      const text = m[1] ?? m[2] ?? m[3]!
      const kind = m[1] !== undefined ? 'number' : m[2] !== undefined ? 'name' : 'sign'
      list.push({ kind, text, at: base + m.index + m[0].length - text.length })
    }
    if (i < labels.length) {
      list.push({ kind: 'hole', text: String(i), at: formula.length })
      formula += `\${${labels[i]}}`
    }
  })
  list.push({ kind: 'end', text: '', at: formula.trimEnd().length })
  return { list, formula }
}
export const formulaOf = (parts: readonly string[], labels: readonly string[]): string =>
  parts
    .map((p, i) => p + (i < labels.length ? `\${${labels[i]}}` : ''))
    .join('')
    .trimStart()

const names: Readonly<Record<string, string>> = {
  '||': 'or',
  '&&': 'and',
  '==': 'eq',
  '!=': 'ne',
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
  '+': 'add',
  '-': 'sub',
  '*': 'mul',
  '/': 'div',
  '%': 'rem',
  '^': 'pow',
  '**': 'pow',
}
/** Binary operators from loose to tight; those of one row associate to the left, comparisons do not chain. */
const levels: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['==', '!='],
  ['<', '<=', '>', '>='],
  ['+', '-'],
  ['*', '/', '%'],
]
const deepest = 200

/** Reads a formula; throws Unreadable, which carries the place. */
export const parseFormula = (parts: readonly string[], labels: readonly string[]): Tree => {
  const { list } = tokens(parts, labels)
  const parser = new Parser(list)
  return parser.whole()
}

class Parser {
  readonly #tokens: readonly Token[]
  #next = 0
  #depth = 0
  constructor(list: readonly Token[]) {
    this.#tokens = list
  }
  get #here(): Token {
    return this.#tokens[this.#next]!
  }
  #take(...signs: readonly string[]): Token | undefined {
    const token = this.#here
    if (token.kind !== 'sign' || !signs.includes(token.text)) return undefined
    this.#next++
    return token
  }
  #fail(expected: string): never {
    const { kind, text, at } = this.#here
    const found = kind === 'end' ? 'the formula ends here' : kind === 'hole' ? 'this is a value' : `this is '${text}'`
    throw new Unreadable(`expected ${expected}, but ${found}`, at)
  }
  #want(sign: string): void {
    if (this.#take(sign) === undefined) this.#fail(`'${sign}'`)
  }
  #deeper<A>(f: () => A): A {
    if (++this.#depth > deepest) throw new Unreadable(`a formula is nested at most ${deepest} deep`, this.#here.at)
    const a = f()
    this.#depth--
    return a
  }
  whole(): Tree {
    const tree = this.#choice()
    return this.#here.kind === 'end' ? tree : this.#fail('an operator or the end')
  }
  #choice(): Tree {
    return this.#deeper(() => {
      const condition = this.#binary(0)
      const mark = this.#take('?')
      if (mark === undefined) return condition
      const yes = this.#choice()
      this.#want(':')
      return { kind: 'call', name: 'select', args: [condition, yes, this.#choice()], at: mark.at }
    })
  }
  #binary(level: number): Tree {
    const signs = levels[level]
    if (signs === undefined) return this.#unary()
    let left = this.#binary(level + 1)
    const compares = level === 2 || level === 3
    for (let count = 0; ; count++) {
      const sign = this.#take(...signs)
      if (sign === undefined) return left
      if (compares && count > 0) throw new Unreadable('comparisons do not chain; join them with &&', sign.at)
      left = { kind: 'call', name: names[sign.text]!, args: [left, this.#binary(level + 1)], at: sign.at }
    }
  }
  #unary(): Tree {
    return this.#deeper(() => {
      const sign = this.#take('-', '+', '!')
      if (sign === undefined) return this.#power()
      const x = this.#unary()
      if (sign.text === '+') return x
      if (sign.text === '-' && x.kind === 'number') return { ...x, value: -x.value, at: sign.at }
      return { kind: 'call', name: sign.text === '-' ? 'neg' : 'not', args: [x], at: sign.at }
    })
  }
  /** Binds tighter than a minus before it and looser than one after it: -2^2 is -4, 2^-1 is a half. */
  #power(): Tree {
    const base = this.#atom()
    const sign = this.#take('^', '**')
    return sign === undefined ? base : { kind: 'call', name: 'pow', args: [base, this.#unary()], at: sign.at }
  }
  #atom(): Tree {
    const token = this.#here
    if (token.kind === 'number' || token.kind === 'hole') {
      this.#next++
      return token.kind === 'number'
        ? { kind: 'number', value: Number(token.text), at: token.at }
        : { kind: 'hole', index: Number(token.text), at: token.at }
    }
    if (token.kind === 'name') {
      this.#next++
      if (this.#take('(') === undefined) return { kind: 'name', name: token.text, at: token.at }
      return { kind: 'call', name: token.text, args: this.#args(), at: token.at }
    }
    if (this.#take('(') === undefined) return this.#fail('a number, a value, a function or (')
    const inner = this.#choice()
    this.#want(')')
    return inner
  }
  #args(): Tree[] {
    const args: Tree[] = []
    if (this.#take(')') !== undefined) return args
    do args.push(this.#choice())
    while (this.#take(',') !== undefined)
    this.#want(')')
    return args
  }
}
