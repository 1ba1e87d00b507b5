import { describe, expect, test } from 'vitest'
import { arrowViolations, contracts, homeless } from './rules/arrows.ts'
import { cycleViolations, reachViolations } from './rules/cycles.ts'
import { parse, readModules } from './rules/imports.ts'
import { lockViolations } from './rules/lock.ts'
import { idleExceptions, sizeViolations } from './rules/size.ts'
import { entries, lockFile, sources } from './sources.ts'

/** What compiles code or speaks to a database, and what the runtime must therefore live without. */
const heavy = [
  'binaryen',
  'ts-morph',
  '@duckdb/node-api',
  'libpg-query',
  'typescript',
  'undici',
  'redis',
  'pg',
  'dataloader',
]

describe('the shape of this repository', () => {
  const modules = readModules(parse(sources), entries)

  test('there are files to look at', () => expect(modules.length).toBeGreaterThan(10))
  test('every file lies in a room', () => expect(homeless(Object.keys(sources))).toEqual([]))
  test('imports follow the arrows', () => expect(arrowViolations(modules)).toEqual([]))
  test('no files import each other in a circle', () => expect(cycleViolations(modules)).toEqual([]))
  test.each(['runtime/index.ts', ...contracts])('%s reaches no compiler and no database', (entry) =>
    expect(reachViolations(modules, entry, heavy)).toEqual([]),
  )
  test('files stay short', () => expect(sizeViolations(sources)).toEqual([]))
  test('no file is excused from staying short that is short', () => expect(idleExceptions(sources)).toEqual([]))
  test('the lock file is complete and names no address', () => expect(lockViolations(lockFile)).toEqual([]))
  test.each(['linux-x64', 'linux-arm64', 'bin-darwin-arm64', 'win-x64'])('the lock file pins Node for %s', (platform) =>
    expect(JSON.parse(lockFile).packages[`node_modules/node-${platform}`].integrity).toMatch(/^sha512-/),
  )
})
