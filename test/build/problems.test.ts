// Requirements: E11 K1

import { describe, expect, test } from 'vitest'
import type { Built, Tensor } from '../../graph/index.ts'
import * as q from '../../graph/index.ts'
import { describeError, fx, graph, row, sql, t } from '../../graph/index.ts'
import { problemsOf, refused, sealed } from './run.ts'

// Types would stop most of these; a program without types, or with `any`, gets here. Every kind of problem is pinned.
// biome-ignore lint/suspicious/noExplicitAny: what these tests are about is what happens without types.
type Untyped = any

const inputs = {
  x: t.tensor(t.f64, 'loan'),
  y: t.tensor(t.f64, 'customer'),
  n: t.tensor(t.i32, 'loan'),
  s: t.f64,
  i: t.i32,
  k: t.i64,
  m: t.tensor(t.f64, 2, 3),
  d: t.decimal(2),
  e: t.decimal(3),
  name: t.string,
  flag: t.bool,
  note: t.option(t.f64),
  loans: t.list(row({ id: t.i64, amount: t.f64 }), 'row'),
  when: t.timestamp,
  raw: t.bytes,
  raws: t.tensor(t.bytes, 'raw'),
  doc: t.json,
  grid: t.list(t.list(t.f64, 'line'), 'order'),
  orders: t.list(row({ lines: t.list(row({ price: t.f64 }), 'line') }), 'order'),
  pairs: t.list(t.tensor(t.f64, 2), 'order'),
}
const bigint: Untyped = { a: [1n] }
const cyclic: Untyped = {}
cyclic.self = cyclic
let endless: Untyped = 1
for (let i = 0; i < 100_000; i++) endless = [endless]
const bad = (body: (i: Untyped) => Untyped): string[] => problemsOf(graph('bad', inputs, body as never))
const db = sql('main')
const Row = row({ id: t.i64 })

describe('operands', () => {
  test.each<[string, (i: Untyped) => Untyped]>([
    ['shapes', ({ x, y }) => x.add(y)],
    ['a smaller one', ({ x }) => q.full(1, 'loan', 3).mul(x)],
    ['elements', ({ x, n }) => x.add(n)],
    ['a constant that does not fit', ({ n }) => n.add(1.5)],
    ['a constant of another kind', ({ x }) => x.lt('high')],
    ['an op that is not defined', ({ flag }) => flag.add(flag)],
    ['an option', ({ note }) => note.orElse('none')],
    ['null', ({ x }) => x.add(null)],
    ['an array', ({ x }) => x.add([1, 2])],
    ['a function', () => () => 1],
    ['decimals of two scales', ({ d, e }) => d.add(e)],
    ['select of one kind', ({ flag, s, i }) => q.select(flag, s, i)],
    ['conversion', ({ name }) => name.to(t.f64)],
    ['conversion to bool', ({ s }) => s.to(t.bool)],
    ['exp of integers', ({ i }) => q.exp(i)],
    ['bitcast', ({ i }) => q.bitcast(i, t.f64)],
    ['constant', () => q.constant(t.i32, 'three' as never)],
    ['constants of JSON that JSON cannot hold', () => [bigint, cyclic, endless].map((x) => q.constant(t.json, x))],
    [
      'a constant of rows with JSON',
      () => q.constant(t.list(row({ doc: t.json }), 'doc'), [{ doc: [bigint] }] as never),
    ],
    ['a case of JSON', () => q.inject(t.union({ doc: t.json }), 'doc', bigint)],
    ['a case of JSON that holds itself', () => q.inject(t.union({ doc: t.json }), 'doc', cyclic)],
    ['eq of bytes', ({ raw }) => raw.eq(new Uint8Array([1]))],
    ['ne of JSON', ({ doc }) => doc.ne(doc)],
    ['eq of columns of bytes', ({ raws }) => raws.eq(raws)],
    ['lt of bytes', ({ raw }) => raw.lt(raw)],
    ['a rounding', ({ d }) => q.mulDecimal(d, d, { scale: 2, rounding: 'half' as never })],
    ['no rounding', ({ d }) => q.rescale(d, { scale: 1 } as never)],
    ['matrix', () => q.matrix(2, 2, [1, 2, 3])],
    ['matrix sizes', () => q.matrix(2.5, -1)],
  ])('%s', (_, body) => expect(bad(body)).toMatchSnapshot())
})
describe('shapes', () => {
  test.each<[string, (i: Untyped) => Untyped]>([
    ['no such axis', ({ x }) => x.sum('customer')],
    ['the same axis twice', ({ x }) => x.sum('loan', 'loan')],
    ['an axis by a size that is there twice', () => q.matrix(3, 3).sum(3)],
    ['columns of rows that are no records', ({ x }) => (q.each(x) as Untyped).columns()],
    ['mean of integers', ({ n }) => n.mean()],
    ['variance of integers', ({ n }) => q.variance(n)],
    ['argmax of a matrix', ({ m }) => m.argmax()],
    ['cumsum of a matrix', ({ m }) => q.cumsum(m)],
    ['softmax of a scalar', ({ s }) => q.softmax(s)],
    ['along an unknown dimension', ({ s }) => s.along('nowhere')],
    ['along some of the axes', ({ m }) => m.along(2, 'loan')],
    ['along in another order', ({ m }) => m.along(3, 2)],
    ['along of rows', ({ note }) => (q.full as Untyped)(1, 'x').add(note)],
    ['an index outside', ({ m }) => m.at(2)],
    ['gather by floats', ({ x, s }) => q.gather(x, s)],
    ['reshape', ({ m }) => m.reshape(4)],
    ['transpose', ({ m }) => q.transpose(m, 2 as never, 4 as never)],
    ['slice of a scalar', ({ s }) => q.slice(s, 0, 1)],
    ['slice by halves', ({ x }) => q.slice(x, 0.5)],
    ['concat of nothing', () => (q.concat as Untyped)()],
    ['concat of two shapes', ({ x, m }) => q.concat(x, m)],
    ['matmul', ({ m }) => q.matmul(m, m)],
    ['dot', ({ x, y }) => q.dot(x, y)],
    ['iota', () => q.iota('nowhere')],
    ['zip', ({ x, y }) => q.zip({ x, y } as never)],
    ['filter by another dimension', ({ x, y }) => q.filter(x, y.gt(1))],
    ['two filters of one name', ({ x }) => ({ a: q.filter(x, x.gt(1), 'big'), b: q.filter(x, x.gt(2), 'big') })],
    ['flatten', ({ loans }) => q.flatten(loans, 'all')],
    ['segments', ({ loans }) => q.segmentSum(loans)],
    ['segments of one length', ({ grid }) => q.segmentSum(grid)],
    [
      'segments of one length from rows',
      ({ orders }) => q.segmentMax(orders.map((o: Untyped) => o.lines.columns().price)),
    ],
    ['segments of a literal length', ({ pairs }) => q.segmentProd(pairs)],
    ['sameDim of a scalar', ({ s, x }) => q.sameDim(s, x)],
  ])('%s', (_, body) => expect(bad(body)).toMatchSnapshot())
})
describe('effects', () => {
  test.each<[string, (i: Untyped) => Untyped]>([
    ['SQL that cannot be parsed', () => db.one('q', Row)`selec id`],
    ['a parameter that is no scalar', ({ x }) => db.one('q', Row)`select id from a where b = ${x}`],
    ['rows that are no record', () => db.one('q', t.i64)`select 1`],
    ['maxRows', () => db.many('q', Row, { maxRows: 0, maxBytes: 1 })`select id from a`],
    [
      'a dimension brought in twice',
      () => ({
        a: db.many('a', Row, { maxRows: 1, maxBytes: 1, dim: 'r' })`select id from a`,
        b: db.many('b', Row, { maxRows: 1, maxBytes: 1, dim: 'r' })`select id from b`,
      }),
    ],
    ['an exec that changes nothing', () => db.exec('look')`select id from a`],
    [
      'a write that is lost',
      ({ x }) => {
        db.exec('touch')`update a set b = 1`
        return x
      },
    ],
    [
      'a write that is lost in a body',
      ({ loans }) =>
        loans.map((l: Untyped) => {
          q.files('out').write('a.txt', 'hello')
          return l.id
        }),
    ],
    [
      'a log line that is lost',
      ({ x }) => {
        q.writeLog('info', 'hello')
        return x
      },
    ],
    ['bytes', () => q.randomBytes(0)],
    ['what a file holds', ({ s }) => q.files('out').write('a.txt', s)],
    ['a text of rows', ({ loans }) => q.text(loans)],
  ])('%s', (_, body) => expect(bad(body)).toMatchSnapshot())
})
describe('bodies', () => {
  let leaked: Untyped
  test.each<[string, (i: Untyped) => Untyped]>([
    [
      'a parameter outside its body',
      ({ loans }) => {
        loans.map((l: Untyped) => {
          leaked = l.amount
          return l.id
        })
        return leaked.add(1)
      },
    ],
    [
      'a parameter returned outside its body',
      ({ loans }) => {
        loans.map((l: Untyped) => {
          leaked = l.amount
          return l.id
        })
        return leaked
      },
    ],
    [
      'a parameter of one body in another',
      ({ loans }) => {
        loans.map((l: Untyped) => {
          leaked = l.amount
          return l.id
        })
        return loans.map((l: Untyped) => l.amount.add(leaked))
      },
    ],
    [
      'forkMap whose body reads what it writes',
      ({ loans }) =>
        loans.forkMap((l: Untyped) =>
          q.sequence(db.exec('w')`update t set b = ${l.id}`, db.one('r', Row)`select id from t`),
        ),
    ],
    [
      'bodies of two types',
      ({ flag, s, i }) =>
        q.cond(
          flag,
          () => s,
          () => i,
        ),
    ],
    [
      'a condition that is no bool',
      ({ s }) =>
        q.cond(
          s,
          () => s,
          () => s,
        ),
    ],
    ['a case without a body', ({ note }) => q.match(note, { some: (v: Untyped) => v } as never)],
    ['match of a number', ({ s }) => q.match(s, {} as never)],
    [
      'a loop that changes its type',
      ({ s }) => q.loop(s, { max: 3, while: (v: Untyped) => v.gt(1), step: () => q.constant(t.i32, 1) as never }),
    ],
    [
      'a loop without an end',
      ({ s }) => q.loop(s, { max: 0, while: (v: Untyped) => v.gt(1), step: (v: Untyped) => v }),
    ],
    ['cached for half a millisecond', ({ s }) => q.cached('k', 0.5, () => s)],
    ['a cached write', () => q.cached('k', 10, () => db.exec('touch')`update a set b = 1`)],
    [
      'branches that conflict',
      () => q.fork({ a: () => db.exec('w')`update t set b = 1`, b: () => db.one('r', Row)`select id from t` }),
    ],
    ['assert of a number', ({ s }) => q.assert(s, 'is true', s)],
    ['map of a tensor', ({ x }) => (q.each(x) as Untyped).map(() => undefined)],
  ])('%s', (_, body) => expect(bad(body)).toMatchSnapshot())
  test('bodies 101 deep', () => {
    const deeper = (n: number, x: Tensor<'f64', []>): Tensor<'f64', []> =>
      n === 0
        ? x
        : q.cond(
            x.gt(0),
            () => deeper(n - 1, x.add(n)),
            () => x,
          )
    expect(problemsOf(graph('deep', { x: t.f64 }, ({ x }) => deeper(101, x)))).toMatchSnapshot()
  })
})
describe('places', () => {
  test.each<[string, () => Untyped]>([
    [
      'branches that conflict',
      () => q.fork({ a: () => db.exec('w')`update t set b = 1`, b: () => db.one('r', Row)`select id from t` }),
    ],
    ['a cached write', () => q.cached('k', 10, () => db.exec('touch')`update a set b = 1`)],
    ['a cached clock', () => q.cached('k', 10, () => q.now())],
    ['a constant', () => q.constant(t.json, cyclic)],
    ['a nested constant', () => q.constant(t.record({ doc: t.json }), { doc: endless })],
    ['a constant of a type that cannot be', () => q.constant(t.tensor(t.f64, -2), [])],
    ['a rounding', () => q.mulDecimal(q.constant(t.decimal(2), '1'), q.constant(t.decimal(2), '1'), {} as never)],
    ['segments', () => q.segmentSum(q.constant(t.list(t.list(t.f64, 'line'), 'order'), []) as never)],
  ])('%s is at its line', (_, body) => {
    const { problems } = refused(graph('bad', {}, body as never))
    expect(problems.map((p) => p.place.replace(/:\d+$/, ''))).toEqual(problems.map(() => 'test/build/problems.test.ts'))
    expect(problems.length).toBeGreaterThan(0)
  })
})
describe('JavaScript', () => {
  test('operators and texts are trapped at their line', () => {
    const g = graph('traps', { a: t.f64, b: t.f64 }, ({ a, b }) => {
      const u = a as Untyped
      const x = u > (b as Untyped) ? a : b
      const y = `${b}`
      return { x, y: u + 1, z: y as Untyped }
    })
    const lines = refused(g).problems.map((p) => Number(p.place.replace('test/build/problems.test.ts:', '')))
    expect(lines.map((l) => l - lines[0]!)).toEqual([0, 0, 1, 2])
    expect(problemsOf(g)).toMatchSnapshot()
  })
  test('a body that throws', () =>
    expect(
      bad(() => {
        throw new TypeError('x.foo is not a function')
      }),
    ).toMatchSnapshot())
  test('a body that throws after a problem', () => expect(bad(({ x, y }) => x.add(y).columns())).toMatchSnapshot())
  test('a body that returns nothing, a promise, itself', () => {
    const loop: Record<string, unknown> = {}
    loop.self = loop
    expect([bad(() => undefined), bad(async ({ x }) => x), bad(() => loop)]).toMatchSnapshot()
  })
  test('nothing is a result', () => expect(bad(() => null)).toMatchSnapshot())
  test('a name that JavaScript treats as its own', () => {
    expect(bad(({ x }) => Object.defineProperty({}, '__proto__', { value: x, enumerable: true }))).toMatchSnapshot()
  })
})
describe('graphs', () => {
  test('an expression of another graph', () => {
    let other: Untyped
    sealed(
      graph('first', { a: t.f64 }, ({ a }) => {
        other = a.add(1)
        return other
      }),
    )
    expect(bad(({ s }) => s.add(other))).toMatchSnapshot()
    expect(bad(() => ({ deep: { other } }))).toMatchSnapshot()
    expect(bad(() => other)).toMatchSnapshot()
  })
  test('an expression made outside any graph', () => {
    const outside = q.constant(t.f64, 1)
    expect(bad(({ s }) => s.add(outside))).toMatchSnapshot()
  })
  test('a graph inside a graph is an error value', () => {
    let inner: Built | undefined
    const outer = graph('outer', { a: t.f64 }, ({ a }) => {
      inner = graph('inner', { b: t.f64 }, ({ b }) => b)
      return a
    })
    sealed(outer)
    expect(problemsOf(inner!)).toMatchSnapshot()
  })
  test('sizes, names and limits that cannot be', () => {
    expect(bad(() => q.full(1, -1))).toMatchSnapshot('a size')
    expect(bad(({ m }) => m.reshape(1.5, 4))).toMatchSnapshot('half a size')
    expect(bad(() => db.one('q', Row, { maxBytes: Number.NaN })`select id from a`)).toMatchSnapshot('bytes')
    expect(bad(({ s }) => s.to(t.decimal(99)))).toMatchSnapshot('a scale')
    expect(bad(() => q.constant(t.tensor(t.f64, -2), []))).toMatchSnapshot('a type')
    expect(problemsOf(graph('g', { x: t.decimal(99) }, ({ x }) => x))).toMatchSnapshot('an input')
    expect(bad(({ s }) => q.jsonText(s, -1))).toMatchSnapshot('an indent')
    expect(bad(() => sql('__proto__').one('q', Row)`select id from a`)).toMatchSnapshot('a name')
  })
  test('a graph without inputs or body, as JavaScript may write it', () => {
    const untyped = graph as Untyped
    expect(problemsOf(untyped('g', { x: 3 }, ({ x }: Untyped) => x))).toMatchSnapshot('a number for a codec')
    expect(problemsOf(untyped('g', undefined, undefined))).toMatchSnapshot('nothing')
  })
  test('all problems at once, as one message', () => {
    const g = graph('many', inputs, (({ x, y, n, s }: Untyped) => {
      const z = x.add(y)
      return { a: z.mul(2).sum(), b: n.add(x), c: s.along('nowhere'), d: fx`exp(${s}` }
    }) as never)
    expect(describeError(refused(g)).replace(/:\d+ /g, ':LINE ')).toMatchSnapshot()
  })
  test('poisoned expressions carry on without new problems', () => {
    const g = bad(({ x, y, loans }) => {
      const z = x.add(y)
      const rows = db.many('q', Row, { maxRows: 1, maxBytes: 1 })`selec`
      const later = rows.map((r: Untyped) => ({ id: r.id, z: z.at(0) }))
      const { id } = later.columns()
      return {
        z: q.exp(z).sum(),
        id,
        f: fx`${z} * 2`,
        k: loans.filter(() => z.gt(1).at(0)),
        c: q.cond(
          z.sum().gt(0),
          () => z,
          () => z,
        ),
      }
    })
    expect(g).toHaveLength(2)
  })
  test('more than 200 problems are counted', () => {
    const g = graph('many', inputs, (({ x }: Untyped) => {
      for (let i = 0; i < 300; i++) x.add(`${i}x`)
      return x
    }) as never)
    expect(refused(g).problems).toHaveLength(200)
    expect(refused(g).cause).toBe("graph 'many' has 300 problems, of which the first 200 are listed")
  })
})

describe('names that are not there', () => {
  const here = /problems\.test\.ts:\d+$/
  const first = (body: (i: Untyped) => Untyped) => refused(graph('g', inputs, body as never)).problems[0]!
  test.each<[string, (i: Untyped) => Untyped, string]>([
    [
      'a field',
      ({ loans }) => loans.map((l: Untyped) => l.amout.mul(2)),
      "there is no field 'amout': did you mean amount?",
    ],
    [
      'a field that is destructured',
      ({ loans }) => loans.map(({ idd }: Untyped) => idd),
      "there is no field 'idd': did you mean id?",
    ],
    ['a column', ({ loans }) => loans.columns().amounts.sum(), "there is no column 'amounts': did you mean amount?"],
    [
      'a column like no other',
      ({ loans }) => loans.columns().price,
      "there is no column 'price': there are id, amount",
    ],
    ['an input', ({ nme }) => q.text(nme), "there is no input 'nme': did you mean name?"],
    [
      'a row of a query',
      () => (db.one('r', Row)`select 1 as id from t` as Untyped).di.add(1n),
      "there is no field 'di': did you mean id?",
    ],
  ])('%s', (_, body, said) => {
    const p = first((i) => body(i))
    expect(`${p.cause}: ${p.remedy}`).toBe(said)
    expect(p.place).toMatch(here)
  })
  test('an object of expressions is plain in every other respect', () => {
    let seen: Untyped
    const g = graph('g', inputs, (({ loans }: Untyped) => {
      const c = loans.columns()
      seen = [
        Object.keys(c),
        'amount' in c,
        'amout' in c,
        c.then,
        c.toJSON,
        String(c),
        Object.hasOwn(c, 'id'),
        { ...c }.nothing,
      ]
      return { ...c, again: c, zipped: q.zip(c) }
    }) as never)
    sealed(g)
    expect(seen).toEqual([['id', 'amount'], true, false, undefined, undefined, '[object Object]', true, undefined])
  })
})

test('one query holds one statement, whatever is declared', () => {
  const two = "query 'q' holds 2 statements, and one is run"
  const built = [
    graph('g', {}, () => db.one('q', Row)`select 1 as id; select 2 as id`),
    graph('g', {}, () => db.one('q', Row, { reads: [], writes: [] })`select 1 as id; drop table t`),
    graph('g', {}, () => db.exec('q')`delete from a; delete from b;`),
  ]
  for (const g of built) {
    const [p] = refused(g).problems
    expect([p!.cause, /problems\.test\.ts:\d+$/.test(p!.place)]).toEqual([two, true])
  }
  sealed(graph('g', {}, () => db.one('q', Row)`select 1 as id; -- the end;`))
})
