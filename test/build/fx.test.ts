import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Tree } from '../../graph/build/fx-parse.ts'
import { caret, parseFormula, Unreadable } from '../../graph/build/fx-parse.ts'
import { fx, graph, t } from '../../graph/index.ts'
import { problemsOf, run } from './run.ts'

const show = (tree: Tree): string => {
  switch (tree.kind) {
    case 'number':
      return String(tree.value)
    case 'hole':
      return `$${tree.index}`
    case 'name':
      return tree.name
    case 'call':
      return `${tree.name}(${tree.args.map(show).join(' ')})`
  }
}
const read = (text: string): string => {
  try {
    return show(parseFormula([text], []))
  } catch (e) {
    if (!(e instanceof Unreadable)) throw e
    return `${e.message}\n${caret(text.trimStart(), e.at)}`
  }
}

describe('precedence', () => {
  test.each([
    ['1 + 2 * 3', 'add(1 mul(2 3))'],
    ['1 - 2 - 3', 'sub(sub(1 2) 3)'],
    ['8 / 4 / 2', 'div(div(8 4) 2)'],
    ['-2^2', 'neg(pow(2 2))'],
    ['2^-1', 'pow(2 -1)'],
    ['2^3^2', 'pow(2 pow(3 2))'],
    ['2 ** 3', 'pow(2 3)'],
    ['-3.1 + 1e-5', 'add(-3.1 0.00001)'],
    ['--2', '2'],
    ['.5e3 * +2', 'mul(500 2)'],
    ['!a && b || c', 'or(and(not(a) b) c)'],
    ['1 < 2 == 3 >= 4', 'eq(lt(1 2) ge(3 4))'],
    ['a ? 1 : b ? 2 : 3', 'select(a 1 select(b 2 3))'],
    ['max(1, min(2, 3)) % 4', 'rem(max(1 min(2 3)) 4)'],
    ['(1 + 2) * 3', 'mul(add(1 2) 3)'],
    ['f()', 'f()'],
  ])('%s', (text, tree) => expect(read(text)).toBe(tree))
})
describe('what cannot be read', () => {
  test.each([
    '',
    '1 +',
    '(1',
    '1)',
    '1 2',
    'f(1,',
    '1 ? 2',
    '1 @ 2',
    'a < b < c',
    '1..2',
    '* 3',
    `${'('.repeat(300)}1`,
  ])('%s', (text) => expect(read(text)).toMatchSnapshot())
  test('the caret stands under the spot of the line of the spot', () =>
    expect(read('1 +\n  2 * ) +\n 3')).toBe(
      "expected a number, a value, a function or (, but this is ')'\n    2 * ) +\n        ^",
    ))
  test('any text is a tree or a message, never another error', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), (s) => {
        expect(typeof read(s)).toBe('string')
      }),
    )
    const parts = fc.constantFrom('1', 'x', '(', ')', '+', '-', '*', '^', '?', ':', '<', '&&', 'exp(', ',', ' ')
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 12 }), (s) => {
        expect(typeof read(s.join(''))).toBe('string')
      }),
    )
  })
})
describe('meaning', () => {
  const value = (x: number, y: number) =>
    run(
      graph('f', { x: t.f64, y: t.f64 }, ({ x: a, y: b }) => ({
        poly: fx`2*${a}^2 - 3*${a} + 1`,
        cubic: fx`${a}^3`,
        wave: fx`sin(pi/2) + e - cos(0)`,
        choice: fx`${a} > ${b} && !(${a} == 3) ? ${a} : max(${b}, 10)`,
        test: fx.bool`abs(${a} - ${b}) <= 1e-9 || ${a} != ${a}`,
        five: fx`2 + 3`,
        number: fx`${a} * ${2}`,
      })),
      { x, y },
    )
  test('of scalars', () => {
    expect(value(4, 2)).toEqual({ poly: 21, cubic: 64, wave: Math.E, choice: 4, test: false, five: 5, number: 8 })
    expect(value(3, 2)).toMatchObject({ choice: 10 })
  })
  test('of arrays, with reductions and integers', () => {
    const g = graph(
      'f',
      { x: t.tensor(t.f64, 'n'), k: t.tensor(t.i32, 'n'), keep: t.tensor(t.bool, 'n') },
      ({ x, k, keep }) => ({
        centred: fx`${x} - mean(${x})`,
        norm: fx.scalar`sqrt(sum(${x}^2))`,
        most: fx.scalar`max(${x})`,
        halves: fx`${k} / 2 + ${k} % 2`,
        kept: fx`${keep} ? ${x} : 0`,
        rounded: fx`round(${x} * 1.5) + floor(0.5) + trunc(-0.5) + ceil(0.2)`,
      }),
    )
    expect(run(g, { x: [1, 2, 3], k: [4, 5, -7], keep: [true, false, true] })).toEqual({
      centred: new Float64Array([-1, 0, 1]),
      norm: Math.sqrt(14),
      most: 3,
      halves: new Int32Array([2, 3, -4]),
      kept: new Float64Array([1, 0, 3]),
      rounded: new Float64Array([3, 4, 5]),
    })
  })
})
describe('problems', () => {
  const bad = (build: (x: never) => unknown): string[] =>
    problemsOf(graph('f', { x: t.tensor(t.f64, 'loan'), i: t.i32 }, build as never))
  test.each<[string, (v: { x: never; i: never }) => unknown]>([
    ['an unknown function', ({ x }) => fx`1 + sigmod(${x}) * 2`],
    ['an unknown name', ({ x }) => fx`${x} * rate`],
    ['too many arguments', ({ x }) => fx`exp(${x}, 2)`],
    ['a comparison on top', ({ x }) => fx`${x} > 3`],
    ['a reduction on top', ({ x }) => fx`sum(${x})`],
    ['a value that is no condition', ({ x }) => fx`${x} ? 1 : 2`],
    ['two elements', ({ x, i }) => fx`${x} + ${i}`],
    ['half of an integer', ({ i }) => fx`${i} * 0.5`],
    ['the end is missing', ({ x }) => fx`2 * (${x} + 1`],
  ])('%s', (_, build) => expect(bad(build as never)).toMatchSnapshot())
})
