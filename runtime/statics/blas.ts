import type { Either } from '../../graph/either.ts'
import { left, right } from '../../graph/either.ts'
import type { RunError } from '../../graph/errors.ts'
import type { StaticChoice } from '../../graph/statics.ts'
import type { TensorValue, Value } from '../../graph/values.ts'
import { isTensorValue } from '../../graph/values.ts'
import type { Assumption } from '../assumption.ts'
import type { Applied, StaticKernel } from './kernel.ts'

export interface BlasOptions {
  /** Where the library lies; the usual names are tried unless it is given. */
  readonly library?: string
  /** Least work, in multiplications, for an operation to be left to it (100,000); unknown sizes count as 1000. */
  readonly atLeast?: number
  readonly sizes?: Readonly<Record<string, number>>
  /** Threads of the library, for the whole process: 1 unless said, so that a result does not depend on how many there are. */
  readonly threads?: number
}
type Floats = Float64Array | Float32Array
type Native = (...args: readonly unknown[]) => unknown

/**
 * Matrix products, solutions and Cholesky factors by OpenBLAS, where it is installed (peer `koffi`). It adds in another
 * order than the interpreter and fuses multiplications, so the last bits differ: a relaxation, with the bound that its law
 * states, that nobody gets who does not ask for it.
 *
 *     const blas = await openblas()
 *     if (blas._tag === 'Right') load(await compile(g, { statics: blas.right }), {}, { statics: blas.right })
 */
export const openblas = async (options: BlasOptions = {}): Promise<Either<RunError, readonly StaticKernel[]>> => {
  const names = options.library === undefined ? usual : [options.library]
  const found = await opened(names, options.threads ?? 1)
  if (typeof found === 'string')
    return left({
      _tag: 'LoadFailed',
      node: '',
      place: '',
      cause: found,
      remedy: 'install OpenBLAS and koffi, or leave it out',
    })
  const { product, solution, factor } = found
  const { atLeast = 100_000, sizes = {} } = options
  const choose = (name: string, op: string, elem: 'f64' | 'f32', more: Partial<StaticChoice>): StaticChoice => ({
    name: `openblas ${name}`,
    op,
    elem,
    atLeast,
    ...(Object.keys(sizes).length === 0 ? {} : { sizes }),
    ...more,
  })
  const product_ = { ranks: [2, 2], attrs: { batch: 0 } }
  return right([
    kernel(choose('dgemm', 'contract', 'f64', product_), product.f64, productLaw(2 ** -53)),
    kernel(choose('sgemm', 'contract', 'f32', product_), product.f32, productLaw(2 ** -24)),
    kernel(
      choose('dgetrf, dgetrs', 'solve', 'f64', { ranks: [2, 2], attrs: { how: 'square' } }),
      solution,
      solutionLaw,
    ),
    kernel(choose('dpotrf', 'cholesky', 'f64', { ranks: [2] }), factor, factorLaw),
  ])
}
const usual = ['libopenblas.so.0', 'libopenblas.so', 'libopenblas.dylib', 'libopenblas.dll']

const kernel = (
  choice: StaticChoice,
  compute: (a: Applied) => Value | undefined,
  law: NonNullable<StaticKernel['law']>,
): StaticKernel => ({
  choice,
  law,
  assumptions: [relaxation(choice)],
  run: (a) => {
    try {
      return compute(a)
    } catch {
      // The meaning of the operation is there as well.
      return undefined
    }
  },
})
const relaxation = ({ name, op }: StaticChoice): Assumption => ({
  id: `static:${name}`,
  kind: 'relaxation',
  statement: `${op} by ${name} may differ from the interpreter in its last bits, within the bound of its law: ${bounds[op]}.`,
  dependsOn: [
    { on: 'program', name: 'OpenBLAS', range: '>=0.3.21' },
    { on: 'package', name: 'koffi', range: '^3.3.4' },
    { on: 'part', name: 'the processor, and the number of threads' },
  ],
  restsOn: ['hardware'],
  supports: ['SameBits'],
  failureMode:
    'Other last bits, from machine to machine and with the number of threads; wrong numbers if the library is wrong.',
  mitigation:
    'Only where the user asks for it; a test holds the law on random and on awkward matrices; leave statics out.',
  probe: { by: 'test', file: 'test/statics/blas.test.ts' },
  expiry: { after: '2027-12-31' },
})
const bounds: Readonly<Record<string, string>> = {
  contract: 'each cell within 2k·u·Σ|a||b|, with k products and unit roundoff u',
  solve: 'each residual within 16n²·u·(max|a|·Σ|x| + |b|), Σ over its column, plus that of the interpreter',
  cholesky: 'l·lᵀ within 8n·u·|l||lᵀ| of the matrix',
}

interface Library {
  readonly product: { readonly f64: Compute; readonly f32: Compute }
  readonly solution: Compute
  readonly factor: Compute
}
type Compute = (a: Applied) => Value | undefined

/** What OpenBLAS needs of the stack that koffi calls it on; with the usual 2 MiB its threads end the process. */
const stackBytes = 16 << 20

const opened = async (names: readonly string[], threads: number): Promise<Library | string> => {
  type Koffi = {
    config: (c?: { readonly sync_stack_size: number }) => { readonly sync_stack_size: number }
    load: (name: string) => { func: (declaration: string) => Native }
  }
  let koffi: Koffi
  try {
    koffi = ((await import('koffi')) as unknown as { default: Koffi }).default
  } catch {
    return 'koffi is not installed, by which libraries are called'
  }
  try {
    koffi.config({ sync_stack_size: stackBytes })
  } catch {
    // Somebody has called through it already, so the stack is as large as it is.
  }
  if (koffi.config().sync_stack_size < stackBytes && threads > 1)
    return 'koffi is in use already, with a stack too small for more than one thread'
  let why = ''
  for (const name of names) {
    try {
      const lib = koffi.load(name)
      lib.func('void openblas_set_num_threads(int)')(threads)
      const gemm = (letter: 'd' | 's', c: 'double' | 'float') =>
        productBy(
          lib.func(
            `void cblas_${letter}gemm(int, int, int, int, int, int, ${c}, const ${c} *, int, const ${c} *, int, ${c}, _Inout_ ${c} *, int)`,
          ),
        )
      return {
        product: { f64: gemm('d', 'double'), f32: gemm('s', 'float') },
        solution: solutionBy(
          lib.func('void dgetrf_(int *, int *, _Inout_ double *, int *, _Out_ int *, _Out_ int *)'),
          lib.func(
            'void dgetrs_(const char *, int *, int *, const double *, int *, const int *, _Inout_ double *, int *, _Out_ int *)',
          ),
        ),
        factor: factorBy(lib.func('void dpotrf_(const char *, int *, _Inout_ double *, int *, _Out_ int *)')),
      }
    } catch (e) {
      why ||= e instanceof Error ? e.message : String(e)
    }
  }
  return `OpenBLAS is not there: ${why}`
}

const [rowMajor, asIs] = [101, 111]
const productBy =
  (gemm: Native): Compute =>
  ({ args }) => {
    const [a, b] = args as readonly [TensorValue, TensorValue]
    const [m, k] = a.shape as [number, number]
    const n = b.shape[1]!
    const data = new (a.data instanceof Float32Array ? Float32Array : Float64Array)(m * n)
    if (m * n * k > 0) gemm(rowMajor, asIs, asIs, m, n, k, 1, a.data, k, b.data, n, 0, data, n)
    else data.fill(-0)
    return { shape: [m, n], data }
  }

/** Fortran reads our rows as columns: the factors are those of the transpose, and so the transpose is solved for. */
const solutionBy =
  (factorise: Native, solve: Native): Compute =>
  ({ args }) => {
    const [a, b] = args as readonly [TensorValue, TensorValue]
    const [n, k] = [a.shape[0]!, b.shape[1]!]
    if (n * k === 0 || a.shape[1] !== n) return undefined
    const lu = Float64Array.from(a.data as Float64Array)
    const pivots = new Int32Array(n)
    const info = [0]
    factorise([n], [n], lu, [n], pivots, info)
    // A matrix without an inverse is what the meaning says it is.
    if (info[0] !== 0) return undefined
    const x = turned(b.data as Float64Array, n, k)
    solve('T', [n], [k], lu, [n], pivots, x, [n], info)
    return info[0] === 0 ? { shape: [n, k], data: turned(x, k, n) } : undefined
  }
/** Our lower triangle is Fortran's upper one. */
const factorBy =
  (factorise: Native): Compute =>
  ({ args }) => {
    const a = args[0] as TensorValue
    const n = a.shape[0]!
    if (n === 0 || a.shape[1] !== n) return undefined
    const data = Float64Array.from(a.data as Float64Array)
    const info = [0]
    factorise('U', [n], data, [n], info)
    if (info[0] !== 0) return undefined
    for (let i = 0; i < n; i++) data.fill(0, i * n + i + 1, (i + 1) * n)
    return { shape: [n, n], data }
  }
const turned = (x: Float64Array, rows: number, columns: number): Float64Array => {
  const out = new Float64Array(x.length)
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = x[i * columns + j]!
  return out
}

/** Sums of absolute products, for bounds. */
const absolute = (a: ArrayLike<number>, b: ArrayLike<number>, m: number, k: number, n: number): Float64Array => {
  const out = new Float64Array(m * n)
  for (let i = 0; i < m; i++)
    for (let p = 0; p < k; p++) for (let j = 0; j < n; j++) out[i * n + j]! += Math.abs(a[i * k + p]! * b[p * n + j]!)
  return out
}
const finite = (x: ArrayLike<number>): boolean => Array.prototype.every.call(x, Number.isFinite)
const cellsOf = (v: Value): Floats => (isTensorValue(v) ? (v.data as Floats) : new Float64Array())

const productLaw =
  (u: number): NonNullable<StaticKernel['law']> =>
  ({ args }, value, reference) => {
    const [a, b] = args as readonly [TensorValue, TensorValue]
    const [[m, k], n] = [a.shape as [number, number], b.shape[1]!]
    const [x, y] = [cellsOf(value), cellsOf(reference)]
    const most = absolute(a.data as Floats, b.data as Floats, m, k, n)
    for (let i = 0; i < y.length; i++) {
      // Where a sum of absolute products overflows, orders of addition may end anywhere.
      if (!Number.isFinite(most[i]!)) continue
      if (!(Math.abs(x[i]! - y[i]!) <= 2 * k * u * most[i]! + Number.MIN_VALUE * k))
        return `differs at ${i}: ${x[i]}, ${y[i]}`
    }
    return undefined
  }
const solutionLaw: NonNullable<StaticKernel['law']> = ({ args }, value, reference) => {
  const [a, b] = args as readonly [TensorValue, TensorValue]
  const [n, k] = b.shape as [number, number]
  const [x, y] = [cellsOf(value), cellsOf(reference)]
  if (!finite(y)) return undefined
  const [of, than] = [residual(a, b, x, n, k), residual(a, b, y, n, k)]
  // Rows may be of very different sizes, and elimination with row exchanges mixes them: what it keeps small is the residual
  // against the largest cell, not against those of its row (Higham, Accuracy and Stability of Numerical Algorithms, 9.3).
  let largest = 0
  for (const c of a.data as Floats) largest = Math.max(largest, Math.abs(c))
  const sums = new Float64Array(k)
  for (let i = 0; i < n * k; i++) sums[i % k]! += Math.abs(x[i]!)
  const most = (i: number): number => largest * sums[i % k]! + Math.abs((b.data as Floats)[i]!)
  for (let i = 0; i < of.length; i++)
    if (!(of[i]! <= than[i]! + 16 * n * n * 2 ** -53 * most(i)))
      return `leaves a residual of ${of[i]} at ${i}, the interpreter of ${than[i]}`
  return undefined
}
const residual = (a: TensorValue, b: TensorValue, x: Floats, n: number, k: number): Float64Array => {
  const out = new Float64Array(n * k)
  for (let i = 0; i < n; i++)
    for (let j = 0; j < k; j++) {
      let r = -(b.data as Floats)[i * k + j]!
      for (let p = 0; p < n; p++) r += (a.data as Floats)[i * n + p]! * x[p * k + j]!
      out[i * k + j] = Math.abs(r)
    }
  return out
}
const factorLaw: NonNullable<StaticKernel['law']> = ({ args }, value, reference) => {
  const a = args[0] as TensorValue
  const n = a.shape[0]!
  const l = cellsOf(value)
  if (!finite(cellsOf(reference))) return undefined
  const most = absolute(l, turned(l as Float64Array, n, n), n, n, n)
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum = 0
      for (let p = 0; p <= j; p++) sum += l[i * n + p]! * l[j * n + p]!
      const off = Math.abs(sum - (a.data as Floats)[i * n + j]!)
      if (!(off <= 8 * n * 2 ** -53 * most[i * n + j]!)) return `is off by ${off} at row ${i}, column ${j}`
    }
  return undefined
}
