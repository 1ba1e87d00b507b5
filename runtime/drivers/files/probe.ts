import { randomBytes } from 'node:crypto'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Probed } from '../../assumption.ts'
import type { Context } from '../../driver.ts'
import { probed } from '../probing.ts'
import { replaceFile } from './replace.ts'

/** Replaces a file of its own below the root, looks at it meanwhile, and takes it away. */
export const probe = (root: string, context: Context): Promise<readonly Probed[]> =>
  probed(
    [
      {
        assumption: 'files.rename-is-atomic',
        fix: 'choose a root on a local file system that this process may write to',
        look: async () => {
          const name = `.quoin-probe-${randomBytes(8).toString('hex')}`
          const place = join(root, name)
          const [before, after] = ['a'.repeat(100_000), 'b'.repeat(100_000)]
          try {
            await writeFile(place, before)
            let over = false
            const done = replaceFile(place, after, context.signal, { renaming: false }).finally(() => {
              over = true
            })
            const odd = new Set<string>()
            for (;;) {
              const seen = await readFile(place, 'utf8')
              if (seen !== before && seen !== after) odd.add(`${seen.length} bytes`)
              if (over) break
            }
            await done
            const whole = (await readFile(place, 'utf8')) === after && odd.size === 0
            const left = (await readdir(root)).filter((f) => f.startsWith('.quoin-') && f.endsWith('.tmp'))
            return {
              ok: whole && left.length === 0,
              found: whole ? `a file was replaced as a whole, ${left.length} left beside it` : 'a part was seen',
            }
          } finally {
            await rm(place, { force: true })
          }
        },
      },
    ],
    context,
  )
