/** What a misspelt name was probably meant to be, as the end of a message: the nearest of the known ones, or all. */
export const nearest = (name: string, known: readonly string[]): string => {
  const [near] = known.map((k) => ({ k, d: distance(name, k) })).sort((a, b) => a.d - b.d)
  if (near === undefined) return 'there are none'
  return near.d > 2 ? `there are ${known.join(', ')}` : `did you mean ${near.k}?`
}

/** How many letters must change: Levenshtein's distance, row by row. Names beyond reason are not near to anything. */
const distance = (a: string, b: string): number => {
  if (a.length > 100 || b.length > 100) return Number.POSITIVE_INFINITY
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return row[b.length]!
}
