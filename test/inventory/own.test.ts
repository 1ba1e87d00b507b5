import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { properties } from '../../runtime/properties.ts'
import { assumptionsOf, means, propertiesOf } from '../../verify/assumptions/closure.ts'
import { ownAssumptions, withoutBearing } from '../../verify/assumptions/own.ts'
import { inventoryProblems } from '../../verify/assumptions/problems.ts'
import { inRange } from '../../verify/assumptions/range.ts'
import { installedVersions, lockedVersions, packagesIn, specified } from '../../verify/assumptions/versions.ts'
import { ownAllowances } from '../../verify/scan/own.ts'
import { ownSources } from '../../verify/scan/tree.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const read = (file: string): string => readFileSync(join(root, file), 'utf8')
const own = ownAssumptions()

/** The day on which this inventory was looked through; `quoin assumptions --check` takes the day it is run. */
const lookedAt = '2026-11-22'

test('the inventory of Quoin is complete and current: installed versions, files, specifications', () => {
  const versions = installedVersions(own, root)
  const packages = packagesIn(ownSources(root))
  expect(packages).toEqual(expect.arrayContaining(['pg', 'binaryen', 'io-ts', '@duckdb/node-api']))
  // All packages are there, so that no range is passed over.
  const named = own.flatMap((a) => a.dependsOn.flatMap((d) => (d.on === 'package' ? [d.name] : [])))
  expect([...new Set(named)].filter((n) => versions[n] === undefined)).toEqual([])
  const problems = inventoryProblems(own, {
    versions,
    today: lookedAt,
    packages,
    withoutBearing,
    exists: (file) => existsSync(join(root, file)),
    specified: specified(root),
  })
  expect(problems.map((p) => p.message)).toEqual([])
})

test('what the lock file pins lies in the ranges as well', () => {
  const locked = lockedVersions(read('package-lock.json'))
  expect(locked.pg).toMatch(/^8\./)
  expect(inventoryProblems(own, { versions: locked, today: lookedAt }).map((p) => p.message)).toEqual([])
})

test('package.json promises no version outside of the ranges that inventories name', () => {
  const { peerDependencies, dependencies, engines } = JSON.parse(read('package.json')) as Record<
    string,
    Readonly<Record<string, string>>
  >
  const least: Readonly<Record<string, string>> = { ...peerDependencies, ...dependencies, ...engines }
  const wrong = own.flatMap((a) =>
    a.dependsOn.flatMap((d) => {
      const promised = d.on === 'part' ? undefined : least[d.name]?.replace(/^[\^~]|^>=/, '')
      // The least version a user may have has to be one of which something is known.
      return promised === undefined || d.on === 'part' || inRange(promised, d.range) === true
        ? []
        : [`${a.id}: ${d.name} ${promised} is not in ${d.range}`]
    }),
  )
  expect(wrong).toEqual([])
})

test('allowances of scanners name assumptions that are there', () =>
  expect(ownAllowances.filter((a) => a.assumption !== undefined && !own.some((o) => o.id === a.assumption))).toEqual(
    [],
  ))

test('every property says what holds it, and every assumption leads to what users are promised or to a protocol', () => {
  for (const [name, p] of Object.entries(properties)) expect([name, p.heldBy.length > 0]).toEqual([name, true])
  const tops = ['SameMeaning', 'AuthorityIsKept', 'WritesHappenOnce', 'BuildsAreLegal', 'TimeLimitsHold']
  const reached = new Set(tops.flatMap((t) => assumptionsOf(t, own).map((a) => a.id)))
  expect(reached.size).toBeGreaterThan(30)
  expect(own.filter((a) => propertiesOf(a.id, own).length === 0)).toEqual([])
})

test('both ways are one: an assumption is among those of a property where the property is among its own', () => {
  for (const property of Object.keys(properties)) {
    const down = own.filter((a) => propertiesOf(a.id, own).includes(property)).map((a) => a.id)
    expect(assumptionsOf(property, own).map((a) => a.id)).toEqual(down)
  }
})

test('what is known of a property is what rests on it, transitively', () => {
  const ids = (p: string): readonly string[] => assumptionsOf(p, own).map((a) => a.id)
  // By the property below, by what entries rest on, and by both.
  expect(ids('SameMeaning')).toEqual(expect.arrayContaining(['hardware', 'postgres.wire', 'sql.grammar', 'solver']))
  expect(ids('SameBits')).toEqual(expect.arrayContaining(['ieee-754', 'wasm-engine', 'hardware']))
  expect(ids('SameBits')).not.toContain('postgres.wire')
  expect(ids('BatchAnswersAsMembers')).toContain('sql-driver:*')
  expect(propertiesOf('hardware', own)).toContain('SameMeaning')
  expect(propertiesOf('random.source', own)).toEqual(['OraclesAreIndexed'])
  expect([means('a:*', 'a:b:c'), means('a', 'a:b'), means('a:b', 'a:*'), means('b:*', 'a:b')]).toEqual([
    true,
    false,
    true,
    false,
  ])
})
