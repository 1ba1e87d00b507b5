import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stream } from '../arbitraries/world.ts'
import type { Fault } from './fault.ts'
import { seeded } from './fault.ts'
import type { Copy } from './tree.ts'
import { copyOf } from './tree.ts'
import type { Trial } from './trial.ts'
import { tryTests } from './trial.ts'

export type Outcome =
  /** A test failed. */
  | 'caught'
  /** A test did not end: the fault is noticed, by the time limit alone. */
  | 'hung'
  | 'survived'
  /** Nothing was tested: the code does not load with the fault, or the tests fail without it. */
  | 'broken'

export interface Result {
  readonly fault: Fault
  readonly outcome: Outcome
  /** The test that failed, or why nothing was shown. */
  readonly by: string
  readonly ms: number
}

/** What a trial says about a fault. */
export const judged = (fault: Fault, { failed, unloadable, passed, late, ms }: Trial): Result => {
  const result = (outcome: Outcome, by: string): Result => ({ fault, outcome, by, ms })
  if (failed.length > 0) return result('caught', failed[0]!)
  if (unloadable.length > 0) return result('broken', unloadable[0]!)
  if (late) return result('hung', `no end within ${Math.round(ms / 1000)} s`)
  return passed > 0 ? result('survived', `${passed} tests passed`) : result('broken', 'no test ran')
}

export interface CampaignOptions {
  readonly root: string
  readonly seed: number
  readonly count?: number
  readonly seconds?: number
  /** The most that the tests of one fault may take. */
  readonly limitMs?: number
  readonly together?: number
  readonly told?: (r: Result) => void
  /** Files of the tree; those that git knows unless given. */
  readonly files?: readonly string[]
}
export interface Campaign {
  readonly results: readonly Result[]
  /** How many faults were drawn: those beyond `results` were not begun in time. */
  readonly drawn: number
  /** Test files that fail without any fault. */
  readonly unsound: readonly string[]
}

/** Faults in an order that the seed chooses, so that a share of them is another one each time. */
export const drawn = (faults: readonly Fault[], seed: number, count = faults.length): readonly Fault[] => {
  const next = stream(seed)
  const left = [...faults]
  const out: Fault[] = []
  while (out.length < count && left.length > 0) out.push(left.splice(next(left.length), 1)[0]!)
  return out
}

/** Puts each fault into a copy of the tree by itself and runs its tests there; first the same tests without any fault. */
export const campaign = async (faults: readonly Fault[], options: CampaignOptions): Promise<Campaign> => {
  const { root, seed, count, seconds = Number.POSITIVE_INFINITY, limitMs = 180_000, together = 2, told } = options
  const until = performance.now() + seconds * 1000
  const todo = drawn(faults, seed, count)
  const copies: Copy[] = []
  const results: Result[] = []
  const unsound = new Set<string>()
  /** Without its control run a test that always fails would seem to catch everything. */
  const sound = new Map<string, Promise<boolean>>()
  const isSound = (copy: Copy, file: string): Promise<boolean> => {
    const known = sound.get(file) ?? control(copy, file)
    sound.set(file, known)
    return known
  }
  const control = async (copy: Copy, file: string): Promise<boolean> => {
    const once = (): Promise<Trial> => tryTests(copy.root, [file], { limitMs: Math.max(limitMs, 60_000) })
    let trial = await once()
    // On a busy machine a test of times may fail by itself; one that fails twice is of no use here.
    if (trial.failed.length > 0 || trial.late) trial = await once()
    const { failed, unloadable, passed, late } = trial
    const fine = failed.length + unloadable.length === 0 && passed > 0 && !late
    if (!fine) unsound.add(`${file}: ${failed[0] ?? unloadable[0] ?? (late ? 'no end' : 'no test')}`)
    return fine
  }
  const one = async (copy: Copy, fault: Fault): Promise<Result> => {
    let text: string
    try {
      text = seeded(readFileSync(join(copy.root, fault.file), 'utf8'), fault)
    } catch (e) {
      return { fault, outcome: 'broken', by: e instanceof Error ? e.message : String(e), ms: 0 }
    }
    for (const t of fault.tests)
      if (!(await isSound(copy, t))) return { fault, outcome: 'broken', by: `${t} fails without it`, ms: 0 }
    copy.write(fault.file, text)
    try {
      return judged(fault, await tryTests(copy.root, fault.tests, { limitMs, bail: true }))
    } finally {
      copy.restore(fault.file)
    }
  }
  const worker = async (): Promise<void> => {
    const copy = copyOf(root, options.files)
    copies.push(copy)
    for (let f = todo[next++]; f !== undefined && performance.now() < until; f = todo[next++]) {
      const result = await one(copy, f)
      results.push(result)
      told?.(result)
    }
  }
  let next = 0
  try {
    await Promise.all(Array.from({ length: Math.min(together, todo.length) }, worker))
  } finally {
    for (const c of copies) c.remove()
  }
  return { results, drawn: todo.length, unsound: [...unsound] }
}

/** Per cent of the faults that were noticed; those that broke nothing that can be tested count as missed. */
export const score = (results: readonly Result[]): number =>
  results.length === 0
    ? 0
    : (100 * results.filter((r) => r.outcome === 'caught' || r.outcome === 'hung').length) / results.length
