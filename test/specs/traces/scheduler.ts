import type { Program, Scheduling } from '../protocols/scheduler.ts'
import { answered, schedulerOf } from '../protocols/scheduler.ts'
import { drivenBlock } from './block.ts'
import type { Reading, Recorded, Seen, Traced } from './traces.ts'
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
export const alterBlock = (e: Seen, next: (n: number) => number, n: number = steps): Seen => {
  const [what, k] = e
  if (what === 'Answered') return ['Answered', k === 0 ? 1 + next(n) : 0]
  if (what === 'Succeed' && next(2) === 0) return ['Fail', k!]
  return [what, 1 + (k! % n)]
}
/** Where only drivers were looked at (`outside` of the steps are theirs), what servers do is not seen. */
export const acceptedBlock = ({ start, events }: Recorded, most: number = tables): boolean => {
  const { outside, ...program } = start as unknown as Program & { readonly outside: number }
  const reading: Reading<Scheduling> = {
    machine: schedulerOf([program], most),
    looks: { Asked: (s, [k]) => s.ph[k! - 1] === 'asked', Answered: (s, [f]) => told(s, f!) },
    silent: (m) => outside > 0 && (m.action === 'Act' || (m.action === 'Succeed' && m.args[0]! > outside)),
  }
  return follows(reading, events) === events.length
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
      const start = { ...program, outside: 0 }
      all.push({ start, events, real: true })
      for (const bad of corrupted(events, alterBlock, next)) all.push({ start, events: bad, real: false })
    }
    return all
  },
  accepted: (t) => acceptedBlock(t),
}
