import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Shown } from '../../verify/gate/judge.ts'
import type { Shelf } from '../../verify/gate/project/index.ts'

/** Kept beside what npm installed, where everybody expects what can be thrown away; nowhere else. */
export const shelfIn = (root: string): Shelf => {
  const home = join(root, 'node_modules')
  const folder = join(home, '.cache', 'quoin', 'verify')
  const file = (key: string): string =>
    join(folder, `${createHash('sha256').update(key).digest('hex').slice(0, 32)}.json`)
  return {
    find: (key) => {
      try {
        const kept = JSON.parse(readFileSync(file(key), 'utf8')) as { key: string; shown: Shown; date: string }
        const sound = kept.key === key && kept.shown.outcome === 'holds' && !Number.isNaN(Date.parse(kept.date))
        return sound ? kept : undefined
      } catch {
        return undefined
      }
    },
    keep: (key, shown) => {
      if (!existsSync(home)) return
      try {
        mkdirSync(folder, { recursive: true })
        writeFileSync(file(key), JSON.stringify({ key, shown, date: new Date().toISOString() }))
      } catch {
        // What cannot be kept is looked at again.
      }
    },
  }
}
