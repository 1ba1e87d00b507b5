/**
 * The portable subset of SQL as data: what PostgreSQL and DuckDB answer alike, and what they do not. The checker, the
 * page docs/sql.md and the tests, which run every example on both, read these tables.
 *
 * Examples speak of a table `t` with i integer, b bigint, f double precision, s text, ok boolean, d date, ts timestamp
 * and m decimal(10,2).
 */
export interface PortableFunction {
  readonly example: string
  /** How it must be written, in words; the checker holds it to that. */
  readonly only?: string
}

/** A call is portable where its name stands here. */
export const portableFunctions: Readonly<Record<string, PortableFunction>> = {
  abs: { example: 'abs(i)' },
  floor: { example: 'floor(f)' },
  ceil: { example: 'ceil(f)' },
  ceiling: { example: 'ceiling(m)' },
  round: {
    example: 'round(cast(1.25 as decimal(10,2)), 1)',
    only: 'of a cast to decimal: doubles are rounded otherwise',
  },
  mod: { example: 'mod(i, 3)', only: 'by a number other than 0, or by nullif(…, 0)' },
  sqrt: { example: 'sqrt(cast(abs(b) as double precision))', only: 'of a cast to double precision' },
  length: { example: 'length(s)' },
  char_length: { example: 'char_length(s)' },
  position: { example: "position('z' in s)" },
  strpos: { example: "strpos(s, 'z')" },
  replace: { example: "replace(s, 'a', 'b')" },
  btrim: { example: "trim(both ' ' from s)", only: 'written as trim' },
  ltrim: { example: "ltrim(s, ' ')" },
  rtrim: { example: "rtrim(s, ' ')" },
  left: { example: 'left(s, 2)' },
  right: { example: 'right(s, 2)' },
  lpad: { example: "lpad(s, 3, '*')", only: 'with a filling that is written out' },
  rpad: { example: "rpad(s, 3, '*')", only: 'with a filling that is written out' },
  repeat: { example: 'repeat(s, 2)' },
  substring: { example: 'substring(s from 2 for 3)', only: 'from a written-out place of at least 1' },
  substr: { example: 'substr(s, 2, 3)', only: 'from a written-out place of at least 1' },
  starts_with: { example: "starts_with(s, 'a')" },
  split_part: { example: "split_part(s, ' ', 1)", only: 'at a text that is written out' },
  translate: { example: "translate(s, 'ab', 'xy')" },
  md5: { example: 'md5(s)' },
  like_escape: { example: "s like 'a!%%' escape '!'", only: 'written as like … escape' },
  extract: {
    example: 'cast(extract(year from d) as integer)',
    only: 'year, quarter, month, week, day, dow, isodow, doy, isoyear, hour or minute, inside a cast to integer or bigint',
  },
  date_trunc: { example: "date_trunc('month', cast(d as timestamp))", only: 'of a cast to timestamp' },
  count: { example: '(select count(distinct i) from t)' },
  min: { example: '(select min(i) from t)' },
  max: { example: '(select max(d) from t)' },
  sum: { example: '(select cast(sum(i) as bigint) from t)', only: 'inside a cast' },
  avg: { example: '(select avg(cast(i as double precision)) from t)', only: 'of a cast to double precision' },
  bool_and: { example: '(select bool_and(ok) from t)' },
  bool_or: { example: '(select bool_or(ok) from t)' },
  string_agg: { example: "(select string_agg(s, ',' order by i) from t)", only: 'with an order by of its own' },
  row_number: { example: 'row_number() over (order by i)' },
  rank: { example: 'rank() over (order by ok)' },
  dense_rank: { example: 'dense_rank() over (order by ok)' },
  percent_rank: { example: 'percent_rank() over (order by i)' },
  cume_dist: { example: 'cume_dist() over (order by i)' },
  ntile: { example: 'ntile(2) over (order by i)' },
  lag: { example: 'lag(i) over (order by i)' },
  lead: { example: 'lead(i) over (order by i)' },
  first_value: { example: 'first_value(i) over (order by i)' },
  last_value: { example: 'last_value(i) over (order by i)' },
}

/** Operators by how they are written. */
export const portableOperators: Readonly<Record<string, PortableFunction>> = {
  '+': { example: 'i + 1' },
  '-': { example: 'd - 1' },
  '*': { example: 'm * 2' },
  '/': {
    example: 'cast(i as double precision) / nullif(b, 0)',
    only: 'a cast to double precision, by a number other than 0 or by nullif(…, 0)',
  },
  '%': { example: 'b % 4', only: 'by a number other than 0, or by nullif(…, 0)' },
  '||': { example: "s || 'x'", only: 'text' },
  '=': { example: 'i = 7' },
  '<>': { example: "s <> ''" },
  '<': { example: 'm < 1.5' },
  '<=': { example: "d <= date '2020-02-29'" },
  '>': { example: 'f > 0' },
  '>=': { example: "ts >= timestamp '2020-02-29 00:00:00'" },
  '&': { example: 'i & 3' },
  '|': { example: 'i | 1' },
}

/** Types of casts, and of the columns of tables that portable queries read. */
export const portableTypes: Readonly<Record<string, string>> = {
  bool: 'boolean',
  int4: 'integer',
  int8: 'bigint',
  float8: 'double precision',
  numeric: 'decimal(p,s), p at most 18',
  text: 'text',
  varchar: 'varchar, without a length',
  date: 'date',
  timestamp: 'timestamp',
  interval: 'interval, as a literal that is added',
  bytea: 'bytea (blob), for columns',
}

/** Whole queries, one for each clause of the subset. */
export const portableForms: Readonly<Record<string, string>> = {
  'select, where, and, or, not': 'select i from t where (i > 0 or not ok) and s is not null order by i',
  'order by: descending says where NULL goes': 'select i from t order by i desc nulls last',
  'text in order': 'select s from t order by s collate "C"',
  'limit, offset': 'select i from t order by i limit 2 offset 1',
  distinct: 'select distinct ok from t order by ok nulls first',
  'group by, having': 'select ok, count(*) as n from t group by ok having count(*) > 1 order by ok',
  'count … filter': 'select count(*) filter (where i > 0) as n from t',
  'rollup, cube, grouping sets': 'select ok, count(*) as n from t group by rollup (ok) order by n, ok',
  'inner, left, right, full and cross join':
    'select x.i, y.b from t x left join t y on y.b = x.i full join t z on z.i = x.i cross join (select 1 as one) o order by x.i, y.b',
  lateral: 'select x.i, y.j from t x cross join lateral (select x.i + 1 as j) y order by x.i',
  'in, exists, any, all, scalar subqueries':
    'select i, exists (select 1 as one from t where i = 7) as e, i in (select b from t) as n, (select max(i) from t) as m, i <= all (select i from t where i > 0) as a from t order by i',
  'union, intersect, except': 'select i from t union select b from t except select 0 as i order by i',
  with: 'with x as (select i from t where i > 0) select i from x order by i',
  'with recursive':
    'with recursive x as (select 1 as n union all select n + 1 as n from x where n < 5) select n from x order by n',
  'values in from': "select v.a, v.b from (values (1, 'x'), (2, 'y')) as v(a, b) order by v.a",
  'case, coalesce, nullif, greatest, least':
    "select case when i > 0 then 'p' when i < 0 then 'n' else 'z' end as c, coalesce(i, 5) as o, nullif(i, 7) as n, greatest(i, 3) as g, least(i, 3) as l from t order by i",
  'between, in (…), is distinct from, is true':
    'select i between 0 and 5 as b, i in (1, 7) as n, i is distinct from 1 as d, ok is true as t from t order by i',
  'like with a pattern that is written out': "select s like 'a%' as a, s not like '_' as b from t order by i",
  'intervals that are added': "select ts + interval '1 month' as x, d - interval '2 days' as y from t order by i",
  'frames of windows':
    'select i, count(*) over (order by i rows between 1 preceding and current row) as n from t order by i',
  casts:
    "select cast(f as integer) as a, cast(m as bigint) as b, cast(ts as date) as c, cast('12' as integer) as d from t where f < 1000 order by i",
}

/** Forms that change rows, in an order in which they can run. */
export const portableChanges: readonly string[] = [
  "insert into u (k, v) values (1, 'a'), (2, 'b'), (3, null)",
  'insert into u (k, v) select k + 10, v from u where k < 3',
  "update u set v = v || '!' where k > 1",
  'update u set v = x.v from (select k, v from u where k = 1) x where u.k = 11',
  'delete from u where v is null',
  'delete from u using (select 12 as k) x where u.k = x.k',
  "insert into u (k, v) values (1, 'z') on conflict (k) do nothing",
  "insert into u (k, v) values (1, 'z') on conflict (k) do update set v = excluded.v",
]

/** What lies outside, with an example on which the engines differ, and what to write instead. */
export interface NotPortable {
  readonly what: string
  readonly example: string
  readonly why: string
}
export const notPortableTable: readonly NotPortable[] = [
  {
    what: 'division of integers',
    example: 'select i / 2 as x from t order by i',
    why: '7 / 2 is 3 in PostgreSQL and 3.5 in DuckDB',
  },
  {
    what: 'division by zero',
    example: 'select f / 0 as x from t',
    why: 'an error in PostgreSQL, infinity or NULL in DuckDB',
  },
  {
    what: 'order by … desc without nulls first or last',
    example: 'select i from t order by i desc',
    why: 'NULL comes first in PostgreSQL and last in DuckDB',
  },
  {
    what: 'avg of integers or decimals',
    example: 'select avg(i) as x from t',
    why: 'decimal in PostgreSQL, double in DuckDB',
  },
  {
    what: 'numbers as text',
    example: 'select cast(f as text) as x from t order by i',
    why: '1e+15 in PostgreSQL, 1000000000000000.0 in DuckDB',
  },
  {
    what: 'decimals made of doubles',
    example: 'select cast(cast(1.005 as double precision) as decimal(10,2)) as x',
    why: 'PostgreSQL goes by 15 digits, DuckDB by the bits',
  },
  {
    what: 'round of doubles',
    example: 'select round(cast(2.5 as double precision)) as x',
    why: 'halves go to the even neighbour in PostgreSQL, away from zero in DuckDB',
  },
  {
    what: 'lower, upper, ilike',
    example: "select upper('ß') as x",
    why: 'letters beyond ASCII follow the locale of the PostgreSQL database',
  },
  {
    what: 'reverse',
    example: "select reverse('e\u0301a') as x",
    why: 'PostgreSQL turns characters round, DuckDB what one sees as a letter',
  },
  {
    what: 'substring from 0 or less',
    example: "select substring('hello', -1, 3) as x",
    why: 'DuckDB counts from the end',
  },
  {
    what: 'like with a backslash',
    example: "select 'a%' like 'a\\%' as x",
    why: 'an escape in PostgreSQL, a character in DuckDB; write escape',
  },
  { what: 'regular expressions', example: "select 'ab' ~ '^a(?=b)' as x", why: 'two different languages' },
  {
    what: 'extract(second …), extract(epoch …)',
    example: "select extract(second from timestamp '2024-01-01 00:00:59.5') as x",
    why: 'with its fraction in PostgreSQL, without in DuckDB',
  },
  { what: 'numbers with an exponent', example: 'select 1e16 + 1 as x', why: 'decimal in PostgreSQL, double in DuckDB' },
  { what: 'statistics', example: 'select stddev(i) as x from t', why: 'decimal in PostgreSQL, double in DuckDB' },
  {
    what: 'rows compared as a whole',
    example: 'select (i, null) in ((1, 2)) as x from t order by i',
    why: 'DuckDB takes NULL for a value there',
  },
  {
    what: 'arithmetic of smallint',
    example: 'select cast(2 as smallint) * 30000 as x',
    why: 'a literal is an integer in PostgreSQL, a smallint beside one in DuckDB',
  },
  {
    what: 'arithmetic of real',
    example: 'select cast(0.1 as real) + cast(0.2 as real) as x',
    why: 'shown with other digits, and constants have another type',
  },
  {
    what: 'columns without a name',
    example: 'select count(*) from t',
    why: 'PostgreSQL calls it count, DuckDB count_star()',
  },
  {
    what: 'names in capitals without quotes',
    example: 'select i as Total from t order by i',
    why: 'PostgreSQL makes them small, DuckDB keeps them',
  },
  { what: 'every', example: 'select every(ok) as x from t', why: 'DuckDB has bool_and only' },
  {
    what: 'names that are words of DuckDB (at, show, pivot …)',
    example: 'select at from (select 1 as at) x',
    why: 'write them in quotes',
  },
  {
    what: 'arithmetic of texts',
    example: "select '5' + i as x from t order by i",
    why: 'PostgreSQL takes the text for a number',
  },
  {
    what: 'a subquery in the condition of an outer join',
    example: 'select x.i from t x left join t y on x.i in (select i from t) order by x.i',
    why: 'DuckDB has no plan for some of them',
  },
  { what: 'shifts', example: 'select 1 << 31 as x', why: 'PostgreSQL loses bits, DuckDB refuses' },
  { what: 'every other function', example: "select initcap('a b') as x", why: 'it was not tried on both' },
]
