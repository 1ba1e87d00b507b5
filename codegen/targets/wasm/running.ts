import { bytesOf } from '../../../graph/elem.ts'
import type { Inst, Ix, Repeat } from '../../kernels/index.ts'
import { flat, growth } from '../../kernels/index.ts'
import type { Expr, Fn, Get } from './fn.ts'

/** Turns of a loop within lanes that are written out, one after another. */
export const unroll = 4

type Load = Extract<Inst, { i: 'load' }>
/** The address of a load inside a loop, kept in a local that moves by so many bytes a turn. */
interface Pointer {
  readonly load: Load
  readonly local: number
  readonly bytes: number | undefined
  readonly moved: (turns: number) => Expr
}

/**
 * Pointers for the loads of a loop, set before it begins. `fixed` says that turns may be written out: every pointer moves
 * by a known number of bytes, and nothing else looks at the loop's index.
 */
export const running = (
  f: Fn,
  s: Repeat,
  lane: Get,
  out: Expr[],
): { readonly pointers: readonly Pointer[]; readonly fixed: boolean } => {
  const pointers: Pointer[] = []
  let fixed = true
  out.push(f.set(f.named(s.name), f.i32(0)))
  for (const x of s.body) {
    const by = x.i === 'load' && (x.step === 0 || x.step === 1) ? growth(x.at, s.name) : undefined
    if (x.i !== 'load' || by === undefined) {
      if (mentions(x, s.name)) fixed = false
      continue
    }
    if (by === 0 && x.step === 0) continue
    const local = f.local(f.b.i32)
    const at: Get = () => (x.step === 0 ? f.ix(x.at) : f.m.i32.add(f.ix(x.at), lane()))
    out.push(f.set(local, f.address(x.from, x.elem, at)))
    const bytes = typeof by === 'number' ? by * bytesOf[x.elem] : undefined
    if (bytes === undefined) fixed = false
    const moved = (turns: number): Expr =>
      f.set(local, f.m.i32.add(f.get32(local), bytes === undefined ? f.scaled(x.elem, f.ix(by)) : f.i32(bytes * turns)))
    pointers.push({ load: x, local, bytes, moved })
  }
  return { pointers, fixed }
}
const mentions = (x: Repeat['body'][number], name: string): boolean =>
  flat([x]).some((y) => {
    const places: Ix[] = [
      ...('at' in y ? [y.at, y.step] : []),
      ...('scale' in y ? [y.scale] : []),
      ...(y.i === 'repeat' ? [y.count] : []),
      ...(y.i === 'fold' ? [y.phase] : []),
    ]
    return places.some((p) => growth(p, name) !== 0)
  })

/** `body` as long as so many more turns are left, the index going on from where it stands. */
export const countedBy = (f: Fn, name: string, count: Ix, by: number, body: readonly Expr[]): Expr => {
  const [i, last] = [f.named(name), f.local(f.b.i32)]
  return f.block([
    f.set(last, f.m.i32.sub(f.ix(count), f.i32(by))),
    f.while(() => f.m.i32.le_s(f.get32(i), f.get32(last)), [...body, f.set(i, f.m.i32.add(f.get32(i), f.i32(by)))]),
  ])
}
export const countedOn = (f: Fn, name: string, count: Ix, body: readonly Expr[]): Expr =>
  countedBy(f, name, count, 1, body)
