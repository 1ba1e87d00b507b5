import type { Driver } from '../../driver.ts'
import { driverOf } from '../options.ts'
import { assumptionsOf } from './assumptions.ts'
import { cataloguesFor } from './authority.ts'
import type { PostgresOptions } from './options.ts'
import { performInParts } from './parts.ts'
import { perform, performMany } from './perform.ts'
import { probe } from './probe.ts'
import { session } from './session.ts'
import { transactions } from './transaction.ts'
import { performTree } from './tree.ts'

export type { Acting, Authorities } from './authority.ts'
export { classifyError } from './classify.ts'
export type { PgClient, PgPool } from './engine.ts'
export type { PostgresOptions } from './options.ts'

/**
 * SQL through PostgreSQL and the package `pg`: `postgres({ url })`, `postgres({ pool })` with your own pool, or
 * `postgres({ client })` with your own client, perhaps in a transaction. Nothing is loaded or opened before the first
 * call, and what you hand in stays open. An authority (`db.as(tenant)`) keeps queries apart in batches and caches, and has
 * the role or settings that `authorities` gives it; without that option the role is that of the connection.
 */
export const postgres = (options: PostgresOptions): Driver =>
  driverOf('postgres', { kind: 'sql', effects: ['dbQuery'] }, options, { example }, made)
const example = "postgres({ url: 'postgres://user@host/database' })"
const made = (options: PostgresOptions): Driver => {
  const seat = session(options)
  const { maxPrepared, authorities } = options
  const known = cataloguesFor(maxPrepared, options.client === undefined ? authorities : undefined)
  const driver: Driver = {
    kind: 'sql',
    system: 'postgresql',
    dialect: 'postgres',
    effects: ['dbQuery'],
    assumptions: assumptionsOf(authorities !== undefined),
    perform: (call, context) => perform(seat, known, call, context),
    performMany: (batch, context) => performMany(seat, known, batch, context),
    performInParts: (call, most, context, take) => performInParts(seat, known, call, most, context, take),
    transactions: transactions(seat, known),
    performTree: (tree, context) => performTree(seat, known, tree, context),
    probe: (context) => probe(driver, context),
    close: () => seat.close(),
  }
  return driver
}
