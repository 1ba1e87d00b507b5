import { readdirSync, readFileSync } from 'node:fs'

/** A file that has to be right for an optimised graph to be right, with its lines of code. */
export interface Trusted {
  readonly file: string
  /** Lines that are neither blank nor comment. */
  readonly lines: number
}

/**
 * What is trusted of the optimiser: the checkers, and what laws mean (their conditions and attribute functions; that the
 * laws themselves hold is proved). They stand on `graph`, which is what graphs mean.
 */
export const trustedLines = (): { readonly files: readonly Trusted[]; readonly total: number } => {
  const files = [...filesOf('check'), ...filesOf('laws', ['attributes', 'conditions', 'index', 'term', 'value'])]
  return { files, total: files.reduce((n, f) => n + f.lines, 0) }
}
const filesOf = (folder: string, only?: readonly string[]): readonly Trusted[] => {
  const url = new URL(`./${folder}/`, import.meta.url)
  return readdirSync(url)
    .filter((f) => /\.(?:ts|js)$/.test(f) && !f.endsWith('.d.ts'))
    .filter((f) => only === undefined || only.includes(f.replace(/\.[tj]s$/, '')))
    .sort()
    .map((f) => ({ file: `passes/${folder}/${f}`, lines: codeLines(readFileSync(new URL(f, url), 'utf8')) }))
}
const codeLines = (text: string): number =>
  text
    .replace(/\/\*\*[\s\S]*?\*\//g, '')
    .split('\n')
    .filter((l) => l.trim() !== '' && !l.trim().startsWith('//')).length
