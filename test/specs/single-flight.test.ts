import { expect, test } from 'vitest'
import type { Answer, Call, Footprint } from '../../graph/effects.ts'
import { isLeft, left, right } from '../../graph/either.ts'
import { bug } from '../../graph/errors.ts'
import { memory } from '../../runtime/cache.ts'
import { read } from './checker.ts'
import { edgeCover, explored } from './machine.ts'
import type { Flights } from './protocols/single-flight.ts'
import { singleFlight } from './protocols/single-flight.ts'
import { constantsOf } from './spec.ts'

const reads: Footprint = { reads: [{ kind: 'kv', of: 'store', name: 'k' }], writes: [] }
const write = { effect: 'kvSet', attrs: { store: 'store', key: 'k', keys: ['k'] } }

test('what is remembered takes every step of the specification, and is in the same state after each', async () => {
  const graph = explored<Flights>(singleFlight.machine(constantsOf(read('SingleFlightLarge.cfg'))))
  let steps = 0
  const covered = new Set<string>()
  for (const walk of edgeCover(graph)) {
    let [time, version, heard] = [0, 0, 0]
    const m = memory(1000, () => time)
    const computing = new Map<number, (a: Answer) => void>()
    const looked = new Map<number, number>()
    const answers = new Map<number, Answer>()
    let asking = 0
    const ask = (c: number) => {
      asking = c
      void m
        .recall('key', 10, [reads], () => {
          // Whoever waited computes in the order in which they came; each is told by who is asked next to begin.
          const who = asking !== 0 ? asking : waiting.shift()!
          return new Promise<Answer>((done) => computing.set(who, done))
        })
        .then((a) => answers.set(c, a))
      asking = 0
    }
    let waiting: number[] = []
    for (const { from, action, args, to } of walk) {
      const [c, s] = [args[0]!, graph.states[from]!]
      waiting = s.line.filter((w) => s.on[w - 1] === c)
      if (action === 'Ask') ask(c)
      else if (action === 'Look') looked.set(c, version + 1)
      else if (action === 'Write') version++
      else if (action === 'Hear') {
        heard = version
        m.wrote(write as unknown as Call)
      } else if (action === 'Expire') time += 10
      else {
        const end = computing.get(c)!
        computing.delete(c)
        end(action === 'Answer' ? right(looked.get(c)!) : left(bug(`${c}`, new Error('it failed'))))
      }
      await new Promise((done) => setImmediate(done))
      const then = graph.states[to]!
      const found = then.st.map((_, w) => {
        const a = answers.get(w + 1)
        if (a === undefined) return computing.has(w + 1) ? 'computes' : 'nothing'
        return isLeft(a) ? `the error of ${'node' in a.left ? a.left.node : ''}` : a.right
      })
      const wanted = then.st.map((st, w) => {
        if (st === 'done') return then.ans[w]
        return st === 'failed' ? `the error of ${w + 1}` : st === 'computes' ? st : 'nothing'
      })
      // Comparing texts first: there are many steps, and all but none of them differ.
      const same = JSON.stringify([found, version, heard]) === JSON.stringify([wanted, then.now, then.heard])
      if (!same) expect([found, version, heard], `${from} ${action} ${args}`).toEqual([wanted, then.now, then.heard])
      steps++
      covered.add(`${from} ${action} ${args} ${to}`)
    }
  }
  expect(covered.size).toBe(graph.edges.length)
  expect(steps).toBeGreaterThanOrEqual(covered.size)
}, 300_000)
