// Requirements: E17

import { expect, test } from 'vitest'
import { read } from './checker.ts'
import { edgeCover, explored } from './machine.ts'
import type { Batches } from './protocols/batching.ts'
import { batching } from './protocols/batching.ts'
import type { Request } from './runs/asking.ts'
import { asking, lost, refused } from './runs/asking.ts'
import { constantsOf } from './spec.ts'

test.each(['Small', 'Large'])(
  'performAll takes every step of the %s model, and asks and answers as it says',
  async (size) => {
    const constants = constantsOf(read(`Batching${size}.cfg`))
    const graph = explored<Batches>(batching.machine(constants))
    const covered = new Set<string>()
    for (const walk of edgeCover(graph)) {
      const start = graph.states[walk[0]!.from]!
      const open = new Map<number, Request>()
      let answers: readonly string[] | undefined
      void asking(start.key, start.who, constants.Most as number, (r) => {
        expect(open.has(r.lead)).toBe(false)
        open.set(r.lead, r)
      }).then((a) => {
        answers = a
      })
      const same = (s: Batches) => {
        const busy = s.ph.flatMap((p, l) => (p === 'asked' || p === 'single' ? [l] : []))
        for (const l of busy) {
          const members = s.lead.flatMap((x, m) => (x === l + 1 ? [s.key[m]!] : []))
          const many = s.ph[l] === 'asked'
          const keys = many ? [...new Set(members)] : [s.key[s.turn[l]! - 1]!]
          expect(open.get(l + 1)).toMatchObject({ many, who: s.who[l], keys })
        }
        expect(open.size).toBe(busy.length)
        expect(answers).toEqual(busy.length === 0 ? s.found : undefined)
      }
      await new Promise((done) => setImmediate(done))
      same(start)
      for (const { from, action, args, to } of walk) {
        const s = graph.states[from]!
        const r = open.get(args[0]!)!
        open.delete(args[0]!)
        if (action === 'Whole' || action === 'One') r.answer((k) => s.bad[k - 1]!)
        else r.fail(action === 'Break' ? refused : lost)
        await new Promise((done) => setImmediate(done))
        same(graph.states[to]!)
        covered.add(`${from} ${action} ${args} ${to}`)
      }
    }
    expect(covered.size).toBe(graph.edges.length)
  },
)
