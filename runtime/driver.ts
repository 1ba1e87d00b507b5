import type { Answer, Call } from '../graph/effects.ts'
import type { KeyedShape } from '../graph/sql/keyed.ts'
import type { Isolation, Transaction } from '../graph/transaction.ts'
import type { Value } from '../graph/values.ts'
import type { Assumption, Probed } from './assumption.ts'
import type { Level, Tree } from './tree.ts'

/** What surrounds one request: when it must stop. A driver honours the signal by cancelling what it has in flight. */
export interface Context {
  readonly signal: AbortSignal
  /** The name of the graph, for comments and logs. */
  readonly graph?: string
  /** Hears each statement as it is sent, placeholders and comments included; only there while somebody listens. */
  readonly sent?: (statement: string) => void
  /** Asked before its turn: inside a transaction a failure must leave the transaction as it was (`savepoints`). */
  readonly early?: true
  /** Hears the status of each answer to an HTTP request; likewise. */
  readonly status?: (code: number) => void
}

/**
 * Facts about a query that were found by parsing it at compile time and that a driver needs in order to write the
 * batched statement. `params` are the places of $n in `attrs.sql`, in UTF-16 units, ascending.
 */
export interface BatchPlan {
  readonly params: readonly { readonly at: number; readonly length: number; readonly number: number }[]
  readonly ordered: boolean
  /**
   * For `… where column = $n and …`, every parameter compared with one column: where FROM and ORDER BY begin (the end of
   * the text if there is none), and the comparisons. At most one.
   */
  readonly keyed?: readonly KeyedShape[]
}

/**
 * Several calls of one effect that differ in their arguments only, under one authority: a query, or any other whose
 * traits say `batchable`. The plan is about queries; for everything else it is empty.
 */
export interface Batch {
  readonly calls: readonly Call[]
  readonly plan: BatchPlan
}
export const noPlan: BatchPlan = { params: [], ordered: false }

/**
 * The inside of a transaction: what asks its database on its connection. The run asks one thing at a time. `performMany`
 * keeps its law here too: where a batch fails as a whole, a driver with savepoints goes back to the one before it and asks
 * the members one by one; one without answers each of them with the failure.
 */
export type Inside = Pick<Driver, 'perform' | 'performMany' | 'performTree'>

export interface Transactions {
  /** The levels it keeps, in its own or a stricter way; a graph that declares another is not loaded. */
  readonly isolation: readonly Isolation[]
  /**
   * Whether what fails in a batch, or was asked early, leaves the transaction usable, by a savepoint of its own. Without it the run
   * gives up a transaction in which such a call failed, and begins it again asking in program order.
   */
  readonly savepoints?: true
  /**
   * Begins on a connection of its own, does the work there, and commits when it answers a value and nobody has asked to
   * stop; rolls back in every other case, also when the signal has gone off. The answer is that of the work; or the error of
   * beginning or committing, made by `transactionError`: SerializationFailure where nothing happened and trying again
   * may help, `outcome: 'unknown'` where it is not known whether it was committed.
   */
  readonly run: (t: Transaction, context: Context, work: (inside: Inside) => Promise<Answer>) => Promise<Answer>
}

/**
 * The outside, behind one door. A driver never throws and never returns null: every outcome is an `Answer`, and each
 * answer has the type the call declares (rows are checked here, before anything else sees them).
 */
export interface Driver {
  readonly kind: 'sql' | 'files' | 'http' | 'kv' | 'foreign' | 'clock' | 'random' | 'log'
  /** The name of the system it speaks to, as OpenTelemetry knows it: `postgresql`, `duckdb`, `redis`. */
  readonly system?: string
  /** The effects it answers, so that binding the wrong driver is found when the artefact is loaded. */
  readonly effects: readonly Call['effect'][]
  /** The SQL it speaks: queries declared for another engine are refused when the artefact is loaded. */
  readonly dialect?: 'duckdb' | 'postgres'
  readonly assumptions: readonly Assumption[]
  readonly perform: (call: Call, context: Context) => Promise<Answer>
  /** The most calls that it takes in one batch; 10,000 unless it says. */
  readonly maxBatch?: number
  /** One answer a call, in their order: `many([k]) = [one(k)]`. Drivers without it are called one by one. */
  readonly performMany?: (
    batch: Batch,
    context: Context,
  ) => Promise<{ readonly answers: readonly Answer[]; readonly roundTrips: number }>
  /**
   * Answers calls and what follows from their answers, in one exchange and as of one moment. Only asked of it where the
   * user allowed that. Nothing found: it could not, and is asked level by level.
   */
  readonly performTree?: (
    tree: Tree,
    context: Context,
  ) => Promise<{ readonly found: Level | undefined; readonly roundTrips: number; readonly statements: number }>
  /**
   * The rows of a `.many` in parts of at most `most` rows, as of one moment. `take` is given one part after the other and
   * nothing is read while it has not answered; once it answers false no more are wanted. There is at least one part,
   * and whatever the end, nothing of it stays open. A time limit is that of one part. The value at the end means nothing.
   */
  readonly performInParts?: (
    call: Call,
    most: number,
    context: Context,
    take: (rows: Value) => Promise<boolean>,
  ) => Promise<Answer>
  /** How it does transactions; graphs that have some are refused where it does none. */
  readonly transactions?: Transactions
  /** Its options make no driver of it, and why: it is refused when it is bound. */
  readonly misused?: { readonly cause: string; readonly remedy: string }
  /** Looks whether its assumptions hold where it is bound, as far as that can be seen. Never rejects. */
  readonly probe?: (context: Context) => Promise<readonly Probed[]>
  /** Releases what the driver itself opened; what the user handed in stays open. */
  readonly close: () => Promise<void>
}
