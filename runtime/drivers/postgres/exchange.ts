import type { Answer } from '../../../graph/effects.ts'
import { isLeft, left, right } from '../../../graph/either.ts'
import type { Below, Derived, Level, Tree } from '../../tree.ts'
import { callsOf } from '../../tree.ts'
import type { Limit } from '../limit.ts'
import { answerKeys, distinct, unusable } from '../sql/keys.ts'
import type { Query } from '../sql/query.ts'
import { commented, outgoing } from '../sql-comment.ts'
import { command } from './ask.ts'
import { readyBatch } from './batch.ts'
import { composed, unordered } from './compose.ts'
import type { Field } from './fields.ts'
import { indexed } from './indexed.ts'
import type { KeyCell } from './key-cells.ts'
import { keyCell } from './key-cells.ts'
import { byValue, keyOfCall } from './key-reader.ts'
import type { Line, Reply } from './line.ts'
import type { Binder } from './params.ts'
import { binderFor } from './params.ts'
import { batchable } from './perform.ts'
import type { Reading, Tools } from './query.ts'
import { read, readySingle } from './query.ts'
import type { Outcome } from './session.ts'
import type { Statement } from './statement.ts'
import { describe, formOf, run } from './statement.ts'
import { plainTexts } from './texts.ts'
import { castName } from './types.ts'

/** What the statements of an exchange have in common. */
interface Way {
  readonly line: Line
  readonly bound: Limit
  readonly tools: Tools
  /** The types of the parameters, which are those of the first statement. */
  readonly params: readonly number[]
}
export interface Exchange {
  readonly found: Level
  readonly roundTrips: number
  readonly statements: number
}

/** One statement of an exchange. Its calls are known when the rows of the one above have come, before its own. */
interface Part {
  readonly statement: Statement
  readonly reading: Pick<Reading, 'most' | 'maxBytes' | 'add'>
  /** Its rows in any order, and their columns: where the statements below find their keys. */
  readonly rows: { readonly sql: string; readonly fields: readonly Field[] }
  readonly calls: () => readonly Query[]
  readonly answers: () => readonly (Answer | undefined)[]
  below: readonly Child[]
}
interface Child {
  readonly occurrence: number
  readonly callOf: () => Int32Array
  readonly part: Part
}

/** One moment for all that follows. */
export const begin = 'begin isolation level repeatable read, read only'

/**
 * All statements of a tree sent together in one snapshot: each finds its keys by itself in the statement above it.
 * Nothing where that would not be the same; the first time the server is asked what the statements mean.
 */
export const inOneExchange = async (
  line: Line,
  bound: Limit,
  tree: Tree,
  tools: Tools,
): Promise<Outcome<Exchange | undefined>> => {
  const root = await rootOf(tree, line, bound, tools)
  if (isLeft(root)) return root
  if (root.right === undefined) return right(undefined)
  const { part, values } = root.right
  const done = await follow(part, tree.children, { line, bound, tools, params: part.statement.params })
  if (isLeft(done)) return done
  if (!done.right) return right(undefined)
  const parts = flattened(part)
  const own = line.status === 'I'
  // From here to the last statement nothing waits, so that they travel as one.
  const begun = own ? command(line, bound, begin) : undefined
  const asked = parts.map(({ statement, reading }) =>
    read(line, reading, (r) => run(line, bound, tools.catalogue, statement, { values, ...r })),
  )
  const ended = own ? command(line, bound, 'commit') : undefined
  const ends: readonly Outcome<Reply>[] = await Promise.all(asked)
  await begun
  const committed = await ended
  const trouble = [...ends, ...(committed === undefined ? [] : [committed])].find(isLeft)
  if (trouble !== undefined) return trouble
  if (part.answers().some((a) => a === undefined)) return left(unusable('a call of the first level speaks for itself'))
  return right({ found: levelOf(part), roundTrips: 1, statements: parts.length })
}
const flattened = (part: Part): readonly Part[] => [part, ...part.below.flatMap((b) => flattened(b.part))]
const levelOf = ({ calls, answers, below }: Part): Level => ({
  calls: calls(),
  answers: answers(),
  below: below.map(({ occurrence, callOf, part }): Below => ({ occurrence, callOf: callOf(), level: levelOf(part) })),
})

const rootOf = async (
  { calls, plan }: Tree,
  line: Line,
  bound: Limit,
  tools: Tools,
): Promise<Outcome<{ readonly part: Part; readonly values: readonly (string | null)[] } | undefined>> => {
  const first = calls[0]!
  if (calls.length === 1) {
    const ready = await readySingle(first, line, bound, tools)
    if (isLeft(ready)) return ready
    const { statement, values, reading } = ready.right
    const answers = once(() => [answerOf(reading.answer())])
    const rows = { sql: unordered(first.attrs.sql, plan), fields: statement.fields }
    return right({ part: { statement, reading, rows, calls: () => calls, answers, below: [] }, values })
  }
  if (!batchable(calls, plan)) return right(undefined)
  const ready = await readyBatch({ calls, plan }, line, bound, tools)
  if (isLeft(ready)) return ready
  const { statement, values, reading, answer } = ready.right
  const answers = once(() => {
    const found = answer()
    return calls.map((_, i) => answerOf(isLeft(found) ? found : found.right[i]!))
  })
  const rows = { sql: statement.sql, fields: statement.fields }
  return right({ part: { statement, reading, rows, calls: () => calls, answers, below: [] }, values })
}
/** What a call was answered; nothing where it has to speak for itself. */
const answerOf = (end: { readonly _tag: 'Left' } | { readonly _tag: 'Right'; readonly right: unknown }) =>
  end._tag === 'Right' ? (right(end.right) as Answer) : undefined
const once = <T>(make: () => T): (() => T) => {
  let known: { readonly value: T } | undefined
  return () => {
    known ??= { value: make() }
    return known.value
  }
}

/** Adds the statements below; false where one of them cannot travel with the others. */
const follow = async (parent: Part, children: readonly Derived[], way: Way): Promise<Outcome<boolean>> => {
  const below: Child[] = []
  for (const child of children) {
    const made = await childOf(child, parent, way)
    if (isLeft(made)) return made
    if (made.right === undefined) return right(false)
    const deeper = await follow(made.right.part, child.children, way)
    if (isLeft(deeper) || !deeper.right) return deeper
    below.push(made.right)
  }
  parent.below = below
  return right(true)
}

/** What does not change from one run to the next of a query that follows from another one. */
interface Follower {
  readonly statement: Statement
  readonly rows: Part['rows']
  readonly cells: readonly KeyCell[]
  readonly numbers: readonly number[]
}
const childOf = async (child: Derived, parent: Part, way: Way): Promise<Outcome<Child | undefined>> => {
  const { tools, params } = way
  const { catalogue, graph, sent } = tools
  const { attrs, plan } = child
  const from = [attrs, graph, parent.statement, parent.rows.sql, params.join(), ...child.argTypes]
  const followed = await formOf<Follower | undefined>(catalogue, catalogue.followers, plan, from, async () => {
    const made = await followerOf(child, parent, way)
    return isLeft(made) ? made : right({ value: made.right, rests: made.right?.rests ?? [] })
  })
  if (isLeft(followed)) return followed
  if (followed.right === undefined) return right(undefined)
  const { statement, rows, cells, numbers } = followed.right
  sent?.(statement.sql)
  const { fields } = statement
  const asked = once(() => callsOf(child, parent.calls(), parent.answers()))
  const known = once(() => distinct(asked().calls, keyOfCall(cells, numbers)))
  const reading = byValue(
    fields,
    cells,
    { attrs },
    () => known().keys.length,
    (key) => known().ordinals.get(key),
  )
  if (isLeft(reading)) return reading
  const answers = once((): readonly (Answer | undefined)[] => {
    const { keys, keyOfCall } = known()
    if (keys.length === 0) return []
    const found = answerKeys(keys[0]!, keys.length, reading.right.rows())
    return keyOfCall.map((k) => answerOf(found[k]!))
  })
  const part: Part = {
    statement,
    reading: { ...reading.right, most: 0 },
    rows,
    calls: () => asked().calls,
    answers,
    below: [],
  }
  return right({ occurrence: attrs.occurrence, callOf: () => asked().callOf, part })
}

const followerOf = async (
  child: Derived,
  parent: Part,
  { line, bound, tools, params }: Way,
): Promise<Outcome<(Follower & { readonly rests: readonly Statement[] }) | undefined>> => {
  const { catalogue, graph } = tools
  const { attrs, plan, columns } = child
  const argTypes = child.argTypes.slice(attrs.authority ? 1 : 0)
  const binders = argTypes.map(binderFor)
  if (attrs.row.kind !== 'record' || attrs.mode === 'exec' || !attrs.batch || plan.params.length === 0)
    return right(undefined)
  if (!binders.every((b): b is Binder => b !== undefined && b.list === undefined) || binders.length !== columns.length)
    return right(undefined)
  // NULL equals nothing, but what else a query makes of it is its own.
  if (plan.keyed?.[0] === undefined && argTypes.some((t) => t.kind === 'option')) return right(undefined)
  const alone = commented(attrs.sql, graph, attrs.name)
  if (catalogue.apart.has(alone)) return right(undefined)
  const one = await describe(line, bound, catalogue, alone, binders)
  if (isLeft(one)) return one
  const takes = one.right.params
  const names = takes.map(castName)
  const above = columns.map((c, i) => parent.rows.fields.find((f) => f.name === c)?.type ?? takes[i]!)
  if (names.includes(undefined) || above.some((t, i) => keyCell(t, takes[i]!) === undefined)) return right(undefined)
  const shape = plan.keyed?.[0]
  const looked = shape?.keys.length === 1 ? await indexed(attrs.sql, shape, line, bound, catalogue) : right(false)
  if (isLeft(looked)) return looked
  const text = (own: string): string =>
    composed(parent.rows.sql, { sql: own, plan, columns, types: names as string[], indexed: looked.right })
  const sql = text(attrs.sql)
  const fixed = params.map((type) => ({ type, flexible: false }))
  const described = await describe(line, bound, catalogue, outgoing(sql, tools, attrs.name), fixed)
  if (isLeft(described)) {
    // A key by the name of two columns, an outer join on a key: it runs by itself from now on.
    const refused = typeof described.left === 'object' && described.left.tag === 'Refused'
    if (!refused || line.status === 'E') return described
    catalogue.apart.add(alone)
    return right(undefined)
  }
  const { fields } = described.right
  const numbers = shape?.keys.map((k) => k.number) ?? columns.map((_, i) => i + 1)
  const cells = numbers.map((n, i) => keyCell(fields[i]!.type, takes[n - 1]!))
  if (!cells.every((c) => c !== undefined)) return right(undefined)
  const plain = cells.some((c) => c.text) ? await plainTexts(line, bound, catalogue) : right(true)
  if (isLeft(plain)) return plain
  if (!plain.right) return right(undefined)
  return right({
    statement: described.right,
    rows: { sql: text(unordered(attrs.sql, plan)), fields },
    cells,
    numbers,
    rests: [one.right, described.right],
  })
}
