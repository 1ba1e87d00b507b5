import { areas, faults } from '../../../test/seeded/faults/index.ts'
import { holds, missing, refuted } from '../../gate/judge.ts'
import type { Duty } from '../duty.ts'
import { duty, tests } from '../duty.ts'

/** The fewest faults whose score says anything. */
const fewest = 60
const wanted = ['passes', 'checkers', 'drivers', 'runtime', 'specs'] as const

/** How good the tests are that everything else rests on: faults put into the code on purpose have to be noticed. */
export const seededDuties = (): readonly Duty[] => [
  duty(
    'seeded/list',
    `at least ${fewest} faults are seeded, in passes, checkers, generators, drivers, lifecycle and specifications`,
    {
      from: 'here',
      rests: ['test/seeded'],
      look: () => {
        const bare = wanted.find((a) => areas[a].length === 0)
        if (bare !== undefined) return missing(`no fault is put into ${bare}`)
        return faults.length >= fewest
          ? holds({ kind: 'exhausted', domain: `the ${faults.length} faults of test/seeded/faults` })
          : refuted(`there are ${faults.length} faults`)
      },
    },
    { tier: 'fast', rows: [5], file: 'test/seeded/faults/index.ts' },
  ),
  duty(
    'seeded/apply',
    'each fault can be put into the code, and its tests exist',
    tests('test/seeded/seeded.test.ts'),
    { rows: [5] },
  ),
  duty(
    'seeded/share',
    'of the faults that two minutes allow, another share each day, every one is noticed',
    { from: 'command', name: 'npm', args: ['run', 'seeded', '--', '--seconds', '120'] },
    { rows: [5] },
  ),
  duty(
    'seeded/score',
    'of all seeded faults at least 95 % are noticed, and survivors are named with the reason',
    { from: 'command', name: 'npm', args: ['run', 'seeded'] },
    { tier: 'deep', rows: [5] },
  ),
]
