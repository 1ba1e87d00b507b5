import type { Stopping } from '../protocols/cancellation.ts'
import { stopping } from '../protocols/cancellation.ts'
import { upTo } from '../protocols/values.ts'
import { endOf, stoppable } from '../runs/stopped.ts'
import type { Reading, Recorded, Seen, Traced } from './traces.ts'
import { corrupted, follows, stream } from './traces.ts'

export const writes = { calls: 4, attempts: 3 } as const
/** In the order of the numbers by which they are told. */
export const endings = ['done', 'failed', 'unknown'] as const

/** A run of writes whose attempts are done, answered, refused and broken, and which may be stopped, as `next` chooses. */
const loaded = async (idem: readonly boolean[], next: (n: number) => number): Promise<readonly Seen[]> => {
  const events: Seen[] = []
  let [at, applied, over] = [0, false, false]
  const run = stoppable(idem, writes.attempts, {
    sent: (k, times) => {
      at = k + 1
      applied = false
      events.push(['Sent', at, times])
    },
    told: (k, a) => events.push(['Told', k + 1, endings.indexOf(endOf(a)) + 1]),
  })
  const answered = run.answer.then(() => {
    over = true
    events.push(['Ended', 1 + run.told.findIndex((a) => a === undefined || endOf(a) !== 'done')])
  })
  const stop = (): void => {
    events.push(['Stop'])
    run.stop()
  }
  // Nothing is drawn while it goes by itself, so that a seed gives the same trace however long that takes.
  const settled = async (): Promise<void> => {
    await new Promise((done) => setImmediate(done))
    while (!run.underWay() && !over) await new Promise((done) => setTimeout(done, 1))
  }
  for (await settled(); !over; await settled()) {
    if (next(12) === 0) {
      stop()
      continue
    }
    const draw = next(5)
    const how = applied ? (draw === 0 ? 'Break' : 'Acknowledge') : draw < 3 ? 'Apply' : draw === 3 ? 'Break' : 'Refuse'
    events.push([how, at])
    if (how === 'Apply') applied = true
    else run.end(how === 'Break' ? 'broken' : how === 'Refuse' ? 'refused' : 'acknowledged')
    // It may be stopped while it rests before it is sent again.
    if (how === 'Break' && next(6) === 0) stop()
  }
  await answered
  return events
}

const inFlight = (s: Stopping, k: number): boolean => s.ph[k - 1] === 'sent' || s.ph[k - 1] === 'applied'
const reading = (idem: readonly boolean[], outside: boolean): Reading<Stopping> => {
  return {
    machine: stopping([idem], writes.attempts),
    looks: {
      Asked: (s, [k]) => inFlight(s, k!),
      Sent: (s, [k, n]) => s.ph[k! - 1] === 'sent' && s.tries[k! - 1] === n,
      Told: (s, [k, how]) => s.ph[k! - 1] === endings[how! - 1],
      Ended: (s, [k]) => {
        if (upTo(idem.length).some((j) => inFlight(s, j))) return false
        return s.ph.findIndex((p) => p !== 'done') + 1 === k
      },
      Happened: (s, [k, n]) => (idem[k! - 1] ? s.times[k! - 1]! > 0 === n! > 0 : s.times[k! - 1] === n),
    },
    silent: (m) => outside && m.action !== 'Acknowledge',
  }
}
export const acceptedWrites = ({ start, events }: Recorded): boolean =>
  follows(reading(start.idem as readonly boolean[], start.outside === true), events) === events.length

/** Another call, another end, or another number. */
export const alterWrite = ([what, ...about]: Seen, next: (n: number) => number): Seen => {
  if (about.length === 0) return ['Ended', 0]
  const at = next(about.length)
  return [what, ...about.with(at, 1 + ((about[at]! + next(2)) % 3))]
}

export const cancellationTraces: Traced = {
  name: 'Cancellation',
  cfg: `CONSTANTS\n  N = ${writes.calls}\n  Attempts = ${writes.attempts}\n`,
  record: async () => {
    const next = stream(17)
    const all: Recorded[] = []
    for (let n = 0; n < 60; n++) {
      const idem = upTo(writes.calls).map(() => next(2) === 0)
      const start = { idem, outside: false }
      const events = await loaded(idem, next)
      all.push({ start, events, real: true })
      for (const bad of corrupted(events, alterWrite, next)) all.push({ start, events: bad, real: false })
    }
    return all
  },
  accepted: acceptedWrites,
}
