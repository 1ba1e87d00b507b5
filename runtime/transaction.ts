import type { Answer, Call } from '../graph/effects.ts'
import { isLeft, left } from '../graph/either.ts'
import { bug } from '../graph/errors.ts'
import type { Transaction } from '../graph/transaction.ts'
import { mayRetry } from '../graph/transaction.ts'
import type { Memory } from './cache.ts'
import type { Driver, Inside } from './driver.ts'
import { pause } from './drivers/retry.ts'

/** One try, asking early or in program order; `lost`: what was asked early failed, which says nothing about the body. */
export type Once = (t: Transaction, early: boolean) => Promise<{ readonly answer: Answer; readonly lost: boolean }>

/**
 * A transaction with its retries. A try that was lost to something asked early does not count: it is begun again in
 * program order, where whatever fails is what the graph means.
 */
export const tried = async (t: Omit<Transaction, 'attempt'>, signal: AbortSignal, once: Once): Promise<Answer> => {
  let early = true
  for (let attempt = 0; ; ) {
    const now = { ...t, attempt }
    const { answer, lost } = await once(now, early)
    if (lost && !signal.aborted) {
      early = false
      continue
    }
    if (!mayRetry(now, answer) || signal.aborted) return answer
    attempt++
    await pause(waitMs(attempt), signal)
  }
}
/** Whoever lost to another transaction lets it end first; drawn, so that two do not meet again and again. */
const waitMs = (attempt: number): number =>
  Math.min(1000, 2 ** Math.min(attempt, 10)) * (crypto.getRandomValues(new Uint32Array(1))[0]! / 2 ** 32)

/** The driver of a database inside a transaction: one connection, so one thing at a time, in the order it was asked. */
export const sessionDriver = (outside: Driver, inside: Inside): Driver => {
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(ask: () => Promise<T>): Promise<T> => {
    const mine = last.then(ask)
    last = mine.catch(() => undefined)
    return mine
  }
  const { performMany, performTree } = inside
  return {
    kind: outside.kind,
    effects: outside.effects,
    assumptions: outside.assumptions,
    ...(outside.maxBatch === undefined ? {} : { maxBatch: outside.maxBatch }),
    perform: (call, context) => inTurn(() => inside.perform(call, context)),
    ...(performMany === undefined
      ? {}
      : { performMany: (batch, context) => inTurn(() => performMany(batch, context)) }),
    ...(performTree === undefined ? {} : { performTree: (tree, context) => inTurn(() => performTree(tree, context)) }),
    close: () => Promise.resolve(),
  }
}

/**
 * What is remembered inside a transaction: nothing, because others must not see what may never be. What it writes is
 * forgotten when it is written, and again at its end, because others may have read the old state meanwhile.
 */
export const memoryInside = (outside: Memory): { readonly memory: Memory; readonly ended: () => void } => {
  const wrote = new Map<object, Call>()
  return {
    memory: {
      recall: async (_key, _ttlMs, _footprints, compute) => compute(),
      wrote: (call) => {
        outside.wrote(call)
        wrote.set(call.attrs, call)
      },
    },
    ended: () => {
      for (const call of wrote.values()) outside.wrote(call)
    },
  }
}

/** An error of the body is the answer whatever became of rolling back; a value is one only if it was committed. */
export const outcomeOf = (db: string, value: Answer | undefined, end: Answer): Answer => {
  if (isLeft(end) || value !== undefined) return value === undefined || (!isLeft(value) && isLeft(end)) ? end : value
  return left(bug(db, new Error('its driver answered for a transaction without doing its work')))
}

/** The answer of a body, whatever it does. */
export const safely = async (node: string, body: () => Promise<Answer> | Answer): Promise<Answer> => {
  try {
    return await body()
  } catch (e) {
    return left(bug(node, e))
  }
}
