/**
 * Whether a version lies in a range, as npm writes ranges: `28.0.0`, `^8.12.4`, `~2.2`, `>=13 <19`, `1 || 2`. Unlike there,
 * a version with a suffix (`1.5.6-r.1`) is one like others, just before the one without. Undefined where either cannot be
 * read.
 *
 *     inRange('8.23.1', '>=8.13 <8.24') // true
 */
export const inRange = (version: string, range: string): boolean | undefined => {
  const v = parsed(version)
  if (v === undefined || range.trim() === '') return undefined
  const answers = range.split('||').map((part) => within(v, part))
  return answers.includes(undefined) ? undefined : answers.includes(true)
}
/** Which of two versions comes first: below, at or above 0. Undefined where one cannot be read. */
export const compareVersions = (a: string, b: string): number | undefined => {
  const [x, y] = [parsed(a), parsed(b)]
  return x === undefined || y === undefined ? undefined : compare(x, y)
}

interface Version {
  readonly numbers: readonly [number, number, number]
  /** How many of them were written. */
  readonly said: number
  readonly suffix: readonly string[]
}
const shape = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/
const parsed = (text: string): Version | undefined => {
  const m = shape.exec(text.trim())
  if (m === null) return undefined
  const [, a, b, c, suffix] = m
  const said = c !== undefined ? 3 : b !== undefined ? 2 : 1
  return { numbers: [Number(a), Number(b ?? 0), Number(c ?? 0)], said, suffix: suffix?.split('.') ?? [] }
}

const within = (v: Version, part: string): boolean | undefined => {
  const words = part.trim().split(/\s+/)
  const answers = words.map((word) => {
    const [, sign, text] = /^(\^|~|>=|<=|>|<|=)?(.*)$/.exec(word)!
    const bound = parsed(text!)
    return bound === undefined ? undefined : holds(v, sign, bound)
  })
  return answers.includes(undefined) ? undefined : answers.every((a) => a === true)
}
const holds = (v: Version, sign: string | undefined, bound: Version): boolean => {
  const c = compare(v, bound)
  const [major, minor, patch] = bound.numbers
  switch (sign) {
    case '>=':
      return c >= 0
    case '<=':
      return c <= 0
    case '>':
      return c > 0
    case '<':
      return c < 0
    case '~':
      return c >= 0 && compare(v, next(bound.said === 1 ? [major + 1, 0, 0] : [major, minor + 1, 0])) < 0
    case '^': {
      const free = major > 0 || bound.said === 1
      const to = free ? [major + 1, 0, 0] : minor > 0 || bound.said === 2 ? [0, minor + 1, 0] : [0, 0, patch + 1]
      return c >= 0 && compare(v, next(to as [number, number, number])) < 0
    }
    default:
      return bound.said === 3 ? c === 0 : bound.numbers.slice(0, bound.said).every((n, i) => n === v.numbers[i])
  }
}
/** Before everything of that version: what it names with a suffix is outside as well. */
const next = (numbers: readonly [number, number, number]): Version => ({ numbers, said: 3, suffix: ['0'] })

const compare = (a: Version, b: Version): number => {
  for (const i of [0, 1, 2] as const) if (a.numbers[i] !== b.numbers[i]) return a.numbers[i] - b.numbers[i]
  if (a.suffix.length === 0 || b.suffix.length === 0) return b.suffix.length - a.suffix.length
  for (let i = 0; i < Math.max(a.suffix.length, b.suffix.length); i++) {
    const [x, y] = [a.suffix[i], b.suffix[i]]
    if (x === undefined || y === undefined) return x === undefined ? -1 : 1
    if (x === y) continue
    const [n, m] = [/^\d+$/.test(x), /^\d+$/.test(y)]
    if (n && m) return Number(x) - Number(y)
    return n !== m ? (n ? -1 : 1) : x < y ? -1 : 1
  }
  return 0
}
