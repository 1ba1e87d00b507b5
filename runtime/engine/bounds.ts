import type { Value } from '../../graph/values.ts'
import { Meter } from '../stopped.ts'
import type { Bounds } from './workshop.ts'

/**
 * Holds an interpreted run to its bounds: it is shown every value that is made, those of loops and maps included. Between
 * two values nothing can stop it; a value that is one array operation takes as long as its array.
 */
export const keeper = (b: Bounds & { readonly deadlineMs?: number; readonly hereMs?: number }) => {
  const meter = new Meter(b)
  return {
    see: (node: string, value: Value): void => {
      meter.step(node)
      // A value may take long: the clock is looked at after each.
      meter.stay()
      meter.made(node, value)
    },
    halted: () => meter.halted,
  }
}
