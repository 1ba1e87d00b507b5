// Requirements: E2

import { describe, expect, test } from 'vitest'
import type { NodeId } from '../../graph/arena.ts'
import type { Graph } from '../../graph/graph.ts'
import type { AttrsOf, OpName } from '../../graph/ops/index.ts'
import { postorder } from '../../graph/walk.ts'
import { difference, runIn, someValue, stream } from '../arbitraries/world.ts'
import { families } from '../kernels/cases.ts'
import { targets } from '../kernels/compile.ts'
import { compiled, runCompiled } from './compiled.ts'
import { Draft } from './draft.ts'

/** A name is a family of laws about kernels (see `test/kernels`); a function writes a graph that has the op in it. */
type Law = keyof typeof families | ((d: Draft) => NodeId)

const query = (d: Draft, mode: AttrsOf<'dbQuery'>['mode'], more: Partial<AttrsOf<'dbQuery'>> = {}) => ({
  ...d.occurrence(),
  db: 'main',
  name: mode,
  sql: mode === 'exec' ? 'update t set x = $1' : 'select x, s from t where id = $1',
  mode,
  row: d.type(mode === 'exec' ? 'unit' : '{x: f64, s: option<string>}'),
  dim: mode === 'many' ? '~found' : '',
  maxRows: 3,
  maxBytes: 1000,
  authority: false,
  batch: true,
  reads: mode === 'exec' ? [] : ['t'],
  writes: mode === 'exec' ? ['t'] : [],
  ...more,
})
const transaction = (d: Draft) =>
  ({ ...d.occurrence(), db: 'main', isolation: 'repeatable read', retries: 0, authority: false }) as const
const request = (d: Draft, more: Partial<AttrsOf<'httpRequest'>> = {}): AttrsOf<'httpRequest'> => ({
  ...d.occurrence(),
  service: 'shop',
  name: 'r',
  method: 'GET',
  url: ['/a/', '?x=1'],
  headers: [],
  body: false,
  answer: d.type('{x: f64}'),
  mode: 'response',
  statuses: [404],
  maxBytes: 99,
  authority: false,
  idempotent: true,
  batch: true,
  many: null,
  reads: ['/a/*'],
  writes: [],
  ...more,
})
const store = { store: 'cache', key: '*', authority: false } as const
const own = (d: Draft, more: Partial<AttrsOf<'foreign'>> = {}): AttrsOf<'foreign'> => ({
  ...d.occurrence(),
  name: 'price',
  answer: d.type('{x: option<f64>}'),
  authority: false,
  idempotent: true,
  batch: true,
  reads: ['*'],
  writes: [],
  ...more,
})
const exec = (d: Draft, id: NodeId): NodeId => d.add('dbQuery', query(d, 'exec'), [id])
const one = (d: Draft, id: NodeId): NodeId => d.add('field', { name: 'x' }, [d.add('dbQuery', query(d, 'one'), [id])])
/** A claim about a number, which fails where it is not less than 1. */
const claimed = (d: Draft, x: NodeId): NodeId =>
  d.add('assert', { ...d.occurrence(), message: 'it is small' }, [d.add('lt', {}, [x, d.literal('f64', 1)]), x])

type Comparison = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge'
const compare = (op: Comparison | 'min' | 'max', elems: readonly string[]): readonly Law[] =>
  elems.map(
    (e) => (d) => d.record(d.add(op, {}, [d.in(e), d.in(e)]), d.add(op, {}, [d.in(`${e}[n]`), d.in(`${e}[n]`)])),
  )
const comparison = (op: Comparison): readonly Law[] => [
  'elementwise',
  ...compare(op, ['string', 'timestamp', 'decimal(2)']),
]
const extreme = (op: 'min' | 'max'): readonly Law[] => ['elementwise', ...compare(op, ['timestamp', 'decimal(2)'])]
const plus = ['add', 'sub'] as const
const roundings = ['even', 'away', 'truncate'] as const
const decimals = (op: 'decimal' | 'decimalFits'): readonly Law[] => [
  ...plus.map(
    (how): Law =>
      (d) => {
        const attrs = { how, scale: 2, rounding: 'even' } as const
        return d.record(
          d.add(op, attrs, [d.in('decimal(2)'), d.in('decimal(2)')]),
          d.add(op, attrs, [d.in('decimal(2)[n]'), d.in('decimal(2)[n]')]),
        )
      },
  ),
  ...(['mul', 'div', 'rescale'] as const).flatMap((how) =>
    roundings.map(
      (rounding): Law =>
        (d) => {
          const [x, y] = [d.in('decimal(3)[n]'), d.in('decimal(1)[n]')]
          return d.record(
            ...[0, 3, 18].map((scale) => d.add(op, { how, scale, rounding }, how === 'rescale' ? [x] : [x, y])),
          )
        },
    ),
  ),
]
const mapped = (name: 'map' | 'forkMap'): readonly Law[] => [
  (d) =>
    d.add(
      name,
      {},
      [d.in('f64[n]'), d.in('f64')],
      [d.body(['f64', 'f64'], (x, y) => d.record(claimed(d, x!), d.add('add', {}, [x!, y!])))],
    ),
  (d) => d.add(name, {}, [d.in('i64[n]')], [d.body(['i64'], (id) => one(d, id!))]),
  (d) => d.add(name, {}, [d.in('i64[n]')], [d.body(['i64'], (id) => exec(d, id!))]),
  (d) => d.add(name, {}, [d.in('list<string[~k]>[n]')], [d.body(['string[~k]'], (x) => d.add('length', {}, [x!]))]),
]

const elementwise: readonly Law[] = ['elementwise']
const functions: readonly Law[] = ['elementaries']
const views: readonly Law[] = ['views']
const memory: readonly Law[] = ['memory']
const card = 'union<card: i64 | cash: decimal(2) | no: unit>'

/** Every op and what it is held to. An op without an entry does not compile. */
const laws = {
  add: elementwise,
  sub: elementwise,
  mul: elementwise,
  div: elementwise,
  rem: elementwise,
  neg: elementwise,
  abs: elementwise,
  min: extreme('min'),
  max: extreme('max'),
  sqrt: elementwise,
  floor: elementwise,
  ceil: elementwise,
  trunc: elementwise,
  nearest: elementwise,
  pow2: elementwise,
  exponent: elementwise,
  mantissa: elementwise,
  eq: comparison('eq'),
  ne: comparison('ne'),
  lt: comparison('lt'),
  le: comparison('le'),
  gt: comparison('gt'),
  ge: comparison('ge'),
  and: elementwise,
  or: elementwise,
  xor: elementwise,
  not: elementwise,
  shl: elementwise,
  shr: elementwise,
  exp: functions,
  expm1: functions,
  exp2: functions,
  log: functions,
  log1p: functions,
  log2: functions,
  log10: functions,
  sin: functions,
  cos: functions,
  tan: functions,
  asin: functions,
  acos: functions,
  atan: functions,
  atan2: functions,
  sinh: functions,
  cosh: functions,
  tanh: functions,
  erf: functions,
  erfc: functions,
  cbrt: functions,
  hypot: functions,
  pow: functions,
  sigmoid: functions,
  select: [
    'elementwise',
    (d) => d.add('select', {}, [d.in('bool[n]'), d.in('string[n]'), d.in('string[n]')]),
    (d) => d.add('select', {}, [d.in('bool'), d.in('decimal(2)'), d.in('decimal(2)')]),
  ],
  convert: elementwise,
  bitcast: elementwise,
  stored: [
    'stored',
    (d) => d.record(d.add('stored', {}, [d.in('timestamp')]), d.add('stored', {}, [d.in('decimal(4)[n]')])),
  ],
  restored: [
    'stored',
    (d) =>
      d.record(
        d.add('restored', { to: 'timestamp' }, [d.in('i64')]),
        d.add('restored', { to: 'decimal(18)' }, [d.in('i64[n]')]),
      ),
  ],
  decimal: decimals('decimal'),
  decimalFits: decimals('decimalFits'),

  transpose: ['views', (d) => d.add('transpose', { perm: [1, 0] }, [d.in('string[n,m]')])],
  reshape: ['views', (d) => d.add('reshape', { shape: ['n', 1] }, [d.in('string[n]')])],
  broadcast: ['views', (d) => d.add('broadcast', { shape: ['n', 2], axes: [0] }, [d.in('string[n]')])],
  slice: ['views', (d) => d.add('slice', { axis: 0, start: 1, stop: null, step: 2, dim: 'part' }, [d.in('string[n]')])],
  iota: views,
  concat: ['memory', (d) => d.add('concat', { axis: 0, dim: 'all' }, [d.in('string[n]'), d.in('string[m]')])],
  gather: ['memory', (d) => d.add('gather', {}, [d.in('string[3]'), d.in('i64[n]')])],
  reduce: ['reduce'],
  argReduce: memory,
  cumsum: memory,
  contract: memory,
  segmentReduce: (['f64', 'f32', 'i32', 'u32', 'i64', 'u64'] as const).map(
    (e): Law =>
      (d) => {
        const x = d.in(`list<${e}[~r]>[n]`)
        return d.record(...(['sum', 'prod', 'min', 'max'] as const).map((how) => d.add('segmentReduce', { how }, [x])))
      },
  ),

  cumulate: [
    'memory',
    (d) => {
      const x = d.in('f64[n,m]')
      return d.record(...(['prod', 'min', 'max'] as const).map((how) => d.add('cumulate', { how, axis: 1 }, [x])))
    },
  ],
  scatterReduce: (['f64', 'f32', 'i32', 'u32', 'i64', 'u64'] as const).flatMap((e) =>
    (['sum', 'prod', 'min', 'max'] as const).map(
      (how): Law =>
        (d) =>
          d.record(
            d.add('scatterReduce', { how }, [d.in(`${e}[n]`), d.in('i32[m]'), d.in(`${e}[m]`)]),
            d.add('scatterReduce', { how }, [d.in(`${e}[3,2]`), d.in('u64[m]'), d.in(`${e}[m,2]`)]),
            d.add('scatterReduce', { how }, [d.in(`${e}[2]`), d.in('i64'), d.in(e)]),
          ),
    ),
  ),
  argSort: ['f64', 'f32', 'i32', 'u32', 'i64', 'u64', 'bool', 'string', 'timestamp', 'decimal(2)'].map(
    (e): Law =>
      (d) => {
        const [x, y] = [d.in(`${e}[n]`), d.in(`${e}[n,3]`)]
        return d.record(
          ...[true, false].flatMap((descending) => [
            d.add('argSort', { axis: 0, descending }, [x]),
            ...[0, 1].map((axis) => d.add('argSort', { axis, descending }, [y])),
          ]),
        )
      },
  ),
  firstEqual: [
    ...['f64', 'f32', 'i32', 'u64', 'bool', 'string', 'timestamp', 'decimal(2)'].map(
      (e): Law =>
        (d) =>
          d.add('firstEqual', {}, [d.in(`${e}[n]`)]),
    ),
    (d) => d.add('firstEqual', {}, [d.in('bool[n]'), d.in('f64[n]'), d.in('bool[n]')]),
  ],
  join: (['inner', 'left'] as const).flatMap((how) => [
    ...['f64', 'i32', 'bool', 'string', 'i64'].map(
      (e): Law =>
        (d) => {
          const pairs = d.add('join', { how, dim: 'pair' }, [d.in(`${e}[n]`), d.in(`${e}[m]`)])
          return d.record(pairs, d.add('column', { name: 'right' }, [pairs]))
        },
    ),
    (d: Draft) =>
      d.add('join', { how, dim: 'pair' }, [d.in('bool[n]'), d.in('f64[n]'), d.in('bool[m]'), d.in('f64[m]')]),
  ]),

  fft: (['f64', 'f32'] as const).flatMap((e) =>
    [true, false].map(
      (inverse): Law =>
        (d) => {
          const [x, y, m] = [d.in(`${e}[n]`), d.in(`${e}[n]`), d.in(`${e}[n,6]`)]
          return d.record(
            d.add('fft', { axis: 0, inverse }, [x]),
            d.add('field', { name: 'im' }, [d.add('fft', { axis: 0, inverse }, [x, y])]),
            ...[0, 1].map((axis) => d.add('fft', { axis, inverse }, [m])),
          )
        },
    ),
  ),

  cholesky: (['f64', 'f32'] as const).map(
    (e): Law =>
      (d) =>
        d.record(d.add('cholesky', {}, [d.in(`${e}[n,n]`)]), d.add('cholesky', {}, [d.in(`${e}[m,2,3,3]`)])),
  ),
  solve: (['f64', 'f32'] as const).map(
    (e): Law =>
      (d) =>
        d.record(
          d.add('solve', { how: 'square' }, [d.in(`${e}[n,n]`), d.in(`${e}[n,2]`)]),
          d.add('solve', { how: 'square' }, [d.in(`${e}[m,3,3]`), d.in(`${e}[m,3,k]`)]),
          d.add('solve', { how: 'least' }, [d.in(`${e}[n,m]`), d.in(`${e}[n,2]`)]),
          d.add('solve', { how: 'least' }, [d.in(`${e}[m,4,2]`), d.in(`${e}[m,4,1]`)]),
        ),
  ),
  eigenSymmetric: (['f64', 'f32'] as const).map(
    (e): Law =>
      (d) =>
        d.record(
          d.add('eigenSymmetric', {}, [d.in(`${e}[n,n]`)]),
          d.add('field', { name: 'values' }, [d.add('eigenSymmetric', {}, [d.in(`${e}[m,3,3]`)])]),
        ),
  ),

  record: [
    (d) => d.add('record', { fields: ['b', 'a', 'not a name'] }, [d.in('f64'), d.in('string[n]'), d.in('unit')]),
  ],
  field: [(d) => d.add('field', { name: 'not a name' }, [d.in('{a: f64, "not a name": {b: bytes}}')])],
  column: [
    (d) => d.add('column', { name: 's' }, [d.in('list<{x: f64, s: string}>[n]')]),
    (d) => d.add('column', { name: 'o' }, [d.in('list<{o: option<{x: f64}>}>[n]')]),
  ],
  rows: [(d) => d.add('rows', { fields: ['a', 'b'] }, [d.in('f64[n]'), d.in('list<option<string>>[n]')])],
  length: [(d) => d.record(d.add('length', {}, [d.in('f64[n]')]), d.add('length', {}, [d.in(`list<${card}>[m]`)]))],
  filter: [
    (d) => d.add('filter', { dim: 'kept' }, [d.in('f64[n]'), d.in('bool[n]')]),
    (d) => d.add('filter', { dim: 'kept' }, [d.in('list<{x: f64, o: option<i64>, r: f64[~r]}>[n]'), d.in('bool[n]')]),
  ],
  at: [
    (d) => d.add('at', { dims: [] }, [d.in('u64[n]'), d.in('i64')]),
    (d) => d.add('at', { dims: ['~q'] }, [d.in('list<{x: f64, r: string[~r]}>[n]'), d.in('u32')]),
  ],
  flatten: [
    (d) => d.add('flatten', { dim: 'flat' }, [d.in('list<f64[~r]>[n]')]),
    (d) => d.add('flatten', { dim: 'flat' }, [d.in('list<list<{x: f64}>[~r]>[n]')]),
  ],
  stack: ['f64[3]', 'bool[2]', 'i64[2,2]', 'string[3]', 'string[1,2]', 'f32[0]', 'decimal(2)[1,0]'].map(
    (t): Law =>
      (d) => {
        const made = d.add('stack', {}, [d.in(`list<${t}>[n]`)])
        return d.record(made, d.add('unstack', {}, [made]))
      },
  ),
  unstack: ['f64[n,3]', 'bool[n,2]', 'i64[n,2,2]', 'string[n,3]', 'string[n,1,2]', 'f32[n,0]', 'timestamp[2,2]'].map(
    (t): Law =>
      (d) => {
        const made = d.add('unstack', {}, [d.in(t)])
        return d.record(made, d.add('stack', {}, [made]), d.add('at', { dims: [] }, [made, d.in('i32')]))
      },
  ),
  some: [(d) => d.add('some', {}, [d.in('option<f64>')])],
  none: [(d) => d.add('none', { of: d.type('f64[n]') })],
  isSome: [
    (d) => d.record(d.add('isSome', {}, [d.in('option<unit>')]), d.add('isSome', {}, [d.in('list<option<f64>>[n]')])),
  ],
  orElse: ['f64', 'bool', 'string', 'i64', 'decimal(2)', 'bytes', 'json'].map(
    (e): Law =>
      (d) => {
        const other = d.in(e)
        return d.record(
          d.add('orElse', {}, [d.in(`option<${e}>`), other]),
          d.add('orElse', {}, [d.in(`list<option<${e}>>[n]`), other]),
        )
      },
  ),
  inject: [
    (d) => d.add('inject', { case: 'card', type: d.type(card) }, [d.in('i64')]),
    (d) => d.add('inject', { case: 'no', type: d.type(card) }, [d.literal('unit', null)]),
  ],

  const: [
    (d) =>
      d.record(
        d.literal('f64', '-0'),
        d.literal('f32[3]', ['NaN', 1, '-Infinity']),
        d.literal('u64', '18446744073709551615'),
        d.literal('timestamp', '2026-02-28T12:00:00.000001Z'),
        d.literal('decimal(2)[2]', ['-0.01', '12.50']),
        d.literal('bytes', 'AP8='),
        d.literal('json', { a: [null, '</script>'] }),
        d.literal('list<option<string>>[2]', [null, ['\u2028"\\']]),
        d.literal(card, { cash: '1.00' }),
        d.literal('result<f64>', { err: { tag: 'T', message: 'm' } }),
      ),
  ],
  concatText: [
    (d) => d.record(d.add('concatText', {}, [d.in('string'), d.in('string'), d.in('string')]), d.add('concatText', {})),
  ],
  textLength: [(d) => d.add('textLength', {}, [d.in('string')])],
  encodeText: [(d) => d.add('encodeText', {}, [d.in('string')])],
  showNumber: [
    (d) =>
      d.record(...['f64', 'f32', 'i32', 'u32', 'i64', 'u64', 'bool'].map((e) => d.add('showNumber', {}, [d.in(e)]))),
  ],
  toJson: [
    'f64[n,2]',
    'f32',
    'decimal(3)',
    'timestamp[n]',
    'bytes',
    card,
    'result<f64>',
    'list<{o: option<u64>}>[n]',
  ].map(
    (t): Law =>
      (d) =>
        d.add('toJson', {}, [d.in(t)]),
  ),
  jsonText: [0, 2].map(
    (indent): Law =>
      (d) =>
        d.add('jsonText', { indent }, [d.add('toJson', {}, [d.in('{x: json, "": f64[n]}')])]),
  ),
  decodeJson: ['f64', 'i32', 'string', 'json', '{a: list<bool[~k]>[2]}', 'option<f64>', card].map(
    (t): Law =>
      (d) => {
        const decode = (x: NodeId): NodeId => d.add('decodeJson', { ...d.occurrence(), to: d.type(t) }, [x])
        return d.record(
          d.add('attempt', {}, [d.in('json')], [d.body(['json'], (x) => decode(x!))]),
          decode(d.add('toJson', {}, [d.in(t)])),
          decode(d.in('json')),
        )
      },
  ),

  input: [(d) => d.in('list<{x: f64, o: option<string>}>[n]')],
  param: [(d) => d.add('map', {}, [d.in('f64[n]'), d.in('string')], [d.body(['f64', 'string'], (_, s) => s!)])],
  absent: [
    (d) => {
      const [ask, rest] = [d.body(['i64'], (id) => one(d, id!)), d.body(['i64'], (id) => d.add('neg', {}, [id!]))]
      return d.add('field', { name: 'a' }, [d.add('fork', { fields: ['a', 'b'] }, [d.in('i64')], [ask, rest])])
    },
  ],
  map: mapped('map'),
  forkMap: mapped('forkMap'),
  mapBatched: [
    (d) => d.add('map', {}, [d.in('i64[5]')], [d.body(['i64'], (id) => claimed(d, one(d, id!)))]),
    (d) => d.add('forkMap', {}, [d.in('i64[5]')], [d.body(['i64'], (id) => d.add('dbQuery', query(d, 'many'), [id!]))]),
  ],
  ahead: [
    (d) => {
      const [id, other] = [d.in('i64'), d.in('i64')]
      return d.record(one(d, id), claimed(d, one(d, other)))
    },
  ],
  cond: [
    (d) =>
      d.add(
        'cond',
        {},
        [d.in('bool'), d.in('f64')],
        [d.body(['f64'], (x) => claimed(d, x!)), d.body(['f64'], (x) => d.add('neg', {}, [x!]))],
      ),
    (d) =>
      d.add('cond', {}, [d.in('bool'), d.in('i64')], [d.body(['i64'], (x) => exec(d, x!)), d.body(['i64'], (x) => x!)]),
  ],
  match: [
    (d) =>
      d.add(
        'match',
        {},
        [d.in('option<f64>'), d.in('f64')],
        [
          d.body(['unit', 'f64'], (_, y) => y!),
          d.body(['f64', 'f64'], (x, y) => claimed(d, d.add('mul', {}, [x!, y!]))),
        ],
      ),
    (d) =>
      d.add(
        'match',
        {},
        [d.in(card)],
        [
          d.body(['i64'], (x) => exec(d, x!)),
          d.body(['decimal(2)'], (x) => d.add('stored', {}, [x!])),
          d.body(['unit'], () => d.literal('i64', '7')),
        ],
      ),
    (d) => {
      const tried = d.add('attempt', {}, [d.in('f64')], [d.body(['f64'], (x) => claimed(d, x!))])
      return d.add(
        'match',
        {},
        [tried],
        [
          d.body(['f64'], (x) => d.add('showNumber', {}, [x!])),
          d.body(['{tag: string, message: string}'], (e) =>
            d.add('concatText', {}, [d.add('field', { name: 'tag' }, [e!]), d.add('field', { name: 'message' }, [e!])]),
          ),
        ],
      )
    },
  ],
  loop: [
    (d) =>
      d.add(
        'loop',
        { max: 3 },
        [d.in('f64'), d.in('f64')],
        [
          d.body(['f64', 'f64'], (s, x) => d.add('lt', {}, [s!, x!])),
          d.body(['f64', 'f64'], (s) => d.add('add', {}, [s!, d.literal('f64', 1)])),
        ],
      ),
    (d) =>
      d.add(
        'loop',
        { max: 4 },
        [d.in('i64')],
        [d.body(['i64'], (s) => d.add('ge', {}, [s!, d.literal('i64', '0')])), d.body(['i64'], (s) => exec(d, s!))],
      ),
  ],
  fork: [
    (d) =>
      d.add(
        'fork',
        { fields: ['a', 'b', 'c'] },
        [d.in('f64'), d.in('i64')],
        [
          d.body(['f64', 'i64'], (_, id) => one(d, id!)),
          d.body(['f64', 'i64'], (x) => claimed(d, x!)),
          d.body(['f64', 'i64'], (x) => claimed(d, d.add('neg', {}, [x!]))),
        ],
      ),
    (d) =>
      d.add(
        'fork',
        { fields: ['a', 'b'] },
        [d.in('i64')],
        [d.body(['i64'], (x) => exec(d, x!)), d.body(['i64'], (x) => x!)],
      ),
  ],
  sequence: [
    (d) => {
      const id = d.in('i64')
      const first = one(d, id)
      return d.add('sequence', {}, [first, d.add('sequence', {}, [exec(d, id), d.record(first, one(d, id))])])
    },
  ],
  cached: [
    (d) => {
      const [key, id] = [d.in('string'), d.in('i64')]
      const ask = (): NodeId => d.add('cached', { ttlMs: 1000 }, [key, id], [d.body(['i64'], (x) => one(d, x!))])
      return d.record(ask(), d.add('sequence', {}, [exec(d, id), ask()]), ask())
    },
  ],
  attempt: [
    (d) => d.add('attempt', {}, [d.in('f64')], [d.body(['f64'], (x) => claimed(d, x!))]),
    (d) => d.add('attempt', {}, [d.in('i64')], [d.body(['i64'], (x) => d.record(one(d, x!), exec(d, x!), one(d, x!)))]),
  ],
  transaction: [
    (d) => d.add('transaction', transaction(d), [d.in('i64')], [d.body(['i64'], (x) => exec(d, x!))]),
    (d) => {
      const id = d.in('i64')
      const whole = (retries: number, write: (x: NodeId) => NodeId): NodeId =>
        d.add(
          'attempt',
          {},
          [id],
          [
            d.body(['i64'], (x) =>
              d.add('transaction', { ...transaction(d), retries }, [x!], [d.body(['i64'], (y) => write(y!))]),
            ),
          ],
        )
      const late = (x: NodeId): NodeId =>
        d.add('sequence', {}, [exec(d, x), claimed(d, d.add('convert', { to: 'f64' }, [x]))])
      return d.record(
        whole(0, late),
        one(d, id),
        whole(2, (x) => d.record(one(d, x), exec(d, x), one(d, x))),
        one(d, id),
      )
    },
    (d) => {
      const many = (list: NodeId): NodeId => d.add('map', {}, [list], [d.body(['i64'], (x) => one(d, x!))])
      const who = d.in('string')
      const asks = (x: NodeId, w: NodeId): NodeId => d.add('dbQuery', query(d, 'exec', { authority: true }), [w, x])
      const one_ = d.add(
        'transaction',
        { ...transaction(d), authority: true },
        [who, who, d.in('i64')],
        [d.body(['string', 'i64'], (w, x) => asks(x!, w!))],
      )
      const each = d.add(
        'map',
        {},
        [d.in('i64[n]')],
        [
          d.body(['i64'], (x) =>
            d.add('transaction', { ...transaction(d), retries: 1 }, [x!], [d.body(['i64'], (y) => exec(d, y!))]),
          ),
        ],
      )
      const read = d.add('transaction', transaction(d), [d.in('i64[n]')], [d.body(['i64[n]'], (l) => many(l!))])
      return d.record(read, one_, each)
    },
  ],
  assert: [
    (d) => claimed(d, d.in('f64')),
    (d) => d.add('assert', { ...d.occurrence(), message: 'all' }, [d.in('bool[n,2]'), d.in('string')]),
    (d) =>
      d.add('assert', { ...d.occurrence(), message: 'shown' }, [d.in('bool'), d.in('f64'), d.in('f64'), d.in('i64')]),
  ],
  kernel: [(d) => d.add('exp', {}, [d.add('mul', {}, [d.in('f64[n]'), d.in('f64[n]')])])],

  dbQuery: [
    ...(['one', 'maybe', 'many', 'exec'] as const).map(
      (mode): Law =>
        (d) =>
          d.add('dbQuery', query(d, mode), [d.in('i64')]),
    ),
    (d) => d.add('dbQuery', query(d, 'maybe', { authority: true }), [d.in('string'), d.in('i64')]),
  ],
  fileWrite: ['string', 'bytes'].map(
    (t): Law =>
      (d) =>
        d.add('fileWrite', { ...d.occurrence(), root: 'out', path: '*', maxBytes: 9 }, [d.in('string'), d.in(t)]),
  ),
  fileRead: (['string', 'bytes'] as const).map(
    (as): Law =>
      (d) => {
        const path = d.in('string')
        const read = (at: NodeId): NodeId =>
          d.add('fileRead', { ...d.occurrence(), root: 'out', path: '*', as, maxBytes: 9 }, [at])
        const write = d.add('fileWrite', { ...d.occurrence(), root: 'out', path: '*', maxBytes: 9 }, [path, d.in(as)])
        return d.add('sequence', {}, [
          d.add('attempt', {}, [path], [d.body(['string'], (at) => read(at!))]),
          d.add('sequence', {}, [write, read(path)]),
        ])
      },
  ),
  httpRequest: [
    (d) => d.add('httpRequest', request(d), [d.in('i64')]),
    (d) => d.add('httpRequest', request(d, { mode: 'lookup', authority: true }), [d.in('string'), d.in('timestamp')]),
    (d) =>
      d.add(
        'httpRequest',
        request(d, { method: 'PATCH', headers: ['x-a'], body: true, writes: ['*'], answer: d.type('bytes') }),
        [d.in('decimal(2)'), d.in('string'), d.in('json')],
      ),
  ],
  kvGet: ['f64', 'string', 'bytes', '{a: i64, b: option<string>}'].map(
    (t): Law =>
      (d) => {
        const key = d.in('string')
        const get = (): NodeId =>
          d.add('kvGet', { ...d.occurrence(), ...store, value: d.type(t), maxBytes: 99, batch: true }, [key])
        const set = d.add('kvSet', { ...d.occurrence(), ...store, ttlMs: 5, maxBytes: 99 }, [key, d.in(t)])
        const first = get()
        return d.add('sequence', {}, [first, d.add('sequence', {}, [set, d.record(first, get())])])
      },
  ),
  kvSet: [
    (d) =>
      d.add('kvSet', { ...d.occurrence(), ...store, authority: true, ttlMs: 0, maxBytes: 9 }, [
        d.in('i64'),
        d.in('string'),
        d.in('f64[n]'),
      ]),
  ],
  kvDelete: [
    (d) => {
      const key = d.in('string')
      const get = d.add('kvGet', { ...d.occurrence(), ...store, value: d.type('f64'), maxBytes: 99, batch: true }, [
        key,
      ])
      return d.add('sequence', {}, [d.add('kvDelete', { ...d.occurrence(), ...store }, [key]), get])
    },
  ],
  foreign: [
    (d) => d.add('map', {}, [d.in('i64[n]')], [d.body(['i64'], (id) => d.add('foreign', own(d), [id!]))]),
    (d) => {
      const [who, id] = [d.in('string'), d.in('{a: i64}')]
      const call = (writes: readonly string[]): NodeId =>
        d.add('foreign', own(d, { authority: true, writes }), [who, id])
      return d.record(call([]), d.add('sequence', {}, [call(['x']), call([])]))
    },
  ],
  nowMs: [(d) => d.record(d.add('nowMs', d.occurrence()), d.add('nowMs', d.occurrence()))],
  randomBytes: [
    (d) =>
      d.add(
        'map',
        {},
        [d.in('f64[n]')],
        [d.body(['f64'], () => d.add('randomBytes', { ...d.occurrence(), count: 3 }))],
      ),
  ],
  logLine: [(d) => d.add('logLine', { ...d.occurrence(), level: 'warn' }, [d.in('string'), d.in('json')])],
} satisfies Record<OpName, readonly Law[]>

const names = (g: Graph): ReadonlySet<string> => {
  const found = new Set<string>()
  const enter = (root: NodeId): void => {
    for (const id of postorder(g.arena, root)) {
      found.add(g.arena.opOf(id).name)
      for (const r of g.arena.regionsOf(id)) enter(r.root)
    }
  }
  enter(g.root)
  return found
}

// Every op on every target, against the interpreter: values, errors and the world afterwards.
describe.each(Object.entries(laws) as [OpName, readonly Law[]][])('%s', (op, entries) => {
  const graphs = entries
    .filter((e) => typeof e === 'function')
    .map((write) => {
      const d = new Draft()
      return d.graph(write(d))
    })
  const kernels = entries.filter((e) => typeof e === 'string')
  test('is held to something', () => {
    expect(entries.length).toBeGreaterThan(0)
    for (const f of kernels) expect(families[f]!().some((l) => l.name.startsWith(`${op} `))).toBe(true)
  })
  if (graphs.length === 0) return
  test.each(targets)('on %s', async (target) => {
    for (const g of graphs) {
      const c = await compiled(g, target)
      expect(names(g).has(op) || names(c.optimised.graph).has(op)).toBe(true)
      for (let seed = 0; seed < 12; seed++) {
        const next = stream(seed)
        const sizes = new Map<string, number>()
        const inputs = Object.fromEntries(g.inputs.map(([n, t]) => [n, someValue(t, next, sizes)]))
        const world = { seed, faults: seed % 3 === 0 ? 3 : 0 }
        const found = difference(runIn(g, inputs, world), await runCompiled(c, inputs, world))
        expect(found, `${op}, inputs ${seed}`).toBeUndefined()
      }
    }
  })
})
