import { describe, expect, test } from 'vitest'
import type { Type } from '../../graph/index.ts'
import { decodeValue, fromValue, parseType, row, sameValue, t, toValue } from '../../graph/index.ts'

const type = (text: string): Type => {
  const parsed = parseType(text)
  if (typeof parsed === 'string') throw new Error(parsed)
  return parsed
}
const misfits = (text: string, js: unknown): string[] => {
  const r = toValue(type(text), js)
  return r._tag === 'Right' ? [] : r.left.map((m) => `${m.path} ${m.problem}`)
}

describe('values in', () => {
  test.each<[string, unknown, unknown]>([
    ['f64', 1.5, 1.5],
    ['f32', 0.1, Math.fround(0.1)],
    ['i64', 5, 5n],
    ['u64', '18446744073709551615', 2n ** 64n - 1n],
    ['bool', true, true],
    ['timestamp', new Date(5), 5000n],
    ['decimal(2)', '1.5', 150n],
    ['unit', null, null],
    ['f64[K]', [1, 2], { shape: [2], data: new Float64Array([1, 2]) }],
    ['f64[K]', new Float64Array([1, 2]), { shape: [2], data: new Float64Array([1, 2]) }],
    ['i64[K]', [1, 2n], { shape: [2], data: new BigInt64Array([1n, 2n]) }],
    ['bool[K]', [true, false], { shape: [2], data: new Uint8Array([1, 0]) }],
    [
      'i32[2,2]',
      [
        [1, 2],
        [3, 4],
      ],
      { shape: [2, 2], data: new Int32Array([1, 2, 3, 4]) },
    ],
    ['i32[2,K]', { shape: [2, 1], data: [1, 2] }, { shape: [2, 1], data: new Int32Array([1, 2]) }],
    ['option<f64>', undefined, { _tag: 'None' }],
    ['option<option<f64>>', 1, { _tag: 'Some', value: { _tag: 'Some', value: 1 } }],
    ['{a: f64, b: option<f64>}', { a: 1 }, { a: 1, b: { _tag: 'None' } }],
    ['union<card: string | cash: unit>', { _tag: 'cash' }, { _tag: 'cash', value: null }],
    [
      'result<f64>',
      { _tag: 'Err', error: { tag: 'NoRow', message: 'm' } },
      { _tag: 'Err', error: { tag: 'NoRow', message: 'm' } },
    ],
    [
      'list<{a: f64}>[n]',
      [{ a: 1 }, { a: 2 }],
      { list: 'columns', length: 2, columns: { a: { shape: [2], data: new Float64Array([1, 2]) } } },
    ],
    [
      'list<{a: f64}>[n]',
      { columns: { a: [1, 2] } },
      { list: 'columns', length: 2, columns: { a: { shape: [2], data: new Float64Array([1, 2]) } } },
    ],
  ])('%s (%#)', (text, js, value) => {
    const r = toValue(type(text), js)
    expect(r._tag === 'Right' && sameValue(r.right, value)).toBe(true)
  })
  test('what does not fit is listed with its path', () => {
    expect(
      misfits('{a: f64, rows: list<{x: i32, y: string}>[n], m: f64[2,2]}', {
        a: 'x',
        rows: [{ x: 1.5, y: 2 }, 3],
        m: [[1, 2], [3]],
        z: 1,
      }),
    ).toEqual([
      '$.z is not expected; the fields are a, rows, m',
      '$.a is the string "x", not a number (f64)',
      '$.rows[0].x is the number 1.5, not a value of i32',
      '$.rows[0].y is the number 2, not a value of string',
      '$.rows[1] is the number 3, not an object',
      '$.m[1] has 1 elements where its neighbours have 2',
    ])
    expect(misfits('{a: f64[K], b: f64[K]}', { a: [1], b: [1, 2] })).toEqual([
      '$.b has 2 elements where dimension K is 1',
    ])
    expect(misfits('i32', 2 ** 31)).toEqual(['$ is the number 2147483648, not a value of i32'])
    expect(misfits('union<card: string | cash: unit>', { _tag: 'cheque' })).toEqual([
      '$ needs a _tag, one of card, cash',
    ])
    expect(misfits('f64[K]', 3)).toEqual(['$ is the number 3, not an array'])
    expect(misfits('f64[2]', { shape: [2], data: [1] })).toEqual(['$ has 1 cells for shape [2]'])
    expect(misfits('f64[K]', new Array(100).fill('x'))).toHaveLength(20)
    expect(misfits('{a: f64}', JSON.parse('{"__proto__": 1, "a": 1}'))).toEqual([
      '$.__proto__ is not expected; the fields are a',
    ])
  })
})
describe('JSON values in', () => {
  const deep = (n: number): unknown => {
    let x: unknown = 1
    for (let i = 0; i < n; i++) x = i % 2 === 0 ? [x] : { a: x }
    return x
  }
  const self: Record<string, unknown> = { a: 1 }
  self.b = [0, { self }]
  class Point {}
  test.each<[string, unknown, string]>([
    ['an object that holds itself', self, '$.b[1].self holds itself, which JSON cannot'],
    ['a bigint', { a: [5n] }, '$.a[0] is the bigint 5, which JSON cannot hold'],
    ['a function', { f: () => 1 }, '$.f is a function, which JSON cannot hold'],
    ['undefined', [undefined], '$[0] is undefined, which JSON cannot hold'],
    ['undefined itself', undefined, '$ is undefined, which JSON cannot hold'],
    ['NaN', { x: Number.NaN }, '$.x is the number NaN, which JSON cannot hold'],
    ['Infinity', [1, -Infinity], '$[1] is the number -Infinity, which JSON cannot hold'],
    ['a symbol', [Symbol('s')], '$[0] is the symbol Symbol(s), which JSON cannot hold'],
    ['a Date', { at: new Date(0) }, '$.at is an instance of Date, which JSON cannot hold'],
    ['an instance', [new Point()], '$[0] is an instance of Point, which JSON cannot hold'],
    ['1,001 deep', deep(1_001), `$${'[0].a'.repeat(23)}[0]… is nested more than 1000 deep`],
    ['100,000 deep', deep(100_000), `$${'.a[0]'.repeat(23)}.a… is nested more than 1000 deep`],
  ])('%s', (_, js, said) => {
    expect(misfits('json', js)).toEqual([said])
    const inside = misfits('{doc: json}', { doc: js })
    if (js !== undefined) expect(inside[0]).toMatch(/^\$\.doc/)
    expect(inside).toHaveLength(1)
    const read = decodeValue(type('{doc: json}'), { doc: js })
    expect(read._tag === 'Left' && read.left.map((m) => m.path.startsWith('$.doc'))).toEqual([true])
    expect(t.json.is(js)).toBe(false)
  })
  test('each cell of a column has its path', () => {
    expect(misfits('json[n]', [{ a: 1 }, { a: 1n }, [Number.NaN]])).toEqual([
      '$[1].a is the bigint 1, which JSON cannot hold',
      '$[2][0] is the number NaN, which JSON cannot hold',
    ])
  })
  test('a few objects that stand for more than fits anywhere', () => {
    let x: unknown = 1
    for (let i = 0; i < 60; i++) x = [x, x]
    expect(misfits('json', x)).toEqual(['$ has more than 10000000 parts'])
  })
  test('what JSON holds is taken, and copied', () => {
    const given = JSON.parse('{"a": [1, -0.5, "x", null, true, {}], "__proto__": {"b": []}}') as { a: unknown[] }
    const r = toValue(type('json'), given)
    expect(r._tag === 'Right' && JSON.stringify(r.right)).toBe(JSON.stringify(given))
    given.a.push(2n)
    expect(r._tag === 'Right' && JSON.stringify(r.right)).toContain('{}]')
    expect(misfits('json', deep(1_000))).toEqual([])
    expect(misfits('json', Object.create(null))).toEqual([])
  })
})
describe('values out', () => {
  const out = (text: string, js: unknown): unknown => {
    const r = toValue(type(text), js)
    if (r._tag === 'Left') throw new Error(JSON.stringify(r.left))
    return fromValue(type(text), r.right)
  }
  test('columns are typed arrays and print as arrays; results are copies', () => {
    const given = new Float64Array([1, Number.NaN])
    const got = out('f64[K]', given) as Float64Array
    expect(got).toBeInstanceOf(Float64Array)
    expect(JSON.stringify(got)).toBe('[1,"NaN"]')
    got[0] = 9
    expect(given[0]).toBe(1)
    expect(JSON.stringify(out('{a: i64, b: i64[K], m: f64[1,2]}', { a: 1n, b: [2n], m: [[1, 2]] }))).toBe(
      '{"a":"1","b":["2"],"m":[[1,2]]}',
    )
  })
  test('rows go by row and by column', () => {
    const rows = out('list<{id: i64, on: bool, note: option<string>}>[n]', [
      { id: 1n, on: true, note: null },
      { id: 2n, on: false, note: 'b' },
    ]) as { length: number; at(i: number): unknown; columns: Record<string, unknown> } & Iterable<unknown>
    expect([rows.length, rows.at(1), rows.at(2)]).toEqual([2, { id: 2n, on: false, note: 'b' }, undefined])
    expect([...rows]).toHaveLength(2)
    expect(rows.columns.id).toEqual(new BigInt64Array([1n, 2n]))
    expect(rows.columns.on).toEqual([true, false])
    expect([...(rows.columns.note as Iterable<unknown>)]).toEqual([null, 'b'])
    expect(JSON.stringify(rows)).toBe('[{"id":"1","on":true,"note":null},{"id":"2","on":false,"note":["b"]}]')
  })
})
describe('codecs', () => {
  const Loan = row({ id: t.i64, amount: t.f64 })
  test('are io-ts codecs', () => {
    expect(Loan.decode({ id: 1, amount: 2 })).toMatchObject({ _tag: 'Right', right: { id: 1n, amount: 2 } })
    expect(Loan.decode({ id: 'x' })._tag).toBe('Left')
    expect(Loan.is({ id: 1n, amount: 2 })).toBe(true)
    expect(Loan.encode({ id: 1n, amount: 2 })).toEqual({ id: '1', amount: 2 })
    expect(Loan.name).toBe('{id: i64, amount: f64}')
  })
  test('speak Standard Schema', () => {
    const { validate, vendor, version } = Loan['~standard']
    expect([vendor, version]).toEqual(['quoin', 1])
    expect(validate({ id: 1n, amount: 2 })).toEqual({ value: { id: 1n, amount: 2 } })
    expect(t.list(Loan, 'n')['~standard'].validate([{ id: 1n }])).toEqual({
      issues: [{ message: 'is missing', path: [0, 'amount'] }],
    })
  })
  test('name their type', () => {
    const named = t.record({
      a: t.option(t.f32),
      b: t.tensor(t.u64, 'K', 3),
      c: t.union({ x: t.bytes, y: t.unit }),
      d: t.list(t.string, 'n'),
      e: t.decimal(4),
    })
    expect(named.name).toBe('{a: option<f32>, b: u64[K,3], c: union<x: bytes | y: unit>, d: string[n], e: decimal(4)}')
  })
})
