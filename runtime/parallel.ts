/** At most this many calls of one kind are in flight at once: bounded memory, and drivers keep their own limits. */
export const inFlight = 64

/** Does `n` things, `most` of them at a time, and gives the outcomes in order. */
export const atMost = async <T>(most: number, n: number, one: (i: number) => Promise<T> | T): Promise<readonly T[]> => {
  const out = new Array<T>(n)
  let next = 0
  const worker = async (): Promise<void> => {
    for (let i = next++; i < n; i = next++) out[i] = await one(i)
  }
  await Promise.all(Array.from({ length: Math.min(most, n) }, worker))
  return out
}

/** Lets so many through at once, the others in the order in which they came. */
export const turnstile = (most: number): (<T>(work: () => Promise<T>) => Promise<T>) => {
  let free = most
  const waiting: (() => void)[] = []
  return async (work) => {
    if (free > 0) free--
    else await new Promise<void>((go) => waiting.push(go))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) free++
      else next()
    }
  }
}
