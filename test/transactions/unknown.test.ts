// Requirements: E12

import { expect, test } from 'vitest'
import { right } from '../../graph/either.ts'
import type { Transaction } from '../../graph/transaction.ts'
import type { DuckConnection } from '../../runtime/drivers/duckdb/index.ts'
import { duckdb } from '../../runtime/drivers/duckdb/index.ts'
import { bad, calm, good, query } from '../drivers/calls.ts'

/** An engine that does what a test says, because a real one will not lose a commit on demand. */
const engine = (stream: (sql: string, interrupted: Promise<void>) => Promise<void>) => {
  const sent: string[] = []
  let id = 0n
  let interrupt = (): void => {}
  const connection: DuckConnection = {
    prepare: async (sql) => ({
      statementType: sql.startsWith('select') ? 1 : 10,
      parameterCount: 0,
      bindNull: () => {},
      bindValue: () => {},
      destroySync: () => {},
      stream: async () => {
        const interrupted = new Promise<void>((done) => {
          interrupt = done
        })
        sent.push(sql)
        await stream(sql, interrupted)
        const cells = sql.startsWith('select')
          ? [{ rowCount: 1, getColumnVector: () => ({ items: BigInt64Array.of(id++) }) }]
          : []
        return {
          returnType: 3,
          rowsChanged: 0,
          columnNames: () => [],
          columnTypes: () => [],
          fetchChunk: async () => cells.pop() ?? null,
        }
      },
    }),
    interrupt: () => interrupt(),
    disconnectSync: () => {},
  }
  const driver = duckdb({ connection, engine: () => Promise.resolve({}), timeoutMs: 50 })
  return { driver, sent: () => sent.filter((s) => !s.startsWith('select')) }
}
const t: Transaction = {
  attrs: { occurrence: 4, db: 'main', isolation: 'repeatable read', retries: 3, authority: false },
  authority: undefined,
  iteration: [1],
  attempt: 0,
}
const commits = (at: (interrupted: Promise<void>) => Promise<void>) =>
  engine((sql, interrupted) => (sql === 'commit' ? at(interrupted) : Promise.resolve()))
const run = ({ driver }: ReturnType<typeof engine>) => driver.transactions!.run(t, calm, async () => right(7))

test('a commit that answers', async () => {
  const e = commits(async () => {})
  expect(good(await run(e))).toBe(7)
  expect(e.sent()).toEqual(['begin transaction', 'commit'])
})
test('a commit that is interrupted: nobody knows, and what may be left is rolled back', async () => {
  const e = commits(async (interrupted) => {
    await interrupted
    throw new Error('INTERRUPT Error: Interrupted!')
  })
  expect(bad(await run(e))).toMatchObject({ _tag: 'Timeout', effect: 'transaction', outcome: 'unknown', occurrence: 4 })
  expect(e.sent()).toEqual(['begin transaction', 'commit', 'rollback'])
})
test('a commit of an engine that does not stop: the answer does not wait for it, the connection does', async () => {
  let wake = (): void => {}
  const hung = new Promise<void>((done) => {
    wake = done
  })
  const e = commits(() => hung)
  expect(bad(await run(e))).toMatchObject({ _tag: 'Timeout', outcome: 'unknown' })
  expect(e.sent()).toEqual(['begin transaction', 'commit'])
  expect(bad(await e.driver.perform(query('one', 'select 1'), calm))).toMatchObject({ _tag: 'Timeout' })
  wake()
  await new Promise((done) => setTimeout(done, 20))
  expect(e.sent()).toEqual(['begin transaction', 'commit', 'rollback'])
})
test('a commit that the engine refuses is a definite end', async () => {
  const e = commits(async () => {
    throw new Error(
      'TransactionContext Error: Failed to commit: PRIMARY KEY or UNIQUE constraint violation: duplicate key "3"',
    )
  })
  const error = bad(await run(e))
  expect(error).toMatchObject({ _tag: 'SerializationFailure' })
  expect('outcome' in error).toBe(false)
})
test('a stop before the commit is sent rolls back', async () => {
  const e = commits(async () => {})
  const stop = new AbortController()
  const end = await e.driver.transactions!.run(t, { signal: stop.signal }, async () => {
    stop.abort()
    return right(7)
  })
  expect(bad(end)._tag).toBe('Cancelled')
  expect(e.sent()).toEqual(['begin transaction', 'rollback'])
  expect(bad(await e.driver.transactions!.run(t, { signal: stop.signal }, async () => right(7)))._tag).toBe('Cancelled')
  expect(e.sent()).toHaveLength(2)
})
test('work that throws is our mistake, and rolls back', async () => {
  const e = commits(async () => {})
  const end = await e.driver.transactions!.run(t, calm, () => Promise.reject(new Error('oops')))
  expect(bad(end)._tag).toBe('Bug')
  expect(e.sent()).toEqual(['begin transaction', 'rollback'])
})
