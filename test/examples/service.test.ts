import { expect, test } from 'vitest'
import { serve, told } from '../../examples/service/service.ts'

test('the service answers each version alike in every tier, and faster once it is compiled', async () => {
  const lines: string[] = []
  const served = await serve(120, { trace: (e) => lines.push(told(e) ?? '') })
  const totals = new Map<number, Set<number>>()
  for (const { version, total } of served) totals.set(version, (totals.get(version) ?? new Set()).add(total))
  expect([...totals.keys()]).toEqual([1, 2])
  for (const t of totals.values()) expect(t.size).toBe(1)
  const [[first], [second]] = [...totals.values()].map((t) => [...t]) as [[number], [number]]
  expect(first - second).toBeCloseTo(2000 * 0.01, 6)
  expect(new Set(served.map((s) => s.tier)).size).toBeGreaterThan(1)
  expect(served[0]!.tier).toBe('interpreter')
  expect(lines).toContain('version 2 of book: replaced')
  expect(lines.filter((l) => /^version 1 of book now runs as (typescript|quick|optimised)$/.test(l))).not.toEqual([])
})
