import { compile, interpret, load } from 'quoin'
import type { Check } from '../plots/data.ts'
import { apart, orThrow } from '../plots/data.ts'
import { saveFields } from '../plots/svg.ts'
import type { Box } from './field.ts'
import { byHand, diffusion, readBox, stepsAtOnce } from './field.ts'

export interface Diffused {
  readonly box: Box
  /** The field at the beginning and after some of the runs. */
  readonly moments: readonly { readonly steps: number; readonly heat: Float64Array }[]
  readonly ms: number
  readonly checks: readonly Check[]
}
/** Runs the graph again and again on its own result, and compares it with plain loops and with the interpreter. */
export const diffuse = async (box: Box, runs: number): Promise<Diffused> => {
  const shape = [box.levels, box.rows, box.columns]
  const loaded = orThrow(await load(orThrow(await compile(diffusion(box))), {}))
  const moments = [{ steps: 0, heat: box.heat }]
  let heat = box.heat
  let total = 0
  const began = performance.now()
  for (let run = 1; run <= runs; run++) {
    const r = orThrow(await loaded.run({ u: { shape, data: heat } }))
    heat = r.u.data
    total = r.total
    if (run === 1 || run === runs >> 1 || run === runs) moments.push({ steps: run * stepsAtOnce, heat })
  }
  const ms = performance.now() - began
  await loaded.close()
  const before = box.heat.reduce((a, b) => a + b, 0)
  const small = readBox(4, 8)
  const given = { u: { shape: [small.levels, small.rows, small.columns], data: small.heat } }
  const meant = orThrow(await interpret(diffusion(small), {}, given)).u.data
  const checks: Check[] = [
    { what: 'the field, from plain loops', off: apart(heat, byHand(box, box.heat, runs * stepsAtOnce)), allowed: 0 },
    {
      what: 'a smaller field, loops from the interpreter',
      off: apart(byHand(small, small.heat, stepsAtOnce), meant),
      allowed: 0,
    },
    { what: 'all heat, from what it was', off: Math.abs(total - before) / before, allowed: 1e-11 },
  ]
  return { box, moments, ms, checks }
}

/** Slices of the box from side to side, one row of pictures for each moment. */
export const draw = (path: string, { box, moments }: Diffused): void => {
  const across = [1, 3, 5, 7].map((k) => Math.floor((k * box.rows) / 8))
  const fields = moments.flatMap(({ steps, heat }) =>
    across.map((y) => ({
      title: `${steps} steps, row ${y}`,
      columns: box.columns,
      // The highest level on top.
      cells: Float64Array.from({ length: box.levels * box.columns }, (_, i) => {
        const z = box.levels - 1 - Math.floor(i / box.columns)
        return heat[(z * box.rows + y) * box.columns + (i % box.columns)]!
      }),
    })),
  )
  saveFields(path, fields, across.length)
}
