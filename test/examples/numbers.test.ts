import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { diffuse, draw as drawHeat } from '../../examples/heat/diffuse.ts'
import { readBox } from '../../examples/heat/field.ts'
import { draw as drawOptions, price } from '../../examples/options/greeks.ts'
import type { Check } from '../../examples/plots/data.ts'
import { apart, report } from '../../examples/plots/data.ts'
import { readCars } from '../../examples/ridge/cars.ts'
import { descend, draw as drawRidge } from '../../examples/ridge/fit.ts'

const folder = mkdtempSync(join(tmpdir(), 'quoin-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const wrong = (checks: readonly Check[]): readonly string[] =>
  checks.filter((c) => !(c.off <= c.allowed)).map((c) => c.what)
/** A picture is a whole document, without a place that could not be computed. */
const isPicture = (path: string): void => {
  const text = readFileSync(path, 'utf8')
  expect(text).toMatch(/^<svg [\s\S]*<\/svg>\n$/)
  expect(text).not.toContain('NaN')
  expect(text.match(/<g /g)?.length).toBe(text.match(/<\/g>/g)?.length)
}

test('options: prices and greeks of a chain are those of the textbook', async () => {
  const priced = await price('IBM')
  expect(wrong(priced.checks)).toEqual([])
  expect(priced.chain.strike.length).toBeGreaterThan(100)
  expect(priced.chain.spot[0]).toBe(125.55)
  drawOptions(join(folder, 'options.svg'), priced)
  isPicture(join(folder, 'options.svg'))
})
test('heat: three steps of the graph are those of plain loops', async () => {
  const diffused = await diffuse(readBox(6, 4), 3)
  expect(wrong(diffused.checks)).toEqual([])
  expect(diffused.moments.at(-1)!.heat).not.toEqual(diffused.box.heat)
  drawHeat(join(folder, 'heat.svg'), diffused)
  isPicture(join(folder, 'heat.svg'))
})
test('ridge: gradient descent comes to the closed form', async () => {
  const cars = readCars()
  const fitted = await descend(cars, 0.05, 1500)
  expect(cars.names.length).toBe(392)
  expect(wrong(fitted.checks)).toEqual([])
  expect(fitted.losses.at(-1)).toBeLessThan(fitted.losses[0]! / 4)
  drawRidge(join(folder, 'ridge.svg'), cars, fitted)
  isPicture(join(folder, 'ridge.svg'))
})
test('a result that differs is told, by the exit code as well', () => {
  const lines: string[] = []
  const print = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line))
  const before = process.exitCode
  report([{ what: 'one', off: apart([1, 2], [1, 2]), allowed: 0 }], 'a.svg')
  expect(process.exitCode).toBe(before)
  report([{ what: 'two', off: apart([1, Number.NaN], [1, 2]), allowed: 1 }], 'a.svg')
  expect(process.exitCode).toBe(1)
  process.exitCode = before
  print.mockRestore()
  expect(lines[0]).toMatch(/^ok {3}one/)
  expect(lines[2]).toMatch(/^WRONG two: NaN apart/)
})
