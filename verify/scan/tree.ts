import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Sources } from './scan.ts'

/** What is never a source of the project itself: what was installed, generated artefacts, types alone. */
const never = ['**/node_modules/**', '**/*.quoin/**', '**/dist/**', '**/*.d.ts', '**/*.d.mts', '**/*.d.cts']

/** The sources below a directory that match the patterns, tests left out unless they are named. */
export const readSources = (
  root: string,
  patterns: readonly string[] = ['**/*.{ts,mts,cts,tsx,js,mjs,cjs,jsx}'],
  except: readonly string[] = ['**/*.test.*', '**/test/**', '**/tests/**'],
): Sources =>
  Object.fromEntries(
    globSync([...patterns], { cwd: root, exclude: [...never, ...except] })
      .map((path) => path.replaceAll('\\', '/'))
      .sort()
      .map((path) => [path, readFileSync(join(root, path), 'utf8')]),
  )

/** The files of Quoin that are published; `root` is the folder of this package. */
export const ownSources = (root: string): Sources =>
  readSources(root, ['*.ts', '{graph,passes,codegen,runtime,verify,cli}/**/*.ts'], ['*.config.ts'])
