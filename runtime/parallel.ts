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
