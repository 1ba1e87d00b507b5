import { expect, test } from 'vitest'
import type { Answer, Footprint } from '../../graph/effects.ts'
import { isLeft, left, right } from '../../graph/either.ts'
import { bug } from '../../graph/errors.ts'
import { orderProblem } from '../../graph/ordering.ts'
import { Schedule } from '../../graph/schedule.ts'
import type { Value } from '../../graph/values.ts'
import type { Task } from '../../runtime/schedule.ts'
import { scheduled } from '../../runtime/schedule.ts'
import { read } from './checker.ts'
import { edgeCover, explored } from './machine.ts'
import type { Program, Progress, Scheduling } from './protocols/scheduler.ts'
import { answered, programs, scheduler, waitsFor } from './protocols/scheduler.ts'
import { constantsOf } from './spec.ts'
import { schedulerTraces } from './traces/scheduler.ts'

const footprint = ({ kind, table }: Program, k: number): Footprint => {
  const what = [{ kind: 'table' as const, of: 'main', name: `t${table[k]}` }]
  return { reads: kind[k] === 'read' ? what : [], writes: kind[k] === 'write' ? what : [] }
}
/** What each step waits for, as the compiler works it out. */
const scheduleOf = (p: Program): readonly (readonly number[])[] => {
  const s = new Schedule()
  return p.kind.map((_, k) => {
    const operands = p.takes[k] === 0 ? [] : [p.takes[k]! - 1]
    return [...operands, ...s.place(operands, footprint(p, k), true)]
  })
}
const closure = (after: readonly (readonly number[])[]): readonly (readonly number[])[] => {
  const all: number[][] = []
  for (const [k, js] of after.entries()) all[k] = [...new Set(js.flatMap((j) => [j, ...all[j]!]))].sort()
  return all
}

test('who waits for whom is the same in the specification and in the compiler, for every program of up to 4 steps', () => {
  let n = 0
  for (const size of [2, 3, 4])
    for (const p of programs(size, [1, 2])) {
      n++
      const mine = scheduleOf(p)
      const theirs = p.kind.map((_, k) => waitsFor(p, k))
      expect(closure(mine), JSON.stringify(p)).toEqual(closure(theirs))
      const facts = p.kind.map((_, k) => ({ footprint: footprint(p, k), fails: true }))
      expect(orderProblem(mine, facts)).toBeUndefined()
    }
  expect(n).toBe(50 + 750 + 15_000)
})

test('the runtime takes every step of the specification, and is in the same state after each', async () => {
  const graph = explored<Scheduling>(scheduler.machine(constantsOf(read('SchedulerLarge.cfg'))))
  const covered = new Set<string>()
  for (const walk of edgeCover(graph)) {
    const start = graph.states[walk[0]!.from]!
    const ph: Progress[] = start.kind.map(() => 'waits')
    const end: ((a: Answer) => void)[] = []
    const after = scheduleOf(start)
    const tasks = start.kind.map((_, k): Task => {
      const run = () => {
        ph[k] = 'asked'
        return new Promise<Answer>((done) => {
          end[k] = done
        })
      }
      return { after: after[k]!, waits: true, run }
    })
    const [world, seen] = [start.world.map(() => 0), start.kind.map(() => 0)]
    let answer: Answer | undefined
    const block = scheduled(tasks, (_, v) => v as unknown as Value)([], [])
    void Promise.resolve(block).then((a) => {
      answer = a
    })
    const same = (s: Scheduling) => {
      const [found, wanted] = [
        [ph, world, seen, answer !== undefined],
        [s.ph, s.world, s.seen, answered(s)],
      ]
      // Comparing texts first: there are many steps, and all but none of them differ.
      if (JSON.stringify(found) !== JSON.stringify(wanted)) expect(found).toEqual(wanted)
      const first = s.ph.indexOf('failed')
      if (answer !== undefined) expect(answer).toEqual(first < 0 ? right(s.seen) : left(bug('', new Error(`${first}`))))
    }
    await new Promise((done) => setImmediate(done))
    same(start)
    for (const { from, action, args, to } of walk) {
      const k = args[0]! - 1
      const t = start.table[k]! - 1
      if (action === 'Act') {
        ph[k] = 'acted'
        if (start.kind[k] === 'write') world[t] = k + 1
        else seen[k] = world[t]!
      } else {
        ph[k] = action === 'Succeed' ? 'done' : 'failed'
        end[k]!(action === 'Succeed' ? right(seen[k]!) : left(bug('', new Error(`${k}`))))
        await new Promise((done) => setImmediate(done))
      }
      same(graph.states[to]!)
      covered.add(`${from} ${action} ${k} ${to}`)
    }
  }
  expect(covered.size).toBe(graph.edges.length)
}, 300_000)

test('what real blocks were seen to do is a behaviour of the specification, and corrupted traces mostly are none', async () => {
  const all = await schedulerTraces.record()
  const real = all.filter((t) => t.real)
  expect(real.filter((t) => !schedulerTraces.accepted(t))).toEqual([])
  expect(real.some((t) => isLeft(t.events.at(-1)![1] === 0 ? right(0) : left(0)))).toBe(true)
  const bad = all.filter((t) => !t.real)
  const refused = bad.filter((t) => !schedulerTraces.accepted(t)).length
  process.stdout.write(
    `Scheduler: ${real.length} recorded traces accepted; of ${bad.length} corrupted ones ${refused} refused, the others are behaviours too\n`,
  )
  expect(refused).toBeGreaterThan(bad.length / 2)
})
