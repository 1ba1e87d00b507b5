import { Arena } from '/work/main/graph/arena.ts'
import type { Graph } from '/work/main/graph/graph.ts'
import { mustMake } from '/work/main/graph/make.ts'
import { scalar, tensor } from '/work/main/graph/types.ts'
import { optimise } from '/work/main/passes/index.ts'

const build = (n: number, shape: string): Graph => {
  const arena = new Arena()
  const t = tensor('f64', ['n'])
  const x = mustMake(arena, 'input', { name: 'x', type: t })
  let at = [x]
  if (shape === 'chain') {
    let a = x
    for (let i = 0; i < n; i++) a = mustMake(arena, i % 2 ? 'neg' : 'sqrt', {}, [a])
    at = [a]
  } else if (shape === 'diamond') {
    let a = x,
      b = mustMake(arena, 'neg', {}, [x])
    for (let i = 0; i < n / 2; i++) {
      const c = mustMake(arena, 'add', {}, [a, b])
      b = mustMake(arena, 'mul', {}, [a, b])
      a = c
    }
    at = [a, b]
  } else {
    const all = [x]
    let h = 1
    for (let i = 0; i < n; i++) {
      h = (Math.imul(h, 1103515245) + 12345) & 0x7fffffff
      const a = all[(h >> 4) % all.length]!
      const b = all[all.length - 1]!
      const k = h % 10
      all.push(
        k === 0 ? mustMake(arena, 'transpose', { perm: [0] }, [a]) : mustMake(arena, k < 5 ? 'add' : 'mul', {}, [a, b]),
      )
    }
    at = all.slice(-3)
  }
  return {
    name: 'p',
    stage: 'source',
    arena,
    inputs: [['x', t]],
    root: mustMake(arena, 'record', { fields: at.map((_, i) => `f${i}`) }, at),
    sites: new Map(),
  }
}
for (const shape of ['chain', 'diamond', 'random'])
  for (const n of [1e4, 1e5, 1e6]) {
    const g = build(n, shape)
    const t0 = performance.now()
    const o = optimise(g)
    const ms = performance.now() - t0
    console.log(
      shape,
      n,
      ((ms / n) * 1000).toFixed(2),
      'us/node',
      o.failures
        .map((f) => f.cause)
        .join()
        .slice(0, 200),
      o.steps.map((s) => `${s.pass} ${s.ms.toFixed(0)}+${s.checkMs.toFixed(0)} (${s.nodesAfter})`).join(' '),
      Math.round(process.memoryUsage().heapUsed / 1e6),
      'MB',
    )
  }
