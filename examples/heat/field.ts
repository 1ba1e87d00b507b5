import { graph, shift, t } from 'quoin'
import { dataFile } from '../plots/data.ts'

/** A mountain in a box: the heights of Maunga Whau (`volcano.json` of vega-datasets, 87 × 61) over some levels. */
export interface Box {
  readonly levels: number
  readonly rows: number
  readonly columns: number
  /** 1 in the rock and 0 above it. */
  readonly heat: Float64Array
}
/** The box, with every so many cells of the map. */
export const readBox = (levels: number, each = 1): Box => {
  const map = JSON.parse(dataFile('volcano.json')) as { width: number; height: number; values: readonly number[] }
  const [rows, columns] = [Math.ceil(map.height / each), Math.ceil(map.width / each)]
  const [low, high] = [Math.min(...map.values), Math.max(...map.values)]
  const heat = new Float64Array(levels * rows * columns)
  for (let z = 0; z < levels; z++) {
    const level = low + ((high - low) * (z + 0.5)) / levels
    for (let y = 0; y < rows; y++)
      for (let x = 0; x < columns; x++)
        if (map.values[y * each * map.width + x * each]! >= level) heat[(z * rows + y) * columns + x] = 1
  }
  return { levels, rows, columns, heat }
}

/** How fast heat spreads in a step: stable below 1/6. */
export const rate = 0.12
/** Steps in one graph; each is a kernel. */
export const stepsAtOnce = 4

/** Heat in a box that lets none out: each cell goes toward its six neighbours, several times. */
export const diffusion = ({ levels, rows, columns }: Box) =>
  graph('heat', { u: t.tensor(t.f64, levels, rows, columns) }, ({ u }) => {
    let now = u
    for (let step = 0; step < stepsAtOnce; step++) {
      const toward = (axis: number, by: number) => shift(now, by, { axis, outside: 'edge' })
      const along = (axis: number) => toward(axis, -1).add(toward(axis, 1))
      const near = along(levels).add(along(rows)).add(along(columns))
      now = now.add(near.sub(now.mul(6)).mul(rate))
    }
    return { u: now, total: now.sum() }
  })

/** The same in plain loops, adding in the same order: its bits must be those of the graph. */
export const byHand = ({ levels, rows, columns }: Box, heat: Float64Array, steps: number): Float64Array => {
  let now = heat
  const within = (i: number, n: number): number => Math.min(n - 1, Math.max(0, i))
  for (let step = 0; step < steps; step++) {
    const next = new Float64Array(now.length)
    const at = (z: number, y: number, x: number): number =>
      now[(within(z, levels) * rows + within(y, rows)) * columns + within(x, columns)]!
    for (let z = 0; z < levels; z++)
      for (let y = 0; y < rows; y++)
        for (let x = 0; x < columns; x++) {
          const u = at(z, y, x)
          const [a, b] = [at(z - 1, y, x) + at(z + 1, y, x), at(z, y - 1, x) + at(z, y + 1, x)]
          const near = a + b + (at(z, y, x - 1) + at(z, y, x + 1))
          next[(z * rows + y) * columns + x] = u + (near - u * 6) * rate
        }
    now = next
  }
  return now
}
