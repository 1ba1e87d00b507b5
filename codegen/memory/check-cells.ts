import type { Ix, Kernel, Lanes, Step, Stmt } from '../kernels/index.ts'

/**
 * Whether output `o` of a kernel may lie where input `i` lies: all reads of the input and the one store to the output
 * stand in one loop of lanes, at the same cell, the reads first; and the loops around it come to each cell once, because
 * they count through the cells in row-major order.
 */
export const cellByCell = (k: Kernel, o: number, i: number): boolean => {
  const [from, to] = [`in${i}`, `out${o}`]
  const found: { lanes: Lanes; around: readonly Loop[] | undefined }[] = []
  const walk = (s: Stmt, around: readonly Loop[] | undefined): void => {
    if (s.s === 'lanes') {
      if ([...s.before, ...s.body].some((x) => mentions(x, from) || mentions(x, to))) found.push({ lanes: s, around })
    } else if (s.s === 'for') for (const x of s.body) walk(x, around && [...around, { name: s.name, count: s.count }])
    else if (s.s === 'while') for (const x of s.body) walk(x, undefined)
    else if (s.s === 'if') for (const x of [...s.yes, ...s.no]) walk(x, undefined)
  }
  for (const s of k.body) walk(s, [])
  const [only] = found
  if (only === undefined || found.length > 1 || only.around === undefined) return false
  const { before, body, count } = only.lanes
  if (before.some((x) => mentions(x, from) || mentions(x, to))) return false
  const stores = body.filter((x) => mentions(x, to))
  const [store] = stores
  if (stores.length !== 1 || store!.i !== 'store' || store!.step !== 1) return false
  const end = body.indexOf(store!)
  for (const [at, x] of body.entries()) {
    if (!mentions(x, from)) continue
    if (at > end || x.i !== 'load' || x.step !== 1 || JSON.stringify(x.at) !== JSON.stringify(store!.at)) return false
  }
  const cell = sum(store!.at)
  const rowMajor = sum(
    only.around.reduce<Ix>((n, l) => plus(times(n, l.count), l.name), 0),
    count,
  )
  return cell !== undefined && rowMajor !== undefined && same(cell, rowMajor)
}

interface Loop {
  readonly name: string
  readonly count: Ix
}
const mentions = (s: Step, buffer: string): boolean => {
  switch (s.i) {
    case 'load':
    case 'fetch':
      return s.from === buffer
    case 'store':
      return s.to === buffer
    case 'fold':
      return s.into === buffer
    case 'repeat':
      return s.body.some((x) => mentions(x, buffer))
    default:
      return false
  }
}
const plus = (a: Ix, b: Ix): Ix => ({ op: 'add', a, b })
const times = (a: Ix, b: Ix): Ix => ({ op: 'mul', a, b })

/** A polynomial in sizes and loop variables: coefficients by the sorted names of a product. */
type Sum = ReadonlyMap<string, number>
const sum = (x: Ix, factor: Ix = 1): Sum | undefined => {
  if (factor !== 1) return sum(times(x, factor))
  if (typeof x === 'number') return new Map(x === 0 ? [] : [['', x]])
  if (typeof x === 'string') return new Map([[x, 1]])
  const [a, b] = [sum(x.a), sum(x.b)]
  if (a === undefined || b === undefined || (x.op !== 'add' && x.op !== 'sub' && x.op !== 'mul')) return undefined
  const out = new Map<string, number>()
  const put = (key: string, n: number): void => {
    const next = (out.get(key) ?? 0) + n
    if (next === 0) out.delete(key)
    else out.set(key, next)
  }
  if (x.op === 'mul') {
    for (const [p, n] of a)
      for (const [q, m] of b) put([...p.split(' '), ...q.split(' ')].filter(Boolean).sort().join(' '), n * m)
    return out
  }
  for (const [p, n] of a) put(p, n)
  for (const [q, m] of b) put(q, x.op === 'sub' ? -m : m)
  return out
}
const same = (a: Sum, b: Sum): boolean => a.size === b.size && [...a].every(([k, n]) => b.get(k) === n)
