import { AsyncLocalStorage } from 'node:async_hooks'
import type { Answer, Call } from '../../../graph/effects.ts'
import { emptyFootprint } from '../../../graph/effects.ts'
import { isLeft } from '../../../graph/either.ts'
import { memory } from '../../../runtime/cache.ts'
import type { Driver } from '../../../runtime/driver.ts'
import { noPlan } from '../../../runtime/driver.ts'
import { bindForeign } from '../../../runtime/drivers/foreign/index.ts'
import { Run } from '../../../runtime/run.ts'
import { own } from '../../drivers/calls.ts'

/** A request that has not been answered yet: of which batch, on whose behalf, for which keys. */
export interface Request {
  /** The first question of its batch; questions count from 1. */
  readonly lead: number
  readonly many: boolean
  readonly who: number
  readonly keys: readonly number[]
  /** Answers it, key by key; those that are bad with an error. */
  readonly answer: (bad: (key: number) => boolean) => void
  readonly fail: (e: Error) => void
}
export const lost = new Error('the connection was lost')
export const refused = new Error('refused')

const questionOf = (key: number, who: number): Call => {
  const call = own(['f64', key])
  const behalf = own(['f64', who]).argTypes[0]!
  return { ...call, attrs: { ...call.attrs, authority: true }, args: [who, key], argTypes: [behalf, call.argTypes[0]!] }
}
const told = (a: Answer): 'ok' | 'lost' | 'bad' => (!isLeft(a) ? 'ok' : a.left._tag === 'Connection' ? 'lost' : 'bad')

/** Asks questions together, of a function that answers when it is told to; `asked` hears each request as it goes out. */
export const asking = (
  key: readonly number[],
  who: readonly number[],
  most: number,
  asked: (r: Request) => void,
): Promise<readonly ('ok' | 'lost' | 'bad')[]> => {
  const batch = new AsyncLocalStorage<number>()
  const request = (many: boolean, behalf: unknown, keys: readonly number[]) =>
    new Promise<readonly (number | Error)[]>((done, fail) => {
      const answer = (bad: (key: number) => boolean): void => done(keys.map((k) => (bad(k) ? new Error('bad') : k)))
      asked({ lead: batch.getStore()!, many, who: Number(behalf), keys, answer, fail })
    })
  const bound = bindForeign<number, number>({
    one: async (k, { authority }) => {
      const [x] = await request(false, authority, [k])
      if (x instanceof Error) throw x
      return x!
    },
    many: async (ks, { authority }) => [...(await request(true, authority, ks))],
    maxBatch: most,
    retry: false,
    classify: (e) => (e === lost ? { tag: 'Connection', remedy: 'wait' } : undefined),
  })
  const questions = key.map((k, m) => ({ call: questionOf(k, who[m]!), plan: noPlan, query: 'price', children: [] }))
  const leadOf = (c: Call | undefined): number => questions.findIndex((q) => q.call === c) + 1
  const driver: Driver = {
    ...bound,
    perform: (call, context) => batch.run(leadOf(call), () => bound.perform(call, context)),
    performMany: (b, context) => batch.run(leadOf(b.calls[0]), () => bound.performMany!(b, context)),
  }
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
  return run.performAll(questions).then(({ answers }) => answers.map(told))
}
