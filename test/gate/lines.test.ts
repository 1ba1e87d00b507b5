// Requirements: E16

import { describe, expect, test } from 'vitest'
import { lineOfEntry, linesOf, lineWhere } from '../../verify/gate/project/lines.ts'

const file = `import { graph, sql } from 'quoin'

const db = sql('main')
export default graph('g', {}, () => ({ rows: db.many('risks') }))
export const drivers = () => ({
  main: duckdb({}),
  'price.list': bind({ id: 'prices' }),
})
export const plan = {
  queries: 1,
}
`
describe('where a report points', () => {
  const lines = linesOf(file)
  test.each([
    ['the graph', lines.graph, 4],
    ['the plan', lines.plan, 9],
    ['a driver, at its key and not where the name stands first', lines.driver('main'), 6],
    ['a driver with its name in quotes', lines.driver('price.list'), 7],
    ['a name to which nobody exports a driver, where the graph speaks of it', lines.driver('risks'), 4],
    ['a name that stands nowhere, at the graph', lines.driver('nobody'), 4],
    ['an assumption', lines.named('prices'), 7],
    ['an assumption that is of Quoin, at the graph', lines.named('monotonic-clock'), 4],
  ])('%s', (_, line, is) => expect(line).toBe(is))
  test('is the first line of a document, which has no definition', () => {
    const json = linesOf('{\n "name": "g" }')
    expect([json.graph, json.plan, json.driver('x')]).toEqual([1, 1, 1])
  })
  test('is an entry of a manifest', () => {
    expect(lineOfEntry('{\n  "key": "a",\n  "digest": "key"\n}', 'digest')).toBe(3)
    expect(lineOfEntry('not json', 'digest')).toBe(1)
  })
  test('takes names as they are, whatever is in them', () => {
    expect(lineWhere('a\nb.c', /b\.c/)).toBe(2)
    expect(linesOf("\nexport default 1\n'a(b'").named('a(b')).toBe(3)
  })
})
