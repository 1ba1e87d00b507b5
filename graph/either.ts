import type { Either } from 'fp-ts/lib/Either.js'

/**
 * Results are fp-ts Eithers. Only the type comes from fp-ts here: these two constructors keep fp-ts off the start-up
 * path of the runtime, and what they build is an ordinary Either to every fp-ts function.
 */
export type { Either }
export const left = <L>(l: L): Either<L, never> => ({ _tag: 'Left', left: l })
export const right = <R>(r: R): Either<never, R> => ({ _tag: 'Right', right: r })
export const isLeft = <L, R>(e: Either<L, R>): e is Extract<Either<L, R>, { _tag: 'Left' }> => e._tag === 'Left'
