import type { Answer } from './effects.ts'
import type { EffectError, RunError } from './errors.ts'
import type { Value } from './values.ts'

/** What a transaction may see of others, weakest first. */
export const isolationLevels = ['read committed', 'repeatable read', 'serializable'] as const
export type Isolation = (typeof isolationLevels)[number]

export interface TransactionAttrs {
  readonly occurrence: number
  /** The symbolic connection. */
  readonly db: string
  readonly isolation: Isolation
  /** How often the body is run again when its transaction could not be put in order with others. */
  readonly retries: number
  /** Whether the first operand is the authority under which all of it acts. */
  readonly authority: boolean
}

/** One try of a transaction. */
export interface Transaction {
  readonly attrs: TransactionAttrs
  readonly authority: Value | undefined
  readonly iteration: readonly number[]
  /** 0 for the first try. */
  readonly attempt: number
}

/**
 * Where a transaction begins and ends, told to whoever runs an evaluation. Calls of its database between the two are
 * inside it. It ends well or, with the `failure` of its body, as if it had never been; an answer to an end without a
 * failure that is an error means the same.
 */
export interface Boundary extends Transaction {
  readonly effect: 'transaction'
  readonly edge: 'begin' | 'end'
  readonly failure?: RunError
}

/** Builds the error of beginning or ending a transaction. */
export const transactionError = (
  { attrs, iteration }: Pick<Transaction, 'attrs' | 'iteration'>,
  tag: EffectError['_tag'],
  cause: string,
  remedy: string,
  more: { readonly original?: unknown; readonly outcome?: 'unknown' } = {},
): EffectError => ({
  _tag: tag,
  effect: 'transaction',
  node: `transaction of '${attrs.db}'`,
  place: '',
  occurrence: attrs.occurrence,
  iteration,
  cause,
  remedy,
  ...more,
})

/** Whether a transaction that ended so is to be run again: nothing of it happened, and the reason was others. */
export const mayRetry = ({ attrs, attempt }: Pick<Transaction, 'attrs' | 'attempt'>, answer: Answer): boolean =>
  answer._tag === 'Left' &&
  answer.left._tag === 'SerializationFailure' &&
  answer.left.outcome === undefined &&
  attempt < attrs.retries

/** A transaction that is rolled back to be begun again; nobody is shown this. */
export const abandoned = (t: Transaction): EffectError =>
  transactionError(t, 'Unknown', 'it is begun again in program order', 'none: this is no answer')
