import { holds, missing, refuted } from '../gate/judge.ts'
import type { Finding } from '../gate/model.ts'
import type { Duty } from './duty.ts'
import type { Known } from './evidence.ts'
import { current, restsOf, shownBy } from './evidence.ts'
import type { Entry, Shelf } from './shelf.ts'

/** What the deep tier owes: each obligation by itself, so that a change makes stale only what rests on what was changed. */
const deep = (all: readonly Duty[]): readonly Duty[] => all.filter((d) => d.obligation.tier === 'deep')

/**
 * The shelf with what was found out here since: a run of a part replaces that part alone. What is no obligation any more
 * goes; what is stale stays, so that it can be told from what was never run.
 */
export const shelvedWith = (k: Known, all: readonly Duty[]): Shelf =>
  Object.fromEntries(
    deep(all).flatMap((d): readonly (readonly [string, Entry])[] => {
      const { id } = d.obligation
      const kept = k.shelf[id]
      const [ran] = d.source.from === 'tests' || d.source.from === 'command' ? current(k, d.source) : []
      const shown = ran === undefined ? undefined : shownBy({ ...k, shelf: {} }, d)
      if (ran === undefined || shown === undefined || shown.outcome === 'missing')
        return kept === undefined ? [] : [[id, kept]]
      const about = { rests: shown.rests, date: ran.date, node: process.version }
      return [
        [
          id,
          shown.outcome === 'holds'
            ? { ...about, outcome: 'holds', evidence: shown.evidence }
            : { ...about, outcome: 'refuted', why: shown.why },
        ],
      ]
    }),
  )

const listed = 3
const some = (ids: readonly string[]): string =>
  ids.length <= listed ? ids.join(', ') : `${ids.slice(0, listed).join(', ')} and ${ids.length - listed} more`

/** Whether the committed report speaks of everything that the deep tier owes, as it is now. */
export const deepFinding = (k: Known, all: readonly Duty[]): Finding => {
  const [absent, stale, wrong]: [string[], string[], string[]] = [[], [], []]
  for (const { obligation, source } of deep(all)) {
    const entry = k.shelf[obligation.id]
    if (source.from !== 'tests' && source.from !== 'command') continue
    if (entry === undefined) absent.push(obligation.id)
    else if (entry.rests !== restsOf(k.tree, source)) stale.push(`${obligation.id} (of ${entry.date.slice(0, 10)})`)
    else if (entry.outcome === 'refuted') wrong.push(`${obligation.id}: ${entry.why}`)
  }
  if (wrong.length > 0) return refuted(some(wrong))
  const lacks = [
    ...(absent.length === 0 ? [] : [`never run: ${some(absent)}`]),
    ...(stale.length === 0 ? [] : [`of another content: ${some(stale)}`]),
  ]
  if (lacks.length > 0) return missing(lacks.join('; '))
  const dates = Object.values(k.shelf).map((e) => e.date.slice(0, 10))
  return holds({ kind: 'tested', cases: deep(all).length, by: `gate --deep since ${dates.sort()[0]}` })
}
