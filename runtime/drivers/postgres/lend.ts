import type { Either } from '../../../graph/either.ts'
import { isLeft, left, right } from '../../../graph/either.ts'
import type { Connections } from './connections.ts'
import type { Line } from './line.ts'

/**
 * Lends lines: one by one to who needs a connection for itself, together to reads, which may be sent behind one another.
 * First come, first served.
 */
export interface Lender {
  readonly take: (alone: boolean, signal: AbortSignal) => Promise<Either<unknown, Line>>
  readonly give: (line: Line) => void
  readonly close: () => Promise<void>
}
interface Waiter {
  readonly alone: boolean
  readonly resolve: (end: Either<unknown, Line>) => void
  readonly left: () => void
}
interface Lent {
  readonly line: Line
  users: number
  alone: boolean
}

export const lender = (connections: Connections): Lender => {
  const lines = new Map<Line, Lent>()
  const queue: Waiter[] = []
  let opening = 0
  let users = 0

  const hand = (waiter: Waiter, lent: Lent): void => {
    waiter.left()
    lent.users++
    users++
    lent.alone = waiter.alone
    waiter.resolve(right(lent.line))
  }
  /** The line on which a read waits least: one that is free, or when there can be no more of them the least busy. */
  const best = (alone: boolean): Lent | undefined => {
    let found: Lent | undefined
    for (const l of lines.values()) {
      if (l.line.broken || l.alone || (alone && (l.users > 0 || !l.line.quiet))) continue
      if (found === undefined || l.users < found.users) found = l
    }
    return found
  }
  const pump = (): void => {
    for (let head = queue[0]; head !== undefined; head = queue[0]) {
      const lent = best(head.alone || connections.shared)
      // While more lines are on their way each gets its share, not the first one all.
      const share = Math.ceil((users + queue.length) / connections.most)
      const more = lines.size + opening < connections.most
      if (lent !== undefined && (lent.users === 0 || (!more && (opening === 0 || lent.users < share)))) {
        queue.shift()
        hand(head, lent)
        continue
      }
      if (more && opening < queue.length) {
        void open()
        continue
      }
      return
    }
  }
  const open = async (): Promise<void> => {
    opening++
    const stop = new AbortController()
    stops.add(stop)
    let end: Either<unknown, Line>
    try {
      end = await connections.open(stop.signal)
    } catch (e) {
      end = left(e)
    }
    stops.delete(stop)
    opening--
    if (isLeft(end)) {
      // Whoever waits longest is told why; the others try again, each with an attempt of its own.
      if (end.left !== 'stopped') {
        const first = queue.shift()
        first?.left()
        first?.resolve(end)
      }
      return pump()
    }
    const lent: Lent = { line: end.right, users: 0, alone: false }
    lines.set(end.right, lent)
    pump()
    if (lent.users === 0) retire(lent)
  }
  const retire = (lent: Lent): void => {
    lines.delete(lent.line)
    connections.release(lent.line)
  }
  /** Mostly the next statement follows in the same turn of the event loop, and finds the line still here. */
  const rest = (lent: Lent): void => {
    const { broken, status, quiet } = lent.line
    if (connections.shared || broken || status !== 'I' || !quiet) return retire(lent)
    setImmediate(() => {
      if (lent.users > 0 || lines.get(lent.line) !== lent) return
      retire(lent)
      pump()
    })
  }
  const stops = new Set<AbortController>()

  return {
    take: (alone, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve(left('stopped'))
        const leave = (): void => {
          queue.splice(queue.indexOf(waiter), 1)
          resolve(left('stopped'))
          // Nobody waits for a connection any more: the pool need not find one.
          if (queue.length === 0) for (const stop of stops) stop.abort()
        }
        const waiter: Waiter = { alone, resolve, left: () => signal.removeEventListener('abort', leave) }
        signal.addEventListener('abort', leave, { once: true })
        queue.push(waiter)
        pump()
      }),
    give: (line) => {
      const lent = lines.get(line)
      if (lent === undefined) return
      users--
      if (--lent.users > 0) return
      lent.alone = false
      // What the user does on a client of his own goes between our calls.
      if (!connections.shared) pump()
      if (lent.users === 0) rest(lent)
      pump()
    },
    close: async () => {
      for (const stop of stops) stop.abort()
      await connections.close()
    },
  }
}
