import type { Numeric } from '../../graph/elem.ts'
import { reductions } from '../../graph/reduction.ts'
import type { Dim } from '../../graph/types.ts'
import type { Buffer, Inst, Step, Stmt } from './ir.ts'
import type { Ix } from './ix.ts'

/** An operand that lies in memory. */
export interface Operand {
  readonly from: Buffer
  readonly elem: Numeric
  readonly shape: readonly Dim[]
}

/** Short forms for kernels that are written out by hand. */
export const lanes = (count: Ix, body: readonly Step[], before: readonly Inst[] = []): Stmt => ({
  s: 'lanes',
  count,
  before,
  body,
  phase: 0,
})
export const loop = (name: string, count: Ix, ...body: readonly Stmt[]): Stmt => ({ s: 'for', name, count, body })
/** The same as a loop that threads may divide; of a choice, each of its branches. */
export const divided = (s: Stmt): Stmt =>
  s.s === 'for' || s.s === 'lanes'
    ? { ...s, shared: true }
    : s.s === 'if'
      ? { ...s, yes: s.yes.map(divided), no: s.no.map(divided) }
      : s
export const alone = (s: Stmt): Stmt => s
export const load = (id: number, o: Pick<Operand, 'from' | 'elem'>, at: Ix, step: Ix): Inst => ({
  i: 'load',
  id,
  elem: o.elem,
  from: o.from,
  at,
  step,
})
export const store = (to: Buffer, elem: Numeric, at: Ix, step: Ix, value: number): Step => ({
  i: 'store',
  elem,
  to,
  at,
  step,
  value,
})
export const constant = (id: number, elem: Numeric, value: number): Inst => ({
  i: 'const',
  id,
  elem,
  value: elem === 'i64' || elem === 'u64' ? BigInt(value) : elem === 'bool' ? value !== 0 : value,
})
export const identity = (id: number, elem: Numeric): Inst => ({
  i: 'const',
  id,
  elem,
  value: reductions.sum.identity(elem),
})
export const prim = (
  id: number,
  name: Extract<Inst, { i: 'prim' }>['prim'],
  on: Numeric,
  to: Numeric,
  ...args: readonly number[]
): Inst => ({ i: 'prim', id, prim: name, on, elem: to, args })
