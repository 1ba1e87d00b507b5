import type binaryen from 'binaryen'
import type { Numeric } from '../../../graph/elem.ts'
import { bytesOf } from '../../../graph/elem.ts'
import type { Buffer, Ix, IxOp } from '../../kernels/index.ts'
import { add, div, min, mul, rem } from '../../kernels/index.ts'

export type Binaryen = typeof binaryen
export type Expr = number
/** Makes an expression afresh at each call: binaryen aborts where one is used twice. */
export type Get = () => Expr
export type Machine = 'i32' | 'i64' | 'f32' | 'f64'

export const machineOf: Readonly<Record<Numeric, Machine>> = {
  f64: 'f64',
  f32: 'f32',
  i32: 'i32',
  u32: 'i32',
  i64: 'i64',
  u64: 'i64',
  bool: 'i32',
}

/** The parameters of a function that does a part of its work: which part, of how many. */
export const partOf = ['part', 'parts'] as const

/** A function in the making: its parameters, its locals, and shorthands for what every part of it needs. */
export class Fn {
  readonly b: Binaryen
  readonly m: binaryen.Module
  readonly vars: number[] = []
  /** What the function begins with. */
  readonly head: Expr[] = []
  /** The name under which it is added; parts of it that become functions of their own extend it. */
  readonly name: string
  readonly #params: number
  readonly #names = new Map<string, number>()
  readonly #constants = new Map<string, number>()
  /** Names of locals by number, where the text is for people; undefined where nobody will read them. */
  readonly #titles: Map<number, string> | undefined
  #labels = 0
  #parts = 0

  constructor(b: Binaryen, m: binaryen.Module, name: string, params: readonly string[], titled = false) {
    this.b = b
    this.m = m
    this.name = name
    this.#titles = titled ? new Map() : undefined
    for (const p of params) this.#names.set(p, this.#names.size)
    this.#params = params.length
  }
  /** A function for a part of this one. */
  part(params: readonly string[]): Fn {
    return new Fn(this.b, this.m, `${this.name}$${this.#parts++}`, params, this.#titles !== undefined)
  }
  add(body: readonly Expr[]): void {
    const made = this.m.addFunction(
      this.name,
      this.b.createType(this.params),
      this.b.none,
      this.vars,
      this.block([...this.head, ...body]),
    )
    if (this.#titles === undefined) return
    const titles = [...[...this.#names].map(([name, local]) => [local, name] as const), ...this.#titles]
    // The declarations of the package leave this object out.
    const { Function: named } = this.b as unknown as {
      readonly Function: { setLocalName(f: number, local: number, name: string): void }
    }
    for (const [local, title] of titles) named.setLocalName(made, local, title)
  }
  /** Names a local after the value it holds. */
  title(local: number, text: () => string): void {
    this.#titles?.set(local, `${text()}.${local}`)
  }
  private get params(): number[] {
    return new Array<number>(this.#params).fill(this.b.i32)
  }

  /** Where this part of so many turns begins and ends; undefined in functions that do the whole. */
  share(count: Ix): { readonly from: Ix; readonly to: Ix } | undefined {
    if (!this.#names.has('parts')) return undefined
    // Parts differ by one turn at most, and no sum here is greater than the count.
    const [each, more] = [div(count, 'parts'), rem(count, 'parts')]
    const begin = (part: Ix): Ix => add(mul(part, each), min(part, more))
    return { from: begin('part'), to: begin(add('part', 1)) }
  }
  local(type: number): number {
    return this.#params + this.vars.push(type) - 1
  }
  label(): string {
    return `l${this.#labels++}`
  }
  i32(value: number): Expr {
    return this.m.i32.const(value)
  }
  get32(local: number): Expr {
    return this.m.local.get(local, this.b.i32)
  }
  set(local: number, value: Expr): Expr {
    return this.m.local.set(local, value)
  }
  /** The local of an index variable or the parameter of that name. */
  named(name: string): number {
    const known = this.#names.get(name)
    if (known !== undefined) return known
    const local = this.local(this.b.i32)
    this.#names.set(name, local)
    return local
  }
  /**
   * A constant vector. They all live in locals that are set where the function begins: written where it is used, V8 would
   * build one anew from a general register each time, which costs more than the arithmetic (measured: 1.4 times the time
   * of a kernel with exp and log).
   */
  v128(bytes: readonly number[]): Expr {
    const key = bytes.join()
    const known = this.#constants.get(key)
    const local = known ?? this.local(this.b.v128)
    if (known === undefined) {
      this.#constants.set(key, local)
      this.head.push(this.set(local, this.m.v128.const(bytes)))
    }
    return this.m.local.get(local, this.b.v128)
  }
  block(children: readonly Expr[]): Expr {
    return children.length === 1 ? children[0]! : this.m.block(null, children)
  }

  ix(x: Ix): Expr {
    if (typeof x === 'number') return this.i32(x)
    if (typeof x === 'string') return this.get32(this.named(x))
    return this.#ops[x.op](
      () => this.ix(x.a),
      () => this.ix(x.b),
      x,
    )
  }
  /** Sizes are below 2^31, but rounding one up to whole blocks may pass it: division is unsigned. */
  readonly #ops: Readonly<Record<IxOp, (a: Get, b: Get, x: Exclude<Ix, number | string>) => Expr>> = {
    add: (a, b) => this.m.i32.add(a(), b()),
    sub: (a, b) => this.m.i32.sub(a(), b()),
    mul: (a, b) => this.m.i32.mul(a(), b()),
    div: (a, b) => this.m.i32.div_u(a(), b()),
    rem: (a, b) => this.m.i32.rem_u(a(), b()),
    min: (a, b) => this.m.select(this.m.i32.lt_s(a(), b()), a(), b()),
    max: (a, b) => this.m.select(this.m.i32.gt_s(a(), b()), a(), b()),
  }

  /** Address of a cell. */
  address(buffer: Buffer, elem: Numeric, at: Get): Expr {
    return this.m.i32.add(this.get32(this.named(buffer)), this.scaled(elem, at()))
  }
  scaled(elem: Numeric, cells: Expr): Expr {
    const bytes = bytesOf[elem]
    return bytes === 1 ? cells : this.m.i32.shl(cells, this.i32(bytes === 8 ? 3 : 2))
  }
  /** `body` while the test holds. */
  while(test: Get, body: readonly Expr[]): Expr {
    const label = this.label()
    return this.m.if(test(), this.m.loop(label, this.block([...body, this.m.br_if(label, test())])))
  }

  /** A scalar in a local of its own. */
  keep(machine: Machine, value: Expr, into: Expr[]): Get {
    const local = this.local(this.b[machine])
    into.push(this.set(local, value))
    return () => this.m.local.get(local, this.b[machine])
  }
  load(elem: Numeric, address: Expr): Expr {
    return elem === 'bool' ? this.m.i32.load8_u(0, 1, address) : this.m[machineOf[elem]].load(0, bytesOf[elem], address)
  }
  store(elem: Numeric, address: Expr, value: Expr): Expr {
    return elem === 'bool'
      ? this.m.i32.store8(0, 1, address, value)
      : this.m[machineOf[elem]].store(0, bytesOf[elem], address, value)
  }
}
