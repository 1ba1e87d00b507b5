import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Report } from '../gate/model.ts'
import { skippedHere } from './evidence.ts'
import { root } from './tree.ts'

const file = join(root, 'verify/self/open.json')
const known = (): Readonly<Record<string, string>> => JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>

/**
 * Obligations that are known to lack evidence, each with the reason: `verify/self/open.json`. They are missing all the
 * same, in every report; the list keeps new ones from hiding behind them, and has to shrink when one is met. What this
 * machine skips (it has no such server) is no fault of the tree: it is missing too, and another machine shows it.
 */
export const openProblems = (r: Report): readonly string[] => {
  const open = known()
  const states = new Map(r.verdicts.map((v) => [v.obligation.id, v.outcome]))
  return [
    ...r.verdicts.flatMap((v) =>
      v.outcome === 'holds' ||
      (v.outcome === 'missing' && (v.why.endsWith(skippedHere) || Object.hasOwn(open, v.obligation.id)))
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

/** Takes out what is met; nothing is ever put in by a program. */
export const closeMet = (r: Report): void => {
  const met = new Set(r.verdicts.flatMap((v) => (v.outcome === 'holds' ? [v.obligation.id] : [])))
  const left = Object.entries(known()).filter(([id]) => !met.has(id))
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(left), null, 2)}\n`)
}
