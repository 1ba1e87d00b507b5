import { expect, test } from 'vitest'
import type { Answer, Call } from '../../graph/effects.ts'
import { emptyFootprint } from '../../graph/effects.ts'
import { isLeft } from '../../graph/either.ts'
import { memory } from '../../runtime/cache.ts'
import { noPlan } from '../../runtime/driver.ts'
import { bindForeign } from '../../runtime/drivers/foreign/index.ts'
import { Run } from '../../runtime/run.ts'
import { own } from '../drivers/calls.ts'
import { read } from './checker.ts'
import { edgeCover, explored } from './machine.ts'
import type { Batches } from './protocols/batching.ts'
import { batching } from './protocols/batching.ts'
import { constantsOf } from './spec.ts'

/** A request that has not been answered yet: on whose behalf, for which keys. */
interface Open {
  readonly many: boolean
  readonly who: number
  readonly keys: readonly number[]
  readonly answer: (given: readonly (number | Error)[]) => void
  readonly fail: (e: Error) => void
}
const lost = new Error('the connection was lost')
const refused = new Error('refused')

const questionOf = (key: number, who: number): Call => {
  const call = own(['f64', key])
  const behalf = own(['f64', who]).argTypes[0]!
  return { ...call, attrs: { ...call.attrs, authority: true }, args: [who, key], argTypes: [behalf, call.argTypes[0]!] }
}
const told = (a: Answer): string => (!isLeft(a) ? 'ok' : a.left._tag === 'Connection' ? 'lost' : 'bad')

test.each(['Small', 'Large'])(
  'performAll takes every step of the %s model, and asks and answers as it says',
  async (size) => {
    const constants = constantsOf(read(`Batching${size}.cfg`))
    const graph = explored<Batches>(batching.machine(constants))
    const covered = new Set<string>()
    for (const walk of edgeCover(graph)) {
      const start = graph.states[walk[0]!.from]!
      const open = new Set<Open>()
      const asked = (many: boolean, who: unknown, keys: readonly number[]) =>
        new Promise<readonly (number | Error)[]>((answer, fail) => {
          open.add({ many, who: Number(who), keys, answer, fail })
        })
      const driver = bindForeign<number, number>({
        one: async (k, { authority }) => {
          const [x] = await asked(false, authority, [k])
          if (x instanceof Error) throw x
          return x!
        },
        many: async (ks, { authority }) => [...(await asked(true, authority, ks))],
        maxBatch: constants.Most as number,
        retry: false,
        classify: (e) => (e === lost ? { tag: 'Connection', remedy: 'wait' } : undefined),
      })
      const run = new Run(
        {
          drivers: { price: driver },
          memory: memory(),
          kernels: undefined as never,
          site: () => ({ node: '', place: '' }),
          footprint: () => emptyFootprint,
          removed: 0,
        },
        {},
      )
      let answers: readonly Answer[] | undefined
      const questions = start.key.map((k, m) => ({
        call: questionOf(k, start.who[m]!),
        plan: noPlan,
        query: 'price',
        children: [],
      }))
      void run.performAll(questions).then((a) => {
        answers = a.answers
      })
      /** Which request is of which batch: what is new is of a batch that had none. */
      const requests = new Map<number, Open>()
      const same = (s: Batches) => {
        const busy = s.ph.flatMap((p, l) => (p === 'asked' || p === 'single' ? [l] : []))
        for (const l of busy) {
          const members = s.lead.flatMap((x, m) => (x === l + 1 ? [s.key[m]!] : []))
          const many = s.ph[l] === 'asked'
          const keys = many ? [...new Set(members)] : [s.key[s.turn[l]! - 1]!]
          const is = (o: Open) => o.many === many && o.who === s.who[l] && `${o.keys}` === `${keys}`
          const fresh = [...open].find((o) => is(o) && ![...requests.values()].includes(o))
          const o = requests.get(l) ?? fresh
          expect(o !== undefined && is(o), JSON.stringify(s)).toBe(true)
          requests.set(l, o!)
        }
        expect(open.size).toBe(busy.length)
        expect(answers?.map(told)).toEqual(busy.length === 0 ? s.found : undefined)
      }
      await new Promise((done) => setImmediate(done))
      same(start)
      for (const { from, action, args, to } of walk) {
        const s = graph.states[from]!
        const o = requests.get(args[0]! - 1)!
        requests.delete(args[0]! - 1)
        open.delete(o)
        const truth = o.keys.map((k) => (s.bad[k - 1] ? new Error('bad') : k))
        if (action === 'Whole' || action === 'One') o.answer(truth)
        else o.fail(action === 'Break' ? refused : lost)
        await new Promise((done) => setImmediate(done))
        same(graph.states[to]!)
        covered.add(`${from} ${action} ${args} ${to}`)
      }
    }
    expect(covered.size).toBe(graph.edges.length)
  },
)
