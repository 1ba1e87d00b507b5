// Requirements: K1

import { describe, expect, test } from 'vitest'
import { checkGraph, decodeValue, parse, parseType, toValue } from '../../graph/index.ts'

/** Causes of the problems of a graph written without its first line. */
const problemsOf = (body: string): readonly string[] => {
  const g = parse(`graph "dims" source numerics 1\n${body}`)
  if (g._tag === 'Left') throw new Error(g.left.map((p) => `${p.place} ${p.cause}`).join('\n'))
  return checkGraph(g.right).map((p) => p.cause)
}
const again = (d: string) => `the dimension '${d}' exists already with another origin, and equal names mean equal sizes`
const rows = (i: number, occurrence: number, dim: string) =>
  `%${i} = dbQuery {"authority":false,"batch":true,"db":"main","dim":"${dim}","maxBytes":1000,"maxRows":9,"mode":"many","name":"q","occurrence":${occurrence},"reads":["q"],"row":"{v: f64}","sql":"select v from q","writes":[]} : list<{v: f64}>[${dim}]\n`
const ragged = 'in "l": list<f64[~r]>[n]\n%0 = input {"name":"l","type":"list<f64[~r]>[n]"} : list<f64[~r]>[n]\n'
const first = '%1 = const {"type":"i32","value":0} : i32\n'

describe('one name, one origin', () => {
  test('two queries may not bring in one dimension', () => {
    const both = '%2 = record %0 %1 {"fields":["a","b"]} : {a: list<{v: f64}>[n], b: list<{v: f64}>[n]}\n-> %2'
    expect(problemsOf(rows(0, 0, 'n') + rows(1, 1, 'n') + both)).toEqual([again('n')])
    expect(
      problemsOf(rows(0, 0, 'n') + rows(1, 1, 'm') + both.replace('b: list<{v: f64}>[n]', 'b: list<{v: f64}>[m]')),
    ).toEqual([])
  })

  test('an input and a filter may not share a name, two columns kept by one mask may', () => {
    const head =
      'in "x": f64[n]\nin "m": bool[n]\n%0 = input {"name":"x","type":"f64[n]"} : f64[n]\n%1 = input {"name":"m","type":"bool[n]"} : bool[n]\n'
    expect(problemsOf(`${head}%2 = filter %0 %1 {"dim":"n"} : f64[n]\n-> %2`)).toEqual([again('n')])
    const twice = `${head}%2 = filter %0 %1 {"dim":"k"} : f64[k]\n%3 = neg %0 : f64[n]\n%4 = filter %3 %1 {"dim":"k"} : f64[k]\n%5 = add %2 %4 : f64[k]\n-> %5`
    expect(problemsOf(twice)).toEqual([])
    const other = `${head}%2 = not %1 : bool[n]\n%3 = filter %0 %1 {"dim":"k"} : f64[k]\n%4 = filter %0 %2 {"dim":"k"} : f64[k]\n%5 = add %3 %4 : f64[k]\n-> %5`
    expect(problemsOf(other)).toEqual([again('k')])
  })

  test('equal parts of equal dimensions fit together', () => {
    const head = 'in "x": f64[n]\n%0 = input {"name":"x","type":"f64[n]"} : f64[n]\n%1 = neg %0 : f64[n]\n'
    const part = (i: number, of: number, start: number) =>
      `%${i} = slice %${of} {"axis":0,"dim":"p","start":${start},"step":1,"stop":null} : f64[p]\n`
    expect(problemsOf(`${head}${part(2, 0, 1)}${part(3, 1, 1)}%4 = add %2 %3 : f64[p]\n-> %4`)).toEqual([])
    expect(problemsOf(`${head}${part(2, 0, 1)}${part(3, 1, 2)}%4 = add %2 %3 : f64[p]\n-> %4`)).toEqual([again('p')])
  })

  test('two elements of a ragged list have dimensions of their own', () => {
    const at = (i: number, index: number, dim: string) =>
      `%${i} = at %0 %${index} {"dims":["${dim}"]} : option<f64[${dim}]>\n`
    const second = '%2 = const {"type":"i32","value":1} : i32\n'
    const both = (a: string, b: string) =>
      `%5 = record %3 %4 {"fields":["a","b"]} : {a: option<f64[${a}]>, b: option<f64[${b}]>}\n-> %5`
    expect(problemsOf(ragged + first + second + at(3, 1, '~p') + at(4, 2, '~p') + both('~p', '~p'))).toEqual([
      again('~p'),
    ])
    expect(problemsOf(ragged + first + second + at(3, 1, '~p') + at(4, 2, '~q') + both('~p', '~q'))).toEqual([])
  })

  test('an element and a literal may not be taken for one size', () => {
    const text = `${ragged}${first}%2 = at %0 %1 {"dims":["~p"]} : option<f64[~p]>\n%3 = const {"type":"f64[~p]","value":[1]} : f64[~p]\n%4 = orElse %2 %3 : f64[~p]\n%5 = add %4 %3 : f64[~p]\n-> %5`
    expect(problemsOf(text)).toEqual([again('~p')])
  })

  test('the elements of two lists that repeat together are told apart', () => {
    const text = `${ragged}%1 = map %0 %0 : list<list<f64[~r]>[n]>[n]
  | f64[~r] ; list<f64[~r]>[n]
    %0 = param {"index":1,"type":"list<f64[~r]>[n]"} : list<f64[~r]>[n]
    %1 = param {"index":0,"type":"f64[~r]"} : f64[~r]
    %2 = map %0 %1 : list<f64[~r]>[n]
      | f64[~r] ; f64[~r]
        %0 = param {"index":0,"type":"f64[~r]"} : f64[~r]
        %1 = param {"index":1,"type":"f64[~r]"} : f64[~r]
        %2 = add %0 %1 : f64[~r]
        -> %2
    -> %2
-> %1`
    expect(problemsOf(text)).toEqual([
      "its body uses '~r' of the element and of a value from outside, which may differ in size",
    ])
  })

  test('a body that repeats brings in ragged dimensions only', () => {
    const text = (dim: string) => `in "x": f64[n]\nin "m": bool[n]
%0 = input {"name":"x","type":"f64[n]"} : f64[n]
%1 = input {"name":"m","type":"bool[n]"} : bool[n]
%2 = map %0 %0 %1 : list<f64[${dim}]>[n]
  | f64 ; f64[n] ; bool[n]
    %0 = param {"index":1,"type":"f64[n]"} : f64[n]
    %1 = param {"index":2,"type":"bool[n]"} : bool[n]
    %2 = filter %0 %1 {"dim":"${dim}"} : f64[${dim}]
    -> %2
-> %2`
    expect(problemsOf(text('k'))).toEqual([
      "the dimension 'k' arises in a body that repeats, where its size may differ each time",
    ])
    expect(problemsOf(text('~k'))).toEqual([])
  })

  test('columns of different lists share no ragged dimension', () => {
    const two = `${ragged}in "k": list<f64[~r]>[n]\n%1 = input {"name":"k","type":"list<f64[~r]>[n]"} : list<f64[~r]>[n]\n%2 = rows %0 %1 {"fields":["a","b"]} : list<{a: f64[~r], b: f64[~r]}>[n]\n-> %2`
    const inputsFirst = two.replace(/(in "l".*\n)(%0.*\n)(in "k".*\n)/, '$1$3$2')
    expect(problemsOf(inputsFirst)).toEqual([
      "its columns use '~r' for different lists, which may differ in size element by element",
    ])
    const nested = (outer: number): string =>
      inputsFirst.replace(
        /%2 = [\s\S]*/,
        `%2 = rows %0 %0 {"fields":["a","b"]} : list<{a: f64[~r], b: f64[~r]}>[n]\n%3 = rows %${outer} %2 {"fields":["c","d"]} : list<{c: f64[~r], d: {a: f64[~r], b: f64[~r]}}>[n]\n-> %3`,
      )
    expect(problemsOf(nested(0))).toEqual([])
    expect(problemsOf(nested(1))).toHaveLength(1)
  })

  test('bodies of which only one runs may bring in one name; elsewhere it is taken', () => {
    const text = (after: string) => `in "x": f64[n]\nin "m": bool[n]\nin "c": bool
%0 = input {"name":"c","type":"bool"} : bool
%1 = input {"name":"x","type":"f64[n]"} : f64[n]
%2 = input {"name":"m","type":"bool[n]"} : bool[n]
%3 = cond %0 %1 %2 : f64[k]
  | f64[n] ; bool[n]
    %0 = param {"index":0,"type":"f64[n]"} : f64[n]
    %1 = param {"index":1,"type":"bool[n]"} : bool[n]
    %2 = filter %0 %1 {"dim":"k"} : f64[k]
    -> %2
  | f64[n] ; bool[n]
    %0 = param {"index":0,"type":"f64[n]"} : f64[n]
    %1 = param {"index":1,"type":"bool[n]"} : bool[n]
    %2 = not %1 : bool[n]
    %3 = filter %0 %2 {"dim":"k"} : f64[k]
    -> %3
${after}`
    expect(problemsOf(text('-> %3'))).toEqual([])
    expect(problemsOf(text('%4 = filter %1 %2 {"dim":"k"} : f64[k]\n%5 = add %3 %4 : f64[k]\n-> %5'))).toEqual([
      again('k'),
    ])
  })
})

describe('values keep to their dimensions at the door', () => {
  const type = parseType('list<{a: f64[~r], b: i32[~r]}>[n]') as Exclude<ReturnType<typeof parseType>, string>
  const odd = [{ path: '$[1].b', problem: 'has 1 elements where dimension ~r is 2' }]
  test('of a program', () => {
    expect(
      toValue(type, [
        { a: [1], b: [1] },
        { a: [1, 2], b: [1, 2] },
      ])._tag,
    ).toBe('Right')
    expect(
      toValue(type, [
        { a: [1], b: [1] },
        { a: [1, 2], b: [1] },
      ]),
    ).toEqual({ _tag: 'Left', left: odd })
  })
  test('of a document', () => {
    expect(
      decodeValue(type, [
        { a: [1], b: [1] },
        { a: [1, 2], b: [1] },
      ]),
    ).toEqual({ _tag: 'Left', left: odd })
  })
  test('in every element alike where the name does not vary', () => {
    const fixed = parseType('list<f64[k]>[n]') as Exclude<ReturnType<typeof parseType>, string>
    expect(
      decodeValue(fixed, [
        [1, 2],
        [3, 4],
      ])._tag,
    ).toBe('Right')
    expect(decodeValue(fixed, [[1, 2], [3]])).toEqual({
      _tag: 'Left',
      left: [{ path: '$[1]', problem: 'has 1 elements where dimension k is 2' }],
    })
  })
})
