// Requirements: E4

import { expect, test } from 'vitest'
import type { Numeric } from '../../graph/elem.ts'
import { numerics } from '../../graph/elem.ts'
import type { Scalar } from '../../graph/emit.ts'
import { numbers } from '../../graph/numbers.ts'
import type { PlainPrim } from '../../graph/prims.ts'
import { primNames, prims, resultOf } from '../../graph/prims.ts'
import type { Instance, Law } from '../../passes/laws/index.ts'
import { laws } from '../../passes/laws/index.ts'
import { lit, op, v } from '../../passes/laws/term.ts'
import { idle, open, readCache } from '../../verify/proofs/cache.ts'
import { edges } from '../../verify/proofs/edges.ts'
import { obligations, refute } from '../../verify/proofs/obligations.ts'
import { differs } from '../../verify/proofs/query.ts'
import * as smt from '../../verify/proofs/smt.ts'
import { startZ3 } from '../../verify/proofs/z3.ts'
import { hashText, stream } from '../arbitraries/world.ts'
import { drawLeft } from './draw.ts'

const solver = await startZ3()

test('every law has its evidence at every element it is used at, and nothing else has', () => {
  const cache = readCache()
  expect(
    open(cache).map((o) => o.id),
    'run npm run prove, and commit verify/proofs/cache.json',
  ).toEqual([])
  expect(idle(cache)).toEqual([])
  expect(new Set(obligations.map((o) => o.id)).size).toBe(obligations.length)
  for (const law of laws) expect(obligations.filter((o) => o.law === law).length, law.name).toBe(law.at.length)
})

test('laws have one name each, and relaxed ones say a bound and a mode', () => {
  expect(new Set(laws.map((l) => l.name)).size).toBe(laws.length)
  for (const l of laws) expect(l.mode === undefined, l.name).toBe(l.equality === 'bits')
})

test('small laws hold on every value, the others on edge values', () => {
  for (const o of obligations) {
    if (o.law.evidence.by === 'smt') expect(refute(o.law, o.at), o.id).toBeUndefined()
  }
})

/** Edge and random cells of an element. */
const samples = (elem: Numeric): readonly Scalar[] => {
  const next = stream(hashText(elem))
  if (elem === 'bool') return [false, true]
  const word = (): bigint => (BigInt(next(2 ** 28)) << 36n) ^ (BigInt(next(2 ** 28)) << 18n) ^ BigInt(next(2 ** 28))
  const wide = elem.endsWith('64')
  const random = Array.from({ length: 4 }, () =>
    numbers.bitcast(wide ? 'u64' : 'u32', elem, numbers.constant(wide ? 'u64' : 'u32', word())),
  )
  return [...edges(elem), ...random]
}

// The proofs speak of the same primitives as the interpreter: z3 computes the encoding, and it is compared.
const encoded = numerics.flatMap((elem) => [
  ...primNames
    .filter((p): p is PlainPrim => p !== 'select' && p !== 'convert' && p !== 'bitcast')
    .filter((p) => resultOf(p, elem) !== undefined)
    .map((p) => [p, elem, prims[p].to === 'bool' ? 'bool' : elem] as const),
  ...(['convert', 'bitcast'] as const).flatMap((p) =>
    numerics.filter((to) => resultOf(p, elem, to) !== undefined).map((to) => [p, elem, to] as const),
  ),
])
test.each(encoded)('%s on %s, giving %s, is encoded as it is computed', async (name, elem, to) => {
  const all = samples(elem)
  const wrong: string[] = []
  const claim = (text: string, value: Scalar): void => void wrong.push(`(not (= ${text} ${smt.literal(to, value)}))`)
  for (const a of all) {
    const x = smt.literal(elem, a)
    if (name === 'convert') claim(smt.convert(elem, to, x), numbers.convert(elem, to, a))
    else if (name === 'bitcast') claim(smt.bitcast(elem, to, x), numbers.bitcast(elem, to, a))
    else if (prims[name].arity === 1) claim(smt.prim(name, elem, x), numbers.prim(name, elem, a))
    else for (const b of all) claim(smt.prim(name, elem, x, smt.literal(elem, b)), numbers.prim(name, elem, a, b))
  }
  expect(await solver.ask(`(assert (or false ${wrong.join('\n')}))`, 50_000)).toBe('unsat')
})

const [x, y] = [v('x'), v('y')]
const yes = lit(true, 'bool')
test.each([
  ['x + 0 = x', op('add', x, lit(0)), x],
  ['x - x = 0', op('sub', x, x), lit(0)],
  ['x * 0 = 0', op('mul', x, lit(0)), lit(0)],
  ['not(x < y) = x >= y', op('not', op('lt', x, y)), op('ge', x, y)],
  ['x = x', op('eq', x, x), yes],
  ['-(x - y) = y - x', op('neg', op('sub', x, y)), op('sub', y, x)],
  ['min(x, max(x, y)) = x', op('min', x, op('max', x, y)), x],
])('of floats %s is refuted, by trying and by z3', async (_, left, right) => {
  for (const E of ['f64', 'f32'] as const) {
    expect(refute({ left, right }, { E })).toBeDefined()
  }
  // Finding a counterexample in f64 can take z3 half a minute.
  expect(await solver.ask(differs(left, right, { E: 'f32' }), 50_000)).toBe('sat')
})

test('a condition on literals is needed: a third has no exact reciprocal', () => {
  const law = laws.find((l) => l.name === 'float-div-power')!
  const { when: _, ...bare } = law
  for (const at of law.at) {
    expect(refute(law, at)).toBeUndefined()
    expect(refute(bare, at)).toBeDefined()
  }
})

test('two proofs are done again here', async () => {
  for (const id of ['int-not-lt at E=i64', 'add-minus-zero at E=f64']) {
    expect(await solver.ask(obligations.find((o) => o.id === id)!.query!, 50_000), id).toBe('unsat')
  }
})

/** A law is used wherever it types and holds: the elements it leaves out are those where it is false. */
test('each choice of elements is needed: at the others the law is false, or has no meaning', () => {
  let refuted = 0
  for (const law of laws) {
    const letters = Object.keys(law.at[0]!) as (keyof Instance)[]
    if (law.evidence.by !== 'smt' || letters.length === 0) continue
    for (const at of choices(letters)) {
      if (law.at.some((i) => letters.every((l) => i[l] === at[l])) || !types(law, at)) continue
      refuted++
      expect(refute(law, at), `${law.name} at ${JSON.stringify(at)}`).toBeDefined()
    }
  }
  expect(refuted).toBeGreaterThan(150)
})
/** Different elements for the letters: conversions to the same element are another matter. */
const choices = (letters: readonly (keyof Instance)[]): readonly Instance[] =>
  letters.reduce<readonly Instance[]>(
    (done, l) =>
      done.flatMap((d) => numerics.filter((e) => !Object.values(d).includes(e)).map((e) => ({ ...d, [l]: e }))),
    [{}],
  )
/** Whether some graph has the left side at these elements. */
const types = (law: Law, at: Instance): boolean => {
  const next = stream(1)
  try {
    return Array.from({ length: 30 }).some(() => drawLeft(law, at, next) !== undefined)
  } catch {
    // Literals such as the least number have no bool.
    return false
  }
}
