import { expect, test } from 'vitest'
import { edges } from '../../runtime/engine/lifecycle.ts'
import { leavings, moves, states } from '../../runtime/engine/states.ts'
import { adtsOf, allAdts, onDisk, page, stale } from './adt.ts'
import { read } from './checker.ts'

test('what specifications and code share is generated, and what is there is what was generated', () => {
  const adts = allAdts()
  expect(adts.map((a) => a.file)).toEqual(['runtime/engine/states.ts'])
  expect(stale([...adts, page()], onDisk)).toEqual([])
  expect(page().text).toContain('### Scheduler')
})

test('a hand edit, a file that is not what the specifications say and one that is missing are found', () => {
  const [adt] = allAdts()
  expect(stale([adt!], () => adt!.text.replace("'Ready'", "'Steady'"))).toEqual([
    'runtime/engine/states.ts was edited by hand',
  ])
  const changed = adtsOf('specs-tla/Lifecycle.tla', read('Lifecycle.tla').replace('Failed Evicted', 'Failed Gone'))
  expect(stale(changed, onDisk)).toEqual(['runtime/engine/states.ts is not what the specifications say'])
  expect(stale([adt!], () => undefined)).toEqual(['runtime/engine/states.ts is missing'])
  const odd = '\\* @quoin:begin a.ts\n\\* members without a name\n\\* @quoin:end'
  expect(() => adtsOf('odd.tla', odd)).toThrow("odd.tla:1: '\\* members without a name'")
})

test('the annotated block says what the definitions of the specification say', () => {
  const spec = read('Lifecycle.tla')
  const set = (name: RegExp) => [...name.exec(spec)![1]!.matchAll(/"(\w+)"/g)].map(([, x]) => x)
  expect(set(/^States == \{([^}]*)\}/m)).toEqual(['None', ...states])
  expect(set(/leaving\[h\]\[v\] \\in \{([^}]*)\}/)).toEqual([...leavings])
  for (const m of moves) expect(spec).toMatch(new RegExp(`^${m}\\(h, v\\) ==`, 'm'))
  expect(new Set(edges.map(([, a]) => a))).toEqual(new Set([...moves, 'Interpret']))
})
