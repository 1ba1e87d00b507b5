import type { Numeric } from '../../../graph/elem.ts'
import type { Id, Ix, IxOp, Lanes, Repeat, Step, Stmt, Test } from '../../kernels/index.ts'
import { taken } from '../../kernels/index.ts'
import { bitcastText, convertText, literal, primText } from './prims.ts'

const ixText: Readonly<Record<IxOp, (a: string, b: string) => string>> = {
  add: (a, b) => `(${a} + ${b})`,
  sub: (a, b) => `(${a} - ${b})`,
  mul: (a, b) => `(${a} * ${b})`,
  div: (a, b) => `((${a} / ${b}) | 0)`,
  rem: (a, b) => `(${a} % ${b})`,
  min: (a, b) => `Math.min(${a}, ${b})`,
  max: (a, b) => `Math.max(${a}, ${b})`,
}
const textOf = (x: Ix): string => (typeof x === 'object' ? ixText[x.op](textOf(x.a), textOf(x.b)) : String(x))
const testText: Readonly<Record<Test['is'], string>> = { '<': '<', '==': '===', '>': '>' }
const testOf = (t: Test): string => `${textOf(t.a)} ${testText[t.is]} ${textOf(t.b)}`

/** at + lane·step, shortened where it can be. */
const cellAt = (at: string, step: Ix, lane: string): string => {
  const moved = step === 0 || lane === '0' ? '' : step === 1 ? lane : `${lane} * ${textOf(step)}`
  return moved === '' ? at : at === '0' ? moved : `${at} + ${moved}`
}

/** A lane: its index, what sets its names apart from those of its neighbours, and the texts of its values. */
interface Lane {
  readonly at: string
  readonly mark: string
  readonly values: Map<Id, string>
}

/** Statements as lines of text. Values are constants named after their number; literals stand where they are used. */
export class Writer {
  readonly #lines: string[] = []
  #indent = ''
  readonly #name: string
  readonly #typeOf: (name: string) => string
  readonly #parts: string[] = []
  #shared = new Map<Id, string>()

  constructor(name: string, typeOf: (name: string) => string) {
    this.#name = name
    this.#typeOf = typeOf
  }
  /** The function, after those it calls. */
  text(): string {
    return `${[...this.#parts, ...this.#lines].join('\n')}\n`
  }
  line(text: string): void {
    this.#lines.push(this.#indent + text)
  }
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
      case 'set':
        return this.line(`${s.name} = ${textOf(s.to)}`)
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
        if (s.after === true) {
          for (const x of s.yes) this.stmt(x)
          return
        }
        this.open(`if (${testOf(s.test)}) {`)
        for (const x of s.yes) this.stmt(x)
        if (s.no.length > 0) {
          this.close('} else {')
          this.#indent += '  '
          for (const x of s.no) this.stmt(x)
        }
        return this.close()
      }
      case 'lanes':
        return this.#lanes(s)
    }
  }

  /**
   * A loop whose length is only known at run time becomes a function of its own: called often enough it is optimised
   * as a whole, where one function with all loops would be replaced, loop by loop, while it runs.
   */
  #lanes(s: Lanes): void {
    if (typeof s.count !== 'number') {
      const names = taken(s)
      const part = new Writer(`${this.#name}$${this.#parts.length}`, this.#typeOf)
      part.open(
        `function ${part.#name}(${[...names.map((n) => `${n}: ${this.#typeOf(n)}`), 'l$: number'].join(', ')}): void {`,
      )
      part.line('if (l$ <= 0) return')
      part.#run(s)
      part.close()
      this.#parts.push(part.text())
      return this.line(`${part.#name}(${[...names, textOf(s.count)].join(', ')})`)
    }
    this.open('{')
    if (s.count === 1) {
      const only = this.#own('0', '')
      for (const x of [...s.before, ...s.body]) this.#step(x, only)
    } else {
      this.line(`const l$ = ${s.count}`)
      this.#run(s)
    }
    this.close()
  }
  #run(s: Lanes): void {
    this.#shared = new Map()
    for (const x of s.before) this.#step(x, { at: '0', mark: '', values: this.#shared })
    this.#loops(s, 'l')
  }
  #loops(s: Lanes, lane: string): void {
    // Places that the loop does not change are computed before it.
    const body = s.body.map((x, k): Step => {
      if (!('at' in x) || typeof x.at !== 'object') return x
      const name = `p${k}`
      this.line(`const ${name} = ${textOf(x.at)}`)
      return { ...x, at: name }
    })
    this.line(`let ${lane} = 0`)
    // With a loop inside, four lanes at a time: what they share is read once, and rows are gone through a quarter as often.
    if (body.some((x) => x.i === 'repeat')) {
      this.open(`for (; ${lane} < ${lane}$ - 3; ${lane} += 4) {`)
      this.#together(
        body,
        [0, 1, 2, 3].map((u) => (u === 0 ? this.#own(lane, '') : this.#own(`(${lane} + ${u})`, `$${u}`))),
      )
      this.close()
    }
    this.open(`for (; ${lane} < ${lane}$; ${lane}++) {`)
    this.#together(body, [this.#own(lane, '')])
    this.close()
  }
  #own(at: string, mark: string): Lane {
    return { at, mark, values: new Map() }
  }
  #together(steps: readonly Step[], lanes: readonly Lane[]): void {
    for (const s of steps) {
      if (s.i === 'repeat') this.#repeat(s, lanes)
      else if (s.i === 'load' && s.step === 0) {
        this.#step(s, lanes[0]!)
        for (const l of lanes) l.values.set(s.id, lanes[0]!.values.get(s.id)!)
      } else for (const l of lanes) this.#step(s, l)
    }
  }

  #v(id: Id, lane: Lane): string {
    const v = lane.values.get(id) ?? this.#shared.get(id)
    if (v === undefined) throw new Error(`bug: value ${id} is used before it is computed`)
    return v
  }
  #step(s: Step, lane: Lane): void {
    const x = (id: Id): string => this.#v(id, lane)
    const define = (id: Id, text: string): void => this.#define('const', id, lane, text)
    switch (s.i) {
      case 'const': {
        lane.values.set(s.id, literal(s.value))
        return
      }
      case 'index':
        return define(s.id, cellAt(textOf(s.at), s.step, lane.at))
      case 'load':
        return define(s.id, fromCell(s.elem, `${s.from}[${cellAt(textOf(s.at), s.step, lane.at)}]`))
      case 'fetch': {
        const at = `${cellAt(textOf(s.at), s.step, lane.at)} + ${x(s.index)} * ${textOf(s.scale)}`
        return define(s.id, fromCell(s.elem, `${s.from}[${at}]`))
      }
      case 'prim':
        return define(s.id, primText(s.prim, s.on, s.args.map(x)))
      case 'select':
        return define(s.id, `${x(s.args[0])} ? ${x(s.args[1])} : ${x(s.args[2])}`)
      case 'convert':
        return define(s.id, convertText(s.on, s.elem, x(s.args[0])))
      case 'bitcast':
        return define(s.id, bitcastText(s.on, s.elem, x(s.args[0])))
      case 'store':
        return this.line(`${s.to}[${cellAt(textOf(s.at), s.step, lane.at)}] = ${toCell(s.elem, x(s.value))}`)
      case 'fold': {
        const at = `${s.into}[${s.phase === 0 ? lane.at : `(${textOf(s.phase)} + ${lane.at})`} & ${s.stripes - 1}]`
        return this.line(`${at} = ${toCell(s.elem, primText(s.prim, s.elem, [fromCell(s.elem, at), x(s.value)]))}`)
      }
      case 'repeat':
        return this.#repeat(s, [lane])
    }
  }
  #repeat(s: Repeat, lanes: readonly Lane[]): void {
    for (const l of lanes) for (const c of s.carried) this.#define('let', c.id, l, this.#v(c.from, l))
    this.open(`for (let ${s.name} = 0, ${s.name}$ = ${textOf(s.count)}; ${s.name} < ${s.name}$; ${s.name}++) {`)
    this.#together(s.body, lanes)
    for (const l of lanes) for (const c of s.carried) this.line(`${this.#v(c.id, l)} = ${this.#v(c.next, l)}`)
    this.close()
  }
  #define(how: 'const' | 'let', id: Id, lane: Lane, text: string): void {
    const name = `v${id}${lane.mark}`
    this.line(`${how} ${name} = ${text}`)
    lane.values.set(id, name)
  }
}

const fromCell = (elem: Numeric, cell: string): string => (elem === 'bool' ? `(${cell}! === 1)` : `${cell}!`)
const toCell = (elem: Numeric, value: string): string => (elem === 'bool' ? `(${value}) ? 1 : 0` : value)
