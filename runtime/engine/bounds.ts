import type { RunError } from '../../graph/errors.ts'
import type { Type } from '../../graph/types.ts'
import type { Value } from '../../graph/values.ts'
import { tooLate } from '../stopped.ts'
import type { Bounds } from './workshop.ts'

/** What an interpreted run is thrown out by; `why` is its answer. */
export class Halted extends Error {
  readonly why: RunError
  constructor(why: RunError) {
    super(why.cause)
    this.why = why
  }
}

/** Looking at the clock costs as much as a small node. */
const clockEvery = 64

/**
 * Holds an interpreted run to its bounds: it sees every value that is made, those of loops and maps included. Between
 * two values nothing can stop it; a value that is one array operation is as long as its array.
 */
export const keeper = (
  { maxSteps, maxBytes, deadlineMs }: Bounds & { readonly deadlineMs?: number },
  now: () => number = () => performance.now(),
): ((node: () => string, type: () => Type, value: Value) => void) => {
  const until = deadlineMs === undefined ? Number.POSITIVE_INFINITY : now() + deadlineMs
  let steps = 0
  return (node, type, value) => {
    steps++
    if (maxSteps !== undefined && steps > maxSteps)
      throw new Halted(
        exceeded('steps', node(), `the run has computed more than ${maxSteps} values`, 'limits.maxSteps'),
      )
    if (maxBytes !== undefined && typeof value === 'object' && value !== null && sizeOf(value) > maxBytes)
      throw new Halted(
        exceeded(
          'memory',
          node(),
          `a value of ${type().kind} has ${sizeOf(value)} bytes, and ${maxBytes} are allowed`,
          'limits.maxBytes',
        ),
      )
    if (steps % clockEvery === 0 && now() > until)
      throw new Halted({ ...tooLate(deadlineMs), node: node() } as RunError)
  }
}
const exceeded = (what: 'steps' | 'memory', node: string, cause: string, limit: string): RunError => ({
  _tag: 'ResourceExceeded',
  stage: 'run',
  what,
  node,
  place: '',
  cause,
  remedy: `ask for less in one run, or raise ${limit} of the engine`,
})

/** Bytes of the arrays of a value; what is not an array is small, or made of such. */
const sizeOf = (value: Value): number => {
  let bytes = 0
  const open: unknown[] = [value]
  for (let v = open.pop(); v !== undefined; v = open.pop()) {
    if (typeof v === 'string') bytes += v.length * 2
    else if (ArrayBuffer.isView(v)) bytes += v.byteLength
    else if (Array.isArray(v)) {
      bytes += v.length * 8
      // A list of values was looked at when its elements were made, and looking again at each step would be quadratic.
      if (v.length <= 16) open.push(...v)
    } else if (typeof v === 'object' && v !== null) for (const x of Object.values(v)) if (x !== undefined) open.push(x)
  }
  return bytes
}
