import type { Program, Scheduling } from '../protocols/scheduler.ts'
import { answered, schedulerOf } from '../protocols/scheduler.ts'
import { drivenBlock } from './block.ts'
import type { Recorded, Seen, Traced } from './traces.ts'
import { corrupted, follows, stream } from './traces.ts'

const steps = 5
const tables = 2
const drawn = (next: (n: number) => number): Program => {
  const some = Array.from({ length: steps }, (_, k) => {
    const kind = (['read', 'read', 'write', 'claim'] as const)[next(4)]!
    return { kind, table: kind === 'claim' ? 1 : 1 + next(tables), takes: next(3) === 0 ? next(k + 1) : 0 }
  })
  return { kind: some.map((s) => s.kind), table: some.map((s) => s.table), takes: some.map((s) => s.takes) }
}

const told = (s: Scheduling, f: number): boolean => {
  const first = s.ph.indexOf('failed')
  return answered(s) && f === first + 1
}
const alter = (e: Seen, next: (n: number) => number): Seen => {
  const [what, k] = e
  if (what === 'Answered') return ['Answered', k === 0 ? 1 + next(steps) : 0]
  if (what === 'Succeed' && next(2) === 0) return ['Fail', k!]
  return [what, 1 + (k! % steps)]
}

export const schedulerTraces: Traced = {
  name: 'Scheduler',
  cfg: `CONSTANTS\n  N = ${steps}\n  Tables = {1, 2}\n`,
  record: async () => {
    const next = stream(11)
    const all: Recorded[] = []
    for (let n = 0; n < 60; n++) {
      const program = drawn(next)
      const fails = program.kind.flatMap((_, k) => (next(6) === 0 ? [k + 1] : []))
      const events = await drivenBlock(program, fails, next)
      all.push({ start: { ...program }, events, real: true })
      for (const bad of corrupted(events, alter, next)) all.push({ start: { ...program }, events: bad, real: false })
    }
    return all
  },
  accepted: ({ start, events }) =>
    follows<Scheduling>(
      {
        machine: schedulerOf([start as unknown as Program], tables),
        looks: { Asked: (s, [k]) => s.ph[k! - 1] === 'asked', Answered: (s, [f]) => told(s, f!) },
        silent: () => false,
      },
      events,
    ) === events.length,
}
