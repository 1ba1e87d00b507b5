import { readdirSync, readFileSync } from 'node:fs'

/** A file that has to be right for an optimised graph to be right, with its lines of code. */
export interface Trusted {
  readonly file: string
  /** Lines that are neither blank nor comment. */
  readonly lines: number
}

/** What is trusted of the optimiser: the checkers, and nothing else. They stand on `graph`, which is what graphs mean. */
export const trustedLines = (): { readonly files: readonly Trusted[]; readonly total: number } => {
  const folder = new URL('./check/', import.meta.url)
  const files = readdirSync(folder)
    .filter((f) => /\.(?:ts|js)$/.test(f) && !f.endsWith('.d.ts'))
    .sort()
    .map((f) => ({ file: `passes/check/${f}`, lines: codeLines(readFileSync(new URL(f, folder), 'utf8')) }))
  return { files, total: files.reduce((n, f) => n + f.lines, 0) }
}
const codeLines = (text: string): number =>
  text
    .replace(/\/\*\*[\s\S]*?\*\//g, '')
    .split('\n')
    .filter((l) => l.trim() !== '' && !l.trim().startsWith('//')).length
