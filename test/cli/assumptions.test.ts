import { describe, expect, test } from 'vitest'
import { fixture, quoin } from './quoin.ts'

describe('quoin assumptions', () => {
  test('lists what a property of Quoin or of a graph rests on', async () => {
    const [own, graph] = await Promise.all([
      quoin(['assumptions', 'SameBits']),
      quoin(['assumptions', 'SameMeaning', '--graph', fixture('loans.ts'), '--format', 'json']),
    ])
    expect(own.out).toMatch(/^# What SameBits of Quoin \S+ rests on\n/)
    expect(own.out).toContain('### ieee-754\n')
    expect(own.out).not.toContain('### postgres.wire\n')
    const report = JSON.parse(graph.out) as { about: string; assumptions: { id: string; usedBy: unknown }[] }
    expect(report.about).toBe("graph 'loans'")
    const ids = report.assumptions.map((a) => a.id)
    expect(ids).toEqual(expect.arrayContaining(['duckdb.batch-is-single', 'sql.grammar', 'interpreter', 'hardware']))
    expect(ids).not.toContain('postgres.wire')
    expect(report.assumptions.find((a) => a.id === 'batched-sql')!.usedBy).toEqual([expect.stringMatching(/^%\d/)])
  })
  test('writes pages and declarations, of inventories too', async () => {
    const [html, cyclonedx] = await Promise.all([
      quoin(['inventory', fixture('loans.ts'), '--format', 'html']),
      quoin(['inventory', fixture('loans.ts'), '--format', 'cyclonedx']),
    ])
    expect(html.out).toMatch(/^<!doctype html>/)
    expect((JSON.parse(cyclonedx.out) as { specVersion: string }).specVersion).toBe('1.6')
  })
  test('tries what can be tried here', async () => {
    const { code, out } = await quoin(['assumptions', '--probe'])
    expect(out.match(/^ok /gm)).toHaveLength(6)
    expect([code, out]).toEqual([0, expect.stringContaining('not tried here: ')])
  })
  test('does both where both are asked for, and neither for one property', async () => {
    const { code, out } = await quoin(['assumptions', '--check', '--probe'])
    expect([code, out]).toEqual([0, expect.stringMatching(/complete and current\nok /)])
    const chosen = await quoin(['assumptions', 'SameBits', '--check'])
    expect([chosen.code, chosen.err]).toEqual([2, expect.stringContaining('leave the property out')])
  })
  test('checks, and says what is wrong with a call', async () => {
    const [good, unknown, alone] = await Promise.all([
      quoin(['assumptions', '--check', '--graph', fixture('loans.ts')]),
      quoin(['assumptions', 'SameBytess']),
      quoin(['assumptions', '--target', 'ts']),
    ])
    expect([good.code, good.out]).toEqual([
      0,
      expect.stringMatching(/^graph 'loans': \d+ assumptions, complete and current\n$/),
    ])
    expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining("there is no property 'SameBytess'")])
    expect([alone.code, alone.err]).toEqual([2, expect.stringContaining('--target and --relax speak of a graph')])
  })
})
