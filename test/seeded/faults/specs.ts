import { specs as registry } from '../../specs/registry.ts'
import type { Fault } from '../fault.ts'

/**
 * The wrong specifications of `test/specs`, put into the files themselves. Those that only liveness tells need TLC: `npm
 * run specs` refuses them.
 */
export const specs: readonly Fault[] = registry.flatMap(({ name, unsafe }) =>
  unsafe.map((m) => ({
    file: `specs-tla/${name}.tla`,
    from: m.from,
    to: m.to,
    about: `${m.about} (${m.violates})`,
    tests: ['test/specs/specs.test.ts'],
  })),
)
