import { emptyFootprint } from '../../../graph/effects.ts'
import { memory } from '../../../runtime/cache.ts'
import { Run } from '../../../runtime/run.ts'
import { Halted } from '../../../runtime/stopped.ts'
import type { LimitsOf } from '../protocols/limits.ts'

/** A run looks at the clock after so many steps; one step of the specification is so many of its own that this is `every`. */
const clockEvery = 64
const deadlineMs = 1e6

/** A run with limits, as generated code uses it, at a time that the caller says. Nothing may wait before `close`. */
export const limitedRun = ({ fuel, every, most }: LimitsOf) => {
  const clock = performance.now.bind(performance)
  let time = 0
  performance.now = () => time
  const each = clockEvery / every
  const bound = {
    drivers: {},
    memory: memory(),
    kernels: undefined as never,
    site: () => ({ node: '', place: '' }),
    footprint: () => emptyFootprint,
    removed: 0,
  }
  const run = new Run(bound, { deadlineMs, maxSteps: fuel * each, maxBytes: most })
  let why = 'runs'
  const told = (e: { readonly _tag: string; readonly what?: string } | undefined): string =>
    e?.what ?? e?._tag ?? 'runs'
  return {
    /** One step, which makes a value of that size. */
    step: (size: number): void => {
      try {
        for (let n = 0; n < each; n++) run.step('add')
        run.made('add', new Uint8Array(size))
      } catch (e) {
        if (!(e instanceof Halted)) throw e
        why = told(run.halted)
      }
    },
    pass: (): void => {
      time = deadlineMs
    },
    /** Whether the outside may be asked; else the run is told why not. */
    ask: (): boolean => {
      const stop = run.stopped()
      if (stop !== undefined) why = told(stop)
      return stop === undefined
    },
    why: (): string => why,
    close: (): void => {
      performance.now = clock
    },
  }
}
