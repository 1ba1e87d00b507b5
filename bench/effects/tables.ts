import type { Pool } from 'pg'

/** Ten tenants of 100 authors, each with a profile and ten posts; 43,000 comments or so. With an index on what is looked up, or without. */
export const fill = async (pool: Pool, indexed: boolean): Promise<void> => {
  for (const text of [
    'drop table if exists authors, profiles, posts, comments',
    `create table authors as select r::int8 as id, (r % 10)::int8 as tenant_id, 'author ' || r as name from generate_series(0, 999) r`,
    `create table profiles as select r::int8 as author_id, 'bio ' || r as bio, 'https://img.example/' || r as avatar from generate_series(0, 999) r`,
    `create table posts as select r::int8 as id, (r / 10)::int8 as author_id, 'post ' || r as title from generate_series(0, 9999) r`,
    `create table comments as select row_number() over ()::int8 as id, p::int8 as post_id, 'comment' as body
       from generate_series(0, 9999) p, generate_series(0, 8) k where (p * 7 + k) % 9 < p % 9`,
    ...(indexed
      ? [
          'create index on authors (tenant_id)',
          'create index on profiles (author_id)',
          'create index on posts (author_id)',
          'create index on comments (post_id)',
        ]
      : []),
    'vacuum analyze',
  ])
    await pool.query(text)
}
