import { interrupted } from './failure.ts'

/**
 * Ctrl+C. While something is in flight outside this process, an interrupt aborts the signal and the command winds down:
 * queries are cancelled, temporary files removed. While only our own processor time is spent (a graph file that loads,
 * a kernel that computes) nothing is half done outside, and no JavaScript could answer the interrupt: then `release`
 * gives it back to the system, which ends the process at once.
 */
export interface Interrupt {
  readonly signal: AbortSignal
  /** Runs work during which the system's own handling of Ctrl+C is the right one. */
  readonly release: <T>(work: () => Promise<T>) => Promise<T>
  /** From now on an interrupt is how the command ends: well, and with so many milliseconds to wind down. */
  readonly serves: (graceMs: number) => void
  /** Takes the interrupt back for the time of a request to the outside, inside `release`. */
  readonly hold: <T>(work: () => Promise<T>) => Promise<T>
}

export const listenForInterrupt = (
  onFirst: () => void,
  onSecond: () => void,
  serves: Interrupt['serves'] = () => {},
): Interrupt => {
  const abort = new AbortController()
  let released = 0
  let held = 0
  const onSignal = (): void => {
    if (abort.signal.aborted) return onSecond()
    abort.abort()
    onFirst()
  }
  let listening = false
  const settle = (): void => {
    // Once aborted we stay: a second interrupt must find us, too.
    const wanted = abort.signal.aborted || released === 0 || held > 0
    if (wanted === listening) return
    listening = wanted
    for (const name of ['SIGINT', 'SIGTERM'] as const) {
      if (wanted) process.on(name, onSignal)
      else process.off(name, onSignal)
    }
  }
  settle()
  /**
   * An interrupt that came while JavaScript was busy waits in the event loop, and would be lost with its listener: so
   * the loop gets a full turn (from one check phase to the next it polls) before a listener is taken away.
   */
  const catchUp = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setImmediate(resolve))
  }
  return {
    signal: abort.signal,
    serves,
    release: async (work) => {
      await catchUp()
      if (abort.signal.aborted) throw interrupted()
      released++
      settle()
      try {
        return await work()
      } finally {
        released--
        settle()
      }
    },
    hold: async (work) => {
      held++
      settle()
      try {
        return await work()
      } finally {
        await catchUp()
        held--
        settle()
      }
    },
  }
}
