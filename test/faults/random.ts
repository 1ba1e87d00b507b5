/** Draws that a number decides, so that a run can be played again from its seed. */
export interface Draws {
  /** From 0 to just below n. */
  readonly below: (n: number) => number
  readonly chance: (p: number) => boolean
  readonly from: <T>(list: readonly T[]) => T
}
export const draws = (seed: number): Draws => {
  let state = (Math.imul(seed, 0x9e3779b1) ^ 0x5bf03635) >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (n: number): number => Math.floor(next() * n)
  return { below, chance: (p) => next() < p, from: (list) => list[below(list.length)]! }
}
