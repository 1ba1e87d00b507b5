import { areas, faults } from '../../../test/seeded/faults/index.ts'
import { keptOf, reachOf, readLedger } from '../../../test/seeded/kept.ts'
import { holds, missing, refuted } from '../../gate/judge.ts'
import type { Duty, Source } from '../duty.ts'
import { duty, program, tests } from '../duty.ts'

/** The fewest faults whose score says anything. */
const fewest = 60
/** Per cent of them that have to be noticed. */
const least = 95
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
  ...(Object.keys(areas) as (keyof typeof areas)[]).map((area) =>
    duty(`seeded/${area}`, `each fault put into ${area} is noticed, or is named with the reason`, campaign(area), {
      tier: 'deep',
      rows: [5],
      file: `test/seeded/faults/${area}.ts`,
    }),
  ),
  duty(
    'seeded/score',
    `of all seeded faults at least ${least} % are noticed`,
    {
      from: 'here',
      rests: ['test/seeded'],
      look: ({ tree }) => {
        const ledger = readLedger()
        const kept = faults.map((f) => keptOf(ledger, tree, f))
        const tried = kept.filter((r) => r !== undefined)
        if (tried.length < faults.length)
          return missing(`${faults.length - tried.length} of ${faults.length} were not tried on this content`)
        const score = (100 * tried.filter((r) => r.outcome !== 'survived').length) / faults.length
        const by = `npm run seeded: ${score.toFixed(1)} % of ${faults.length}`
        return score >= least ? holds({ kind: 'tested', cases: faults.length, by }) : refuted(by)
      },
    },
    { tier: 'deep', rows: [5], fix: 'npm run seeded -- --area all, and commit verify/self/seeded.json' },
  ),
]

/** One part of the house: what it rests on is what each of its faults rests on. */
const campaign = (area: keyof typeof areas): Source => {
  const reaches = areas[area].map(reachOf)
  return program(['test/seeded/main.ts', '--area', area], {
    from: [...new Set(['test/seeded/campaign.ts', ...reaches.flatMap((r) => r.from)])],
    reads: [...new Set([`test/seeded/faults/${area}.ts`, ...reaches.flatMap((r) => r.reads)])],
  })
}
