// Requirements: E3

import { expect, test } from 'vitest'
import { Arena } from '../../graph/arena.ts'
import { mustMake } from '../../graph/make.ts'
import { scalar } from '../../graph/types.ts'
import { optimise } from '../../passes/index.ts'

const f64 = scalar('f64')

test('a record of 150,000 parts is no trouble for any pass or checker', () => {
  const arena = new Arena()
  const x = mustMake(arena, 'input', { name: 'x', type: f64 })
  const parts = Array.from({ length: 150_000 }, (_, i) =>
    mustMake(arena, 'mul', {}, [x, mustMake(arena, 'const', { type: f64, value: i + 0.5 })]),
  )
  const root = mustMake(arena, 'record', { fields: parts.map((_, i) => `f${i}`) }, parts)
  const done = optimise({ name: 'wide', stage: 'source', arena, inputs: [['x', f64]], root, sites: new Map() })
  expect(done.failures).toEqual([])
  expect(done.steps.map((s) => s.pass)).toContain('batch')
}, 120_000)
