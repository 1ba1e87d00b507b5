import { isLeft } from '../../graph/either.ts'
import type { Elem, Numeric } from '../../graph/elem.ts'
import { floats, ints, numerics } from '../../graph/elem.ts'
import type { Elementary, ElementaryName } from '../../graph/elementary/index.ts'
import { elementary } from '../../graph/elementary/index.ts'
import { make, mustMake } from '../../graph/make.ts'
import type { AttrsOf, OpName } from '../../graph/ops/index.ts'
import { primNames, prims, resultOf } from '../../graph/prims.ts'
import type { Reduction } from '../../graph/reduction.ts'
import { reductions } from '../../graph/reduction.ts'
import type { Type } from '../../graph/types.ts'
import { scalar, tensor } from '../../graph/types.ts'
import type { Value } from '../../graph/values.ts'
import { tabulate } from '../../graph/values.ts'
import type { Case } from './compile.ts'
import { body } from './compile.ts'
import { fill, hash, samples } from './values.ts'

export interface Law extends Case {
  readonly name: string
  readonly runs: readonly (readonly Value[])[]
}

const n = ['n'] as const
/** One op on whole parameters, if it accepts them. */
const single = <N extends OpName>(
  op: N,
  attrs: AttrsOf<N>,
  params: readonly Type[],
  runs: Law['runs'],
  note = '',
): readonly Law[] => {
  const probe = body(params, (_, ps) => ps)
  const ps = params.map((type, index) => mustMake(probe.arena, 'param', { index, type }))
  if (isLeft(make(probe.arena, op, attrs, ps))) return []
  const name = `${op} ${JSON.stringify(attrs)} ${params.map((p) => (p.kind === 'tensor' ? `${p.elem}[${p.shape}]` : p.kind)).join(' ')}${note}`
  return [{ name, runs, ...body(params, (a, qs) => [mustMake(a, op, attrs, qs)]) }]
}
/** Every pair of special values. */
const pairs = (x: Numeric, y: Numeric = x): readonly Value[] => {
  const [a, b] = [samples[x], samples[y]]
  const size = a.length * b.length
  return [tabulate(x, [size], (i) => a[i % a.length]!), tabulate(y, [size], (i) => b[Math.floor(i / a.length)]!)]
}
const column = (e: Elem, size: number, seed: number): Value => fill(e, [size], seed)
const few = [0, 1, 2, 3, 5, 70]

const elementwise = (): readonly Law[] =>
  primNames.flatMap((op) =>
    numerics.flatMap((e): readonly Law[] => {
      if (!(prims[op].on as readonly Numeric[]).includes(e)) return []
      const t = tensor(e, n)
      if (op === 'convert' || op === 'bitcast') {
        return numerics.flatMap((to) =>
          resultOf(op, e, to) === undefined
            ? []
            : single(op, { to }, [t], [[pairs(e)[0]!], ...few.map((k) => [column(e, k, k)])]),
        )
      }
      if (op === 'select') {
        return single(
          op,
          {},
          [tensor('bool', n), t, t],
          few.map((k) => [column('bool', k, 1), column(e, k, 2), column(e, k, 3)]),
        )
      }
      if (prims[op].arity === 1) return single(op, {}, [t], [[pairs(e)[0]!], ...few.map((k) => [column(e, k, k)])])
      return [
        ...single(op, {}, [t, t], [pairs(e), ...few.map((k) => [column(e, k, 1), column(e, k, 2)])]),
        // The second operand the same for all cells.
        ...[0, 1, 2, 3].map(
          (k): Law => ({
            name: `${op} ${e} by a scalar ${k}`,
            ...body([t, scalar(e)], (a, [x, y]) => [
              mustMake(a, op, {}, [x!, mustMake(a, 'broadcast', { shape: n, axes: [] }, [y!, x!])]),
            ]),
            runs: [[column(e, 37, 5), samples[e][(k * 3) % samples[e].length]!]],
          }),
        ),
      ]
    }),
  )

const elementaries = (): readonly Law[] =>
  (Object.keys(elementary) as ElementaryName[]).flatMap((op) =>
    floats.flatMap((e) => {
      const t = tensor(e, n)
      const args = (elementary[op] as Elementary).arity
      return single(op, {}, args === 1 ? [t] : [t, t], [
        args === 1 ? [pairs(e)[0]!] : pairs(e),
        [column(e, 100, 7), column(e, 100, 8)].slice(0, args),
      ])
    }),
  )

const stored = (): readonly Law[] => [
  ...single('stored', {}, [tensor('timestamp', n)], [[column('timestamp', 9, 1)]]),
  ...single('restored', { to: 'decimal(2)' }, [tensor('i64', n)], [[column('i64', 9, 1)]]),
  ...single(
    'lt',
    {},
    [tensor('timestamp', n), tensor('timestamp', n)],
    [[column('timestamp', 33, 1), column('timestamp', 33, 2)]],
  ),
  ...single(
    'max',
    {},
    [tensor('decimal(2)', n), tensor('decimal(2)', n)],
    [[column('decimal(2)', 33, 1), column('decimal(2)', 33, 2)]],
  ),
]

/** NaN hides mistakes in sums, so most cells are ordinary. */
const cells = (e: Elem, shape: readonly number[], seed: number): Value => fill(e, shape, seed, e === 'bool' ? 250 : 1)
const reduce = (): readonly Law[] =>
  (Object.keys(reductions) as Reduction[]).flatMap((how) =>
    numerics.flatMap((e): readonly Law[] => [
      ...single(
        'reduce',
        { how, axes: [0] },
        [tensor(e, n)],
        [0, 1, 2, 15, 17, 31, 33, 70, 4095, 4096, 4097, 12289, 20485].map((k) => [cells(e, [k], k)]),
      ),
      ...single('reduce', { how, axes: [] }, [tensor(e, n)], [[cells(e, [5], 1)]]),
      ...single('reduce', { how, axes: [] }, [scalar(e)], [[samples[e][2]!]]),
      ...(e === 'f64' || e === 'i32' || e === 'bool' ? [[0], [1], [0, 1], [1, 0]] : [[0], [1]]).flatMap((axes) =>
        single(
          'reduce',
          { how, axes },
          [tensor(e, ['a', 'b'])],
          [
            [0, 3],
            [3, 0],
            [1, 1],
            [5, 7],
            [67, 3],
            [4100, 2],
            [2, 4100],
          ].map(([a, b]) => [cells(e, [a!, b!], a! + b!)]),
        ),
      ),
      ...(how === 'sum' ? [[0], [1], [2], [0, 2], [2, 0], [1, 0], [0, 1, 2]] : [[1]]).flatMap((axes) =>
        single(
          'reduce',
          { how, axes },
          [tensor(e, ['a', 3, 'c'])],
          [
            [0, 3],
            [4, 0],
            [3, 5],
            [37, 130],
          ].map(([a, c]) => [cells(e, [a!, 3, c!], a! + c!)]),
        ),
      ),
    ]),
  )

const shapes = [
  [0, 3],
  [3, 0],
  [1, 1],
  [3, 5],
  [7, 4],
  [2, 67],
] as const
const two = (e: Numeric) => tensor(e, ['a', 'b'])
const views = (): readonly Law[] =>
  numerics.flatMap((e): readonly Law[] => {
    const runs = shapes.map((s) => [fill(e, s, 1)])
    const slice = (axis: number, start: number, stop: number | null, step: number) =>
      single('slice', { axis, start, stop, step, dim: 'part' }, [two(e)], runs)
    return [
      ...single('transpose', { perm: [1, 0] }, [two(e)], runs),
      ...single(
        'transpose',
        { perm: [2, 0, 1] },
        [tensor(e, ['a', 'b', 3])],
        shapes.map((s) => [fill(e, [...s, 3], 1)]),
      ),
      ...single(
        'broadcast',
        { shape: ['a', 'b'], axes: [1] },
        [tensor(e, ['b']), two('bool')],
        shapes.map(([a, b]) => [fill(e, [b], 1), fill('bool', [a, b], 1)]),
      ),
      ...single('broadcast', { shape: [4, 3], axes: [] }, [scalar(e)], [[samples[e][1]!]]),
      ...slice(0, 1, null, 1),
      ...slice(1, -2, null, 1),
      ...slice(1, 0, -1, 2),
      ...slice(0, 2, 1, 1),
      ...slice(1, 1, 100, 3),
      ...slice(0, -100, 2, 1),
      ...single('reshape', { shape: ['b', 'a'] }, [two(e)], runs),
      ...(e === 'i32' ? single('iota', { dim: 'a' }, [two(e)], runs) : []),
    ]
  })

const memory = (): readonly Law[] =>
  numerics.flatMap((e): readonly Law[] => {
    const runs = shapes.map((s) => [fill(e, s, 1)])
    return [
      ...single(
        'concat',
        { axis: 0, dim: 'all' },
        [two(e), tensor(e, ['c', 'b'])],
        shapes.map(([a, b]) => [fill(e, [a, b], 1), fill(e, [5, b], 2)]),
      ),
      ...single(
        'concat',
        { axis: 1, dim: 'all' },
        [two(e), tensor(e, ['a', 2]), two(e)],
        shapes.map(([a, b]) => [fill(e, [a, b], 1), fill(e, [a, 2], 2), fill(e, [a, b], 3)]),
      ),
      ...ints.flatMap((i) => {
        const index = (shape: readonly number[]): Value =>
          tabulate(i, shape, (k) =>
            k % 3 === 0
              ? samples[i][k % samples[i].length]!
              : i.endsWith('64')
                ? BigInt(hash(1, k) % 7)
                : hash(1, k) % 7,
          )
        return [
          ...single(
            'gather',
            {},
            [tensor(e, n), tensor(i, ['m'])],
            [
              [0, 3],
              [1, 4],
              [6, 0],
              [6, 41],
            ].map(([a, b]) => [fill(e, [a!], 1), index([b!])]),
          ),
          ...single(
            'gather',
            {},
            [two(e), tensor(i, ['m', 2])],
            shapes.map((s) => [fill(e, s, 1), index([6, 2])]),
          ),
        ]
      }),
      ...(['min', 'max'] as const).flatMap((how) => [
        ...[0, 1].flatMap((axis) => single('argReduce', { how, axis }, [two(e)], [...runs, [fill(e, [9, 6], 3, 20)]])),
        ...single(
          'argReduce',
          { how, axis: 0 },
          [tensor(e, n)],
          few.map((k) => [fill(e, [k], k, 3)]),
        ),
      ]),
      ...[0, 1].flatMap((axis) => single('cumsum', { axis }, [two(e)], runs)),
      ...(['prod', 'min', 'max'] as const).flatMap((how) => [
        ...[0, 1].flatMap((axis) => single('cumulate', { how, axis }, [two(e)], runs)),
        ...single(
          'cumulate',
          { how, axis: 0 },
          [tensor(e, n)],
          few.map((k) => [fill(e, [k], k, 2)]),
        ),
      ]),
      ...single(
        'cumsum',
        { axis: 0 },
        [tensor(e, n)],
        few.map((k) => [fill(e, [k], k, 2)]),
      ),
      ...single(
        'contract',
        { batch: 0 },
        [two(e), tensor(e, ['b', 'c'])],
        shapes.map(([a, b]) => [fill(e, [a, b], 1, 2), fill(e, [b, 11], 2, 2)]),
      ),
      ...single(
        'contract',
        { batch: 0 },
        [two(e), tensor(e, ['b'])],
        shapes.map(([a, b]) => [fill(e, [a, b], 1, 2), fill(e, [b], 2, 2)]),
      ),
      ...single(
        'contract',
        { batch: 0 },
        [tensor(e, n), tensor(e, n)],
        few.map((k) => [fill(e, [k], 1, 2), fill(e, [k], 2, 2)]),
      ),
      // Strips and tiles with what they leave, blocks of terms and of columns, few rows, and matrices written out.
      ...(
        [
          [8, 5, 16],
          [11, 259, 21],
          [9, 530, 6],
          [13, 3, 300],
          [3, 270, 40],
          [1, 4, 1],
        ] as const
      ).flatMap(([m, k, c]) => {
        const runs = [[fill(e, [m, k], 1, 0), fill(e, [k, c], 2, 0)]]
        return [
          ...single('contract', { batch: 0 }, [two(e), tensor(e, ['b', 'c'])], runs),
          ...single('contract', { batch: 0 }, [tensor(e, [m, k]), tensor(e, [k, c])], runs, ' of known size'),
        ]
      }),
      ...[1, 2, 3, 4, 5, 8].flatMap((k) =>
        single(
          'contract',
          { batch: 1 },
          [tensor(e, ['z', k, k]), tensor(e, ['z', k, k])],
          [[fill(e, [5, k, k], 1, 3), fill(e, [5, k, k], 2, 3)]],
        ),
      ),
      ...single(
        'contract',
        { batch: 1 },
        [tensor(e, ['z', 'a', 2, 'b']), tensor(e, ['z', 'b', 'c'])],
        shapes.map(([a, b]) => [fill(e, [3, a, 2, b], 1, 2), fill(e, [3, b, 19], 2, 2)]),
      ),
    ]
  })

/** Every op that kernels know, at every element it has. */
export const families: Readonly<Record<string, () => readonly Law[]>> = {
  elementwise,
  elementaries,
  stored,
  reduce,
  views,
  memory,
}
