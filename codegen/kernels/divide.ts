import type { Divided, SizeExpr } from '../../runtime/kernels.ts'
import type { Step, Stmt } from './ir.ts'
import { flat } from './taken.ts'

/** Steps below which a kernel whose sizes are known is not worth a second thread anywhere; `runtime/kernels` knows more. */
const least = 1 << 15

/**
 * How threads may divide a kernel; undefined where they may not, or where it is never worth it. Each cell of a result
 * has to be written in one shared loop, or in the end: what stands around shared loops every thread does.
 */
export const dividedBy = (body: readonly Stmt[], work: Divided['work']): Divided | undefined => {
  if (!body.every((s) => writesOnce(s, false))) return undefined
  const known = work.flat().every((n) => typeof n === 'number')
  const steps = work.reduce((sum, xs) => sum + xs.reduce<number>((n, x) => n * (x as number), 1), 0)
  return known && steps < least ? undefined : { work, after: body.some(isAfter), prepares: body.some(prepares) }
}
/** The work of a loop over a domain: its cells, times the steps for each. */
export const workOver = (body: readonly Stmt[], domain: readonly SizeExpr[]): Divided['work'] => [
  [stepsIn(body), ...domain],
]

export const isAfter = (s: Stmt): boolean => s.s === 'if' && s.after === true
const writes = (x: Step): boolean =>
  flat([x]).some((y) => (y.i === 'store' && y.to.startsWith('out')) || (y.i === 'fold' && y.into.startsWith('out')))
const writesOnce = (s: Stmt, within: boolean): boolean => {
  switch (s.s) {
    case 'set':
      return true
    case 'lanes':
      return s.shared === true ? !within : within || !s.body.some(writes)
    case 'for':
      return s.shared === true
        ? !within && s.body.every((x) => writesOnce(x, true))
        : s.body.every((x) => writesOnce(x, within))
    case 'while':
      return s.body.every((x) => writesOnce(x, within))
    case 'if':
      return isAfter(s) || [...s.yes, ...s.no].every((x) => writesOnce(x, within))
  }
}
/** Whether cells are written outside of what is divided. */
const prepares = (s: Stmt): boolean => {
  if (s.s === 'set' || isAfter(s) || ('shared' in s && s.shared === true)) return false
  if (s.s === 'lanes') return s.body.some((x) => x.i === 'store')
  return (s.s === 'if' ? [...s.yes, ...s.no] : s.body).some(prepares)
}
/** Steps of the longest lanes: those that are done for each cell. */
const stepsIn = (body: readonly Stmt[]): number =>
  Math.max(
    1,
    ...body.map((s) => {
      if (s.s === 'lanes') return flat(s.body).length
      if (s.s === 'for' || s.s === 'while') return stepsIn(s.body)
      return s.s === 'if' ? stepsIn([...s.yes, ...s.no]) : 1
    }),
  )
