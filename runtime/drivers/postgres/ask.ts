import { isLeft, left, right } from '../../../graph/either.ts'
import type { Limit } from '../limit.ts'
import type { Line, Reply, Request } from './line.ts'
import type { Outcome } from './session.ts'
import { graceMs } from './tell.ts'

const cancelled = '57014'

/** Sends a request and waits for its end; when the limit ends, has it stopped. An error of the server is in the reply. */
export const ask = (line: Line, bound: Limit, writes: boolean, request: Request): Promise<Outcome<Reply>> => {
  if (bound.signal.aborted) return Promise.resolve(left('stopped'))
  const asked = line.send(request)
  return new Promise((resolve) => {
    let grace: NodeJS.Timeout | undefined
    let given = false
    const stop = (): void => {
      given = true
      // What has others before it is let go; the line sees to it when its turn comes.
      if (!asked.cancel() && !writes) resolve(left('stopped'))
      else grace = setTimeout(() => resolve(left('stuck')), graceMs)
    }
    bound.signal.addEventListener('abort', stop, { once: true })
    void asked.ended.then((end) => {
      clearTimeout(grace)
      bound.signal.removeEventListener('abort', stop)
      if (isLeft(end)) return resolve(left({ tag: 'broken', lost: end.left, writes }))
      const { error, disturbed } = end.right
      // Rows that came after it was given up were thrown away: that it ended well makes no answer of the others.
      if (error?.code !== cancelled) return resolve(given && !writes ? left('stopped') : right(end.right))
      if (bound.stopped() !== undefined) return resolve(left('stopped'))
      resolve(disturbed && line.status === 'I' ? left('again') : right(end.right))
    })
  })
}

/** A statement of ours without parameters or rows: a savepoint, the end of a transaction. */
export const command = (line: Line, bound: Limit, sql: string): Promise<Outcome<Reply>> =>
  ask(line, bound, true, {
    write: (to) => {
      to.parse('', sql, [])
      to.bind('', [], [])
      to.execute(0)
    },
  })

let savepoints = 0
/** Work that may fail inside a transaction that is to go on; outside of one there is nothing to save. */
export const saving = async <T>(line: Line, bound: Limit, work: () => Promise<Outcome<T>>): Promise<Outcome<T>> => {
  if (line.status !== 'T') return work()
  const name = `quoin_${++savepoints}`
  // Nobody waits for it: it travels with what comes after it, and nothing is done if it is not.
  const begun = command(line, bound, `savepoint ${name}`)
  const end = await work()
  if (isLeft(await begun) || line.broken) return end
  // Not under the limit of the call: a transaction must not be left with a savepoint because its call was stopped.
  const calm = { ...bound, signal: AbortSignal.timeout(graceMs) }
  if (!isLeft(end)) {
    void command(line, calm, `release savepoint ${name}`)
    return end
  }
  await command(line, calm, `rollback to savepoint ${name}`)
  await command(line, calm, `release savepoint ${name}`)
  return end
}

/**
 * What the server says about itself, asked on the way to something else: `otherwise` where it refuses to say, as one with
 * fewer rights may. A time limit or a lost connection ends the call as anywhere.
 */
export const told = <T>(end: Outcome<T>, otherwise: T): Outcome<T> =>
  isLeft(end) && typeof end.left === 'object' && end.left.tag !== 'broken' ? right(otherwise) : end
