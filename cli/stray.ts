import { syncBuiltinESMExports } from 'node:module'

/** How this program ends, taken before a graph file could put something else in its place. */
export const leave: (code?: number | string) => never = process.exit.bind(process)

let listener: ((e: unknown) => void) | undefined
/** Hands an error that nobody waits for to whoever loads a file just now; false where nobody does. */
export const stray = (e: unknown): boolean => {
  listener?.(e)
  return listener !== undefined
}

/**
 * Whatever a file calls to end the process throws instead, until the function that is returned is called: a command that
 * ended in silence would be taken for one that succeeded. `told` hears of it even where the file catches what is thrown.
 */
export const holdExit = (told: (e: Error) => void = () => {}): (() => void) => {
  const before = process.exit
  const put = (exit: typeof process.exit): void => {
    process.exit = exit
    syncBuiltinESMExports()
  }
  const held = (code?: number | string | null): never => {
    const e = new Error(`process.exit(${code ?? ''}) was called`)
    // Its place is that of the call.
    Error.captureStackTrace(e, held)
    told(e)
    throw e
  }
  put(held)
  return () => put(before)
}

/** Does something with a user's file; what the file does behind its back, ending the process included, fails it. */
export const undisturbed = async <T>(work: () => Promise<T>): Promise<T> => {
  const { promise, reject } = Promise.withResolvers<never>()
  let disturbed = false
  const before = listener
  const hear = (e: unknown): void => {
    disturbed = true
    reject(e)
  }
  promise.catch(() => {})
  listener = hear
  const release = holdExit(hear)
  try {
    const value = await Promise.race([work(), promise])
    // Promises that nobody awaits are told of once the loop turns.
    await turn()
    await turn()
    return disturbed ? await promise : value
  } finally {
    release()
    listener = before
  }
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
