import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Duty } from '../duty.ts'
import { duty, named, tests } from '../duty.ts'
import { root } from '../tree.ts'

/** Specifications, each a file of its own; models of them and checks of traces belong to one. */
const specs = (): readonly string[] =>
  readdirSync(join(root, 'specs-tla'))
    .filter((f) => f.endsWith('.tla') && !/^(?:MC|Trace)/.test(f))
    .map((f) => f.replace(/\.tla$/, ''))
    .sort()

const ofSpec = (spec: string): readonly Duty[] => {
  const file = `specs-tla/${spec}.tla`
  const own = `test/specs/${spec.toLowerCase()}.test.ts`
  return [
    duty(
      `spec/${spec}/safety`,
      `${spec}: invariants hold in every state of two sizes of its model`,
      tests(own, /model is safe and has the states that it had$/, {
        as: { kind: 'model-checked', by: 'tla-checker', bounds: 'two sizes, safety alone', states: 0 },
      }),
      { rows: [6], checklist: ['conformance'], file },
    ),
    duty(
      `spec/${spec}/mutants`,
      `${spec}: specifications that are wrong on purpose are refused`,
      tests(own, /^a specification in which /),
      { rows: [6], checklist: ['conformance'], file },
    ),
    duty(
      `spec/${spec}/liveness`,
      `${spec}: what should happen does, under its fairness, and the known holes are found`,
      {
        from: 'command',
        name: 'npm',
        args: ['run', 'specs'],
        as: { kind: 'model-checked', by: 'TLC', bounds: 'two sizes, safety and liveness', states: 0 },
      },
      { rows: [7], checklist: ['conformance'], file },
    ),
    duty(
      `spec/${spec}/same-graph`,
      `${spec}: the model in TypeScript takes the steps of the specification, no more and no fewer`,
      tests(own, named('the moves of the specification are those of the table, no more and no fewer')),
      { rows: [8], checklist: ['conformance'], file },
    ),
    duty(
      `spec/${spec}/edges`,
      `${spec}: every edge of its states is walked by the real runtime`,
      { from: 'nowhere', why: 'no test walks the edges of its state graph with the real runtime' },
      { rows: [10], checklist: ['conformance'], file },
    ),
    duty(
      `spec/${spec}/traces`,
      `${spec}: traces of the real runtime are accepted, corrupted ones refused`,
      { from: 'nowhere', why: `there is no specs-tla/Trace${spec}.tla` },
      { rows: [9], checklist: ['conformance'], file },
    ),
  ]
}
export const specDuties = (): readonly Duty[] => specs().flatMap(ofSpec)
