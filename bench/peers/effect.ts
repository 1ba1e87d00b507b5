import type { Pool } from 'pg'
import { batches } from '../effects/byhand.ts'
import type { Answer } from '../effects/graph.ts'
import type { Absent } from '../harness.ts'
import { peer } from './load.ts'

/** As much of Effect 4 as is used here. */
type Eff<A> = { readonly effect: A }
interface Entry {
  readonly request: { readonly id: string }
  completeUnsafe(exit: unknown): void
}
interface Library {
  readonly Effect: {
    readonly promise: <A>(f: () => Promise<A>) => Eff<A>
    readonly flatMap: <A, B>(self: Eff<A>, f: (a: A) => Eff<B>) => Eff<B>
    readonly map: <A, B>(self: Eff<A>, f: (a: A) => B) => Eff<B>
    readonly forEach: <A, B>(all: readonly A[], f: (a: A) => Eff<B>, options: { concurrency: 'unbounded' }) => Eff<B[]>
    readonly all: <T extends readonly Eff<unknown>[]>(
      all: [...T],
      options: { concurrency: 'unbounded' },
    ) => Eff<{ [K in keyof T]: T[K] extends Eff<infer A> ? A : never }>
    readonly request: <A>(request: { readonly id: string }, resolver: Resolver<A>) => Eff<A>
    readonly runPromise: <A>(e: Eff<A>) => Promise<A>
  }
  readonly Exit: { readonly succeed: (x: unknown) => unknown }
  readonly Request: { readonly tagged: (tag: string) => (of: { id: string }) => { readonly id: string } }
  readonly RequestResolver: { readonly make: <A>(runAll: (entries: readonly Entry[]) => Eff<void>) => Resolver<A> }
}
interface Resolver<A> {
  readonly answers: A
}

/** The job with Effect's RequestResolver: one resolver for each kind of request, everything concurrent. */
export const effectResolver = async (): Promise<((pool: Pool, tenant: number) => Promise<Answer>) | Absent> => {
  const library = await peer<Library>('Effect RequestResolver', 'effect')
  if ('absent' in library) return library
  const { Effect, Exit, Request, RequestResolver } = library
  const unbounded = { concurrency: 'unbounded' } as const
  const resolver = <A>(many: (ids: readonly string[]) => Promise<readonly A[]>): Resolver<A> =>
    RequestResolver.make<A>((entries) =>
      Effect.map(
        Effect.promise(() => many(entries.map((e) => e.request.id))),
        (found) => {
          for (const [i, e] of entries.entries()) e.completeUnsafe(Exit.succeed(found[i]))
        },
      ),
    )
  const [Profile, Posts, Count] = ['Profile', 'Posts', 'Count'].map((tag) => Request.tagged(tag)) as [
    ReturnType<typeof Request.tagged>,
    ReturnType<typeof Request.tagged>,
    ReturnType<typeof Request.tagged>,
  ]
  return (pool, tenant) => {
    const b = batches(pool)
    const [profiles, posts, counts] = [resolver(b.profiles), resolver(b.posts), resolver(b.counts)]
    const authors = Effect.promise(
      async () =>
        (
          await pool.query({
            name: 'authors',
            text: 'select id, name from authors where tenant_id = $1 order by id',
            values: [tenant],
          })
        ).rows as { id: string; name: string }[],
    )
    const found = Effect.flatMap(authors, (all) =>
      Effect.forEach(
        all,
        (a) =>
          Effect.map(
            Effect.all(
              [
                Effect.request(Profile({ id: a.id }), profiles),
                Effect.flatMap(Effect.request(Posts({ id: a.id }), posts), (ps) =>
                  Effect.forEach(
                    ps,
                    (p) =>
                      Effect.map(Effect.request(Count({ id: p.id }), counts), (n) => ({
                        title: p.title,
                        comments: { n },
                      })),
                    unbounded,
                  ),
                ),
              ],
              unbounded,
            ),
            ([profile, written]) => ({ name: a.name, profile: { bio: profile.bio }, posts: written }),
          ),
        unbounded,
      ),
    )
    return Effect.runPromise(Effect.map(found, (authors) => ({ authors })))
  }
}
