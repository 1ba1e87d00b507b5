import { unsafe } from '../../specs/mutants.ts'
import type { Fault } from '../fault.ts'

/**
 * The wrong specifications of `test/specs`, put into the file itself. Those that only liveness tells need TLC: `npm run
 * specs` refuses them.
 */
export const specs: readonly Fault[] = unsafe.map((m) => ({
  file: 'specs-tla/Lifecycle.tla',
  from: m.from,
  to: m.to,
  about: `${m.about} (${m.violates})`,
  tests: ['test/specs/lifecycle.test.ts'],
}))
