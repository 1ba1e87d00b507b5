// Requirements: E9

import { expect, test } from 'vitest'
import { inventoryOf } from '../../codegen/inventory.ts'
import { isLeft } from '../../graph/either.ts'
import { parse } from '../../graph/text.ts'
import { postorder } from '../../graph/walk.ts'
import { optimise } from '../../passes/index.ts'
import { laws } from '../../passes/laws/index.ts'
import type { Term } from '../../passes/laws/term.ts'
import { cellOf } from '../../passes/laws/value.ts'
import { edges } from '../../verify/proofs/edges.ts'
import { stream } from '../arbitraries/world.ts'

const read = (lines: readonly string[], result: number) => {
  const inputs = ['x', 'y', 'z']
  const g = parse(
    `graph "r" source numerics 1\n${inputs.map((n) => `in "${n}": f64\n`).join('')}${inputs
      .map((n, i) => `%${i} = input {"name":"${n}","type":"f64"} : f64\n`)
      .join('')}${lines.map((l, i) => `%${i + 3} = ${l} : f64\n`).join('')}-> %${result}\n`,
  )
  if (isLeft(g)) throw new Error(JSON.stringify(g.left))
  return g.right
}
const third = read(['const {"type":"f64","value":3}', 'div %0 %3'], 4)
const sum = read(['mul %0 %1', 'mul %0 %2', 'add %3 %4'], 5)

test.each([
  ['reciprocal', third, 'div'],
  ['reassociate', sum, 'mul'],
] as const)('%s is used when asked for, told in the inventory, and not otherwise', (mode, g, op) => {
  const count = (o: ReturnType<typeof optimise>): number =>
    postorder(g.arena, o.graph.root).filter((id) => g.arena.opOf(id).name === op).length
  const off = ['fuse']
  const exact = optimise(g, { off })
  expect(exact.graph.relaxed).toBeUndefined()
  const other = optimise(g, { off, relax: mode === 'reciprocal' ? ['reassociate'] : ['reciprocal'] })
  expect(other.graph.root).toBe(exact.graph.root)
  expect(other.graph.relaxed).toBeUndefined()
  const relaxed = optimise(g, { off, relax: [mode] })
  expect(relaxed.failures).toEqual([])
  expect(count(relaxed)).toBe(count(exact) - 1)
  expect(relaxed.graph.relaxed).toEqual([mode])
  const entries = (o: ReturnType<typeof optimise>) => inventoryOf(o.graph, 'ts').map((a) => a.id)
  expect(entries(relaxed)).toContain(`relaxed:${mode}`)
  expect(entries(exact).filter((id) => id.startsWith('relaxed'))).toEqual([])
})

const u = 2 ** -53
test('relaxed laws stay within the bounds they state', () => {
  const next = stream(7)
  const draw = (): number => (next(2 ** 26) / 2 ** 25 - 1 + next(2 ** 26) / 2 ** 51) * 2 ** (next(200) - 100)
  let differ = 0
  for (let i = 0; i < 20_000; i++) {
    const [x, y, z] = [draw(), draw(), draw()]
    if (x === 0 || y === 0) continue
    // Each side is near the exact value, so the two are near one another.
    const [q, r] = [x / y, x * (1 / y)]
    if (q !== r) differ++
    expect(Math.abs(q - r)).toBeLessThanOrEqual(Math.abs(q) * 3.001 * u)
    const [l, m] = [x * y + x * z, x * (y + z)]
    expect(Math.abs(l - m)).toBeLessThanOrEqual((Math.abs(x * y) + Math.abs(x * z)) * 4.001 * u)
  }
  expect(differ).toBeGreaterThan(1000)
})

test('the condition of reciprocals is needed: without it the stated bound does not hold', () => {
  const law = laws.find((l) => l.name === 'float-div-literal')!
  const normal = (v: number): boolean => Number.isFinite(v) && Math.abs(v) >= 2 ** -1022
  const leaves = (k: number, x: number): boolean => {
    const given = (n: string) => ({ elem: 'f64', value: n === 'k' ? k : x }) as const
    const value = (t: Term) => cellOf(t, { E: 'f64' }, given)?.value as number
    const [q, r] = [value(law.left), value(law.right)]
    // Where both are normal numbers, and so nothing overflowed, the bound is stated.
    return normal(q) && !(Math.abs(q - r) <= Math.abs(q) * 3.001 * u)
  }
  const admits = (k: number): boolean =>
    cellOf(law.when!, { E: 'f64' }, () => ({ elem: 'f64', value: k }))?.value === true
  const numbers = edges('f64') as readonly number[]
  const wrong = numbers.filter((k) => numbers.some((x) => leaves(k, x)))
  expect(wrong.length).toBeGreaterThan(0)
  expect(wrong.filter(admits)).toEqual([])
  expect(numbers.filter(admits).length).toBeGreaterThan(5)
})

test('rewriting that goes as deep as the graph needs no stack', () => {
  const n = 50_000
  const lines = ['broadcast %0 {"axes":[],"shape":[2]}', ...Array.from({ length: n }, (_, i) => `sqrt %${i + 3}`)]
  const text = lines.map((l, i) => `%${i + 3} = ${l} : f64[2]\n`).join('')
  const head = `graph "deep" source numerics 1\nin "x": f64\nin "y": f64\nin "z": i32\n%0 = input {"name":"x","type":"f64"} : f64\n%1 = input {"name":"y","type":"f64"} : f64\n%2 = input {"name":"z","type":"i32"} : i32\n`
  const g = parse(`${head}${text}%${n + 4} = gather %${n + 3} %2 : f64\n-> %${n + 4}\n`)
  if (isLeft(g)) throw new Error(JSON.stringify(g.left))
  const { steps, failures, graph } = optimise(g.right, { off: ['fuse'] })
  expect(failures).toEqual([])
  expect(steps.find((s) => s.pass === 'simplify')?.changed).toBe(true)
  expect(postorder(graph.arena, graph.root).some((id) => graph.arena.opOf(id).name === 'gather')).toBe(false)
})
