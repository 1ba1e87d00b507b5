/**
 * What the gate speaks of. An obligation is something that has to be shown; nobody writes the list of them, they are
 * derived from registries. Evidence is what shows it, of one kind. A verdict binds the two, with the hash of all that the
 * evidence rests on: when that changes, the verdict is of something else.
 */

/** When an obligation has to be met: each tier asks for what the ones before it ask for. */
export const tiers = ['fast', 'default', 'deep'] as const
export type Tier = (typeof tiers)[number]

/** The deployment checklist; each of its lines is the sum of the obligations that belong to it. */
export const checklist = {
  passes: 'all passes preserve the meaning',
  warnings: 'no warnings',
  conformance: 'conformance passes',
  inventory: 'inventory complete and current',
  unsafe: 'unsafe documented',
  failures: 'error handling covers every driver failure',
  bounds: 'bounds verified',
  cache: 'cache invalidation documented',
} as const
export type Item = keyof typeof checklist

/** Where something is, for people and for the tools that mark lines. */
export interface Place {
  /** From the root of what is looked at, with forward slashes. */
  readonly file: string
  readonly line?: number
}

export interface Obligation {
  /** `pass/dce/preserved`: registry, member, claim. Equal ids mean the same obligation in every report. */
  readonly id: string
  /** A sentence that is true when the obligation is met. */
  readonly claim: string
  readonly tier: Tier
  readonly checklist: readonly Item[]
  /** Rows of the table in `docs/VERIFICATION.md` that this belongs to. */
  readonly rows: readonly number[]
  readonly place?: Place
  /** What to do where it is not met. */
  readonly fix: string
}

/** Evidence by its kind. The kinds are never added up: what is tested is not proved, however many cases there were. */
export type Evidence =
  /** For all values, by a solver or by a checker that follows a certificate. */
  | { readonly kind: 'proved'; readonly by: string }
  /** Every value of a finite domain was tried. */
  | { readonly kind: 'exhausted'; readonly domain: string }
  /** Every state of a model was looked at, within bounds. */
  | { readonly kind: 'model-checked'; readonly by: string; readonly bounds: string; readonly states: number }
  /** Some cases were tried. Without a seed they are written out. */
  | { readonly kind: 'tested'; readonly cases: number; readonly seed?: number; readonly by: string }
  /** Nobody here can show it; it is an entry of the inventory. */
  | { readonly kind: 'assumed'; readonly assumption: string; readonly why: string }
  /** Nothing shows it. */
  | { readonly kind: 'missing'; readonly why: string }
export type EvidenceKind = Evidence['kind']
export const evidenceKinds = [
  'proved',
  'exhausted',
  'model-checked',
  'tested',
  'assumed',
  'missing',
] as const satisfies readonly EvidenceKind[]

/** What was found out about an obligation. */
export type Finding =
  | { readonly outcome: 'holds'; readonly evidence: Exclude<Evidence, { kind: 'missing' }> }
  /** Something shows the contrary. */
  | { readonly outcome: 'refuted'; readonly why: string; readonly place?: Place; readonly fix?: string }
  | { readonly outcome: 'missing'; readonly why: string }

/** From an earlier run, of the same content. */
export interface Kept {
  readonly date: string
}

export type Verdict = Finding & {
  readonly obligation: Obligation
  /** sha256 of all that the evidence rests on. */
  readonly rests: string
  readonly kept?: Kept
}

export interface Report {
  /** What was looked at: `quoin 0.1.0`, or the name of a user's project. */
  readonly subject: string
  readonly tier: Tier
  readonly verdicts: readonly Verdict[]
  /** Obligations that only a later tier asks for. They are neither met nor missing here. */
  readonly later: readonly Obligation[]
  /** Version of Quoin, and of what ran it. */
  readonly quoin: string
  readonly node: string
  readonly began: string
  readonly seconds: number
}
