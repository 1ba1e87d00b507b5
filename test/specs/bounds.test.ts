import { expect, test } from 'vitest'
import { turnstile } from '../../runtime/parallel.ts'
import { read } from './checker.ts'
import { edgeCover, explored } from './machine.ts'
import type { Bounds } from './protocols/bounds.ts'
import { bounds } from './protocols/bounds.ts'
import { constantsOf } from './spec.ts'

test('a turnstile takes every step of the specification, and lets in whom it says after each', async () => {
  const constants = constantsOf(read('BoundsLarge.cfg'))
  const graph = explored<Bounds>(bounds.machine(constants))
  const covered = new Set<string>()
  let ended = 0
  for (const walk of edgeCover(graph)) {
    const through = turnstile(constants.Places as number)
    const working = new Map<number, (well: boolean) => void>()
    for (const { from, action, args, to } of walk) {
      const p = args[0]!
      if (action === 'Come')
        void through(
          () =>
            new Promise<void>((done, fail) => {
              working.set(p, (well) => (well ? done() : fail(new Error('it went wrong'))))
            }),
        ).catch(() => undefined)
      else {
        const end = working.get(p)!
        working.delete(p)
        // However it ends, its place is given back.
        end(ended++ % 2 === 0)
      }
      await new Promise((done) => setImmediate(done))
      expect([...working.keys()].sort()).toEqual(
        graph.states[to]!.st.flatMap((st, i) => (st === 'works' ? [i + 1] : [])),
      )
      covered.add(`${from} ${action} ${args} ${to}`)
    }
  }
  expect(covered.size).toBe(graph.edges.length)
})
