import fc from 'fast-check'
import { graphs } from './arbitraries/graphs.ts'
import { regionRoots } from '../passes/needs.ts'
import { postorder } from '../graph/walk.ts'
const ops: Record<string, number> = {}
let nodes = 0
const gs = fc.sample(graphs(), { numRuns: 300, seed: 3 })
for (const { graph: g } of gs) for (const r of regionRoots(g.arena, g.root)) for (const id of postorder(g.arena, r)) { nodes++; const n = g.arena.opOf(id).name; ops[n] = (ops[n] ?? 0) + 1 }
console.log(nodes / 300, Object.entries(ops).sort((a, b) => b[1] - a[1]).map(([k, v]) => `${k} ${v}`).join(', '))
