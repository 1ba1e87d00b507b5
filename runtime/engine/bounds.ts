import type { Value } from '../../graph/values.ts'
import { Meter, tooMuch } from '../stopped.ts'
import type { Bounds } from './workshop.ts'

/**
 * Holds an interpreted run to its bounds: it is shown every value that is made, those of loops and maps included. Between
 * two values nothing can stop it; a value that is one array operation takes as long as its array.
 */
export const keeper = (b: Bounds & { readonly deadlineMs?: number; readonly hereMs?: number }) => {
  const meter = new Meter(b)
  const { maxBytes = Number.POSITIVE_INFINITY } = b
  return {
    see: (node: string, value: Value): void => {
      meter.step(node)
      // A value may take long: the clock is looked at after each.
      meter.stay()
      if (maxBytes === Number.POSITIVE_INFINITY || typeof value !== 'object' || value === null) return
      const bytes = sizeOf(value)
      if (bytes > maxBytes)
        meter.halt(tooMuch('memory', node, `a value of ${bytes} bytes, and ${maxBytes} are allowed`, 'maxBytes'))
    },
    halted: () => meter.halted,
  }
}

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
