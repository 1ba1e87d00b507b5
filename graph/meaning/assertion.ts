import type { Value } from '../values.ts'
import { cellsOf, sizeOf } from '../values.ts'

const longest = 60
const show = (v: Value): string => {
  const text = typeof v === 'string' ? JSON.stringify(v) : Object.is(v, -0) ? '-0' : String(v)
  return text.length > longest ? `${text.slice(0, longest)}…` : text
}

/** Where a cell stands, counted in row-major order. */
const indexOf = (shape: readonly number[], cell: number): readonly number[] => {
  const index: number[] = []
  let rest = cell
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index.unshift(rest % shape[axis]!)
    rest = Math.floor(rest / shape[axis]!)
  }
  return index
}

/** What to do about claims that operations make themselves; the other messages are the user's own. */
const remedies: readonly (readonly [message: string, remedy: string])[] = [
  [
    'an index lies outside the axis',
    'correct the index, or use gatherClamped or scatterAddClamped, which take the nearest row',
  ],
  ['division by zero or overflow', 'look at the divisor before, or use divTotal, which never fails'],
  ['remainder by zero', 'look at the divisor before, or use remTotal, which never fails'],
  ['a value does not fit ', 'bring the value into range before, or use toTotal, which saturates or wraps'],
]
export const assertionRemedy = (message: string): string =>
  remedies.find(([m]) => message.startsWith(m))?.[1] ?? 'correct the data, or what is claimed of it'

/**
 * What an assertion says when it does not hold: its message, the first cell at fault, and the values it was told to
 * show. Part of the meaning, because `attempt` hands the text to the graph; undefined when the claim holds.
 */
export const brokenAssertion = (message: string, args: readonly Value[]): string | undefined => {
  const claim = cellsOf('bool', args[0]!)
  const n = sizeOf(claim.shape)
  for (let i = 0; i < n; i++) {
    if (claim.at(i) === true) continue
    const at = claim.shape.length === 0 ? '' : `, first at [${indexOf(claim.shape, i).join(', ')}]`
    return `${message}${at}${args.length > 2 ? `: ${args.slice(2).map(show).join(' and ')}` : ''}`
  }
  return undefined
}
