import DataLoader from 'dataloader'
import type { Pool } from 'pg'
import type { Answer } from './graph.ts'

/** The job as people write it today, each on a pool of its own. The number of comments comes as text, as `pg` gives int8. */
export type Variant = (pool: Pool, tenant: number) => Promise<Answer>

interface Author {
  readonly id: string
  readonly name: string
}
interface Post {
  readonly id: string
  readonly title: string
}
const authorsOf = 'select id, name from authors where tenant_id = $1 order by id'
const profileOf = 'select bio from profiles where author_id = $1'
const postsOf = 'select id, title from posts where author_id = $1 order by id'
const countOf = 'select count(*) as n from comments where post_id = $1'
const profilesOf = 'select author_id, bio from profiles where author_id = any($1)'
const postsOfMany = 'select author_id, id, title from posts where author_id = any($1) order by id'
const countsOf = 'select post_id, count(*) as n from comments where post_id = any($1) group by post_id'

const rows = async <R>(pool: Pool, text: string, value: unknown): Promise<readonly R[]> =>
  (await pool.query({ name: text.slice(0, 60), text, values: [value] })).rows as R[]

export const sequential: Variant = async (pool, tenant) => {
  const authors = []
  for (const a of await rows<Author>(pool, authorsOf, tenant)) {
    const [profile] = await rows<{ bio: string }>(pool, profileOf, a.id)
    const posts = []
    for (const p of await rows<Post>(pool, postsOf, a.id)) {
      const [count] = await rows<{ n: string }>(pool, countOf, p.id)
      posts.push({ title: p.title, comments: { n: Number(count!.n) } })
    }
    authors.push({ name: a.name, profile: { bio: profile!.bio }, posts })
  }
  return { authors }
}

/** Everything that can be asked is, at once: `one` and `many` decide what that means. */
interface Ways {
  readonly profile: (author: string) => Promise<{ readonly bio: string }>
  readonly posts: (author: string) => Promise<readonly Post[]>
  readonly count: (post: string) => Promise<number>
}
const together = async (authors: readonly Author[], { profile, posts, count }: Ways): Promise<Answer> => ({
  authors: await Promise.all(
    authors.map(async (a) => {
      const [own, written] = await Promise.all([
        profile(a.id),
        posts(a.id).then((all) =>
          Promise.all(all.map(async (p) => ({ title: p.title, comments: { n: await count(p.id) } }))),
        ),
      ])
      return { name: a.name, profile: { bio: own.bio }, posts: written }
    }),
  ),
})

export const promiseAll: Variant = async (pool, tenant) =>
  together(await rows<Author>(pool, authorsOf, tenant), {
    profile: async (id) => (await rows<{ bio: string }>(pool, profileOf, id))[0]!,
    posts: (id) => rows<Post>(pool, postsOf, id),
    count: async (id) => Number((await rows<{ n: string }>(pool, countOf, id))[0]!.n),
  })

export const batches = (pool: Pool) => ({
  profiles: async (ids: readonly string[]): Promise<readonly { bio: string }[]> => {
    const found = await rows<{ author_id: string; bio: string }>(pool, profilesOf, ids)
    const by = new Map(found.map((r) => [r.author_id, r]))
    return ids.map((id) => by.get(id)!)
  },
  posts: async (ids: readonly string[]): Promise<readonly (readonly Post[])[]> => {
    const by = new Map<string, Post[]>(ids.map((id) => [id, []]))
    for (const r of await rows<Post & { author_id: string }>(pool, postsOfMany, ids)) by.get(r.author_id)!.push(r)
    return ids.map((id) => by.get(id)!)
  },
  counts: async (ids: readonly string[]): Promise<readonly number[]> => {
    const found = await rows<{ post_id: string; n: string }>(pool, countsOf, ids)
    const by = new Map(found.map((r) => [r.post_id, Number(r.n)]))
    return ids.map((id) => by.get(id) ?? 0)
  },
})

/** Loaders of their own for each request, as their authors say. */
export const dataLoader: Variant = async (pool, tenant) => {
  const b = batches(pool)
  const profile = new DataLoader((ids: readonly string[]) => b.profiles(ids))
  const posts = new DataLoader((ids: readonly string[]) => b.posts(ids))
  const count = new DataLoader((ids: readonly string[]) => b.counts(ids))
  return together(await rows<Author>(pool, authorsOf, tenant), {
    profile: (id) => profile.load(id),
    posts: (id) => posts.load(id),
    count: (id) => count.load(id),
  })
}

export const threeLevels: Variant = async (pool, tenant) => {
  const b = batches(pool)
  const authors = await rows<Author>(pool, authorsOf, tenant)
  const ids = authors.map((a) => a.id)
  const [profiles, posts] = await Promise.all([b.profiles(ids), b.posts(ids)])
  const counts = await b.counts(posts.flatMap((ps) => ps.map((p) => p.id)))
  let at = 0
  return {
    authors: authors.map((a, i) => ({
      name: a.name,
      profile: { bio: profiles[i]!.bio },
      posts: posts[i]!.map((p) => ({ title: p.title, comments: { n: counts[at++]! } })),
    })),
  }
}

const inOne = `select coalesce(json_agg(x order by x.id), '[]') as authors from (
  select a.id, a.name, json_build_object('bio', f.bio) as profile, coalesce(p.posts, '[]') as posts
  from authors a join profiles f on f.author_id = a.id
  left join lateral (
    select json_agg(json_build_object('title', p.title, 'comments', json_build_object('n', coalesce(c.n, 0))) order by p.id) as posts
    from posts p left join (
      select c.post_id, count(*) as n from comments c
      where c.post_id in (select p.id from posts p join authors a on a.id = p.author_id where a.tenant_id = $1) group by c.post_id
    ) c on c.post_id = p.id where p.author_id = a.id) p on true
  where a.tenant_id = $1) x`
const inOneGrouped = `with a as materialized (select id, name from authors where tenant_id = $1),
  p as materialized (select p.* from posts p where p.author_id in (select id from a)),
  c as materialized (select post_id, count(*) as n from comments where post_id in (select id from p) group by post_id),
  g as materialized (
    select p.author_id, json_agg(json_build_object('title', p.title, 'comments', json_build_object('n', coalesce(c.n, 0))) order by p.id) as posts
    from p left join c on c.post_id = p.id group by p.author_id)
  select coalesce(json_agg(json_build_object('name', a.name, 'profile', json_build_object('bio', f.bio), 'posts', coalesce(g.posts, '[]')) order by a.id), '[]') as authors
  from a join profiles f on f.author_id = a.id left join g on g.author_id = a.id`

/** One query that builds the answer as JSON; whichever of its two forms the planner likes better is the one to beat. */
export const oneQuery: Variant = async (pool, tenant) => (await rows<Answer>(pool, inOneGrouped, tenant))[0]!
export const oneQueryLateral: Variant = async (pool, tenant) => {
  const [{ authors } = { authors: [] }] = await rows<Answer>(pool, inOne, tenant)
  return { authors: authors.map(({ name, profile, posts }) => ({ name, profile, posts })) }
}

const derivedProfiles =
  'select author_id, bio from profiles where author_id in (select id from authors where tenant_id = $1)'
const derivedPosts =
  'select author_id, id, title from posts where author_id in (select id from authors where tenant_id = $1) order by id'
const derivedCounts = `select post_id, count(*) as n from comments where post_id in
  (select p.id from posts p join authors a on a.id = p.author_id where a.tenant_id = $1) group by post_id`

/** Four queries whose keys follow from the tenant alone, sent together. */
export const derivedKeys: Variant = async (pool, tenant) => {
  const [authors, profiles, posts, counts] = await Promise.all([
    rows<Author>(pool, authorsOf, tenant),
    rows<{ author_id: string; bio: string }>(pool, derivedProfiles, tenant),
    rows<Post & { author_id: string }>(pool, derivedPosts, tenant),
    rows<{ post_id: string; n: string }>(pool, derivedCounts, tenant),
  ])
  const bio = new Map(profiles.map((p) => [p.author_id, p.bio]))
  const n = new Map(counts.map((c) => [c.post_id, Number(c.n)]))
  const written = new Map<string, { title: string; comments: { n: number } }[]>(authors.map((a) => [a.id, []]))
  for (const p of posts) written.get(p.author_id)!.push({ title: p.title, comments: { n: n.get(p.id) ?? 0 } })
  return {
    authors: authors.map((a) => ({ name: a.name, profile: { bio: bio.get(a.id)! }, posts: written.get(a.id)! })),
  }
}
