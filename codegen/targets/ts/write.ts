import type { Numeric } from '../../../graph/elem.ts'
import type { Id, Ix, IxOp, Lanes, Step, Stmt, Test } from '../../kernels/index.ts'
import { bitcastText, convertText, literal, primText } from './prims.ts'

const ixText: Readonly<Record<IxOp, (a: string, b: string) => string>> = {
  add: (a, b) => `(${a} + ${b})`, sub: (a, b) => `(${a} - ${b})`, mul: (a, b) => `(${a} * ${b})`,
  div: (a, b) => `((${a} / ${b}) | 0)`, rem: (a, b) => `(${a} % ${b})`,
  min: (a, b) => `Math.min(${a}, ${b})`, max: (a, b) => `Math.max(${a}, ${b})`,
}
const textOf = (x: Ix): string => (typeof x === 'object' ? ixText[x.op](textOf(x.a), textOf(x.b)) : String(x))
const testText: Readonly<Record<Test['is'], string>> = { '<': '<', '==': '===', '>': '>' }
const testOf = (t: Test): string => `${textOf(t.a)} ${testText[t.is]} ${textOf(t.b)}`

/** at + lane·step, shortened where it can be. */
const cellAt = (at: string, step: Ix, lane: string): string => {
  const moved = step === 0 ? '' : step === 1 ? lane : `${lane} * ${textOf(step)}`
  return moved === '' ? at : at === '0' ? moved : `${at} + ${moved}`
}

/** Statements as lines of text. Values are constants named after their number; literals stand where they are used. */
export class Writer {
  readonly #lines: string[] = []
  #indent = ''
  #nested = 0
  #values = new Map<Id, string>()

  text(): string { return `${this.#lines.join('\n')}\n` }
  line(text: string): void { this.#lines.push(this.#indent + text) }
  open(text: string): void {
    this.line(text)
    this.#indent += '  '
  }
  close(text = '}'): void {
    this.#indent = this.#indent.slice(2)
    this.line(text)
  }

  stmt(s: Stmt): void {
    switch (s.s) {
      case 'set': return this.line(`${s.name} = ${textOf(s.to)}`)
      case 'for': {
        this.open(`for (let ${s.name} = 0, ${s.name}$ = ${textOf(s.count)}; ${s.name} < ${s.name}$; ${s.name}++) {`)
        for (const x of s.body) this.stmt(x)
        return this.close()
      }
      case 'while': {
        this.open(`while (${testOf(s.test)}) {`)
        for (const x of s.body) this.stmt(x)
        return this.close()
      }
      case 'if': {
        this.open(`if (${testOf(s.test)}) {`)
        for (const x of s.then) this.stmt(x)
        if (s.else.length > 0) {
          this.close('} else {')
          this.#indent += '  '
          for (const x of s.else) this.stmt(x)
        }
        return this.close()
      }
      case 'lanes': return this.#lanes(s)
    }
  }

  #lanes(s: Lanes): void {
    this.#values = new Map()
    const lane = `l${this.#nested++}`
    this.open('{')
    this.line(`const ${lane}$ = ${textOf(s.count)}`)
    this.open(`if (${lane}$ > 0) {`)
    for (const x of s.before) this.#step(x, lane)
    // Places that the loop does not change are computed before it.
    const body = s.body.map((x, k): Step => {
      if (!('at' in x) || typeof x.at !== 'object') return x
      const name = `p${k}`
      this.line(`const ${name} = ${textOf(x.at)}`)
      return { ...x, at: name }
    })
    this.open(`for (let ${lane} = 0; ${lane} < ${lane}$; ${lane}++) {`)
    for (const x of body) this.#step(x, lane)
    this.close()
    this.close()
    this.close()
    this.#nested--
  }

  #v(id: Id): string { return this.#values.get(id) ?? `v${id}` }
  #step(s: Step, lane: string): void {
    switch (s.i) {
      case 'const': {
        this.#values.set(s.id, literal(s.value))
        return
      }
      case 'index': return this.#define(s.id, cellAt(textOf(s.at), s.step, lane))
      case 'load': return this.#define(s.id, fromCell(s.elem, `${s.from}[${cellAt(textOf(s.at), s.step, lane)}]`))
      case 'fetch': {
        const at = `${cellAt(textOf(s.at), s.step, lane)} + ${this.#v(s.index)} * ${textOf(s.scale)}`
        return this.#define(s.id, fromCell(s.elem, `${s.from}[${at}]`))
      }
      case 'prim': return this.#define(s.id, primText(s.prim, s.on, this.#v(s.args[0]!), s.args[1] === undefined ? undefined as never : this.#v(s.args[1])))
      case 'select': {
        const [c, a, b] = s.args
        return this.#define(s.id, `${this.#v(c)} ? ${this.#v(a)} : ${this.#v(b)}`)
      }
      case 'convert': return this.#define(s.id, convertText(s.on, s.elem, this.#v(s.args[0])))
      case 'bitcast': return this.#define(s.id, bitcastText(s.on, s.elem, this.#v(s.args[0])))
      case 'store': return this.line(`${s.to}[${cellAt(textOf(s.at), s.step, lane)}] = ${toCell(s.elem, this.#v(s.value))}`)
      case 'fold': {
        const at = `${s.into}[${s.phase === 0 ? lane : `(${textOf(s.phase)} + ${lane})`} & ${s.stripes - 1}]`
        return this.line(`${at} = ${toCell(s.elem, primText(s.prim, s.elem, fromCell(s.elem, at), this.#v(s.value)))}`)
      }
      case 'repeat': return this.#repeat(s, lane)
    }
  }
  #repeat(s: Extract<Step, { i: 'repeat' }>, lane: string): void {
    for (const c of s.carried) this.line(`let v${c.id} = ${this.#v(c.from)}`)
    this.open(`for (let ${s.name} = 0, ${s.name}$ = ${textOf(s.count)}; ${s.name} < ${s.name}$; ${s.name}++) {`)
    for (const x of s.body) this.#step(x, lane)
    // All carried values change together.
    const own = new Set(s.carried.map((c) => c.id))
    const direct = s.carried.filter((c) => !own.has(c.next) || c.next === c.id)
    if (direct.length !== s.carried.length) throw new Error('bug: a carried value becomes another one')
    for (const c of direct) this.line(`v${c.id} = ${this.#v(c.next)}`)
    this.close()
  }
  #define(id: Id, text: string): void { this.line(`const v${id} = ${text}`) }
}

const fromCell = (elem: Numeric, cell: string): string => (elem === 'bool' ? `(${cell}! === 1)` : `${cell}!`)
const toCell = (elem: Numeric, value: string): string => (elem === 'bool' ? `(${value}) ? 1 : 0` : value)
