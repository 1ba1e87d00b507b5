// Requirements: E9

import { describe, expect, test } from 'vitest'
import type { InventoryEntry } from '../../runtime/assumption.ts'
import type { Surroundings } from '../../verify/assumptions/problems.ts'
import { inventoryProblems } from '../../verify/assumptions/problems.ts'
import { compareVersions, inRange } from '../../verify/assumptions/range.ts'

const good: InventoryEntry = {
  id: 'a',
  kind: 'driver',
  statement: 'It answers.',
  dependsOn: [{ on: 'package', name: 'pg', range: '^8.13.0' }],
  supports: ['SameBits'],
  failureMode: 'It does not.',
  mitigation: 'None.',
  probe: { by: 'quoin', name: 'ieee-754' },
  expiry: { after: '2027-12-31' },
  usedBy: ['%3'],
}
const around: Surroundings = {
  versions: { pg: '8.23.1' },
  today: '2026-11-22',
  packages: ['pg', 'ora'],
  withoutBearing: { ora: 'shows that something goes on' },
  probes: ['ieee-754'],
  exists: () => true,
  specified: () => true,
}
const found = (entries: readonly Partial<InventoryEntry>[], change: Partial<Surroundings> = {}) =>
  inventoryProblems(
    entries.map((e) => ({ ...good, ...e })),
    { ...around, ...change },
  ).map((p) => `${p.rule} ${p.about}: ${p.message}`)

describe('an inventory', () => {
  test('without fault has none', () => expect(found([{}])).toEqual([]))
  test.each<[string, readonly Partial<InventoryEntry>[], Partial<Surroundings>, readonly string[]]>([
    ['unused', [{ usedBy: [] }], {}, ["unused a: 'a' is used by no node and no other assumption"]],
    ['used by another', [{ restsOn: ['b'] }, { id: 'b', usedBy: [] }], {}, []],
    ['used by a scanner', [{ usedBy: [] }], { named: ['a'] }, []],
    [
      'undeclared',
      [{}],
      { packages: ['pg', 'redis', 'ora'] },
      ["undeclared redis: the package 'redis' is imported, and no assumption depends on it"],
    ],
    [
      'excused in vain',
      [{}],
      { packages: ['pg'] },
      ["unused ora: the package 'ora' is said to have no bearing, and nothing imports it"],
    ],
    ['dangling', [{ restsOn: ['b'] }], {}, ["dangling a: 'a' rests on 'b', which nobody declares"]],
    [
      'dangling with a parameter',
      [{ restsOn: ['driver:*'] }],
      {},
      ["dangling a: 'a' rests on 'driver:*', which nobody declares"],
    ],
    ['a parameter that is met', [{ restsOn: ['driver:*'] }, { id: 'driver:x:y' }], {}, []],
    [
      'without such a property',
      [{ supports: ['Nothing' as 'SameBits'] }],
      {},
      ["dangling a: 'a' supports 'Nothing', which is no property"],
    ],
    ['of no use', [{ supports: [] }], {}, ["dangling a: 'a' supports no property"]],
    ['without such a probe', [{}], { probes: [] }, ["dangling a: 'a' names the probe 'ieee-754', which is not there"]],
    [
      'without such a test',
      [{ probe: { by: 'test', file: 'test/x.ts' } }],
      { exists: (f) => f !== 'test/x.ts' },
      ["dangling a: 'a' names the test test/x.ts, which is not there"],
    ],
    [
      'expired by the day',
      [{}],
      { today: '2028-01-01' },
      ["expired a: 'a' has expired: it was to be looked at after 2027-12-31, and it is 2028-01-01"],
    ],
    ['not yet expired', [{}], { today: '2027-12-31' }, []],
    [
      'expired by a version',
      [{ expiry: { of: 'pg', from: '8.23.0' } }],
      {},
      ["expired a: 'a' has expired: it was to be looked at from pg 8.23.0 on, and 8.23.1 is installed"],
    ],
    [
      'out of range',
      [{}],
      { versions: { pg: '9.0.0' } },
      ["out-of-range a: 'a' is known to hold for pg ^8.13.0, and 9.0.0 is installed"],
    ],
    ['of a package that is not installed', [{}], { versions: {} }, []],
    ['twice', [{}, {}], {}, ["twice a: 'a' is declared twice"]],
    [
      'circular',
      [{ restsOn: ['b'] }, { id: 'b', restsOn: ['a'] }],
      {},
      ["circular a: 'a' rests on itself", "circular b: 'b' rests on itself"],
    ],
    [
      'with a day that is none',
      [{ expiry: { after: '2027-02-30' } }],
      {},
      ["unreadable a: 'a': its expiry '2027-02-30' is no day"],
    ],
    [
      'with a range that is none',
      [{ dependsOn: [{ on: 'package', name: 'pg', range: 'newest' }] }],
      {},
      ["unreadable a: 'a': 'newest' of pg, or '8.23.1', cannot be read"],
    ],
  ])('that is %s', (_, entries, change, expected) => expect(found(entries, change)).toEqual(expected))

  test('is told about properties that rest on nothing that is there', () => {
    const properties = {
      SameBits: {
        statement: 'x',
        heldBy: [
          { by: 'test' as const, at: 'gone.ts' },
          { by: 'spec' as const, at: 'Lifecycle!Gone' },
        ],
        restsOn: ['Gone'],
      },
    }
    expect(found([{}], { properties, exists: () => false, specified: () => false })).toEqual([
      "dangling SameBits: SameBits rests on 'Gone', which is no property",
      'dangling SameBits: SameBits is held by gone.ts, which is not there',
      'dangling SameBits: SameBits is held by Lifecycle!Gone, which is not there',
    ])
  })
})

test.each([
  ['8.23.1', '^8.13.0', true],
  ['9.0.0', '^8.13.0', false],
  ['9.0.0-rc.1', '^8.13.0', false],
  ['8.12.9', '^8.13.0', false],
  ['0.9.1', '^0.9.0', true],
  ['0.10.0', '^0.9.0', false],
  ['0.0.4', '^0.0.3', false],
  ['2.2.9', '~2.2', true],
  ['2.3.0', '~2.2.1', false],
  ['1.5.6-r.1', '>=1.5.6-r.1 <1.6.0', true],
  ['1.5.6-r.2', '>=1.5.6-r.10', false],
  ['1.5.6', '>=1.5.6-r.1', true],
  ['1.5.6-r.1', '1.5.6', false],
  ['26.10.0', '>=24', true],
  ['v26.10.0', '24 || 26', true],
  ['16', '>=13 <16', false],
  ['1.2.3+build', '1.2.3', true],
  ['8.5.0', '>8', false],
  ['1.2.5', '>1.2', false],
  ['1.2.5', '<=1.2', true],
  ['1.4.0', '1.x', true],
  ['2.0.0', '1.x', false],
  ['0.0.1', '*', true],
  ['1.2.9', '1.2.*', true],
  ['1.2.0', '>= 1.2', true],
  ['2.0.0', '1.2 - 2', true],
  ['16.4 (Debian 16.4-1)', '16', undefined],
  ['1.2.3', 'latest', undefined],
  ['one', '1', undefined],
  ['1.0.0', '', undefined],
  ['1.0.0', '1 || what', undefined],
])('%s in %s: %s', (version, range, expected) => expect(inRange(version, range)).toBe(expected))
test('versions have an order', () => {
  const sorted = ['0.9.0', '1.0.0-1', '1.0.0-2', '1.0.0-10', '1.0.0-a', '1.0.0-a.1', '1.0.0', '1.0.1', '1.10.0']
  const shuffled = [...sorted].reverse()
  expect(shuffled.sort((a, b) => compareVersions(a, b)!)).toEqual(sorted)
})
