import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A copy of a source tree that may be spoilt. */
export interface Copy {
  readonly root: string
  readonly write: (file: string, text: string) => void
  /** Puts a file back as it is in the original. */
  readonly restore: (file: string) => void
  readonly remove: () => void
}

/** What a checkout holds: known to git, or new and not ignored. */
const filesOf = (root: string): readonly string[] =>
  execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  })
    .split('\0')
    .filter((f) => f !== '' && existsSync(join(root, f)))

/** Copies the sources; what is installed is shared by a link. */
export const copyOf = (root: string, files: readonly string[] = filesOf(root)): Copy => {
  const to = mkdtempSync(join(realpathSync(tmpdir()), 'quoin-seeded-'))
  const restore = (file: string): void => copyFileSync(join(root, file), join(to, file))
  for (const folder of new Set(files.map(dirname))) mkdirSync(join(to, folder), { recursive: true })
  for (const f of files) restore(f)
  symlinkSync(realpathSync(join(root, 'node_modules')), join(to, 'node_modules'))
  return {
    root: to,
    restore,
    write: (file, text) => writeFileSync(join(to, file), text),
    remove: () => rmSync(to, { recursive: true, force: true }),
  }
}
