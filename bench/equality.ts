type Numbers = ArrayLike<number>

/** The first place where two results differ in more than `tolerance`, in words; undefined where there is none. */
export const differsBy =
  (tolerance: number) =>
  (ours: Numbers, theirs: Numbers): string | undefined => {
    if (ours.length !== theirs.length) return `${ours.length} values and ${theirs.length}`
    for (let i = 0; i < ours.length; i++) {
      const [a, b] = [ours[i]!, theirs[i]!]
      if (!same(a, b, tolerance)) return `${a} and ${b} at ${i}`
    }
    return undefined
  }

/** Relative to the larger value, absolute below 1. Without a tolerance -0 and 0 differ, and NaN equals NaN. */
const same = (a: number, b: number, tolerance: number): boolean =>
  Object.is(a, b) || (tolerance > 0 && Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a), Math.abs(b)))

/** The same bits, where every NaN counts as the same. */
export const differsInBits = differsBy(0)
