import { bytesOf } from '../../../graph/elem.ts'
import type { Id, Inst, Lanes } from '../../kernels/index.ts'
import { ceilDiv, flat, min, mul, taken } from '../../kernels/index.ts'
import type { Expr, Fn, Get } from './fn.ts'
import { ScalarSteps } from './steps.ts'
import type { Width } from './vector.ts'
import { VectorSteps } from './vector-steps.ts'

/** Lanes that no two threads divide: whole turns, stripes and lines of caches. */
const portion = 64
/** Lanes a call of a loop's own function takes; a multiple of all stripes. */
const chunk = 4096

/**
 * Lanes, several at a time: first what all of them share, then vectors, then the cells that are left. A loop with an
 * element of 64 bits takes two lanes a vector, any other four.
 *
 * A loop whose length is only known at run time becomes a function of its own, called for a few thousand lanes at a
 * time: an engine that begins in its baseline tier can change to optimised code between calls, not within one.
 */
export const lanes = (f: Fn, s: Lanes): Expr[] => {
  const share = s.shared === true ? f.share(ceilDiv(s.count, portion)) : undefined
  if (typeof s.count === 'number' && share === undefined)
    return s.count === 1 ? single(f, s) : run(f, s, f.i32(0), f.i32(s.count), s.count)
  const names = taken(s)
  const part = f.part([...names, 'from', 'to'])
  part.add(run(part, s, part.get32(part.named('from')), part.get32(part.named('to')), undefined))
  const [from, end] = [f.local(f.b.i32), f.local(f.b.i32)]
  const to: Get = () => f.m.i32.add(f.get32(from), f.i32(chunk))
  const last = f.m.select(f.m.i32.lt_s(to(), f.get32(end)), to(), f.get32(end))
  const [first, behind] =
    share === undefined ? [0, s.count] : [mul(share.from, portion), min(s.count, mul(share.to, portion))]
  return [
    f.set(from, f.ix(first)),
    f.set(end, f.ix(behind)),
    f.while(
      () => f.m.i32.lt_s(f.get32(from), f.get32(end)),
      [
        f.m.call(part.name, [...names.map((n) => f.get32(f.named(n))), f.get32(from), last], f.b.none),
        f.set(from, to()),
      ],
    ),
  ]
}
const single = (f: Fn, s: Lanes): Expr[] => {
  const shared = new ScalarSteps(f, undefined)
  return [...shared.all(s.before), ...new ScalarSteps(f, undefined, shared.values).all(s.body)]
}

const run = (f: Fn, s: Lanes, from: Expr, to: Expr, count: number | undefined): Expr[] => {
  const [i, end] = [f.local(f.b.i32), f.local(f.b.i32)]
  const shared = new ScalarSteps(f, undefined)
  const before = shared.all(s.before)
  // Of what threads divide a part may be all: a turn for what is shorter than a vector would take no lane, for ever.
  const few = typeof s.count === 'number' && s.count < widthOf(s)
  const vectors = few ? undefined : vectorLoop(f, s, i, end, shared)
  const one = (test: Get): Expr => {
    const body = new ScalarSteps(f, () => f.get32(i), shared.values).all(s.body)
    return f.while(test, [...body, f.set(i, f.m.i32.add(f.get32(i), f.i32(1)))])
  }
  const left: Get = () => f.m.i32.lt_s(f.get32(i), f.get32(end))
  const whole = vectors !== undefined && count !== undefined && count % vectors.last === 0
  return [
    f.set(end, to),
    f.set(i, from),
    ...before,
    // Stripes that begin amid a vector: single cells up to the next one.
    ...(s.phase === 0 || vectors === undefined
      ? []
      : [
          one(() =>
            f.m.i32.and(
              left(),
              f.m.i32.ne(f.m.i32.and(f.m.i32.add(f.ix(s.phase), f.get32(i)), f.i32(vectors.width - 1)), f.i32(0)),
            ),
          ),
        ]),
    ...(vectors?.code ?? []),
    ...(whole ? [] : [one(left)]),
  ]
}

/** Elements that lanes hold; indices and shared values do not count until a lane needs them. */
const widthOf = (s: Lanes): Width => {
  const own = flat(s.body)
  const wide = own.some(
    (x) =>
      ('elem' in x && bytesOf[x.elem] === 8) ||
      ('on' in x && bytesOf[x.on] === 8) ||
      (x.i === 'repeat' && x.carried.some((c) => bytesOf[c.elem] === 8)),
  )
  return wide ? 2 : 4
}

/**
 * How many vectors a turn of the loop takes, their steps alternating: chains of dependent steps then run side by side,
 * and sums carried through an inner loop share what they multiply with. Measured on kernels with exp and log: one
 * vector a turn takes 1.8 times as long as four. Where most steps are loads there is nothing to wait for, and more
 * vectors only crowd the registers: a stencil of seven points takes 1.2 times as long with four. Very long bodies would
 * only make compiling slow.
 */
const vectorsATurn = (s: Lanes): number => {
  const length = flat(s.body).length
  const loads = s.body.filter((x) => x.i === 'load' && x.step !== 0).length
  if (loads > greatest && 3 * loads > length) return 1
  return length <= 300 ? greatest : length <= 1200 ? 2 : 1
}
const greatest = 4
/** Vectors whose steps alternate. */
const together = 4
/** Bodies with folds that are written out for all stripes. */
const short = 60
/**
 * Vectors of stripes whose sums are carried through the loop at a time, then the next ones: a power of two, so that all sums
 * of these stripes stay in the sixteen registers there are. More are kept on the stack, and a turn waits for it.
 */
const keptATime = (s: Lanes, vectors: number): number => {
  const folds = s.body.filter((x) => x.i === 'fold')
  // Where one sum has fewer stripes than another, two vectors of a turn add to one stripe, and their order counts.
  if (folds.some((x) => x.stripes !== folds[0]!.stripes)) return vectors
  let n = vectors
  while (n > 1 && n * folds.length > carried) n /= 2
  return n
}
const carried = 8
/** Cells that all stripes go through before the next ones: few, so that they are still in the nearest cache. */
const nearby = 1024
/** From here on a loop of single vectors for what full turns leave is not worth its size: single cells do. */
const long = 40

const vectorLoop = (
  f: Fn,
  s: Lanes,
  i: number,
  end: number,
  shared: ScalarSteps,
): { code: Expr[]; width: number; last: number } => {
  const width = widthOf(s)
  const most = vectorsATurn(s)
  const turns =
    typeof s.count === 'number' && s.count < width * most
      ? [Math.floor(s.count / width)]
      : s.body.length > long || most === 1
        ? [most]
        : [most, 1]
  // All stripes a turn, where they begin with lane 0 and the body is short: their sums then stay in registers.
  const stripes = Math.max(0, ...s.body.map((x) => (x.i === 'fold' ? x.stripes : 0)))
  const keeps =
    stripes > 0 && s.phase === 0 && s.body.length <= short && !(typeof s.count === 'number' && s.count < stripes)
  if (keeps) turns.splice(0, turns.length, stripes / width, 1)
  const kept = keeps ? keptATime(s, stripes / width) : most
  const code: Expr[] = []
  const steps = new VectorSteps(f, width, () => f.get32(i), elements(s.before), shared.values)
  code.push(...steps.prepare(s.body))
  for (const n of turns) {
    const last = f.local(f.b.i32)
    const step = width * n
    code.push(f.set(last, f.m.i32.sub(f.get32(end), f.i32(step))))
    const over = (first: number, behind: number, until: number): Expr =>
      f.while(
        () => f.m.i32.le_s(f.get32(i), f.get32(until)),
        [...steps.turn(s.body, first, behind, together), f.set(i, f.m.i32.add(f.get32(i), f.i32(step)))],
      )
    if (!keeps || n === 1) {
      code.push(over(0, n, last))
      continue
    }
    const held = (first: number, until: number): Expr[] => {
      const { before, after } = steps.keepStripes(s.body, first, first + kept)
      return [...before, over(first, first + kept, until), ...after]
    }
    if (kept === n) code.push(...held(0, last))
    else {
      const [start, until] = [f.local(f.b.i32), f.local(f.b.i32)]
      const near: Get = () => f.m.i32.add(f.get32(start), f.i32(nearby - step))
      const groups: Expr[] = []
      for (let first = 0; first < n; first += kept) groups.push(f.set(i, f.get32(start)), ...held(first, until))
      code.push(
        f.while(
          () => f.m.i32.le_s(f.get32(i), f.get32(last)),
          [
            f.set(start, f.get32(i)),
            f.set(until, f.m.select(f.m.i32.lt_s(near(), f.get32(last)), near(), f.get32(last))),
            ...groups,
          ],
        ),
      )
    }
    steps.letStripes()
  }
  return { code, width, last: width * turns.at(-1)! }
}
const elements = (before: readonly Inst[]): ReadonlyMap<Id, Inst> => new Map(before.map((x) => [x.id, x]))
