import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { specs } from '../../../test/specs/registry.ts'
import type { Spec } from '../../../test/specs/spec.ts'
import { sizes } from '../../../test/specs/spec.ts'
import type { Duty } from '../duty.ts'
import { duty, escaped, named, tests } from '../duty.ts'
import { root } from '../tree.ts'

/** What all duties of a specification have. */
interface More {
  readonly checklist: readonly ['conformance']
  readonly file: string
}

const suite = 'test/specs/specs.test.ts'
const safe = (size: string): string =>
  `the ${size} model is safe, and its states and steps are those of the model in TypeScript`

/** It is held against the code: every edge, and what was recorded. */
const conformance = ({ name, conformance: file, traces, heard }: Spec, more: More): readonly Duty[] => {
  const edges = file !== undefined && existsSync(join(root, file)) ? file : undefined
  return [
    duty(
      `spec/${name}/edges`,
      `${name}: every edge of its states is walked by the real runtime`,
      edges === undefined ? { from: 'nowhere', why: 'no test walks the edges of its states' } : tests(edges),
      { ...more, rows: [10] },
    ),
    duty(
      `spec/${name}/traces`,
      `${name}: traces of the real runtime are accepted, corrupted ones refused`,
      traces === undefined
        ? { from: 'nowhere', why: 'no trace of the runtime is replayed in it' }
        : { from: 'command', name: 'npm', args: ['run', 'specs'] },
      { ...more, rows: [9] },
    ),
    ...(heard ?? []).map(({ by, test }) =>
      duty(
        `spec/${name}/traces-of-${by.replace(/^test\/(.*)\.test\.ts$/, '$1').replaceAll('/', '-')}`,
        `${name}: what ${by} saw is a behaviour of it, and corrupted traces of that are refused`,
        tests(by, new RegExp(`^${escaped(test)}`)),
        { ...more, rows: [9] },
      ),
    ),
  ]
}
/** There is no code to hold it against, and it is said so until there is. */
const modelOnly = ({ name }: Spec, more: More): Duty =>
  duty(
    `spec/${name}/model-only`,
    `${name}: a model without a runtime; nothing that runs graphs could carry it out`,
    tests('test/specs/model-only.test.ts', new RegExp(`^${escaped(name)}: `)),
    more,
  )

const ofSpec = (spec: Spec): readonly Duty[] => {
  const { name } = spec
  const more: More = { checklist: ['conformance'], file: `specs-tla/${name}.tla` }
  return [
    ...sizes.flatMap((size) => [
      duty(
        `spec/${name}/safety-${size.toLowerCase()}`,
        `${name}: invariants hold in every state of the ${size.toLowerCase()} model`,
        tests(suite, named(name, safe(size)), {
          as: {
            kind: 'model-checked',
            by: 'tla-checker',
            bounds: `${name}${size}.cfg, safety alone`,
            states: spec.states[size],
          },
        }),
        { ...more, rows: [6] },
      ),
      duty(
        `spec/${name}/same-graph-${size.toLowerCase()}`,
        `${name}: the ${size.toLowerCase()} model and the one in TypeScript have the same states and steps`,
        tests(suite, named(name, safe(size)), {
          as: { kind: 'exhausted', domain: `all ${spec.states[size].toLocaleString('en')} states and their steps` },
        }),
        { ...more, rows: [8] },
      ),
    ]),
    duty(
      `spec/${name}/mutants`,
      `${name}: specifications that are wrong on purpose are refused`,
      tests(suite, new RegExp(`^${escaped(name)} > a specification in which `)),
      { ...more, rows: [6] },
    ),
    duty(
      `spec/${name}/liveness`,
      `${name}: what should happen does, under its fairness, and what would prevent it is found when it is put in`,
      {
        from: 'command',
        name: 'npm',
        args: ['run', 'specs'],
        as: {
          kind: 'model-checked',
          by: 'TLC',
          bounds: 'two sizes, safety and liveness',
          states: spec.states.Small + spec.states.Large,
        },
      },
      { ...more, rows: [7] },
    ),
    duty(
      `spec/${name}/not-vacuous`,
      `${name}: each action is taken, and each antecedent comes about`,
      tests(suite, new RegExp(`^${escaped(name)} > nothing holds because nothing happens`)),
      { ...more, rows: [12] },
    ),
    ...(spec.runtime === undefined ? conformance(spec, more) : [modelOnly(spec, more)]),
  ]
}
export const specDuties = (): readonly Duty[] => specs.flatMap(ofSpec)
