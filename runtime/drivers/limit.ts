/** Why a request was told to stop before it ended. */
export type Stop = 'Timeout' | 'Cancelled' | 'Closed'

/** One request's time: it ends at the driver's limit, when the caller gives up, or when the driver is closed. */
export interface Limit {
  readonly signal: AbortSignal
  readonly stopped: () => Stop | undefined
  /** Must be called when the request is over, so that no timer keeps the process alive. */
  readonly release: () => void
}

const longestTimer = 2 ** 31 - 1

export const limit = (caller: AbortSignal, ms: number, closing?: AbortSignal): Limit => {
  const own = new AbortController()
  let why: Stop | undefined
  const stop = (reason: Stop) => (): void => {
    why ??= reason
    own.abort()
  }
  const cancel = stop('Cancelled')
  const close = stop('Closed')
  const timer = Number.isFinite(ms) ? setTimeout(stop('Timeout'), Math.min(Math.max(ms, 0), longestTimer)) : undefined
  caller.addEventListener('abort', cancel, { once: true })
  closing?.addEventListener('abort', close, { once: true })
  if (caller.aborted) cancel()
  if (closing?.aborted === true) close()
  return {
    signal: own.signal,
    stopped: () => why,
    release: () => {
      clearTimeout(timer)
      caller.removeEventListener('abort', cancel)
      closing?.removeEventListener('abort', close)
    },
  }
}

/** Milliseconds as a person says them: `30 s`, `250 ms`. */
export const showMs = (ms: number): string => (ms >= 1000 ? `${ms / 1000} s` : `${ms} ms`)
