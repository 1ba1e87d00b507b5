import type { Value } from '../graph/values.ts'

/** Text that is equal exactly for arguments no query can tell apart: -0 and 0, 1 and 1n are different. */
export const keyOf = (values: readonly Value[]): string =>
  values.length === 1 ? part(values[0]) : values.map(part).join('\u0000')

/** What stands for arguments where all keys are of one type: a number is looked up faster than a bigint or a text. */
export type Key = string | number | bigint
export const keyIn = (values: readonly Value[]): Key => {
  const [v] = values
  if (values.length !== 1 || typeof v !== 'bigint') return keyOf(values)
  const n = Number(v)
  return Number.isSafeInteger(n) ? n : v
}

const part = (v: unknown): string => {
  if (Object.is(v, -0)) return 'n-0'
  switch (typeof v) {
    case 'number':
      return `n${v}`
    case 'bigint':
      return `i${v}`
    case 'boolean':
      return `b${v}`
    case 'string':
      return `s${v.length}:${v}`
    default:
      break
  }
  if (v === null || v === undefined) return '_'
  if (ArrayBuffer.isView(v)) return `y${Array.from(v as unknown as ArrayLike<unknown>, part).join()}`
  if (Array.isArray(v)) return `a[${v.map(part).join()}]`
  return `o{${Object.entries(v as object)
    .map(([k, x]) => `${k.length}:${k}=${part(x)}`)
    .join()}}`
}
