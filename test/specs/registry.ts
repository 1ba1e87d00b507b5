import { batching } from './protocols/batching.ts'
import { bounds } from './protocols/bounds.ts'
import { cancellation } from './protocols/cancellation.ts'
import { lifecycle } from './protocols/lifecycle.ts'
import { limits } from './protocols/limits.ts'
import { placement } from './protocols/placement.ts'
import { scheduler } from './protocols/scheduler.ts'
import { singleFlight } from './protocols/single-flight.ts'
import type { Spec } from './spec.ts'

/** Every specification; what is not here is checked by nobody, and a test says so. */
export const specs: readonly Spec[] = [
  lifecycle,
  scheduler,
  batching,
  singleFlight,
  cancellation,
  bounds,
  limits,
  placement,
]
