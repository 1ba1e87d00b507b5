import { batchingTraces } from './traces/batching.ts'
import { boundsTraces } from './traces/bounds.ts'
import { cancellationTraces } from './traces/cancellation.ts'
import { engineTraces } from './traces/engine.ts'
import { limitsTraces } from './traces/limits.ts'
import { schedulerTraces } from './traces/scheduler.ts'
import { singleFlightTraces } from './traces/single-flight.ts'
import type { Traced } from './traces/traces.ts'

/** What records real runs for which specification. */
export const traced: readonly Traced[] = [
  engineTraces,
  schedulerTraces,
  batchingTraces,
  singleFlightTraces,
  cancellationTraces,
  boundsTraces,
  limitsTraces,
]
