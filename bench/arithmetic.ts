/** The arithmetic of a comparison, apart from any clock, so that it can be tested with made-up times. */

/** Linear interpolation between the nearest ranks, as R's default and NumPy's. */
export const quantile = (values: readonly number[], q: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (sorted.length - 1) * q
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]]
  return low === undefined || high === undefined ? Number.NaN : low + (high - low) * (at - Math.floor(at))
}

export const median = (values: readonly number[]): number => quantile(values, 0.5)

export type Summary = {
  /** Median over the rounds of ours ÷ theirs: below 1 is better for times. */
  readonly ratio: number
  /** Distance between the quartiles of those ratios: half of all rounds lie within it. */
  readonly spread: number
  /** Rounds. */
  readonly n: number
  /** Medians, in the unit of the workload. */
  readonly ours: number
  readonly theirs: number
}

/**
 * Compares round by round: the two samples of one round were taken next to each other, so what slowed the machine down
 * slowed both, and their ratio is steadier than the ratio of two medians.
 */
export const summarise = (ours: readonly number[], theirs: readonly number[]): Summary => {
  const ratios = ours.slice(0, theirs.length).map((time, round) => time / theirs[round]!)
  return {
    ratio: median(ratios),
    spread: quantile(ratios, 0.75) - quantile(ratios, 0.25),
    n: ratios.length,
    ours: median(ours),
    theirs: median(theirs),
  }
}
