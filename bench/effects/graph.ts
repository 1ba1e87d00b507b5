import { graph, row, sql, t } from '../../index.ts'

/**
 * For one tenant the authors by id, each with profile and posts by id, each post with its number of comments: as written
 * 1 + 100 + 100 + 1,000 queries.
 */
const Author = row({ id: t.i64, name: t.string })
const Profile = row({ bio: t.string })
const Post = row({ id: t.i64, title: t.string })
const Count = row({ n: t.i64 })
const limits = { maxRows: 1000, maxBytes: 1e6 }

export const authors = graph('authors', { tenant: t.i64 }, ({ tenant }) => {
  const db = sql('blog')
  const found = db.many('author', Author, limits)`select id, name from authors where tenant_id = ${tenant} order by id`
  return {
    authors: found.map((a) => ({
      name: a.name,
      profile: db.one('profile', Profile)`select bio from profiles where author_id = ${a.id}`,
      posts: db.many('post', Post, limits)`select id, title from posts where author_id = ${a.id} order by id`.map(
        (p) => ({
          title: p.title,
          comments: db.one('comments', Count)`select count(*) as n from comments where post_id = ${p.id}`,
        }),
      ),
    })),
  }
})

/** What every contender answers, numbers as numbers. */
export interface Answer {
  readonly authors: readonly {
    readonly name: string
    readonly profile: { readonly bio: string }
    readonly posts: readonly { readonly title: string; readonly comments: { readonly n: number } }[]
  }[]
}
