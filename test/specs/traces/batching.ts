import type { Batches } from '../protocols/batching.ts'
import { batchingFrom, begun } from '../protocols/batching.ts'
import { upTo } from '../protocols/values.ts'
import type { Request } from '../runs/asking.ts'
import { asking, lost, refused } from '../runs/asking.ts'
import type { Reading, Recorded, Seen, Traced } from './traces.ts'
import { corrupted, follows, stream } from './traces.ts'

export const batchSize = { questions: 6, keys: 4, most: 3 } as const
export interface Asked {
  readonly key: readonly number[]
  readonly who: readonly number[]
  readonly bad: readonly boolean[]
  /** Only the driver was looked at: what it asks, and how that ends, is not seen. */
  readonly outside: boolean
}
/** In the order of the numbers by which they are told. */
export const words = ['ok', 'bad', 'lost'] as const

/** Questions whose requests are answered, refused and lost in an order of `next`'s. */
const loaded = async (start: Asked, next: (n: number) => number): Promise<readonly Seen[]> => {
  const events: Seen[] = []
  const open: Request[] = []
  let over = false
  const answers = asking(start.key, start.who, batchSize.most, (r) => {
    events.push([r.many ? 'Asked' : 'Alone', r.lead, r.who, ...r.keys])
    open.push(r)
  }).then((told) => {
    over = true
    events.push(['Told', ...told.map((w) => words.indexOf(w) + 1)])
  })
  const tick = () => new Promise((done) => setImmediate(done))
  for (await tick(); !over; await tick()) {
    const r = open.splice(next(open.length), 1)[0]
    if (r === undefined) continue
    const how = next(4)
    events.push([r.many ? (['Whole', 'Break', 'Break', 'Lose'] as const)[how]! : how === 3 ? 'LoseOne' : 'One', r.lead])
    if (how === 3) r.fail(lost)
    else if (r.many && how > 0) r.fail(refused)
    else r.answer((k) => start.bad[k - 1]!)
  }
  await answers
  return events
}

export const alterAsked = ([what, ...about]: Seen, next: (n: number) => number): Seen => {
  const at = next(about.length)
  return [what, ...about.with(at, 1 + ((about[at]! + next(2)) % 3))]
}
const reading = (a: Asked, most: number): Reading<Batches> => ({
  machine: batchingFrom([begun(a.key, a.who, a.bad, most)]),
  looks: {
    Asked: (s, [l, behalf, ...keys]) => {
      const of = s.key.filter((_, m) => s.lead[m] === l)
      return (
        s.ph[l! - 1] === 'asked' &&
        s.who[l! - 1] === behalf &&
        new Set(of).symmetricDifference(new Set(keys)).size === 0
      )
    },
    Alone: (s, [l, behalf, k]) =>
      s.ph[l! - 1] === 'single' && s.who[l! - 1] === behalf && s.key[s.turn[l! - 1]! - 1] === k,
    Told: (s, all) => s.lead.every((l) => s.ph[l - 1] === 'done') && all.every((w, m) => s.found[m] === words[w - 1]),
  },
  silent: () => a.outside,
})
export const acceptedBatches = ({ start, events }: Recorded, most: number = batchSize.most): boolean =>
  follows(reading(start as unknown as Asked, most), events) === events.length

export const batchingTraces: Traced = {
  name: 'Batching',
  cfg: `CONSTANTS\n  M = ${batchSize.questions}\n  Keys = {${upTo(batchSize.keys).join(', ')}}\n  Most = ${batchSize.most}\n`,
  record: async () => {
    const next = stream(13)
    const all: Recorded[] = []
    for (let n = 0; n < 60; n++) {
      const asked: Asked = {
        key: upTo(batchSize.questions).map(() => 1 + next(batchSize.keys)),
        who: upTo(batchSize.questions).map((m) => (m === 1 ? 1 : 1 + next(2))),
        bad: upTo(batchSize.keys).map(() => next(3) === 0),
        outside: false,
      }
      const start = { ...asked }
      const events = await loaded(asked, next)
      all.push({ start, events, real: true })
      for (const bad of corrupted(events, alterAsked, next)) all.push({ start, events: bad, real: false })
    }
    return all
  },
  accepted: (t) => acceptedBatches(t),
}
