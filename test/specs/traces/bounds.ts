import { turnstile } from '../../../runtime/parallel.ts'
import type { Bounds } from '../protocols/bounds.ts'
import { bounded } from '../protocols/bounds.ts'
import type { Recorded, Seen, Traced } from './traces.ts'
import { corrupted, follows, stream } from './traces.ts'

const [pieces, places] = [6, 2]

/** Pieces come and end in an order of `next`'s, one in three by an error. */
const loaded = async (next: (n: number) => number): Promise<readonly Seen[]> => {
  const events: Seen[] = []
  const through = turnstile(places)
  const working = new Map<number, () => void>()
  const inside = new Set<number>()
  for (let step = 0; step < 40; step++) {
    const p = 1 + next(pieces)
    const end = working.get(p)
    if (end !== undefined) {
      working.delete(p)
      inside.delete(p)
      events.push(['Leave', p])
      end()
    } else if (!inside.has(p)) {
      inside.add(p)
      events.push(['Come', p])
      const fails = next(3) === 0
      const work = () => {
        events.push(['Works', p])
        return new Promise<void>((done, fail) => working.set(p, () => (fails ? fail(new Error('it failed')) : done())))
      }
      void through(work).catch(() => undefined)
    }
    await new Promise((done) => setImmediate(done))
  }
  return events
}

export const boundsTraces: Traced = {
  name: 'Bounds',
  cfg: `CONSTANTS\n  P = ${pieces}\n  Places = ${places}\n`,
  record: async () => {
    const next = stream(3)
    const all: Recorded[] = []
    for (let n = 0; n < 30; n++) {
      const events = await loaded(next)
      all.push({ start: {}, events, real: true })
      const alter = ([what, p]: Seen, n: (k: number) => number): Seen => [what, 1 + ((p! + n(pieces - 1)) % pieces)]
      for (const bad of corrupted(events, alter, next)) all.push({ start: {}, events: bad, real: false })
    }
    return all
  },
  accepted: ({ events }) =>
    follows<Bounds>(
      { machine: bounded(pieces, places), looks: { Works: (s, [p]) => s.st[p! - 1] === 'works' }, silent: () => false },
      events,
    ) === events.length,
}
