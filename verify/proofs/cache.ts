import { readFileSync, writeFileSync } from 'node:fs'
import type { Obligation } from './obligations.ts'
import { hashOf, obligations } from './obligations.ts'

/** Hashes of what was proved, by obligation: the file is committed, so that only what changes is proved again. */
export type Cache = Readonly<Record<string, string>>
const file = new URL('./cache.json', import.meta.url)
const manifest = new URL('../../package.json', import.meta.url)

export const readCache = (): Cache => JSON.parse(readFileSync(file, 'utf8')) as Cache
export const writeCache = (cache: Cache): void => {
  const sorted = Object.entries(cache).sort(([a], [b]) => (a < b ? -1 : 1))
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`)
}
/** The solver the lock file pins: the hash changes with it. */
export const solverName = (): string => {
  const { devDependencies } = JSON.parse(readFileSync(manifest, 'utf8')) as {
    devDependencies: Readonly<Record<string, string>>
  }
  return `z3-solver ${devDependencies['z3-solver']}`
}

export const asked = (): readonly Obligation[] => obligations.filter((o) => o.by === 'smt')
/** Obligations without a proof of what they say now. */
export const open = (cache: Cache, solver = solverName()): readonly Obligation[] =>
  asked().filter((o) => cache[o.id] !== hashOf(o, solver))
/** Proofs of what nobody asks any more. */
export const idle = (cache: Cache): readonly string[] => {
  const ids = new Set(asked().map((o) => o.id))
  return Object.keys(cache).filter((id) => !ids.has(id))
}
