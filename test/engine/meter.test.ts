// Requirements: E12

import { expect, test } from 'vitest'
import { Halted, Meter } from '../../runtime/stopped.ts'

test('the last step that is allowed is allowed, and the next one is not', () => {
  const meter = new Meter({ maxSteps: 3 })
  for (let i = 0; i < 3; i++) meter.step('add')
  expect(meter.halted).toBeUndefined()
  expect(() => meter.step('add')).toThrow(Halted)
  expect(meter.halted).toMatchObject({ what: 'steps', node: 'add' })
})
