import type { Numeric } from '../../../graph/elem.ts'
import type { Buffer, Fold, Id, Ix, Repeat, Step } from '../../kernels/index.ts'
import type { Expr, Fn, Get } from './fn.ts'
import { machineOf } from './fn.ts'
import { scalarBitcast, scalarConst, scalarConvert, scalarPrim } from './scalar.ts'

/** Steps of one lane, one value at a time; `lane` is undefined where only lane 0 runs. */
export class ScalarSteps {
  readonly #f: Fn
  readonly #lane: Get | undefined
  readonly values: Map<Id, Get>
  constructor(f: Fn, lane: Get | undefined, values: ReadonlyMap<Id, Get> = new Map()) {
    this.#f = f
    this.#lane = lane
    this.values = new Map(values)
  }

  all(steps: readonly Step[]): Expr[] {
    const out: Expr[] = []
    for (const s of steps) this.#step(s, out)
    return out
  }
  #v(id: Id): Get {
    const v = this.values.get(id)
    if (v === undefined) throw new Error(`bug: value ${id} is used before it is computed`)
    return v
  }
  #cell(at: Ix, step: Ix): Expr {
    const { m } = this.#f
    if (this.#lane === undefined || step === 0) return this.#f.ix(at)
    const moved = step === 1 ? this.#lane() : m.i32.mul(this.#lane(), this.#f.ix(step))
    return at === 0 ? moved : m.i32.add(this.#f.ix(at), moved)
  }
  #address(buffer: Buffer, elem: Numeric, at: Ix, step: Ix): Expr {
    return this.#f.address(buffer, elem, () => this.#cell(at, step))
  }

  #step(s: Step, out: Expr[]): void {
    const f = this.#f
    const define = (value: Expr): void => {
      this.values.set((s as { id: Id }).id, f.keep(machineOf[(s as { elem: Numeric }).elem], value, out))
    }
    switch (s.i) {
      case 'const': {
        this.values.set(s.id, () => scalarConst(f, s.elem, s.value))
        return
      }
      case 'index':
        return define(this.#cell(s.at, s.step))
      case 'load':
        return define(f.load(s.elem, this.#address(s.from, s.elem, s.at, s.step)))
      case 'fetch':
        return define(
          f.load(
            s.elem,
            f.address(s.from, s.elem, () =>
              f.m.i32.add(this.#cell(s.at, s.step), f.m.i32.mul(this.#v(s.index)(), f.ix(s.scale))),
            ),
          ),
        )
      case 'prim':
        return define(scalarPrim(f, s.prim, s.on, this.#v(s.args[0]!), this.#v(s.args[1] ?? s.args[0]!)))
      case 'select':
        return define(f.m.select(this.#v(s.args[0])(), this.#v(s.args[1])(), this.#v(s.args[2])()))
      case 'convert':
        return define(scalarConvert(f, s.on, s.elem, this.#v(s.args[0])()))
      case 'bitcast':
        return define(scalarBitcast(f, s.on, s.elem, this.#v(s.args[0])))
      case 'store': {
        out.push(f.store(s.elem, this.#address(s.to, s.elem, s.at, s.step), this.#v(s.value)()))
        return
      }
      case 'fold': {
        out.push(this.#fold(s))
        return
      }
      case 'repeat':
        this.#repeat(s, out)
    }
  }
  #fold(s: Fold): Expr {
    const f = this.#f
    const { phase } = s
    const lane = this.#lane ?? (() => f.i32(0))
    const at: Get = () => f.m.i32.and(phase === 0 ? lane() : f.m.i32.add(f.ix(phase), lane()), f.i32(s.stripes - 1))
    const cell: Get = () => f.address(s.into, s.elem, at)
    return f.store(
      s.elem,
      cell(),
      scalarPrim(f, s.prim, s.elem, () => f.load(s.elem, cell()), this.#v(s.value)),
    )
  }
  #repeat(s: Repeat, out: Expr[]): void {
    const f = this.#f
    const locals = s.carried.map((c) => {
      const type = f.b[machineOf[c.elem]]
      const local = f.local(type)
      out.push(f.set(local, this.#v(c.from)()))
      this.values.set(c.id, () => f.m.local.get(local, type))
      return local
    })
    const body = this.all(s.body)
    out.push(counted(f, s.name, s.count, [...body, ...s.carried.map((c, k) => f.set(locals[k]!, this.#v(c.next)()))]))
  }
}

/** `body` for each value of an index variable below `count`, or within a share of them. */
export const counted = (
  f: Fn,
  name: string,
  count: Ix,
  body: readonly Expr[],
  share: { readonly from: Ix; readonly to: Ix } = { from: 0, to: count },
): Expr => {
  const [i, end] = [f.named(name), f.local(f.b.i32)]
  return f.block([
    f.set(i, f.ix(share.from)),
    f.set(end, f.ix(share.to)),
    f.while(() => f.m.i32.lt_s(f.get32(i), f.get32(end)), [...body, f.set(i, f.m.i32.add(f.get32(i), f.i32(1)))]),
  ])
}
