/** A failure, or a success: in an ejected module what `graph/either.ts` is in Quoin, without the library behind that. */
export type Either<E, A> = { readonly _tag: 'Left'; readonly left: E } | { readonly _tag: 'Right'; readonly right: A }
export const left = <E = never, A = never>(e: E): Either<E, A> => ({ _tag: 'Left', left: e })
export const right = <E = never, A = never>(a: A): Either<E, A> => ({ _tag: 'Right', right: a })
export const isLeft = <E, A>(r: Either<E, A>): r is { readonly _tag: 'Left'; readonly left: E } => r._tag === 'Left'
export const isRight = <E, A>(r: Either<E, A>): r is { readonly _tag: 'Right'; readonly right: A } => r._tag === 'Right'
