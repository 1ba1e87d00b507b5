import type { Assumption } from '../../runtime/assumption.ts'
import { properties as registered } from '../../runtime/properties.ts'
import type { Properties } from './closure.ts'
import { means } from './closure.ts'
import { compareVersions, inRange } from './range.ts'

/** Something wrong with an inventory. */
export interface InventoryProblem {
  readonly rule: 'unused' | 'undeclared' | 'dangling' | 'expired' | 'out-of-range' | 'twice' | 'circular' | 'unreadable'
  /** The assumption, property or package it is about. */
  readonly about: string
  readonly message: string
  readonly remedy: string
}

/** What an inventory is held against. All of it is data, so that the check is a function of what it is given. */
export interface Surroundings {
  /** Versions by name, as installed: of packages, and of programs where they are known. */
  readonly versions: Readonly<Record<string, string>>
  /** The day, as 2026-11-22. */
  readonly today: string
  /** Packages that are imported where answers are made. */
  readonly packages?: readonly string[]
  /** Packages on which nothing rests, with the reason. */
  readonly withoutBearing?: Readonly<Record<string, string>>
  /** Ids that something outside of the inventory names: allowances of scanners. */
  readonly named?: readonly string[]
  /** Names of probes of `verify/probes`. */
  readonly probes?: readonly string[]
  /** Whether a file is there, for test files and evidence; nothing is said of them where it is left out. */
  readonly exists?: (file: string) => boolean
  /** Whether a specification has a property, as `Lifecycle!CanRun`. */
  readonly specified?: (property: string) => boolean
  readonly properties?: Properties
}

type Entry = Assumption & { readonly usedBy?: 'everything' | readonly string[] }

/**
 * Whether an inventory is complete and current: nothing unused, undeclared, dangling or expired, and every dependency
 * inside its range.
 *
 *     const wrong = inventoryProblems(ownAssumptions(), { versions: { node: '26.10.0' }, today: '2026-11-22' })
 */
export const inventoryProblems = (inventory: readonly Entry[], s: Surroundings): readonly InventoryProblem[] => {
  const properties = s.properties ?? registered
  return [
    ...twice(inventory),
    ...inventory.flatMap((a) => [
      ...dangling(a, inventory, properties, s),
      ...expired(a, s),
      ...outOfRange(a, s),
      ...(isUsed(a, inventory, s) ? [] : [unused(a.id)]),
    ]),
    ...circular(inventory),
    ...undeclared(inventory, s),
    ...Object.entries(properties).flatMap(([name, p]) => danglingProperty(name, p, properties, s)),
  ]
}

const twice = (inventory: readonly Entry[]): readonly InventoryProblem[] =>
  inventory
    .filter((a, i) => inventory.findIndex((b) => b.id === a.id) !== i)
    .map(({ id }) => ({
      rule: 'twice',
      about: id,
      message: `'${id}' is declared twice`,
      remedy: 'keep one of them, or give the other an id of its own',
    }))

const isUsed = (a: Entry, inventory: readonly Entry[], { named = [] }: Surroundings): boolean =>
  a.usedBy === undefined ||
  a.usedBy.length > 0 ||
  named.includes(a.id) ||
  inventory.some((b) => b.restsOn?.some((r) => means(r, a.id)))
const unused = (id: string): InventoryProblem => ({
  rule: 'unused',
  about: id,
  message: `'${id}' is used by no node and no other assumption`,
  remedy: 'remove it, or say what needs it',
})

const danglingTo = (about: string, message: string, remedy: string): InventoryProblem => ({
  rule: 'dangling',
  about,
  message,
  remedy,
})
const dangling = (
  a: Entry,
  inventory: readonly Entry[],
  properties: Properties,
  s: Surroundings,
): readonly InventoryProblem[] => [
  ...(a.restsOn ?? [])
    .filter((r) => !inventory.some((b) => b !== a && means(r, b.id)))
    // What compiled graphs and drivers rest on beyond themselves is in Quoin's own inventory.
    .filter((r) => !(s.named ?? []).some((n) => means(r, n)))
    .map((r) =>
      danglingTo(a.id, `'${a.id}' rests on '${r}', which nobody declares`, `declare '${r}', or correct its name`),
    ),
  ...a.supports
    .filter((p) => !Object.hasOwn(properties, p))
    .map((p) =>
      danglingTo(a.id, `'${a.id}' supports '${p}', which is no property`, 'name one of runtime/properties.ts'),
    ),
  ...(a.supports.length > 0
    ? []
    : [danglingTo(a.id, `'${a.id}' supports no property`, 'name the property that would not hold without it')]),
  ...(a.probe.by === 'quoin' && s.probes !== undefined && !s.probes.includes(a.probe.name)
    ? [danglingTo(a.id, `'${a.id}' names the probe '${a.probe.name}', which is not there`, 'name one of verify/probes')]
    : []),
  ...(a.probe.by === 'test' && s.exists?.(a.probe.file) === false
    ? [danglingTo(a.id, `'${a.id}' names the test ${a.probe.file}, which is not there`, 'name the file that tries it')]
    : []),
]
const danglingProperty = (
  name: string,
  { heldBy, restsOn = [] }: Properties[string],
  properties: Properties,
  { exists, specified }: Surroundings,
): readonly InventoryProblem[] => [
  ...restsOn
    .filter((p) => !Object.hasOwn(properties, p))
    .map((p) => danglingTo(name, `${name} rests on '${p}', which is no property`, 'correct runtime/properties.ts')),
  ...heldBy
    .filter(({ by, at }) => (by === 'spec' ? specified?.(at) === false : exists?.(at) === false))
    .map(({ at }) => danglingTo(name, `${name} is held by ${at}, which is not there`, 'correct runtime/properties.ts')),
]

const expired = (a: Entry, { today, versions }: Surroundings): readonly InventoryProblem[] => {
  const tell = (why: string): readonly InventoryProblem[] => [
    {
      rule: 'expired',
      about: a.id,
      message: `'${a.id}' has expired: ${why}`,
      remedy: 'look whether it still holds (its probe, its failure mode), then move its expiry',
    },
  ]
  if ('after' in a.expiry) {
    if (!isDay(a.expiry.after)) return [unreadable(a.id, `its expiry '${a.expiry.after}' is no day`)]
    return today > a.expiry.after ? tell(`it was to be looked at after ${a.expiry.after}, and it is ${today}`) : []
  }
  const { of, from } = a.expiry
  const version = versions[of]
  if (version === undefined) return []
  const c = compareVersions(version, from)
  if (c === undefined) return [unreadable(a.id, `'${from}' or '${version}' of ${of} is no version`)]
  return c >= 0 ? tell(`it was to be looked at from ${of} ${from} on, and ${version} is installed`) : []
}
const isDay = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().startsWith(text)
const unreadable = (about: string, message: string): InventoryProblem => ({
  rule: 'unreadable',
  about,
  message: `'${about}': ${message}`,
  remedy: 'write days as 2027-12-31, and versions and ranges as npm does',
})

const outOfRange = (a: Entry, { versions }: Surroundings): readonly InventoryProblem[] =>
  a.dependsOn.flatMap((d): readonly InventoryProblem[] => {
    if (d.on === 'part') return []
    const version = versions[d.name]
    const inside = inRange(version ?? '0.0.0', d.range)
    if (inside === undefined) return [unreadable(a.id, `'${d.range}' of ${d.name}, or '${version}', cannot be read`)]
    if (version === undefined || inside) return []
    return [
      {
        rule: 'out-of-range',
        about: a.id,
        message: `'${a.id}' is known to hold for ${d.name} ${d.range}, and ${version} is installed`,
        remedy: `install ${d.name} ${d.range}, or look whether it holds for ${version} and widen the range`,
      },
    ]
  })

/** Assumptions that rest on themselves say nothing. */
const circular = (inventory: readonly Entry[]): readonly InventoryProblem[] => {
  const below = (a: Entry): readonly Entry[] =>
    (a.restsOn ?? []).flatMap((r) => inventory.filter((b) => means(r, b.id)))
  return inventory
    .filter((a) => {
      const seen = new Set(below(a))
      for (const b of seen) for (const c of below(b)) seen.add(c)
      return seen.has(a)
    })
    .map(({ id }) => ({
      rule: 'circular',
      about: id,
      message: `'${id}' rests on itself`,
      remedy: 'leave out the way back: what rests on another is the more special one',
    }))
}

const undeclared = (
  inventory: readonly Entry[],
  { packages = [], withoutBearing = {} }: Surroundings,
): readonly InventoryProblem[] => {
  const declared = new Set(inventory.flatMap((a) => a.dependsOn.filter((d) => d.on === 'package').map((d) => d.name)))
  const excused = Object.keys(withoutBearing)
  return [
    ...packages
      .filter((p) => !declared.has(p) && !excused.includes(p))
      .map(
        (p): InventoryProblem => ({
          rule: 'undeclared',
          about: p,
          message: `the package '${p}' is imported, and no assumption depends on it`,
          remedy: 'declare what is assumed of it, or say in withoutBearing why nothing rests on it',
        }),
      ),
    ...excused
      .filter((p) => !packages.includes(p))
      .map(
        (p): InventoryProblem => ({
          rule: 'unused',
          about: p,
          message: `the package '${p}' is said to have no bearing, and nothing imports it`,
          remedy: 'take it from withoutBearing',
        }),
      ),
  ]
}
