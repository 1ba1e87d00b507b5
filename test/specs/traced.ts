import { engineTraces } from './traces/engine.ts'
import { schedulerTraces } from './traces/scheduler.ts'
import type { Traced } from './traces/traces.ts'

/** What records real runs for which specification. */
export const traced: readonly Traced[] = [engineTraces, schedulerTraces]
