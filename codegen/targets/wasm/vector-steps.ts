import type { Numeric } from '../../../graph/elem.ts'
import { bytesOf } from '../../../graph/elem.ts'
import type { Buffer, Fold, Id, Inst, Ix, Repeat, Step } from '../../kernels/index.ts'
import { uses } from '../../kernels/index.ts'
import type { Expr, Fn, Get } from './fn.ts'
import { machineOf } from './fn.ts'
import { countedBy, countedOn, running, unroll } from './running.ts'
import { scalarConvert, scalarPrim } from './scalar.ts'
import type { Width } from './vector.ts'
import { constant, extract, gathered, laneNumbers, loadSplat, loadVector, splat, storeVector } from './vector.ts'
import { vectorBitcast, vectorConvert } from './vector-casts.ts'
import { vectorPrim, vectorSelect } from './vector-prims.ts'

/** What a value is called where people read it: its operation, or where it comes from. */
const titleOf = (s: Inst): string => (s.i === 'prim' ? s.prim : s.i === 'load' ? `${s.from}_cells` : s.i)

interface Value {
  readonly elem: Numeric
  readonly get: Get
}

/**
 * Steps of several lanes. Where the instruction set has no form for vectors, lanes are taken out, worked on one by one
 * and put back. A turn may take `n` vectors: then each has values of its own and their steps alternate; what they share
 * is fetched once.
 */
export class VectorSteps {
  readonly #f: Fn
  readonly #w: Width
  readonly #lane: Get
  readonly #before: ReadonlyMap<Id, Inst>
  readonly #scalars: ReadonlyMap<Id, Get>
  readonly #splats = new Map<Id, Value>()
  readonly #pointers = new Map<Step, number>()
  /** Loads of loops within, whose pointers move along with the loop. */
  readonly #running = new Map<Step, { readonly pointer: number; readonly offset: number }>()
  readonly #stripes = new Map<Fold, readonly number[]>()
  #values: Map<Id, Value>[] = []
  /** The number of the first of those vectors within the turn. */
  #from = 0

  constructor(f: Fn, w: Width, lane: Get, before: ReadonlyMap<Id, Inst>, scalars: ReadonlyMap<Id, Get>) {
    this.#f = f
    this.#w = w
    this.#lane = lane
    this.#before = before
    this.#scalars = scalars
  }

  /** What stands before the loop: shared values in all lanes, and addresses of lane 0. */
  prepare(body: readonly Step[]): Expr[] {
    const f = this.#f
    const out: Expr[] = []
    for (const id of new Set(body.flatMap(uses))) {
      const x = this.#before.get(id)
      if (x === undefined) continue
      if (x.i === 'const') this.#splats.set(id, { elem: x.elem, get: () => constant(f, x.elem, x.value, this.#w) })
      else
        this.#splats.set(id, {
          elem: x.elem,
          get: this.#keep(splat(f, x.elem, this.#w, this.#scalars.get(id)!()), out),
        })
    }
    for (const s of body) {
      if ((s.i !== 'load' && s.i !== 'store') || s.step !== 1) continue
      const local = f.local(f.b.i32)
      out.push(
        f.set(
          local,
          f.address(s.i === 'load' ? s.from : s.to, s.elem, () => f.ix(s.at)),
        ),
      )
      this.#pointers.set(s, local)
    }
    return out
  }
  /** The body once, for vectors `first` to `end`, so many of them at a time as are good for the registers. */
  turn(body: readonly Step[], first: number, end: number, together: number): Expr[] {
    const out: Expr[] = []
    for (this.#from = first; this.#from < end; this.#from += together) {
      this.#values = Array.from({ length: Math.min(together, end - this.#from) }, () => new Map())
      this.#together(body, out)
    }
    this.#from = 0
    return out
  }
  /**
   * Brings the stripes of folds that vectors `first` to `end` add to into locals, for turns that begin with the first
   * stripe, and takes them back.
   */
  keepStripes(body: readonly Step[], first: number, end: number): { readonly before: Expr[]; readonly after: Expr[] } {
    const f = this.#f
    const [before, after]: [Expr[], Expr[]] = [[], []]
    for (const s of body) {
      if (s.i !== 'fold') continue
      const cell: Get = () => f.address(s.into, s.elem, () => f.i32(0))
      const locals = Array.from({ length: s.stripes / this.#w }, (_, u) => {
        if (u < first || u >= end) return -1
        const local = f.local(f.b.v128)
        f.title(local, () => `${s.prim}_stripe`)
        const offset = u * this.#w * bytesOf[s.elem]
        before.push(f.set(local, loadVector(f, s.elem, this.#w, cell(), offset)))
        after.push(storeVector(f, s.elem, this.#w, cell(), offset, f.m.local.get(local, f.b.v128)))
        return local
      })
      this.#stripes.set(s, locals)
    }
    return { before, after }
  }
  /** From here on folds work on stripes in memory again. */
  letStripes(): void {
    this.#stripes.clear()
  }
  #together(body: readonly Step[], out: Expr[]): void {
    for (const s of body) {
      if (s.i === 'repeat') this.#repeat(s, out)
      else if (s.i === 'load' && s.step === 0) {
        this.#step(s, 0, out)
        for (const values of this.#values) values.set(s.id, this.#values[0]!.get(s.id)!)
      } else
        this.#values.forEach((_, u) => {
          this.#step(s, u, out)
        })
    }
  }

  #keep(v: Expr, out: Expr[], s?: Inst): Get {
    const { b, m } = this.#f
    const local = this.#f.local(b.v128)
    if (s !== undefined) this.#f.title(local, () => titleOf(s))
    out.push(this.#f.set(local, v))
    return () => m.local.get(local, b.v128)
  }
  #v(id: Id, u: number): Value {
    const v = this.#values[u]!.get(id) ?? this.#splats.get(id)
    if (v === undefined) throw new Error(`bug: value ${id} is used before it is computed`)
    return v
  }
  /** at + (lane + k)·step */
  #cell(at: Ix, step: Ix, k: number): Expr {
    const { m } = this.#f
    if (step === 0) return this.#f.ix(at)
    const lane = k === 0 ? this.#lane() : m.i32.add(this.#lane(), this.#f.i32(k))
    const moved = step === 1 ? lane : m.i32.mul(lane, this.#f.ix(step))
    return at === 0 ? moved : m.i32.add(this.#f.ix(at), moved)
  }
  /** Address and fixed offset of the cells of vector `u`. */
  #side(s: Step, buffer: Buffer, elem: Numeric, at: Ix, u: number): { address: Expr; offset: number } {
    const f = this.#f
    const offset = (this.#from + u) * this.#w * bytesOf[elem]
    const pointer = this.#pointers.get(s)
    if (pointer === undefined) return { address: f.address(buffer, elem, () => this.#cell(at, 1, 0)), offset }
    return { address: f.m.i32.add(f.get32(pointer), f.scaled(elem, this.#lane())), offset }
  }
  #lanes(elem: Numeric, out: Expr[], lane: (k: number) => Expr): Value {
    return { elem, get: gathered(this.#f, elem, this.#w, lane, out) }
  }

  #step(s: Step, u: number, out: Expr[]): void {
    const f = this.#f
    const w = this.#w
    const values = this.#values[u]!
    const first = (this.#from + u) * w
    const define = (v: Expr): void => {
      values.set((s as Inst).id, { elem: (s as Inst).elem, get: this.#keep(v, out, s as Inst) })
    }
    const x = (id: Id): Get => this.#v(id, u).get
    /** Lane k of a value, for work lane by lane. */
    const lane = (id: Id, k: number): Get => {
      const v = this.#v(id, u)
      return () => extract(f, v.elem, w, v.get(), k)
    }
    switch (s.i) {
      case 'const':
        return define(constant(f, s.elem, s.value, w))
      case 'index': {
        const start = f.m.i32x4.splat(this.#cell(s.at, s.step, first))
        if (s.step === 0) return define(start)
        const steps = s.step === 1 ? laneNumbers(f) : f.m.i32x4.mul(f.m.i32x4.splat(f.ix(s.step)), laneNumbers(f))
        return define(f.m.i32x4.add(start, steps))
      }
      case 'load': {
        const running = this.#running.get(s)
        if (running !== undefined) {
          const offset = running.offset + (s.step === 0 ? 0 : first * bytesOf[s.elem])
          const address = f.get32(running.pointer)
          return define(
            s.step === 0 ? loadSplat(f, s.elem, w, address, offset) : loadVector(f, s.elem, w, address, offset),
          )
        }
        if (s.step === 0)
          return define(
            loadSplat(
              f,
              s.elem,
              w,
              f.address(s.from, s.elem, () => f.ix(s.at)),
              0,
            ),
          )
        if (s.step === 1) {
          const { address, offset } = this.#side(s, s.from, s.elem, s.at, u)
          return define(loadVector(f, s.elem, w, address, offset))
        }
        values.set(
          s.id,
          this.#lanes(s.elem, out, (k) =>
            f.load(
              s.elem,
              f.address(s.from, s.elem, () => this.#cell(s.at, s.step, first + k)),
            ),
          ),
        )
        return
      }
      case 'fetch': {
        const shared = this.#scalars.get(s.index)
        const row = (index: Expr): Expr => f.m.i32.mul(index, f.ix(s.scale))
        if (shared !== undefined && s.step === 1) {
          const address = f.address(s.from, s.elem, () => f.m.i32.add(this.#cell(s.at, 1, 0), row(shared())))
          return define(loadVector(f, s.elem, w, address, first * bytesOf[s.elem]))
        }
        values.set(
          s.id,
          this.#lanes(s.elem, out, (k) =>
            f.load(
              s.elem,
              f.address(s.from, s.elem, () =>
                f.m.i32.add(this.#cell(s.at, s.step, first + k), row(lane(s.index, k)())),
              ),
            ),
          ),
        )
        return
      }
      case 'prim': {
        const [a, b] = [s.args[0]!, s.args[1] ?? s.args[0]!]
        const make = vectorPrim(s.prim, s.on)
        if (make !== 'lanes') return define(make(f, w, x(a), x(b)))
        values.set(
          s.id,
          this.#lanes(s.elem, out, (k) => {
            const [p, q] = [a, b].map((id) => f.keep(machineOf[s.on], lane(id, k)(), out))
            return scalarPrim(f, s.prim, s.on, p!, q!)
          }),
        )
        return
      }
      case 'select':
        return define(vectorSelect(f, s.elem, w, x(s.args[0]), x(s.args[1]), x(s.args[2])))
      case 'convert': {
        const v = vectorConvert(f, s.on, s.elem, w, x(s.args[0]))
        if (v !== 'lanes') return define(v)
        values.set(
          s.id,
          this.#lanes(s.elem, out, (k) => scalarConvert(f, s.on, s.elem, lane(s.args[0], k)())),
        )
        return
      }
      case 'bitcast':
        return define(vectorBitcast(f, s.on, s.elem, x(s.args[0])))
      case 'store': {
        if (s.step === 1) {
          const { address, offset } = this.#side(s, s.to, s.elem, s.at, u)
          out.push(storeVector(f, s.elem, w, address, offset, x(s.value)()))
          return
        }
        for (let k = 0; k < w; k++)
          out.push(
            f.store(
              s.elem,
              f.address(s.to, s.elem, () => this.#cell(s.at, s.step, first + k)),
              lane(s.value, k)(),
            ),
          )
        return
      }
      case 'fold': {
        this.#fold(s, u, out)
        return
      }
      case 'repeat':
        throw new Error('bug: a loop within a loop of lanes is taken by all vectors together')
    }
  }
  #fold(s: Fold, u: number, out: Expr[]): void {
    const f = this.#f
    const make = vectorPrim(s.prim, s.elem)
    if (make === 'lanes') throw new Error(`bug: ${s.prim} has no vector form`)
    const vector = this.#from + u
    const kept = this.#stripes.get(s)
    if (kept !== undefined) {
      const stripe = kept[vector % kept.length]!
      const sum: Get = () => f.m.local.get(stripe, f.b.v128)
      out.push(f.set(stripe, make(f, this.#w, sum, this.#v(s.value, u).get)))
      return
    }
    const turned = vector === 0 ? this.#lane() : f.m.i32.add(this.#lane(), f.i32(vector * this.#w))
    const lane = s.phase === 0 ? turned : f.m.i32.add(f.ix(s.phase), turned)
    const local = f.local(f.b.i32)
    out.push(
      f.set(
        local,
        f.address(s.into, s.elem, () => f.m.i32.and(lane, f.i32(s.stripes - 1))),
      ),
    )
    const acc: Get = this.#keep(loadVector(f, s.elem, this.#w, f.get32(local), 0), out)
    out.push(storeVector(f, s.elem, this.#w, f.get32(local), 0, make(f, this.#w, acc, this.#v(s.value, u).get)))
  }
  #repeat(s: Repeat, out: Expr[]): void {
    const f = this.#f
    const locals = s.carried.map((c) =>
      this.#values.map((values, u) => {
        const local = f.local(f.b.v128)
        out.push(f.set(local, this.#v(c.from, u).get()))
        values.set(c.id, { elem: c.elem, get: () => f.m.local.get(local, f.b.v128) })
        return local
      }),
    )
    const next = (): readonly Expr[] =>
      s.carried.flatMap((c, k) => this.#values.map((_, u) => f.set(locals[k]![u]!, this.#v(c.next, u).get())))
    const turn = (into: Expr[]): void => {
      this.#together(s.body, into)
      into.push(...next())
    }
    const r = running(f, s, this.#lane, out)
    const step = (by: number): Expr[] => r.pointers.map((p) => p.moved(by))
    if (r.fixed) {
      const body: Expr[] = []
      for (let u = 0; u < unroll; u++) {
        for (const p of r.pointers) this.#running.set(p.load, { pointer: p.local, offset: u * (p.bytes as number) })
        turn(body)
      }
      out.push(countedBy(f, s.name, s.count, unroll, [...body, ...step(unroll)]))
    } else out.push(f.set(f.named(s.name), f.i32(0)))
    for (const p of r.pointers) this.#running.set(p.load, { pointer: p.local, offset: 0 })
    if (!(r.fixed && typeof s.count === 'number' && s.count % unroll === 0)) {
      const body: Expr[] = []
      turn(body)
      out.push(countedOn(f, s.name, s.count, [...body, ...step(1)]))
    }
    for (const p of r.pointers) this.#running.delete(p.load)
  }
}
