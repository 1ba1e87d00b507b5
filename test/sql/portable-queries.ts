import fc from 'fast-check'

/** Small tables with NULLs, equal values and empty texts. */
export const tables: readonly string[] = [
  'create table p (i integer, b bigint, f double precision, s text, ok boolean, d date, m decimal(8,2))',
  `insert into p values
    (1, 1, 0.5, 'a', true, date '2024-02-29', 1.5), (2, null, -0.25, 'b', false, date '2024-12-31', -0.05),
    (null, 3, 2, '', null, null, 100), (2, 2, null, 'ab', true, date '1999-01-01', null), (-5, 7, 1024, null, false, date '2024-02-29', 0),
    (100000, 3000000000, 1.5, 'B é', true, date '1970-01-01', 9.99)`,
  'create table q (i integer, s text, b bigint)',
  "insert into q values (1, 'a', 10), (2, 'ab', 20), (2, null, null), (null, 'zz', 5), (9, '', 7)",
]

type Kind = 'int' | 'double' | 'text' | 'bool' | 'date' | 'decimal'
const columns: Readonly<Record<Kind, readonly string[]>> = {
  int: ['p.i', 'p.b', 'q.i', 'q.b'],
  double: ['p.f'],
  text: ['p.s', 'q.s'],
  bool: ['p.ok'],
  date: ['p.d'],
  decimal: ['p.m'],
}
const literals: Readonly<Record<Kind, fc.Arbitrary<string>>> = {
  int: fc.integer({ min: -9, max: 9 }).map((n) => (n < 0 ? `(${n})` : String(n))),
  double: fc.constantFrom('0.5', '-2.25', '8').map((n) => `cast(${n} as double precision)`),
  text: fc.constantFrom("''", "'a'", "'ab'", "'é b'"),
  bool: fc.constantFrom('true', 'false'),
  date: fc.constantFrom("date '2024-02-29'", "date '1970-01-01'"),
  decimal: fc.constantFrom('1.5', '(-0.05)', '100.25'),
}
const leaf = (k: Kind): fc.Arbitrary<string> =>
  fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...columns[k]) }, { weight: 1, arbitrary: literals[k] })
const call = (f: (...xs: string[]) => string, ...xs: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(...xs).map((ys) => f(...(ys as string[])))

/** An expression of a kind; what is divided is never divided by what may be 0. */
const expr = (k: Kind, depth: number): fc.Arbitrary<string> => {
  if (depth === 0) return leaf(k)
  const of = (kind: Kind): fc.Arbitrary<string> => fc.constant(null).chain(() => expr(kind, depth - 1))
  const same = of(k)
  const shared = [
    leaf(k),
    call((c, a, b) => `case when ${c} then ${a} else ${b} end`, of('bool'), same, same),
    call((a, b) => `coalesce(${a}, ${b})`, same, same),
    call((a, b) => `nullif(${a}, ${b})`, same, same),
  ]
  const own: Readonly<Record<Kind, readonly fc.Arbitrary<string>[]>> = {
    int: [
      call((a, o, b) => `(${a} ${o} ${b})`, same, fc.constantFrom('+', '-', '*'), same),
      call((a, b) => `(${a} % nullif(${b}, 0))`, same, same),
      call((a) => `abs(${a})`, same),
      call((a) => `length(${a})`, of('text')),
      call(
        (a, f) => `cast(extract(${f} from ${a}) as integer)`,
        of('date'),
        fc.constantFrom('year', 'month', 'day', 'isodow', 'doy', 'week', 'quarter'),
      ),
      call((a, b) => `greatest(${a}, ${b})`, same, same),
      call((a, b) => `strpos(${a}, ${b})`, of('text'), of('text')),
    ],
    double: [
      call((a, o, b) => `(${a} ${o} ${b})`, same, fc.constantFrom('+', '-'), same),
      call((a, b) => `cast(${a} as double precision) / nullif(${b}, 0)`, of('int'), of('int')),
      call((a) => `cast(${a} as double precision)`, of('int')),
      call((a) => `floor(${a})`, same),
      call((a) => `sqrt(cast(abs(${a}) as double precision))`, same),
    ],
    text: [
      call((a, b) => `(${a} || ${b})`, same, same),
      call((a) => `replace(${a}, 'a', 'xy')`, same),
      call((a, n) => `left(${a}, ${n})`, same, fc.constantFrom('0', '1', '2', '-1')),
      call((a) => `substring(${a} from 2 for 2)`, same),
      call((a) => `lpad(${a}, 3, '*')`, same),
      call((a) => `trim(both ' ' from ${a})`, same),
    ],
    bool: [
      ...(['int', 'double', 'text', 'date', 'decimal', 'bool'] as const).map((kind) =>
        call(
          (a, o, b) => `(${a} ${o} ${b})`,
          of(kind),
          fc.constantFrom('=', '<>', '<', '<=', '>', '>=', 'is distinct from'),
          of(kind),
        ),
      ),
      call((a, o, b) => `(${a} ${o} ${b})`, same, fc.constantFrom('and', 'or'), same),
      call((a) => `(not ${a})`, same),
      call((a) => `(${a} is null)`, of('text')),
      call((a) => `(${a} like 'a%')`, of('text')),
      call((a, b, c) => `(${a} in (${b}, ${c}))`, of('int'), of('int'), of('int')),
      call((a, b, c) => `(${a} between ${b} and ${c})`, of('date'), of('date'), of('date')),
      call((a) => `(${a} in (select x.i from q x))`, of('int')),
      call((a) => `exists (select 1 as one from q x where x.i = ${a})`, of('int')),
    ],
    date: [call((a, n) => `(${a} + ${n})`, same, fc.constantFrom('1', '31'))],
    decimal: [
      call((a, o, b) => `(${a} ${o} ${b})`, same, fc.constantFrom('+', '-'), same),
      call((a) => `round(cast(${a} as decimal(12,2)), 1)`, of('int')),
    ],
  }
  return fc.oneof(...shared, ...own[k])
}
const kinds = ['int', 'double', 'text', 'bool', 'date', 'decimal'] as const
const any = fc.constantFrom(...kinds).chain((k) => expr(k, 2))
const aggregate = fc.oneof(
  fc.constant('count(*)'),
  call((a) => `count(distinct ${a})`, expr('int', 1)),
  call((a) => `cast(sum(${a}) as bigint)`, expr('int', 1)),
  call((a) => `cast(sum(${a}) as decimal(18,2))`, leaf('decimal')),
  call((f, a) => `${f}(${a})`, fc.constantFrom('min', 'max'), fc.oneof(expr('int', 1), expr('date', 1))),
  call((a) => `bool_or(${a})`, expr('bool', 1)),
  call((a) => `count(*) filter (where ${a})`, expr('bool', 1)),
)
/** DuckDB does not do subqueries there. */
const condition = expr('bool', 1).filter((c) => !c.includes('select'))
const from = fc.oneof(
  fc.constant('p cross join q'),
  call((j, c) => `p ${j} join q on ${c}`, fc.constantFrom('inner', 'left', 'right'), condition),
  fc.constantFrom('p full join q on p.i = q.i', 'p left join q on p.i = q.i and q.b > 5'),
)
const where = fc.option(expr('bool', 2), { nil: undefined }).map((w) => (w === undefined ? '' : ` where ${w}`))
/** Ordered by every column, so that the order of rows is told whole. */
const ordered = (n: number, down: boolean): string =>
  ` order by ${Array.from({ length: n }, (_, i) => `${i + 1}${down ? ' desc nulls last' : ''}`).join(', ')}`

export const query: fc.Arbitrary<string> = fc.oneof(
  fc
    .tuple(fc.array(any, { minLength: 1, maxLength: 3 }), from, where, fc.boolean(), fc.boolean())
    .map(
      ([es, f, w, distinct, down]) =>
        `select ${distinct ? 'distinct ' : ''}${es.map((e, i) => `${e} as c${i}`).join(', ')} from ${f}${w}${ordered(es.length, down)}`,
    ),
  fc
    .tuple(any, fc.array(aggregate, { minLength: 1, maxLength: 3 }), from, where, fc.boolean())
    .map(
      ([k, as, f, w, down]) =>
        `select x.k, ${as.map((_, i) => `x.a${i}`).join(', ')} from (select ${k} as k, ${as.map((a, i) => `${a} as a${i}`).join(', ')} from ${f}${w} group by 1) x${ordered(as.length + 1, down)}`,
    ),
  fc
    .tuple(
      expr('int', 2),
      fc.constantFrom('rank()', 'row_number()', 'count(*)', 'cast(sum(p.i) as bigint)', 'lag(p.i)', 'min(q.b)'),
      where,
    )
    .map(
      ([e, f, w]) =>
        `select ${e} as c0, ${f.startsWith('cast') ? 'cast(sum(p.i) over (order by p.i) as bigint)' : `${f} over (order by p.i, p.b, q.i, q.b)`} as c1 from p cross join q${w}${ordered(2, false)}`,
    ),
  fc
    .tuple(expr('int', 2), expr('int', 2), fc.constantFrom('union', 'union all', 'intersect', 'except'))
    .map(
      ([a, b, op]) => `select ${a} as c0 from p cross join q ${op} select ${b} as c0 from p cross join q order by 1`,
    ),
)
