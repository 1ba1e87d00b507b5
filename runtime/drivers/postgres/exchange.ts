import type { Answer } from '../../../graph/effects.ts'
import { isLeft, left, right } from '../../../graph/either.ts'
import type { RecordType } from '../../../graph/types.ts'
import { elementAt } from '../../../graph/values.ts'
import { keyOf } from '../../keys.ts'
import type { Derived, Tree, TreeAnswers } from '../../tree.ts'
import { callsOf } from '../../tree.ts'
import { failed } from '../failure.ts'
import type { Limit } from '../limit.ts'
import { answerKeys, mostRowsOf, unusable } from '../sql/keys.ts'
import type { Query } from '../sql/query.ts'
import { paramsOf } from '../sql/query.ts'
import { commented } from '../sql-comment.ts'
import { command } from './ask.ts'
import { readyBatch } from './batch.ts'
import { collector } from './columns.ts'
import type { Above } from './compose.ts'
import { composed } from './compose.ts'
import type { Line, Reply } from './line.ts'
import { binderFor } from './params.ts'
import { batchable } from './perform.ts'
import type { Reading, Tools } from './query.ts'
import { read, readySingle } from './query.ts'
import type { Outcome } from './session.ts'
import type { Statement } from './statement.ts'
import { describe, run } from './statement.ts'
import { castName, oid } from './types.ts'

/** What the statements of an exchange have in common. */
interface Way {
  readonly line: Line
  readonly bound: Limit
  readonly tools: Tools
  /** The types of the parameters, which are those of the first statement. */
  readonly params: readonly number[]
}
export interface Exchange {
  readonly found: TreeAnswers
  readonly roundTrips: number
  readonly statements: number
}

/** One statement of an exchange. Its calls and answers are known when its rows have come, before those below it. */
interface Level {
  readonly statement: Statement
  readonly reading: Pick<Reading, 'most' | 'maxBytes' | 'add'>
  readonly calls: () => readonly Query[]
  readonly answers: () => readonly Answer[]
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
  const { level, values, above } = root.right
  const way = { line, bound, tools, params: level.statement.params }
  const below = await levelsBelow(tree.children, level, above, way)
  if (isLeft(below)) return below
  if (below.right === undefined) return right(undefined)
  const levels = [level, ...below.right]
  const own = line.status === 'I'
  // From here to the last statement nothing waits, so that they travel as one.
  const begun = own ? command(line, bound, begin) : undefined
  const asked = levels.map(({ statement, reading }) =>
    read(line, reading, (r) => run(line, bound, tools.catalogue, statement, { values, ...r })),
  )
  const ended = own ? command(line, bound, 'commit') : undefined
  const ends: readonly Outcome<Reply>[] = await Promise.all(asked)
  await begun
  const committed = await ended
  const trouble = [...ends, ...(committed === undefined ? [] : [committed])].find(isLeft)
  if (trouble !== undefined) return trouble
  const answers = level.answers()
  if (answers.some(isLeft)) return left(unusable('a call of the first level speaks for itself'))
  const derived = below.right.flatMap((l) => {
    const calls = l.calls()
    return l.answers().flatMap((answer, i) => (isLeft(answer) ? [] : [{ call: calls[i]!, answer }]))
  })
  return right({ found: { answers, derived }, roundTrips: 1, statements: levels.length })
}

const rootOf = async (
  { calls, plan }: Tree,
  line: Line,
  bound: Limit,
  tools: Tools,
): Promise<
  Outcome<{ readonly level: Level; readonly values: readonly (string | null)[]; readonly above: Above } | undefined>
> => {
  const first = calls[0]!
  const { mode, maxRows, sql } = first.attrs
  if (calls.length === 1) {
    const ready = await readySingle(first, line, bound, tools)
    if (isLeft(ready)) return ready
    const { statement, values, reading } = ready.right
    const answers = once((): readonly Answer[] => [answerOf(first, reading.answer())])
    return right({
      level: { statement, reading, calls: () => calls, answers },
      values,
      above: { sql, marker: undefined, most: mode === 'many' ? maxRows + 1 : 2 },
    })
  }
  if (!batchable(calls, plan)) return right(undefined)
  const ready = await readyBatch({ calls, plan }, line, bound, tools)
  if (isLeft(ready)) return ready
  const { statement, values, reading, answer } = ready.right
  const answers = once((): readonly Answer[] => {
    const found = answer()
    return calls.map((call, i) => answerOf(call, isLeft(found) ? found : found.right[i]!))
  })
  return right({
    level: { statement, reading, calls: () => calls, answers },
    values,
    above: { sql: statement.sql, marker: statement.fields[1]!.name, most: undefined },
  })
}
/** What a call was answered, or that it has to speak for itself. */
const answerOf = (call: Query, end: Outcome<unknown> | { readonly _tag: 'Left'; readonly left: unknown }): Answer =>
  end._tag === 'Right' ? right(end.right as never) : failed(call, unusable('it speaks for itself'))
const once = <T>(make: () => T): (() => T) => {
  let known: { readonly value: T } | undefined
  return () => {
    known ??= { value: make() }
    return known.value
  }
}

const levelsBelow = async (
  children: readonly Derived[],
  parent: Level,
  above: Above,
  way: Way,
): Promise<Outcome<readonly Level[] | undefined>> => {
  const levels: Level[] = []
  for (const child of children) {
    const made = await levelOf(child, parent, above, way)
    if (isLeft(made)) return made
    if (made.right === undefined) return right(undefined)
    const below = await levelsBelow(child.children, made.right.level, made.right.above, way)
    if (isLeft(below) || below.right === undefined) return below
    levels.push(made.right.level, ...below.right)
  }
  return right(levels)
}

/** Types whose values look different and are equal, or that cannot be compared: a key found by the server may be another. */
const doubtful: ReadonlySet<number> = new Set([oid.numeric, oid.json, oid.xml, oid.unknown])

const levelOf = async (
  child: Derived,
  parent: Level,
  above: Above,
  { line, bound, tools, params }: Way,
): Promise<Outcome<{ readonly level: Level; readonly above: Above } | undefined>> => {
  const { attrs, plan, columns } = child
  const { catalogue, graph } = tools
  const argTypes = child.argTypes.slice(attrs.authority ? 1 : 0)
  const binders = argTypes.map(binderFor)
  const keyRow: RecordType = { kind: 'record', fields: argTypes.map((t, i) => [String(i), t] as const) }
  const row = attrs.row
  if (row.kind !== 'record' || attrs.mode === 'exec' || !attrs.batch || plan.params.length === 0)
    return right(undefined)
  if (binders.some((b) => b === undefined || b.list) || binders.length !== columns.length) return right(undefined)
  const alone = commented(attrs.sql, graph, attrs.name)
  if (catalogue.apart.has(alone)) return right(undefined)
  const one = await describe(line, bound, catalogue, alone, binders as NonNullable<(typeof binders)[0]>[])
  if (isLeft(one)) return one
  const names = one.right.params.map(castName)
  if (names.includes(undefined) || one.right.params.some((t) => doubtful.has(t))) return right(undefined)
  const { sql, marker } = composed(above, { sql: attrs.sql, plan, columns, types: names as string[] })
  const fixed = params.map((type) => ({ type, flexible: false }))
  const described = await describe(line, bound, catalogue, commented(sql, graph, attrs.name), fixed)
  if (isLeft(described)) {
    // A key by the name of two columns, an outer join on a key: it runs by itself from now on.
    const refused = typeof described.left === 'object' && described.left.tag === 'Refused'
    if (!refused || line.status === 'E') return described
    catalogue.apart.add(alone)
    return right(undefined)
  }
  const statement = described.right
  const m = columns.length
  const ours = statement.fields.slice(0, m).map((f, i) => ({ ...f, name: String(i) }))
  const keys = collector(ours, keyRow)
  const rows = collector(statement.fields, row, m + 1)
  if (isLeft(keys)) return right(undefined)
  if (isLeft(rows)) return rows
  /** For each row that came the place of what it holds, or -1 where it stands for an empty answer. */
  const places: number[] = []
  const calls = once(() => callsOf(child, parent.calls(), parent.answers()))
  const budget = once(() => {
    const asked = Math.max(1, calls().length)
    const most = calls()[0] === undefined ? 0 : mostRowsOf(calls()[0]!, asked)
    return { rows: most + asked, bytes: asked * attrs.maxBytes }
  })
  const answers = once((): readonly Answer[] => {
    const byKey = new Map<string, number[]>()
    const list = keys.right.finish()
    places.forEach((place, i) => {
      const key = elementAt(keyRow, list, i) as Readonly<Record<string, never>>
      const text = keyOf(argTypes.map((_, k) => key[String(k)]!))
      const mine = byKey.get(text) ?? []
      byKey.set(text, mine)
      if (place >= 0) mine.push(place)
    })
    const asked = calls()
    if (asked.length === 0) return []
    const found = asked.map((call) => byKey.get(keyOf(paramsOf(call).values)))
    const answered = answerKeys(asked[0]!, {
      list: rows.right.finish(),
      badRows: rows.right.badRows,
      bytesOfRow: rows.right.bytesOfRow,
      rows: found.map((r) => r ?? []),
    })
    // A key that the server did not find so is asked by itself.
    return answered.map((a, i) => answerOf(asked[i]!, found[i] === undefined ? left('alone') : a))
  })
  const level: Level = {
    statement,
    reading: {
      most: 0,
      maxBytes: attrs.maxBytes,
      add: (b, at) => {
        keys.right.add(b, at)
        if (b.readInt32BE(markerAt(b, at, m)) < 0) places.push(-1)
        else {
          places.push(rows.right.rows())
          rows.right.add(b, at)
        }
        const { rows: most, bytes } = budget()
        return places.length > most || rows.right.bytes() > bytes
          ? unusable('the keys together answer too much')
          : undefined
      },
    },
    calls,
    answers,
  }
  return right({ level, above: { sql, marker, most: undefined } })
}

/** Where the length of the marker stands, which comes after the keys. */
const markerAt = (b: Buffer, at: number, keys: number): number => {
  let p = at + 2
  for (let i = 0; i < keys; i++) p += 4 + Math.max(0, b.readInt32BE(p))
  return p
}
