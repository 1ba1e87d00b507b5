import { canonical } from '../../../graph/make.ts'
import { optimise } from '../../../passes/index.ts'
import type { InventoryEntry } from '../../../runtime/assumption.ts'
import { ownAssumptions } from '../../assumptions/own.ts'
import { inventoryProblems } from '../../assumptions/problems.ts'
import { inventory } from '../../inventory.ts'
import { holds, refuted } from '../judge.ts'
import type { Place } from '../model.ts'
import type { Owed } from './owed.ts'
import { owed, sha256 } from './owed.ts'
import type { Build, GraphFile, Project } from './subject.ts'

/** What a graph rests on, in any of the ways it is built. */
export const entriesOf = (g: GraphFile, builds: readonly Build[]): readonly InventoryEntry[] => {
  const all = new Map<string, InventoryEntry>()
  for (const { target, relax } of builds)
    for (const a of inventory({ graph: optimise(g.graph, { relax }).graph, target }, g.drivers))
      if (!all.has(a.id)) all.set(a.id, a)
  return [...all.values()]
}

/** An assumption is shown by nothing: it is listed as such, and counted apart. What is wrong with the list is told. */
export const inventoryOf = (g: GraphFile, builds: readonly Build[], p: Project): readonly Owed[] => {
  const entries = entriesOf(g, builds)
  const own = ownAssumptions().map((a) => a.id)
  const problems = inventoryProblems(entries, { versions: p.versions(entries), today: p.today, named: own })
  const rests = sha256(canonical(entries.map((e) => ({ ...e, usedBy: '' })) as never))
  const placeOf = (id: string): Place => ({ file: g.file, line: g.lines.named(id) })
  return [
    owed(
      `graph/${g.file}/inventory`,
      `what '${g.name}' rests on is listed: nothing unused, dangling, expired, or out of its range`,
      'quoin assumptions says more',
      ['inventory'],
      { file: g.file, line: g.lines.graph },
      () => {
        const [first, ...more] = problems
        const found =
          first === undefined
            ? holds({ kind: 'exhausted', domain: `its ${entries.length} assumptions, on ${p.today}` })
            : refuted([first, ...more].map((x) => x.message).join('; '), {
                fix: [...new Set(problems.map((x) => x.remedy))].join('; '),
                place: placeOf(first.about),
              })
        return { ...found, rests }
      },
    ),
    ...entries.map((a) =>
      owed(
        `graph/${g.file}/assumes-${a.id}`,
        a.statement,
        a.mitigation,
        a.kind === 'unsafe' || a.kind === 'relaxation' ? ['unsafe', 'inventory'] : ['inventory'],
        placeOf(a.id),
        () => ({ ...holds({ kind: 'assumed', assumption: a.id, why: a.mitigation }), rests }),
      ),
    ),
  ]
}
