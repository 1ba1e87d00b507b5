import { version } from '../../../codegen/version.ts'
import type { Shown } from '../judge.ts'
import { judged, missing } from '../judge.ts'
import type { Report } from '../model.ts'
import { owedBy } from './obligations.ts'
import type { Looking } from './owed.ts'
import type { Project } from './subject.ts'

export type { Looking } from './owed.ts'
export type { Artefact, GraphFile, Project, Renewed, Trouble } from './subject.ts'
export { artefactsOf } from './subject.ts'

/** Where verdicts are kept that took time, under the hash of all that decides them. */
export interface Shelf {
  readonly find: (key: string) => { readonly shown: Shown; readonly date: string } | undefined
  readonly keep: (key: string, shown: Shown) => void
}
export interface Told {
  readonly began: (id: string, at: number, of: number) => void
}

/** Looks at everything that is owed for a project. What was not looked at because somebody stopped is missing. */
export const verifyProject = async (p: Project, l: Looking, shelf: Shelf, told: Told): Promise<Report> => {
  const start = performance.now()
  const began = new Date().toISOString()
  const list = owedBy(p, l)
  const found = new Map<string, Shown>()
  for (const [i, o] of list.entries()) {
    if (l.signal?.aborted === true) break
    told.began(o.obligation.id, i + 1, list.length)
    // Only what holds is kept: what does not is looked at until it does.
    const kept = o.key === undefined ? undefined : shelf.find(o.key)
    if (kept !== undefined) {
      found.set(o.obligation.id, { ...kept.shown, kept: { date: kept.date } })
      continue
    }
    const { partly = false, ...shown } = await o.shown()
    found.set(o.obligation.id, shown)
    // What was cut short is less than its key says, and would be taken for all of it.
    if (o.key !== undefined && shown.outcome === 'holds' && !partly) shelf.keep(o.key, shown)
  }
  const { verdicts, later } = judged(
    list.map((o) => o.obligation),
    l.tier,
    (o) => found.get(o.id) ?? { ...missing('the gate was stopped before'), rests: '' },
  )
  const seconds = (performance.now() - start) / 1000
  return { subject: p.name, tier: l.tier, verdicts, later, quoin: version, node: process.version, began, seconds }
}
