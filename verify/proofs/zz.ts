import { parse } from '../../graph/text.ts'
import { optimise } from '../../passes/index.ts'
for (const n of [500, 1000, 2000, 4000]) {
  const lines = ['broadcast %0 {"axes":[],"shape":[2]}', ...Array.from({ length: n }, (_, i) => `sqrt %${i + 3}`)]
  const text = lines.map((l, i) => `%${i + 3} = ${l} : f64[2]\n`).join('')
  const head = `graph "deep" source numerics 1\nin "x": f64\nin "y": f64\nin "z": i32\n%0 = input {"name":"x","type":"f64"} : f64\n%1 = input {"name":"y","type":"f64"} : f64\n%2 = input {"name":"z","type":"i32"} : i32\n`
  let t = performance.now()
  const g = parse(`${head}${text}%${n + 4} = gather %${n + 3} %2 : f64\n-> %${n + 4}\n`)
  const tp = performance.now() - t
  if (g._tag === 'Left') throw new Error(JSON.stringify(g.left).slice(0,300))
  const r = optimise(g.right, { off: ['fuse'] })
  console.log(n, tp | 0, r.failures.map(f => f.cause), r.steps.map(s => [s.pass, s.ms | 0, s.checkMs | 0, s.notes.map(x=>x.text).join()].join(' ')))
}
