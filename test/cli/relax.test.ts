// Requirements: E9

import { afterAll, expect, test } from 'vitest'
import { relaxable } from '../../cli/bindings.ts'
import { modes } from '../../passes/index.ts'
import { fixture, quoin, scratch } from './quoin.ts'

const place = scratch()
afterAll(place.remove)
const third = fixture('third.ts')
const fifth = ['--input', '-', '--json'] as const

test('the command line knows every mode', () => {
  expect(Object.keys(relaxable).sort()).toEqual([...modes].sort())
})

test('bits change where a mode is named, and only there', async () => {
  const y = async (...more: readonly string[]): Promise<unknown> => {
    const r = await quoin(['run', third, ...fifth, ...more], { input: '{"x":5}' })
    return r.code === 0 ? JSON.parse(r.out).y : r.err
  }
  expect(await y()).toBe(5 / 3)
  expect(await y('--relax', 'reassociate')).toBe(5 / 3)
  expect(await y('--relax', 'reciprocal')).toBe(5 * (1 / 3))
  expect(5 * (1 / 3)).not.toBe(5 / 3)
  expect(await y('--relax', 'faster')).toContain('It has to be one of reassociate, reciprocal')
  expect(await y('--relax', 'reciprocal', '--target', 'interpret')).toContain('leave --relax or --target out')
})

test('what was allowed stands in the inventory and in the artefact, whose check builds it in the same way', async () => {
  const listed = await quoin(['inventory', third, '--relax', 'reciprocal', '--format', 'json'])
  expect(listed.out).toContain('"relaxed:reciprocal"')
  const to = ['--out', place.directory] as const
  expect((await quoin(['build', third, ...to, '--relax', 'reciprocal'])).code).toBe(0)
  expect((await quoin(['build', third, ...to, '--check'])).code).toBe(0)
  const built = place.path('third.quoin')
  expect((await quoin(['run', built, ...fifth, '--relax', 'reciprocal'], { input: '{"x":5}' })).err).toContain(
    'is compiled already',
  )
  expect((await quoin(['build', third, ...to])).code).toBe(0)
  expect((await quoin(['build', third, ...to, '--check', '--relax', 'reciprocal'])).code).toBe(1)
})
