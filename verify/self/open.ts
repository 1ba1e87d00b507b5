import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Report } from '../gate/model.ts'
import { root } from './tree.ts'

/**
 * Obligations that are known to lack evidence, each with the reason: `verify/self/open.json`. They are missing all the
 * same, in every report; the list keeps new ones from hiding behind them, and has to shrink when one is met.
 */
export const openProblems = (r: Report): readonly string[] => {
  const open = JSON.parse(readFileSync(join(root, 'verify/self/open.json'), 'utf8')) as Readonly<Record<string, string>>
  const states = new Map(r.verdicts.map((v) => [v.obligation.id, v.outcome]))
  return [
    ...r.verdicts.flatMap((v) =>
      v.outcome === 'holds' || (v.outcome === 'missing' && Object.hasOwn(open, v.obligation.id))
        ? []
        : [`${v.outcome}, and not known to be open: ${v.obligation.id}`],
    ),
    ...Object.keys(open).flatMap((id) =>
      states.get(id) === undefined
        ? [`verify/self/open.json names ${id}, which is no obligation of this tier`]
        : states.get(id) === 'holds'
          ? [`${id} is met: take it out of verify/self/open.json`]
          : [],
    ),
  ]
}
