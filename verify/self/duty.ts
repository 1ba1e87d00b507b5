import type { Finding, Item, Obligation, Tier } from '../gate/model.ts'
import type { Known } from './evidence.ts'
import type { Reach } from './tree.ts'

/** Where the evidence of an obligation comes from: one source, so that no two kinds of evidence are ever mixed. */
export type Source =
  /** Tests of one file whose whole name fits; at least one, and all of them pass. */
  | {
      readonly from: 'tests'
      readonly file: string
      readonly name: RegExp | undefined
      /** So many cases, or it does not count. */
      readonly cases?: number
      /** What part of the cases that its name speaks of such a test draws. */
      readonly share?: number
      /** Only a run of the deep tier counts: QUOIN_DEEP. */
      readonly deep?: true
      /** What the tests are, where they are more than tests: they try every value, or look at every state. */
      readonly as?: TestedAs
    }
  /** A command that was recorded, and ended well. It rests on the whole tree, unless somebody says on what. */
  | {
      readonly from: 'command'
      readonly name: string
      readonly args: readonly string[]
      readonly as?: TestedAs
      readonly rests?: Reach
    }
  /** Looked at when the gate runs: it takes no time. */
  | { readonly from: 'here'; readonly rests: readonly string[]; readonly look: (k: Known) => Finding }
  /** Known to be missing, and why. */
  | { readonly from: 'nowhere'; readonly why: string }
export type TestedAs =
  | { readonly kind: 'exhausted'; readonly domain: string }
  | { readonly kind: 'model-checked'; readonly by: string; readonly bounds: string; readonly states: number }

export interface Duty {
  readonly obligation: Obligation
  readonly source: Source
}

interface More {
  readonly tier?: Tier
  readonly checklist?: readonly Item[]
  readonly rows?: readonly number[]
  readonly file?: string
  readonly fix?: string
}
const fixOf = (s: Source): string => {
  switch (s.from) {
    case 'tests':
      if (s.deep === true) return `QUOIN_DEEP=1 npm test -- ${s.file}`
      return s.cases === undefined || s.cases <= 300
        ? `npm test -- ${s.file}`
        : `QUOIN_CASES=${s.cases} npm test -- ${s.file}`
    case 'command':
      return s.rests === undefined
        ? `npm run gate, which runs ${[s.name, ...s.args].join(' ')}`
        : 'npm run gate -- --deep --only <its name>, and commit verify/self/deep.json'
    default:
      return 'see docs/gate.md'
  }
}
export const duty = (id: string, claim: string, source: Source, more: More = {}): Duty => ({
  obligation: {
    id,
    claim,
    tier: more.tier ?? 'default',
    checklist: more.checklist ?? [],
    rows: more.rows ?? [],
    fix: more.fix ?? fixOf(source),
    ...(more.file === undefined ? {} : { place: { file: more.file } }),
  },
  source,
})

export const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
/** Tests whose name is this, or begins with it as the name of a group. */
export const named = (...path: readonly string[]): RegExp => new RegExp(`^${path.map(escaped).join(' > ')}(?: > |$)`)
/** Tests with this somewhere in their names, as a step of the path. */
export const inside = (step: string): RegExp => new RegExp(`(?:^| > )${escaped(step)}(?: > |$)`)
/** A program of this repository, run by Node, which rests on no more than what it imports and is said to read. */
export const program = (args: readonly string[], rests: Reach): Source => ({
  from: 'command',
  name: 'node',
  args: ['--conditions=quoin-source', ...args],
  rests,
})
export const tests = (
  file: string,
  name?: RegExp,
  more: { readonly cases?: number; readonly share?: number; readonly deep?: true; readonly as?: TestedAs } = {},
): Source => ({ from: 'tests', file, name, ...more })
