/** What a scanner looks for; `scan` documents each. */
export const rules = [
  'outside-call',
  'relaxed-simd',
  'inexact-math',
  'foreign-code',
  'dynamic-code',
  'clock',
  'randomness',
  'generated-effect',
  'unreadable',
  'unused-allowance',
] as const
export type Rule = (typeof rules)[number]

/** Something in a source file, or in generated code, that the inventory of assumptions knows nothing of. */
export interface Finding {
  readonly rule: Rule
  /** From the root that was scanned, with forward slashes. */
  readonly file: string
  /** From 1, as editors count. */
  readonly line: number
  /** From 1, in UTF-16 units, as SARIF and editors count. */
  readonly column: number
  readonly message: string
  /** What to do about it. */
  readonly remedy: string
}

/** The order in which findings are told: by file, then by place. */
export const inOrder = (a: Finding, b: Finding): number =>
  a.file === b.file ? a.line - b.line || a.column - b.column || (a.rule < b.rule ? -1 : 1) : a.file < b.file ? -1 : 1

/** As compilers write it, so that editors and terminals make it a link. */
export const findingText = (f: Finding): string =>
  `${f.file}:${f.line}:${f.column} ${f.rule}: ${f.message}\n  fix: ${f.remedy}`
