import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'

const skipped = new Set(['node_modules', 'dist', 'coverage'])
const module = /(?<!\.d)\.(?:ts|mts|js|mjs)$/
/** A graph file says that it imports Quoin and exports something; only such files are run, and no test or entry is. */
const looksLikeGraph = (text: string): boolean =>
  /(?:from|import)\s*\(?['"]quoin['"]/.test(text) && /^export default |^export\s*\{[^}]*\bas default\b/m.test(text)
/** A graph as JSON begins with what it is. */
const looksLikeDocument = (head: string): boolean => /^\s*\{\s*"quoin"\s*:\s*\d+\s*,\s*"numerics"/.test(head)

export interface Found {
  readonly graphs: readonly string[]
  readonly artefacts: readonly string[]
}
/** Graph files and artefacts below a directory. */
export const filesBelow = (root: string): Found => {
  const graphs: string[] = []
  const artefacts: string[] = []
  const open = [root]
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    for (const entry of readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) {
        if (entry.name.endsWith('.quoin')) artefacts.push(path)
        else if (!entry.name.startsWith('.') && !skipped.has(entry.name)) open.push(path)
      } else if (entry.isFile() && isGraph(path, entry.name)) graphs.push(path)
    }
  }
  return { graphs: graphs.sort(), artefacts: artefacts.sort() }
}
const isGraph = (path: string, name: string): boolean => {
  if (name.endsWith('.json')) return looksLikeDocument(headOf(path))
  return module.test(name) && !/\.(?:test|spec|config)\.\w+$/.test(name) && looksLikeGraph(readFileSync(path, 'utf8'))
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
