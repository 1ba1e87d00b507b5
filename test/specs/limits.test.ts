// Requirements: E6 E17

import { expect, test } from 'vitest'
import { read } from './checker.ts'
import { edgeCover, explored } from './machine.ts'
import type { Limited } from './protocols/limits.ts'
import { limits } from './protocols/limits.ts'
import { limitedRun } from './runs/limited.ts'
import { constantsOf } from './spec.ts'

test.each(['Small', 'Large'])(
  'a run takes every step of the %s model, and is thrown out when and why it says',
  (size) => {
    const c = constantsOf(read(`Limits${size}.cfg`)) as Readonly<Record<string, never>>
    const graph = explored<Limited>(limits.machine(c))
    const covered = new Set<string>()
    for (const walk of edgeCover(graph)) {
      const run = limitedRun({ fuel: c.Fuel!, every: c.Every!, most: c.Most!, sizes: c.Sizes! })
      try {
        for (const { from, action, args, to } of walk) {
          const s = graph.states[to]!
          if (action === 'Step') run.step(args[0]!)
          else if (action === 'Pass') run.pass()
          else if (action === 'Ask') expect(run.ask()).toBe(false)
          // What ends by itself answers what it has computed.
          expect(run.why()).toBe(s.ph === 'done' ? 'runs' : s.ph)
          if (s.ph === 'runs' && !s.late) expect(run.ask()).toBe(true)
          covered.add(`${from} ${action} ${args} ${to}`)
        }
      } finally {
        run.close()
      }
    }
    expect(covered.size).toBe(graph.edges.length)
  },
)
