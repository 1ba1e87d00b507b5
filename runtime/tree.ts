import type { Answer, Call } from '../graph/effects.ts'
import { isLeft } from '../graph/either.ts'
import type { RecordType, Type } from '../graph/types.ts'
import type { Column, RecordValue, Value } from '../graph/values.ts'
import { elementAt, lengthOf } from '../graph/values.ts'
import type { BatchPlan } from './driver.ts'
import type { Key } from './keys.ts'
import { keyIn } from './keys.ts'

type Query = Call & { readonly effect: 'dbQuery' }

/** A query that is asked for every row of another one's answers: its arguments are columns of that row. */
export interface Derived {
  readonly attrs: Query['attrs']
  readonly argTypes: readonly Type[]
  readonly plan: BatchPlan
  /** The columns that are its arguments, in order; the authority, where it has one, is that of the other. */
  readonly columns: readonly string[]
  readonly children: readonly Derived[]
}
/** Calls of one query, and the queries that follow from their answers. */
export interface Tree {
  readonly calls: readonly Query[]
  readonly plan: BatchPlan
  readonly children: readonly Derived[]
}
/** Calls of one query with their answers, and what was asked for the rows of these. */
export interface Level {
  readonly calls: readonly Query[]
  /** Whoever wants an answer that is missing asks it in its turn. */
  readonly answers: readonly (Answer | undefined)[]
  readonly below: readonly Below[]
}
export interface Below {
  readonly occurrence: number
  /** For each row of the answers above, all of them in their order, which of the calls is its own. */
  readonly callOf: Int32Array
  readonly level: Level
}

/** Goes down a tree level by level, given a way to ask the calls of one query. */
export const followTree = async (
  { calls, plan, children }: Tree,
  ask: (calls: readonly Query[], plan: BatchPlan) => Promise<readonly Answer[]>,
): Promise<Level> => {
  const answers = await ask(calls, plan)
  const below: Below[] = []
  for (const child of children) {
    const { calls: next, callOf } = callsOf(child, calls, answers)
    const { occurrence } = child.attrs
    const level =
      next.length === 0
        ? { calls: next, answers: [], below: [] }
        : await followTree({ calls: next, plan: child.plan, children: child.children }, ask)
    below.push({ occurrence, callOf, level })
  }
  return { calls, answers, below }
}

/** Every call of a level and of those below it that was answered. */
export const answered = ({
  calls,
  answers,
  below,
}: Level): readonly { readonly call: Query; readonly answer: Answer }[] => [
  ...calls.flatMap((call, i) => (answers[i] === undefined ? [] : [{ call, answer: answers[i] }])),
  ...below.flatMap((b) => answered(b.level)),
]

/** The calls that follow from answers, equal ones once. */
export const callsOf = (
  { attrs, argTypes, columns }: Derived,
  parents: readonly Query[],
  answers: readonly (Answer | undefined)[],
): { readonly calls: readonly Query[]; readonly callOf: Int32Array } => {
  const authority = attrs.authority && parents[0] !== undefined ? [parents[0].args[0]!] : []
  const row = parents[0]?.attrs.row as RecordType
  const from = columns.map((column) => ({ column }))
  const rows = answers.map((a, i) => rowsOf(parents[i]!, a))
  return distinctCalls({ attrs, argTypes }, authority, from, row, rows)
}
/** Rows of an answer: those of a list, or the one that it is; and in which maps and loops it was asked for. */
export type Rows = ({ readonly many: Column } | { readonly one: Value }) & { readonly at: readonly number[] }
export const rowsOf = ({ attrs, iteration: at }: Query, answer: Answer | undefined): Rows | undefined => {
  if (answer === undefined || isLeft(answer)) return undefined
  if (attrs.mode === 'many') return { many: answer.right as Column, at }
  return attrs.mode === 'one' ? { one: answer.right, at } : undefined
}

/** Where an argument comes from: a column of the row, the row itself, or one value for all. */
export type From = { readonly column: string } | { readonly element: true } | { readonly value: Value }

/** What is asked for each row, in their order; equal calls are one, found by what differs between rows. */
export const distinctCalls = (
  what: Pick<Query, 'attrs' | 'argTypes'>,
  first: readonly Value[],
  from: readonly From[],
  of: Type,
  all: readonly (Rows | undefined)[],
): { readonly calls: readonly Query[]; readonly callOf: Int32Array } => {
  const calls: Query[] = []
  const callOf = new Int32Array(all.reduce((n, rows) => n + lengthOfRows(rows), 0))
  const known = new Map<Key, number>()
  const { attrs, argTypes } = what
  let row = 0
  for (const rows of all) {
    if (rows === undefined) continue
    const n = lengthOfRows(rows)
    const cells = from.map((f) => cellsOf(f, of, rows))
    for (let i = 0; i < n; i++) {
      const args = first.length === 0 && cells.length === 1 ? [cells[0]!(i)] : [...first, ...cells.map((at) => at(i))]
      const key = keyIn(args)
      let call = known.get(key)
      if (call === undefined) {
        const iteration = 'many' in rows ? inside(rows.at, i) : rows.at
        call = calls.push({ effect: 'dbQuery', attrs, args, argTypes, iteration }) - 1
        known.set(key, call)
      }
      callOf[row++] = call
    }
  }
  return { calls, callOf }
}
/** The iteration of an element; written out, because every element of every map has one. */
export const inside = (at: readonly number[], i: number): readonly number[] =>
  at.length === 0 ? [i] : at.length === 1 ? [at[0]!, i] : [...at, i]
export const lengthOfRows = (rows: Rows | undefined): number =>
  rows === undefined ? 0 : 'many' in rows ? lengthOf(rows.many) : 1
const cellsOf = (f: From, of: Type, rows: Rows): ((i: number) => Value) => {
  if ('value' in f) return () => f.value
  if ('one' in rows) return () => ('column' in f ? (rows.one as RecordValue)[f.column]! : rows.one)
  const list = rows.many
  if ('element' in f) return (i) => elementAt(of, list, i)
  const type = (of as RecordType).fields.find(([n]) => n === f.column)![1]
  if ('list' in list && list.list === 'columns') {
    const column = list.columns[f.column]!
    if ('list' in column || !('elem' in type) || type.elem === 'bool') return (i) => elementAt(type, column, i)
    const { data } = column
    return (i) => data[i] as Value
  }
  return (i) => (elementAt(of, list, i) as RecordValue)[f.column]!
}
