import type { Answer, Call, Footprint } from '../../../graph/effects.ts'
import { isLeft, left, right } from '../../../graph/either.ts'
import { bug } from '../../../graph/errors.ts'
import { memory } from '../../../runtime/cache.ts'
import type { Flights } from '../protocols/single-flight.ts'
import { flights } from '../protocols/single-flight.ts'
import type { Family } from './family.ts'
import type { Recorded, Seen, Traced } from './traces.ts'
import { corrupted, follows, stream } from './traces.ts'

const [callers, writes] = [6, 4]
const reads: Footprint = { reads: [{ kind: 'kv', of: 'store', name: 'k' }], writes: [] }
const write = { effect: 'kvSet', attrs: { store: 'store', key: 'k', keys: ['k'] } } as unknown as Call

/** Callers ask, computations read, end or fail, writes happen and are heard of, and time goes, in an order of `next`'s. */
const loaded = async (next: (n: number) => number): Promise<readonly Seen[]> => {
  const events: Seen[] = []
  let [time, version, heard] = [0, 0, 0]
  const m = memory(1000, () => time)
  const computing = new Map<number, (a: Answer) => void>()
  const looked = new Map<number, number>()
  const asked = new Set<number>()
  const compute = (c: number) => () => {
    events.push(['Computes', c])
    return new Promise<Answer>((done) => computing.set(c, done))
  }
  const told = (c: number, a: Answer): void => {
    events.push(isLeft(a) ? ['Failed', c] : ['Given', c, a.right as number])
  }
  for (let step = 0; step < 50; step++) {
    const c = 1 + next(callers)
    const what = next(8)
    const end = computing.get(c)
    if (what === 0 && version === heard && version < writes) {
      version++
      events.push(['Write'])
    } else if (what === 1 && heard < version) {
      heard = version
      events.push(['Hear'])
      m.wrote(write)
    } else if (!asked.has(c)) {
      asked.add(c)
      events.push(['Ask', c])
      void m.recall('key', 1000, [reads], compute(c)).then((a) => told(c, a))
    } else if (end !== undefined && !looked.has(c)) {
      looked.set(c, version + 1)
      events.push(['Look', c])
    } else if (end !== undefined) {
      computing.delete(c)
      const fails = next(3) === 0
      events.push([fails ? 'Fail' : 'Answer', c])
      end(fails ? left(bug('', new Error('it failed'))) : right(looked.get(c)!))
    }
    time++
    await new Promise((done) => setImmediate(done))
  }
  return events
}

/** Where only the service was looked at (`outside`), nobody sees when one begins to ask for what is remembered. */
const acceptedFlights = ({ start, events }: Recorded, [most, changes] = [callers, writes]): boolean =>
  follows<Flights>(
    {
      machine: flights(most, changes),
      looks: {
        Computes: (s, [c]) => s.st[c! - 1] === 'computes',
        Given: (s, [c, v]) => s.st[c! - 1] === 'done' && s.ans[c! - 1] === v,
        Failed: (s, [c]) => s.st[c! - 1] === 'failed',
      },
      silent: (m) => start.outside === true && m.action === 'Ask',
    },
    events,
  ) === events.length

/** What several runs were given of one thing that is remembered, and what its service saw meanwhile. */
export const servedFlights = { callers: 4, name: 'semantics-cached' } as const
export const servedFamily: Family = {
  name: servedFlights.name,
  spec: 'SingleFlight',
  cfg: `CONSTANTS\n  C = ${servedFlights.callers}\n  Writes = 0\n`,
  accepted: (t) => acceptedFlights(t, [servedFlights.callers, 0]),
  alter: ([what, c, ...more], next) => {
    if (c === undefined) return [what === 'Answer' ? 'Fail' : 'Answer']
    return next(2) === 0
      ? [what === 'Given' ? 'Failed' : 'Given', c, 1]
      : [what, 1 + (c % servedFlights.callers), ...more]
  },
}

export const singleFlightTraces: Traced = {
  name: 'SingleFlight',
  cfg: `CONSTANTS\n  C = ${callers}\n  Writes = ${writes}\n`,
  record: async () => {
    const next = stream(9)
    const all: Recorded[] = []
    for (let n = 0; n < 30; n++) {
      const events = await loaded(next)
      const start = { outside: false }
      all.push({ start, events, real: true })
      const alter = ([what, c, ...more]: Seen, n: (k: number) => number): Seen =>
        c === undefined ? [what === 'Write' ? 'Hear' : 'Write'] : [what, 1 + ((c + n(callers - 1)) % callers), ...more]
      for (const bad of corrupted(events, alter, next)) all.push({ start, events: bad, real: false })
    }
    return all
  },
  accepted: (t) => acceptedFlights(t),
}
