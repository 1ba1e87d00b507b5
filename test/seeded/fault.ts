/** A mistake put into the code on purpose: one text of one file replaced by another. */
export interface Fault {
  readonly file: string
  /** Stands in the file exactly once. */
  readonly from: string
  readonly to: string
  /** What it breaks, in a sentence. */
  readonly about: string
  /** The smallest test files that must fail. */
  readonly tests: readonly string[]
  /** Why no test can tell it from the right code; it still counts against the score. */
  readonly survives?: string
}

/** The file with the fault in it; a fault that no longer applies is an error, not a pass. */
export const seeded = (text: string, { file, from, to, about }: Fault): string => {
  const found = text.split(from).length - 1
  if (found !== 1) throw new Error(`${file}: the text of '${about}' stands there ${found} times, not once`)
  if (from === to) throw new Error(`${file}: '${about}' changes nothing`)
  return text.replace(from, () => to)
}
