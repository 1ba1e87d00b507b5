import type { Limited } from '../protocols/limits.ts'
import { limited } from '../protocols/limits.ts'
import { limitedRun } from '../runs/limited.ts'
import type { Reading, Recorded, Seen, Traced } from './traces.ts'
import { corrupted, follows, stream } from './traces.ts'

const of = { fuel: 20, every: 8, most: 5, sizes: [0, 1, 2, 3, 4, 5, 6] } as const
const words = ['runs', 'done', 'steps', 'memory', 'time'] as const

/** A run that computes, is late and asks as `next` chooses, until it ends or is thrown out. */
const loaded = (next: (n: number) => number): readonly Seen[] => {
  const events: Seen[] = []
  const run = limitedRun(of)
  let late = false
  try {
    while (run.why() === 'runs') {
      const what = next(60)
      if (what === 0) {
        events.push(['End'])
        return events
      }
      if (what < 4 && !late) {
        late = true
        run.pass()
        events.push(['Pass'])
      } else if (what < 8) events.push([run.ask() ? 'Let' : 'Ask'])
      else {
        const size = next(80) === 0 ? 6 : next(6)
        run.step(size)
        events.push(['Step', size, 1 + words.indexOf(run.why() as never)])
      }
    }
    return events
  } finally {
    run.close()
  }
}
const alter = ([what, size, told]: Seen, next: (n: number) => number): Seen => {
  if (size === undefined) return [what === 'Ask' ? 'Let' : 'Ask']
  return next(2) === 0 ? [what, size > of.most ? 0 : 6, told!] : [what, size, 1 + ((told! + next(4)) % words.length)]
}

export const limitsTraces: Traced = {
  name: 'Limits',
  cfg: `CONSTANTS\n  Fuel = ${of.fuel}\n  Every = ${of.every}\n  Most = ${of.most}\n  Sizes = {${of.sizes.join(', ')}}\n`,
  record: async () => {
    const next = stream(19)
    const all: Recorded[] = []
    for (let n = 0; n < 60; n++) {
      const events = loaded(next)
      all.push({ start: {}, events, real: true })
      if (events.length > 1)
        for (const bad of corrupted(events, alter, next)) all.push({ start: {}, events: bad, real: false })
    }
    return all
  },
  accepted: ({ events }) => {
    const told = events.flatMap((e): Seen[] =>
      e.length < 3
        ? [e]
        : [
            [e[0], e[1]!],
            ['Told', e[2]!],
          ],
    )
    const looks: Reading<Limited>['looks'] = {
      Let: (s) => s.ph === 'runs' && !s.late,
      Told: (s, [w]) => s.ph === words[w! - 1],
    }
    return follows({ machine: limited(of), looks, silent: () => false }, told) === told.length
  },
}
