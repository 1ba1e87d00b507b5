import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { specifiersIn } from '../../verify/scan/imports.ts'

const skipped = new Set(['node_modules', 'dist', 'coverage'])
const module = /(?<!\.d)\.(?:ts|mts|js|mjs)$/
const usesQuoin = (text: string): boolean => /(?:from|import)\s*\(?['"]quoin['"]/.test(text)
const passesOn = (text: string): boolean => /^\s*export\s[^;'"]*\bfrom\s*['"]quoin['"]/m.test(text)
const hasDefault = (text: string): boolean => /^export default |^export\s*\{[^}]*\bas default\b/m.test(text)
/** A graph as JSON begins with what it is. */
const looksLikeDocument = (head: string): boolean => /^\s*\{\s*"quoin"\s*:\s*\d+\s*,\s*"numerics"/.test(head)

export interface Found {
  readonly graphs: readonly string[]
  readonly artefacts: readonly string[]
  /** Modules that use Quoin and are no graph files as far as can be seen; they are not loaded. */
  readonly others: readonly string[]
}
/**
 * Graph files and artefacts below a directory. A graph file says that it imports Quoin, or a module of the project that
 * passes it on, and has a default export; only such files are run, and no test or entry is.
 */
export const filesBelow = (root: string): Found => {
  const documents: string[] = []
  const artefacts: string[] = []
  const texts = new Map<string, string>()
  const open = [root]
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) {
        if (entry.name.endsWith('.quoin')) artefacts.push(path)
        else if (!entry.name.startsWith('.') && !skipped.has(entry.name)) open.push(path)
      } else if (entry.isFile()) {
        if (entry.name.endsWith('.json') && looksLikeDocument(headOf(path))) documents.push(path)
        if (module.test(entry.name) && !/\.(?:test|spec|config)\.\w+$/.test(entry.name))
          texts.set(path, readFileSync(path, 'utf8'))
      }
    }
  }
  const uses = usersOf(texts)
  const graphs = [...uses].filter((path) => hasDefault(texts.get(path)!))
  return {
    graphs: [...graphs, ...documents].sort(),
    artefacts: artefacts.sort(),
    others: [...uses].filter((path) => !graphs.includes(path)).sort(),
  }
}
/** Modules that import Quoin, or import a module that passes it on. */
const usersOf = (texts: ReadonlyMap<string, string>): ReadonlySet<string> => {
  const passing = new Set([...texts].filter(([, text]) => passesOn(text)).map(([path]) => path))
  const uses = new Set([...texts].filter(([, text]) => usesQuoin(text)).map(([path]) => path))
  if (passing.size === 0) return uses
  for (const [path, text] of texts) {
    if (!/(?:from|import)\s*['"]\./.test(text)) continue
    const to = specifiersIn(path, text).filter((s) => s.startsWith('.'))
    if (to.some((s) => passing.has(join(dirname(path), s)))) uses.add(path)
  }
  return uses
}
/** Data may be large, and only its beginning is asked for. */
const headOf = (path: string): string => {
  const head = Buffer.alloc(100)
  const file = openSync(path, 'r')
  try {
    return head.toString('latin1', 0, readSync(file, head, 0, head.length, 0))
  } finally {
    closeSync(file)
  }
}
