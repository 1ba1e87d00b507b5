import type { Arena } from '../../graph/arena.ts'
import type { DbQueryAttrs } from '../../graph/effects.ts'
import { isLeft, right } from '../../graph/either.ts'
import type { Graph } from '../../graph/graph.ts'
import { mustMake } from '../../graph/make.ts'
import { remake, withParts } from '../../graph/walk.ts'
import type { Pass } from '../../passes/index.ts'
import type { Rewrite } from '../../passes/rewrite.ts'
import { rewrite } from '../../passes/rewrite.ts'

/**
 * Wrong things that any pass could do, whatever it is about. Each bends what the right pass made of one graph, so a pass
 * that joins the pipeline is tried with all of them, and no line here is about it.
 */
export const universal: Readonly<Record<string, (g: Graph) => Graph>> = {
  'swaps two conflicting writes': (g) =>
    bend(g, (arena, before) => (node, args, bodies) => {
      const [a, b] = [writeOf(before, 1), writeOf(before, 2)]
      const to = node.id === a ? b : node.id === b ? a : undefined
      return to === undefined
        ? withParts(arena, node, args, bodies)
        : remake(arena, node, arena.opOf(to).attrs, args, [])
    }),
  'drops a write': (g) =>
    bend(
      g,
      (arena) => (node, args, bodies) =>
        node.op.name === 'sequence' ? args[1]! : withParts(arena, node, args, bodies),
    ),
  'reads before a write instead of after it': (g) =>
    bend(
      g,
      (arena) => (node, args, bodies) =>
        node.op.name === 'sequence'
          ? withParts(arena, node, args.toReversed(), bodies)
          : withParts(arena, node, args, bodies),
    ),
  'sends a write twice': (g) =>
    bend(
      g,
      (arena, before) => (node, args, bodies) =>
        node.id === writeOf(before, 1)
          ? mustMake(arena, 'sequence', {}, [
              withParts(arena, node, args, bodies),
              remake(arena, node, { ...node.op.attrs, occurrence: 90 }, args, bodies),
            ])
          : withParts(arena, node, args, bodies),
    ),
  'asks another table': (g) =>
    bend(
      g,
      (arena) => (node, args, bodies) =>
        (node.op.attrs as Partial<DbQueryAttrs>).mode === 'one'
          ? remake(arena, node, { ...node.op.attrs, sql: 'select v from other where id = $1' }, args, bodies)
          : withParts(arena, node, args, bodies),
    ),
  'loses the sign of zero': (g) =>
    bend(
      g,
      (arena) => (node, args, bodies) =>
        node.op.name === 'const' && (node.op.attrs as { value: unknown }).value === '-0'
          ? remake(arena, node, { ...node.op.attrs, value: 0 }, args, bodies)
          : withParts(arena, node, args, bodies),
    ),
  'takes one element less': (g) =>
    bend(
      g,
      (arena) => (node, args, bodies) =>
        node.op.name === 'reduce'
          ? withParts(
              arena,
              node,
              [mustMake(arena, 'slice', { axis: 0, start: 1, stop: null, step: 1, dim: '' }, [args[0]!])],
              bodies,
            )
          : withParts(arena, node, args, bodies),
    ),
  'forgets an input': (g) => ({ ...g, inputs: g.inputs.slice(1) }),
}

const writeOf = (g: Graph, value: number): number =>
  Array.from({ length: g.arena.size }, (_, id) => id).find(
    (id) =>
      (g.arena.opOf(id).attrs as Partial<DbQueryAttrs>).mode === 'exec' &&
      (g.arena.opOf(id).attrs as DbQueryAttrs).sql.endsWith(`${value}`),
  )!
const bend = (g: Graph, f: (arena: Arena, before: Graph) => Rewrite): Graph => ({
  ...g,
  root: rewrite(g.arena, g.root, f(g.arena, g)),
})
/** The right pass, with a wrong graph at its end. */
export const bentAtEnd = (pass: Pass, bent: (g: Graph) => Graph): Pass => ({
  ...pass,
  run: (g) => {
    const o = pass.run(g)
    return isLeft(o) ? o : right({ ...o.right, graph: bent(o.right.graph) })
  },
})

const exec = (n: number, occurrence: number): string =>
  `{"authority":false,"batch":true,"db":"main","dim":"","maxBytes":1000,"maxRows":3,"mode":"exec","name":"set","occurrence":${occurrence},"reads":[],"row":"unit","sql":"update users set score = $1 where k = ${n}","writes":["users"]}`
/** Two writes, a read after them, an array that is summed, and a zero with a sign. */
export const subject = `graph "universal" source numerics 1
in "x": f64[4]
in "id": i64
%0 = input {"name":"id","type":"i64"} : i64
%1 = dbQuery %0 ${exec(1, 0)} : i64
%2 = dbQuery %0 ${exec(2, 1)} : i64
%3 = dbQuery %0 {"authority":false,"batch":true,"db":"main","dim":"","maxBytes":1000,"maxRows":3,"mode":"one","name":"users","occurrence":2,"reads":["users"],"row":"{v: f64}","sql":"select v from users where id = $1","writes":[]} : {v: f64}
%4 = record %1 %2 {"fields":["one","two"]} : {one: i64, two: i64}
%5 = sequence %4 %3 : {v: f64}
%6 = input {"name":"x","type":"f64[4]"} : f64[4]
%7 = mul %6 %6 : f64[4]
%8 = reduce %7 {"axes":[0],"how":"sum"} : f64
%9 = const {"type":"f64","value":"-0"} : f64
%10 = record %5 %8 %9 {"fields":["row","sum","zero"]} : {row: {v: f64}, sum: f64, zero: f64}
-> %10
`
