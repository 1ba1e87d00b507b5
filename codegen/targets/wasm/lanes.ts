import { bytesOf } from '../../../graph/elem.ts'
import type { Id, Inst, Lanes, Step } from '../../kernels/index.ts'
import type { Expr, Fn, Get } from './fn.ts'
import { ScalarSteps } from './steps.ts'
import type { Width } from './vector.ts'
import { VectorSteps } from './vector-steps.ts'

/**
 * Lanes, several at a time: first what all of them share, then vectors, then the cells that are left. A loop with an
 * element of 64 bits takes two lanes a vector, any other four.
 */
export const lanes = (f: Fn, s: Lanes): Expr[] => {
  const shared = new ScalarSteps(f, undefined)
  const before = shared.all(s.before)
  if (s.count === 1) return [...before, ...new ScalarSteps(f, undefined, shared.values).all(s.body)]
  const [i, end] = [f.local(f.b.i32), f.local(f.b.i32)]
  const count = typeof s.count === 'number' ? s.count : undefined
  const vectors = s.aligned && (count === undefined || count >= widthOf(s)) ? vectorLoop(f, s, i, end, shared) : undefined
  const rest: Expr[] = []
  if (vectors === undefined || count === undefined || count % (vectors.step) !== 0) {
    const scalar = new ScalarSteps(f, () => f.get32(i), shared.values).all(s.body)
    rest.push(f.while(() => f.m.i32.lt_s(f.get32(i), f.get32(end)), [...scalar, f.set(i, f.m.i32.add(f.get32(i), f.i32(1)))]))
  }
  const all = [...before, f.set(i, f.i32(0)), ...(vectors?.code ?? []), ...rest]
  return [
    f.set(end, f.ix(s.count)),
    ...(count === undefined ? [f.m.if(f.m.i32.gt_s(f.get32(end), f.i32(0)), f.block(all))] : all),
  ]
}

const flat = (steps: readonly Step[]): readonly Step[] => steps.flatMap((s) => (s.i === 'repeat' ? [s, ...flat(s.body)] : [s]))
/** Elements that lanes hold; indices and shared values do not count until a lane needs them. */
const widthOf = (s: Lanes): Width => {
  const own = flat(s.body)
  const wide = own.some((x) => ('elem' in x && bytesOf[x.elem] === 8) || ('on' in x && bytesOf[x.on] === 8)
    || (x.i === 'repeat' && x.carried.some((c) => bytesOf[c.elem] === 8)))
  return wide ? 2 : 4
}

/** How many vectors a turn of the loop takes: more where values are carried through an inner loop or bodies are short. */
const vectorsATurn = (s: Lanes): number => {
  if (s.body.some((x) => x.i === 'repeat')) return 4
  return s.body.length <= 40 ? 2 : 1
}

const vectorLoop = (f: Fn, s: Lanes, i: number, end: number, shared: ScalarSteps): { code: Expr[]; step: number } => {
  const width = widthOf(s)
  const turns = typeof s.count === 'number' && s.count < width * vectorsATurn(s) ? [1] : vectorsATurn(s) === 1 ? [1] : [vectorsATurn(s), 1]
  const code: Expr[] = []
  const steps = new VectorSteps(f, width, () => f.get32(i), elements(s.before), shared.values)
  code.push(...steps.prepare(s.body))
  for (const n of turns) {
    const last = f.local(f.b.i32)
    const step = width * n
    code.push(f.set(last, f.m.i32.sub(f.get32(end), f.i32(step))))
    const body = steps.turn(s.body, n)
    const go: Get = () => f.m.i32.le_s(f.get32(i), f.get32(last))
    code.push(f.while(go, [...body, f.set(i, f.m.i32.add(f.get32(i), f.i32(step)))]))
  }
  return { code, step: width }
}
const elements = (before: readonly Inst[]): ReadonlyMap<Id, Inst> => new Map(before.map((x) => [x.id, x]))
