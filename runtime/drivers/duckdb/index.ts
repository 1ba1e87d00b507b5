import type { Answer, Call } from '../../../graph/effects.ts'
import { isLeft, left, right } from '../../../graph/either.ts'
import { bug } from '../../../graph/errors.ts'
import type { Batch, BatchPlan, Context, Driver } from '../../driver.ts'
import { failed, notMine } from '../failure.ts'
import type { Takes } from '../options.ts'
import { driverOf } from '../options.ts'
import type { KeyAnswer } from '../sql/keys.ts'
import { sameQuery } from '../sql/keys.ts'
import type { Query } from '../sql/query.ts'
import { noting } from '../sql-comment.ts'
import { assumptions } from './assumptions.ts'
import { batched } from './batch.ts'
import { performInParts } from './parts.ts'
import type { DuckDbOptions } from './pool.ts'
import { probe } from './probe.ts'
import { single } from './query.ts'
import type { Session } from './session.ts'
import { session } from './session.ts'
import { transactions } from './transaction.ts'
import { performTree } from './tree.ts'

export { batchSql } from '../sql/batch-sql.ts'
export { classifyError } from './classify.ts'
export type { DuckConnection, DuckInstance } from './engine.ts'
export type { DuckDbOptions } from './pool.ts'

/**
 * Embedded SQL through DuckDB, in memory unless told otherwise: `duckdb()`, `duckdb({ path: 'risk.duckdb' })`, or your
 * own instance or connection. Nothing is loaded or opened before the first query. An authority (`db.as(tenant)`) keeps
 * queries apart in batches and caches; DuckDB has no roles, so it restricts nothing there.
 */
export const duckdb = (options?: DuckDbOptions): Driver =>
  driverOf('duckdb', { kind: 'sql', effects: ['dbQuery'] }, options, takes, made)
const takes: Takes<DuckDbOptions> = {
  example: "duckdb({ path: 'risk.duckdb' }), or duckdb() for one in memory",
  options: {
    path: 'string',
    instance: 'any',
    connection: 'any',
    config: 'any',
    connections: 'any',
    timeoutMs: 'any',
    engine: 'any',
  },
}
const made = (options: DuckDbOptions): Driver => {
  const sessions = session(options)
  const driver: Driver = {
    kind: 'sql',
    system: 'duckdb',
    effects: ['dbQuery'],
    dialect: 'duckdb',
    assumptions,
    perform: (call, context) => perform(sessions, call, context),
    performMany: (batch, context) => performMany(sessions, batch, context),
    performInParts: (call, most, context, take) => performInParts(sessions, call, most, context, take),
    transactions: transactions(sessions, perform, performMany),
    performTree: (tree, context) => performTree(sessions, tree, context, batchable),
    probe: (context) => probe(driver, context),
    close: () => sessions.close(),
  }
  return driver
}

const perform = async (sessions: Pick<Session, 'use'>, call: Call, given: Context): Promise<Answer> => {
  if (call.effect !== 'dbQuery') return notMine(call, 'duckdb')
  const { context, run } = noting(given)
  try {
    const writes = call.attrs.mode === 'exec' || call.attrs.writes.length > 0
    const end = await sessions.use(context.signal, writes, (lease, bound) => single(call, lease, bound, context))
    return isLeft(end) ? failed(call, end.left, run()) : right(end.right)
  } catch (e) {
    return left(bug(call.attrs.name, e))
  }
}

/** Failures after which asking again key by key would only fail again, later. */
const final: ReadonlySet<string> = new Set(['Timeout', 'Cancelled', 'Connection'])

const performMany = async (
  sessions: Pick<Session, 'use'>,
  batch: Batch,
  given: Context,
  /** A statement that failed has ended its transaction, so nothing is asked again there. */
  inside = false,
): Promise<{ readonly answers: readonly Answer[]; readonly roundTrips: number }> => {
  const { plan } = batch
  const { context, run } = noting(given)
  const calls = batch.calls.filter((call) => call.effect === 'dbQuery')
  if (calls.length < batch.calls.length) return { answers: batch.calls.map((c) => notMine(c, 'duckdb')), roundTrips: 0 }
  const alone = (call: Query): Promise<Answer> => perform(sessions, call, context)
  if (calls.length < 2 || !batchable(calls, plan))
    return { answers: await inOrder(calls, alone), roundTrips: calls.length }
  try {
    const end = await sessions.use(context.signal, false, (lease, bound) =>
      batched({ calls, plan }, lease, bound, context),
    )
    if (isLeft(end)) {
      if (inside || final.has(end.left.tag))
        return { answers: calls.map((c) => failed(c, end.left, run())), roundTrips: 1 }
      return { answers: await inOrder(calls, alone), roundTrips: 1 + calls.length }
    }
    let roundTrips = 1
    const sent = run()
    const answers = await inOrder(calls, (call, i): Promise<Answer> => {
      const answer: KeyAnswer = end.right[i]!
      if (!isLeft(answer)) return Promise.resolve(answer)
      if (answer.left !== 'alone') return Promise.resolve(failed(call, answer.left, sent))
      roundTrips++
      return alone(call)
    })
    return { answers, roundTrips }
  } catch (e) {
    return { answers: calls.map((c) => left(bug(c.attrs.name, e))), roundTrips: 1 }
  }
}

/**
 * The order of rows is lost in a lateral join, so a query that states one and answers many is either of the keyed form or
 * runs by itself.
 */
const batchable = (calls: readonly Query[], plan: BatchPlan): boolean => {
  const { mode, row, batch } = calls[0]!.attrs
  if (!batch || mode === 'exec' || row.kind !== 'record' || plan.params.length === 0) return false
  const keepsOrder = !plan.ordered || mode !== 'many' || (plan.keyed?.length ?? 0) > 0
  return keepsOrder && calls.every((call) => sameQuery(call, calls[0]!))
}

const inOrder = async <T>(calls: readonly Query[], f: (call: Query, i: number) => Promise<T>): Promise<T[]> => {
  const answers: T[] = []
  for (const [i, call] of calls.entries()) answers.push(await f(call, i))
  return answers
}
