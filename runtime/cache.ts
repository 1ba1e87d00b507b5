import type { Answer, Call, Footprint } from '../graph/effects.ts'
import { conflict, effects, joinFootprints } from '../graph/effects.ts'
import { isLeft } from '../graph/either.ts'

/** What `cached` bodies of one loaded artefact have computed. Errors are never remembered. */
export interface Memory {
  readonly recall: (
    key: string,
    ttlMs: number,
    footprints: readonly Footprint[],
    compute: () => Promise<Answer> | Answer,
  ) => Promise<Answer>
  /** A write to what an entry was read from forgets the entry before anybody can read it again. */
  readonly wrote: (call: Call) => void
}

interface Entry {
  readonly until: number
  readonly reads: Footprint
  readonly answer: Promise<Answer>
}

/** At most `limit` entries; the oldest go first. `now` must be monotonic. */
export const memory = (limit = 1000, now: () => number = () => performance.now()): Memory => {
  const entries = new Map<string, Entry>()
  return {
    recall: async (key, ttlMs, footprints, compute) => {
      const known = entries.get(key)
      if (known !== undefined && known.until > now()) {
        // An error is of the run that met it (its place, its cancellation, its bounds): others compute for themselves.
        const shared = await known.answer.catch(() => undefined)
        if (shared !== undefined && !isLeft(shared)) return shared
      }
      const entry: Entry = {
        until: now() + ttlMs,
        reads: joinFootprints(footprints),
        answer: Promise.resolve(compute()),
      }
      entries.set(key, entry)
      if (entries.size > limit) entries.delete(entries.keys().next().value!)
      let kept = false
      try {
        const answer = await entry.answer
        kept = !isLeft(answer)
        return answer
      } finally {
        if (!kept && entries.get(key) === entry) entries.delete(key)
      }
    },
    wrote: (call) => {
      const { writes } = effects[call.effect].footprint(call.attrs as never)
      if (writes.length === 0) return
      for (const [key, e] of entries) if (conflict({ reads: [], writes }, e.reads)) entries.delete(key)
    },
  }
}
