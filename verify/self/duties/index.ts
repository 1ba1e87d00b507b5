import { stateOf } from '../../gate/judge.ts'
import type { Report } from '../../gate/model.ts'
import { kindsOf } from '../../gate/table.ts'
import type { Duty } from '../duty.ts'
import { inventoryDuties } from './inventory.ts'
import { languageDuties } from './language.ts'
import { lawDuties } from './laws.ts'
import { passDuties } from './passes.ts'
import { deepDuty, restDuties } from './rest.ts'
import { seededDuties } from './seeded.ts'
import { specDuties } from './specs.ts'

/** Everything that has to be shown of Quoin, derived from its registries. */
export const duties = (): readonly Duty[] => {
  const all = [
    ...passDuties(),
    ...lawDuties(),
    ...languageDuties(),
    ...specDuties(),
    ...seededDuties(),
    ...inventoryDuties(),
    ...restDuties(),
  ]
  return [...all, deepDuty(all)]
}

/** The rows of the gate: what is required of it, whoever shows it. */
export const rows: readonly (readonly [row: number, text: string])[] = [
  [1, '10,000 graphs a pass, edge values, effects and errors: nothing differs'],
  [2, 'each law proved, and the solver really runs'],
  [3, 'each compile is checked by code that imports nothing of the optimiser'],
  [4, 'a refused pass falls back, and the error names pass and subgraph'],
  [5, 'seeded faults are caught: the mutation score of the gate'],
  [6, 'specifications are safe on two sizes, states pinned, mutants caught'],
  [7, 'liveness under fairness, by TLC; the known holes are found'],
  [8, 'specification and TypeScript model have the same state graph'],
  [9, 'traces of the real runtime are accepted, corrupted ones refused'],
  [10, 'every edge of the specifications is walked by the real runtime'],
  [11, 'assumptions per property: none unused, undeclared, dangling, expired'],
  [12, 'nothing holds because nothing happens'],
  [13, 'assumptions can be run: broken on purpose they fail as declared'],
  [14, 'same graph, same bytes: two processes, another order'],
  [15, 'reports that other tools read, bound to the artefact'],
]

/** The same as a table of Markdown. */
export const rowsPage = (r: Report): readonly string[] => [
  '| # | what is required | state | evidence |',
  '|--:|---|---|---|',
  ...rows.map(([row, text]) => {
    const verdicts = r.verdicts.filter((v) => v.obligation.rows.includes(row))
    const later = r.later.filter((o) => o.rows.includes(row)).length
    const kinds = [kindsOf(verdicts), ...(later === 0 ? [] : [`later ${later}`])].filter((t) => t !== '').join(' · ')
    return `| ${row} | ${text} | ${verdicts.length === 0 && later > 0 ? 'later' : stateOf(verdicts)} | ${kinds} |`
  }),
]
