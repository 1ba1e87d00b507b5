import { compare, satisfies, valid, validRange } from 'semver'

/**
 * Whether a version lies in a range, as npm writes ranges: `28.0.0`, `^8.12.4`, `1.x`, `>=13 <19`, `1 || 2`. A version with a
 * suffix (`1.5.6-r.1`) is one like others, just before the one without. Undefined where either cannot be read.
 *
 *     inRange('8.23.1', '>=8.13 <8.24') // true
 */
export const inRange = (version: string, range: string): boolean | undefined => {
  if (range.trim() === '' || validRange(range) === null || whole(version) === undefined) return undefined
  return satisfies(whole(version)!, range, { includePrerelease: true })
}
/** Which of two versions comes first: below, at or above 0. Undefined where one cannot be read. */
export const compareVersions = (a: string, b: string): number | undefined => {
  const [x, y] = [whole(a), whole(b)]
  return x === undefined || y === undefined ? undefined : compare(x, y)
}

/** Programs say `18` or `16.4` where packages say all three numbers. */
const whole = (text: string): string | undefined => {
  const m = /^\s*(v?\d+)(\.\d+)?(\.\d+)?(.*)$/s.exec(text)
  return m === null ? undefined : (valid(`${m[1]}${m[2] ?? '.0'}${m[3] ?? '.0'}${m[4]}`) ?? undefined)
}
