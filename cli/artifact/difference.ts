/** Where two files first differ: a line of text, or a byte. */
export interface Difference {
  readonly place: string
  /** Of a text. */
  readonly line?: number
  readonly is: string
  readonly should: string
}

/** The first line that differs, both as they are; undefined where the texts are equal. */
export const textDifference = (is: string, should: string): Difference | undefined => {
  if (is === should) return undefined
  const [a, b] = [is.split('\n'), should.split('\n')]
  const at = a.findIndex((line, i) => line !== b[i])
  const line = at < 0 ? a.length : at
  return { place: `line ${line + 1}`, line: line + 1, is: shown(a[line]), should: shown(b[line]) }
}
const shown = (line: string | undefined): string => {
  if (line === undefined) return '(the file ends here)'
  // What cannot be seen cannot be found: a carriage return, spaces at the end.
  const text = line.replace(/\r$/, '␍').replace(/ +$/, (spaces) => '·'.repeat(spaces.length))
  return text.length > 160 ? `${text.slice(0, 159)}…` : text
}

export const byteDifference = (is: Uint8Array, should: Uint8Array): Difference | undefined => {
  const n = Math.max(is.length, should.length)
  for (let i = 0; i < n; i++)
    if (is[i] !== should[i]) return { place: `byte ${i}`, is: hex(is[i]), should: hex(should[i]) }
  return undefined
}
const hex = (b: number | undefined): string =>
  b === undefined ? '(the file ends here)' : `0x${b.toString(16).padStart(2, '0')}`
