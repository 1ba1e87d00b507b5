import { dataFile } from '../plots/data.ts'

export const features = ['Displacement', 'Horsepower', 'Weight_in_lbs', 'Acceleration', 'Year'] as const

/** Cars with all their numbers, each column of features with mean 0 and deviation 1. */
export interface Cars {
  readonly names: readonly string[]
  readonly x: readonly (readonly number[])[]
  readonly mpg: readonly number[]
  /** Of miles per gallon: the intercept, which ridge regression leaves as it is. */
  readonly mean: number
}
/** `cars.json` of vega-datasets: 406 cars of 1970 to 1982, of which 392 say all that is asked here. */
export const readCars = (): Cars => {
  const all = JSON.parse(dataFile('cars.json')) as readonly Readonly<Record<string, string | number | null>>[]
  const rows = all
    .map(
      (c) => ({ ...c, Year: Number(String(c.Year).slice(0, 4)) }) as Readonly<Record<string, string | number | null>>,
    )
    .filter((c) => ['Miles_per_Gallon', ...features].every((f) => typeof c[f] === 'number'))
  const columns = features.map((f) => {
    const cells = rows.map((r) => r[f] as number)
    const mean = cells.reduce((a, b) => a + b, 0) / cells.length
    const deviation = Math.sqrt(cells.reduce((a, c) => a + (c - mean) ** 2, 0) / cells.length)
    return cells.map((c) => (c - mean) / deviation)
  })
  return {
    names: rows.map((r) => String(r.Name)),
    x: rows.map((_, i) => columns.map((c) => c[i]!)),
    mpg: rows.map((r) => r.Miles_per_Gallon as number),
    mean: rows.reduce((a, r) => a + (r.Miles_per_Gallon as number), 0) / rows.length,
  }
}
