import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { resultJson } from '../../cli/show/json.ts'
import { version } from '../../codegen/version.ts'
import { pages, samples } from '../../docs/generate.ts'
import { fromValue, toValue } from '../../graph/build/host.ts'
import { decodeValue, encodeValue } from '../../graph/json-value.ts'
import { meanings } from '../../graph/meaning/table.ts'
import type { OpName } from '../../graph/ops/index.ts'
import { declOf, families, ops } from '../../graph/ops/index.ts'
import { parse, print } from '../../graph/text.ts'
import type { Type } from '../../graph/types.ts'
import { parseType, record } from '../../graph/types.ts'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

test.each(Object.entries(pages))('%s is what npm run docs writes', (path, page) => expect(read(path)).toBe(page()))

test('the example of docs/graph-text.md parses and prints itself', () => {
  const text = /```\n(graph [\s\S]*?)```/.exec(read('docs/graph-text.md'))![1]!
  const g = parse(text)
  expect(g._tag === 'Right' ? print(g.right) : g.left).toBe(text)
})

test('generated code calls the very meanings that the ops declare', () => {
  const attrs = { to: 'f64' } as never
  for (const name of Object.keys(ops) as OpName[]) {
    const declared = declOf(name).meaning
    expect([name, Object.hasOwn(meanings, name)]).toEqual([name, declared !== undefined])
  }
  // The elementwise ones are made per op, so their agreement shows in what they compute.
  const scalar = [
    { kind: 'tensor', elem: 'f64', shape: [] },
    { kind: 'tensor', elem: 'f64', shape: [] },
  ] as const
  expect(meanings.add!(attrs, [1, 2], scalar, scalar[0])).toBe(declOf('add').meaning!({}, [1, 2], scalar, scalar[0]))
  for (const name of ['transpose', 'record', 'column', 'filter', 'jsonText', 'reduce', 'contract', 'select'] as const) {
    expect(meanings[name]).toBe(declOf(name).meaning)
  }
})

test('the version in the code is that of the package', () =>
  expect(version).toBe((JSON.parse(read('package.json')) as { version: string }).version))

test('no two families declare an op of the same name', () => {
  const names = Object.values(families).flatMap((family) => Object.keys(family))
  expect(names.filter((n, i) => names.indexOf(n) !== i)).toEqual([])
})

test.each(samples)('the JSON of %s is what is printed, stringified and read back', (text, given) => {
  const type = parseType(text) as Type
  const value = toValue(type, given)
  if (value._tag === 'Left') throw new Error(JSON.stringify(value.left))
  const json = encodeValue(type, value.right)
  const result = fromValue(type, value.right)
  expect(resultJson(type, result)).toEqual(json)
  const inside = fromValue(record([['x', type]]), { x: value.right })
  expect(JSON.parse(JSON.stringify(inside))).toEqual({ x: json })
  expect(decodeValue(type, JSON.parse(JSON.stringify(json)))).toEqual(value)
})
