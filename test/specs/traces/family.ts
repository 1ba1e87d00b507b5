import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, Tree } from '../../../verify/self/tree.ts'
import type { Recorded, Seen } from './traces.ts'
import { corrupted, stream } from './traces.ts'

/**
 * Tests of something else that hand over what they saw: as traces of a specification, all of which the model in
 * TypeScript reads, and some of which are kept for TLC.
 */
export interface Family {
  readonly name: string
  /** `Trace<spec>.tla` reads them, with the constants given here. */
  readonly spec: string
  readonly cfg: string
  readonly accepted: (t: Recorded) => boolean
  readonly alter: (e: Seen, next: (n: number) => number) => Seen
  /** What of a trace a model of that size can hold; its beginning, which is a trace as well. */
  readonly begins?: (events: readonly Seen[]) => readonly Seen[]
}
export interface Judged {
  readonly spec: string
  /** So many were read. */
  readonly traces: number
  readonly events: number
  /** Those that are no behaviours: there must be none. */
  readonly strange: readonly Recorded[]
  readonly corrupted: number
  /** So many of them are no behaviours; the others are, because independent events have no order. */
  readonly refused: number
}
/** What is kept for TLC, and of which content of the tree it is true. */
export interface Kept extends Pick<Family, 'name' | 'spec' | 'cfg'> {
  readonly content: string
  readonly traces: readonly (Recorded & { readonly accepted: boolean })[]
}

const folder = join(root, '.gate', 'traces')
const contentOf = (): string => {
  const tree = new Tree()
  return tree.digest(tree.paths)
}
/** So much TLC reads in a few seconds. */
const [mostTraces, mostEvents] = [30, 60]
/** At least so many are corrupted, of the beginnings of what there is. */
const [leastWrong, mostWrong] = [300, 2000]

export const judged = (f: Family, all: readonly Pick<Recorded, 'start' | 'events'>[]): Judged => {
  const next = stream(7)
  const real = all.map((t): Recorded => ({ ...t, real: true }))
  const bad = (t: Recorded): readonly Recorded[] =>
    t.events.length < 2 ? [] : corrupted(t.events, f.alter, next).map((events) => ({ ...t, events, real: false }))
  const strange = real.filter((t) => !f.accepted(t))
  let [wrong, refused] = [0, 0]
  for (let round = 0; real.length > 0 && round < leastWrong / (3 * real.length); round++)
    for (const t of real)
      for (const b of bad({ ...t, events: t.events.slice(0, mostWrong) })) {
        wrong++
        if (!f.accepted(b)) refused++
      }
  const step = Math.max(1, Math.floor(real.length / mostTraces))
  const some = real.filter((_, i) => i % step === 0).slice(0, mostTraces)
  const short = some.map((t) => ({ ...t, events: (f.begins ?? ((e) => e))(t.events.slice(0, mostEvents)) }))
  const traces = short.flatMap((t) => [t, ...bad(t)]).map((t) => ({ ...t, accepted: f.accepted(t) }))
  const kept: Kept = { name: f.name, spec: f.spec, cfg: f.cfg, content: contentOf(), traces }
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${f.name}.json`)
  writeFileSync(`${file}.${process.pid}`, JSON.stringify(kept))
  renameSync(`${file}.${process.pid}`, file)
  process.stdout.write(
    `${f.spec}: of ${f.name} ${real.length - strange.length} of ${real.length} traces accepted; of ${wrong} corrupted ones ${refused} refused, the others are behaviours too\n`,
  )
  return {
    spec: f.spec,
    traces: real.length,
    events: real.reduce((n, t) => n + t.events.length, 0),
    strange: strange.slice(0, 3),
    corrupted: wrong,
    refused,
  }
}

/** What tests have kept of the files as they are now; what was seen of others says nothing of these. */
export const keptTraces = (): readonly Kept[] => {
  try {
    const content = contentOf()
    return readdirSync(folder)
      .filter((f) => f.endsWith('.json'))
      .sort()
      .map((f) => JSON.parse(readFileSync(join(folder, f), 'utf8')) as Kept)
      .filter((k) => k.content === content)
  } catch {
    return []
  }
}
