import type { Shown } from '../gate/judge.ts'
import { holds, missing, refuted } from '../gate/judge.ts'
import type { Evidence, Finding } from '../gate/model.ts'
import type { Duty, Source, TestedAs } from './duty.ts'
import type { Result, TestResult } from './results.ts'
import type { Shelf } from './shelf.ts'
import type { Tree } from './tree.ts'

export const skippedHere = 'was skipped here'

/** What is known when the gate decides: what was kept, and what the files are now. */
export interface Known {
  readonly tree: Pick<Tree, 'paths' | 'under' | 'reached' | 'below' | 'digest'>
  readonly results: readonly Result[]
  /** What the deep tier found out before, and was committed. */
  readonly shelf: Shelf
  /** When this run of the gate began: what is older was kept. */
  readonly began: string
}

/** What shows a duty. What was kept of another content does not count. */
export const shownBy = (k: Known, d: Duty): Shown => {
  const shown = ranHere(k, d)
  return shown.outcome === 'missing' ? (shelved(k, d) ?? shown) : shown
}
/** What the deep tier showed of this content, on whatever machine, takes nobody's time a second time. */
const shelved = (k: Known, { obligation, source }: Duty): Shown | undefined => {
  if (obligation.tier !== 'deep' || (source.from !== 'tests' && source.from !== 'command')) return undefined
  const entry = k.shelf[obligation.id]
  if (entry?.outcome !== 'holds' || entry.rests !== restsOf(k.tree, source)) return undefined
  return { ...holds(entry.evidence), rests: entry.rests, kept: { date: entry.date } }
}
const ranHere = (k: Known, { source }: Duty): Shown => {
  switch (source.from) {
    case 'tests':
      return ofTests(k, source)
    case 'command':
      return ofCommand(k, source)
    case 'here':
      return { ...source.look(k), rests: k.tree.digest(k.tree.below(source.rests)) }
    case 'nowhere':
      return { ...missing(source.why), rests: '' }
  }
}

/** What a test file rests on; `run` by nobody, it may not even be there. */
export const restsOf = (tree: Known['tree'], s: Extract<Source, { from: 'tests' | 'command' }>): string =>
  tree.digest(s.from === 'tests' ? tree.under(s.file) : s.rests === undefined ? tree.paths : tree.reached(s.rests))
export const whatOf = (s: Extract<Source, { from: 'tests' | 'command' }>): string =>
  s.from === 'tests' ? s.file : [s.name, ...s.args].join(' ')

/** The results of this content, most cases first. */
export const current = (k: Known, s: Extract<Source, { from: 'tests' | 'command' }>): readonly Result[] => {
  const rests = restsOf(k.tree, s)
  return k.results
    .filter((r) => r.what === whatOf(s) && r.rests === rests && (s.from !== 'tests' || s.deep !== true || r.deep))
    .sort((a, b) => (b.cases ?? 0) - (a.cases ?? 0) || Date.parse(b.date) - Date.parse(a.date))
}

const ofTests = (k: Known, s: Extract<Source, { from: 'tests' }>): Shown => {
  const rests = restsOf(k.tree, s)
  if (!k.tree.paths.includes(s.file)) return { ...missing(`there is no ${s.file}`), rests }
  const results = current(k, s)
  // Any failure counts, however many cases another run had.
  const found = results.map((r) => [r, r.tests.filter((t) => s.name === undefined || s.name.test(t.name))] as const)
  for (const [r, tests] of found) {
    const failed = tests.find((t) => t.state === 'failed')
    if (failed !== undefined)
      return {
        ...refuted(`${failed.name}: ${(failed.note ?? '').split('\n')[0]}`, { place: { file: s.file } }),
        rests,
        ...old(k, r),
      }
  }
  const best = found[0]
  if (best === undefined) {
    const stale = k.results.some((r) => r.what === s.file)
    return { ...missing(stale ? `${s.file} was last run on other content` : `${s.file} was not run`), rests }
  }
  const [r, tests] = best
  if (!r.ok && tests.length === 0)
    return { ...refuted(`${s.file} fails before its tests begin`, { place: { file: s.file } }), rests, ...old(k, r) }
  if (tests.length === 0) return { ...missing(`no test of ${s.file} is called ${s.name?.source ?? ''}`), rests }
  const skipped = tests.find((t) => t.state === 'skipped')
  if (skipped !== undefined) return { ...missing(`'${skipped.name}' ${skippedHere}`), rests }
  const { cases: all, seed } = casesOf(r, tests)
  const cases = Math.ceil(all * (s.share ?? 1))
  if (s.cases !== undefined && cases < s.cases)
    return {
      ...missing(`${cases.toLocaleString('en')} cases were tried, and ${s.cases.toLocaleString('en')} are asked for`),
      rests,
    }
  return {
    ...asEvidence(s.as, { kind: 'tested', cases, ...(seed === undefined ? {} : { seed }), by: s.file }),
    rests,
    ...old(k, r),
  }
}

const ofCommand = (k: Known, s: Extract<Source, { from: 'command' }>): Shown => {
  const rests = restsOf(k.tree, s)
  const [r] = current(k, s)
  if (r === undefined) return { ...missing(`'${whatOf(s)}' was not run on this content`), rests }
  const note = r.tests[0]?.note ?? ''
  if (!r.ok) return { ...refuted(`'${whatOf(s)}' fails: ${note.split('\n').at(-1)}`), rests, ...old(k, r) }
  const said = saidBy(note)
  const by = said.more === undefined ? whatOf(s) : `${whatOf(s)}: ${said.more}`
  const seed = said.seed === undefined ? {} : { seed: said.seed }
  return { ...asEvidence(s.as, { kind: 'tested', cases: said.cases ?? 1, ...seed, by }), rests, ...old(k, r) }
}
/** A program that tries many cases says so in a line: `evidence: 10,000 cases of seed 7, what else there is to say`. */
export const saidBy = (note: string): { readonly cases?: number; readonly seed?: number; readonly more?: string } => {
  const said = /^evidence: ([\d,]+) cases(?: of seed (-?\d+))?(?:, (.*))?$/m.exec(note)
  if (said === null) return {}
  const [, cases, seed, more] = said
  return {
    cases: Number(cases!.replaceAll(',', '')),
    ...(seed === undefined ? {} : { seed: Number(seed) }),
    ...(more === undefined ? {} : { more }),
  }
}

const asEvidence = (as: TestedAs | undefined, tested: Exclude<Evidence, { kind: 'missing' }>): Finding =>
  holds(as ?? tested)
const old = (k: Known, r: Result): Pick<Shown, 'kept'> => (r.date < k.began ? { kept: { date: r.date } } : {})

/** Tests that draw their cases say in their names how many there are, and the seed; others are one case each. */
const casesOf = (
  r: Result,
  tests: readonly TestResult[],
): { readonly cases: number; readonly seed: number | undefined } => {
  const [first] = tests
  const said = /([\d,]+) (?:graphs|cases|runs|programs)/.exec(first?.name ?? '')?.[1]
  const seed = /seed (-?\d+)/.exec(first?.name ?? '')?.[1]
  return {
    cases:
      said === undefined
        ? tests.length
        : Math.min(Number(said.replaceAll(',', '')), r.cases ?? Number.POSITIVE_INFINITY),
    seed: seed === undefined ? undefined : Number(seed),
  }
}
