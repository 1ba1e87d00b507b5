import { report } from '../plots/data.ts'
import { diffuse, draw } from './diffuse.ts'
import { readBox, stepsAtOnce } from './field.ts'

/** `npm run heat`: heat of a mountain spreads in a box of cells, checked against plain loops and drawn in slices. */
const box = readBox(24)
const diffused = await diffuse(box, 40)
const steps = 40 * stepsAtOnce
console.log(
  `${box.heat.length} cells, ${steps} steps, ${stepsAtOnce} in a graph: ${(diffused.ms / steps).toFixed(2)} ms a step, with copies in and out`,
)
const picture = 'pictures/heat.svg'
draw(picture, diffused)
report(diffused.checks, picture)
