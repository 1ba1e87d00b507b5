import { serve, told } from './service.ts'

/** `npm run service`: a graph runs at once, is compiled while it runs, and is replaced without a pause. */
const served = await serve(200, {
  trace: (e) => {
    const line = told(e)
    if (line !== undefined) console.log(line)
  },
})
const by = Map.groupBy(served, (s) => `version ${s.version}, ${s.tier}`)
for (const [how, runs] of by) {
  const ms = runs.map((r) => r.ms).sort((a, b) => a - b)
  console.log(
    `${how}: ${runs.length} runs, ${ms[ms.length >> 1]!.toFixed(2)} ms in the middle, total ${runs[0]!.total}`,
  )
}
