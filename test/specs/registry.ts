import { lifecycle } from './protocols/lifecycle.ts'
import { scheduler } from './protocols/scheduler.ts'
import type { Spec } from './spec.ts'

/** Every specification; what is not here is checked by nobody, and a test says so. */
export const specs: readonly Spec[] = [lifecycle, scheduler]
