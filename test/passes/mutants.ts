import { readFileSync } from 'node:fs'
import type { Arena, NodeId } from '../../graph/arena.ts'
import type { DbQueryAttrs } from '../../graph/effects.ts'
import { isLeft, right } from '../../graph/either.ts'
import type { Graph } from '../../graph/graph.ts'
import { mustMake } from '../../graph/make.ts'
import { scalar } from '../../graph/types.ts'
import { occurrenceOf, remake, withParts } from '../../graph/walk.ts'
import type {
  BatchClaim,
  Certificate,
  DceCertificate,
  SimplifyCertificate,
  VectoriseCertificate,
} from '../../passes/certificate.ts'
import { batch, dce, fuse, merge, simplify, vectorise } from '../../passes/index.ts'
import type { Outcome, Pass } from '../../passes/pass.ts'
import { rewrite } from '../../passes/rewrite.ts'
import type { Rewriting } from './evidence.ts'

/** A pass made wrong on purpose, and why its checker must refuse it. */
export interface Mutant {
  readonly pass: Pass
  readonly text: string
  readonly refusal: string
}

/** The right pass, its outcome bent. */
const bent = (pass: Pass, f: (o: Outcome, before: Graph) => Partial<Outcome>): Pass => ({
  ...pass,
  run: (g) => {
    const o = pass.run(g)
    return isLeft(o) ? o : right({ ...o.right, ...f(o.right, g) })
  },
})
type Step = Parameters<typeof rewrite>[2]
/** Bends the graph that a pass made, node by node. */
const regraph = (pass: Pass, f: (arena: Arena) => Step): Pass =>
  bent(pass, ({ graph }) => ({ graph: { ...graph, root: rewrite(graph.arena, graph.root, f(graph.arena)) } }))
const recertify = (pass: Pass, f: (c: never) => unknown): Pass =>
  bent(pass, ({ certificate }) => ({ certificate: f(certificate as never) as Certificate }))
const certified = (pass: Pass, certificate: Certificate, f: (arena: Arena) => Step): Pass => ({
  ...pass,
  run: (g) =>
    right({ graph: { ...g, stage: pass.to, root: rewrite(g.arena, g.root, f(g.arena)) }, certificate, notes: [] }),
})

const head = 'graph "m" source numerics 1\n'
const query = (
  i: number,
  occurrence: number,
  arg: number,
  more: Partial<DbQueryAttrs> = {},
  args = `%${arg}`,
): string => {
  const attrs = {
    authority: false,
    batch: true,
    db: 'main',
    dim: '',
    maxBytes: 1000,
    maxRows: 3,
    mode: 'one',
    name: 'users',
    occurrence,
    reads: ['users'],
    row: '{score: f64}',
    sql: 'select score from users where id = $1',
    writes: [],
    ...more,
  }
  const type = attrs.mode === 'exec' ? 'i64' : '{score: f64}'
  return `%${i} = dbQuery ${args} ${JSON.stringify(attrs)} : ${type}\n`
}
const exec = {
  mode: 'exec',
  row: 'unit',
  sql: 'update users set score = $1',
  reads: [],
  writes: ['users'],
} as unknown as Partial<DbQueryAttrs>
const id = 'in "id": i64\n%0 = input {"name":"id","type":"i64"} : i64\n'

/** Two equal reads with a write between them. */
const written = `${head}${id}${query(1, 0, 0)}${query(2, 1, 0, exec)}${query(3, 2, 0)}%4 = record %1 %2 %3 {"fields":["a","b","c"]} : {a: {score: f64}, b: i64, c: {score: f64}}\n-> %4\n`
const twice = `${head}${id}${query(1, 0, 0)}${query(2, 1, 0)}%3 = record %1 %2 {"fields":["a","b"]} : {a: {score: f64}, b: {score: f64}}\n-> %3\n`
const two = `${head}in "id": i64\nin "jd": i64\n%0 = input {"name":"id","type":"i64"} : i64\n${query(1, 0, 0)}%2 = input {"name":"jd","type":"i64"} : i64\n${query(3, 1, 2)}%4 = record %1 %3 {"fields":["a","b"]} : {a: {score: f64}, b: {score: f64}}\n-> %4\n`
/** A record of which only one field is looked at, and a write beside it. */
const dead = `${head}${id}${query(1, 0, 0)}${query(2, 1, 0, exec)}%3 = record %1 %2 %0 {"fields":["a","b","c"]} : {a: {score: f64}, b: i64, c: i64}\n%4 = field %3 {"name":"c"} : i64\n-> %4\n`
const sums = `${head}in "x": f64[n]\nin "y": f64[n]\n%0 = input {"name":"x","type":"f64[n]"} : f64[n]\n%1 = mul %0 %0 : f64[n]\n%2 = reduce %1 {"axes":[0],"how":"sum"} : f64\n%3 = input {"name":"y","type":"f64[n]"} : f64[n]\n%4 = add %0 %3 : f64[n]\n%5 = reduce %4 {"axes":[0],"how":"sum"} : f64\n%6 = record %2 %5 {"fields":["a","b"]} : {a: f64, b: f64}\n-> %6\n`
const fixed = sums.replaceAll('[n]', '[4]')
const literals = `${head}%0 = const {"type":"f64","value":2} : f64\n%1 = const {"type":"f64","value":"-0"} : f64\n%2 = mul %0 %1 : f64\n%3 = add %2 %2 : f64\n-> %3\n`
/** A division whose reciprocal is not exact. */
const third = `${head}in "x": f64\n%0 = input {"name":"x","type":"f64"} : f64\n%1 = const {"type":"f64","value":3} : f64\n%2 = div %0 %1 : f64\n-> %2\n`
const failing = `${head}${id}${query(1, 0, 0)}%2 = record %1 %0 {"fields":["a","b"]} : {a: {score: f64}, b: i64}\n%3 = field %2 {"name":"b"} : i64\n%4 = record %2 %3 {"fields":["r","x"]} : {r: {a: {score: f64}, b: i64}, x: i64}\n-> %4\n`
const mapped = (
  more: Partial<DbQueryAttrs> = {},
  lines = (q: string): string => q,
  root = 1,
  type = '{score: f64}',
): string =>
  `${head}in "ids": i64[n]\n%0 = input {"name":"ids","type":"i64[n]"} : i64[n]\n%1 = map %0 : list<${type}>[n]\n  | i64\n    %0 = param {"index":0,"type":"i64"} : i64\n${lines(`    ${query(1, 0, 0, more)}`)}    -> %${root}\n-> %1\n`
const inMapWrite = mapped({}, (q) => `${q}    ${query(2, 1, 0, exec)}    %3 = sequence %2 %1 : {score: f64}\n`, 3)

/** A query that a body comes to once a turn of a loop, and a write under a condition beside a query. */
const inLoop = `${head}in "ids": i64[n]\n%0 = input {"name":"ids","type":"i64[n]"} : i64[n]\n%1 = map %0 : list<{score: f64}>[n]\n  | i64\n    %0 = param {"index":0,"type":"i64"} : i64\n    %1 = const {"type":"f64","value":0} : f64\n    %2 = record %1 {"fields":["score"]} : {score: f64}\n    %3 = loop %2 %0 {"max":2} : {score: f64}\n      | {score: f64} ; i64\n        %0 = const {"type":"bool","value":true} : bool\n        -> %0\n      | {score: f64} ; i64\n        %0 = param {"index":1,"type":"i64"} : i64\n        ${query(1, 0, 0)}        -> %1\n    -> %3\n-> %1\n`
const innerWrite = mapped(
  {},
  (q) =>
    `${q}    %2 = const {"type":"bool","value":true} : bool\n    %3 = cond %2 %0 : i64\n      | i64\n        %0 = param {"index":0,"type":"i64"} : i64\n        ${query(1, 1, 0, exec)}        -> %1\n      | i64\n        %0 = param {"index":0,"type":"i64"} : i64\n        -> %0\n    %4 = sequence %3 %1 : {score: f64}\n`,
  4,
)

const whole = (lines: string, root: number, type: string, indent = '  '): string =>
  `transaction %0 {"authority":false,"db":"main","isolation":"repeatable read","occurrence":9,"retries":1} : ${type}\n${indent}| i64\n${indent}  %0 = param {"index":0,"type":"i64"} : i64\n${lines}${indent}  -> %${root}\n`
/** A read before a transaction, and the same one in it. */
const acrossEdge = `${head}${id}${query(1, 0, 0)}%2 = ${whole(`    ${query(1, 1, 0)}`, 1, '{score: f64}')}%3 = record %1 %2 {"fields":["a","b"]} : {a: {score: f64}, b: {score: f64}}\n-> %3\n`
/** A transaction for each element of a list. */
const eachWhole = `${head}in "ids": i64[n]\n%0 = input {"name":"ids","type":"i64[n]"} : i64[n]\n%1 = map %0 : list<{score: f64}>[n]\n  | i64\n    %0 = param {"index":0,"type":"i64"} : i64\n    %1 = ${whole(`        ${query(1, 0, 0)}`, 1, '{score: f64}', '      ')}    -> %1\n-> %1\n`

/** A sum of one table, a write to another, and a sum of that. */
const reads = readFileSync(new URL('../corpus/passes/fuse/keeps-order.txt', import.meta.url), 'utf8')
  .replace(/^[\s\S]*?(?=graph)/, '')
  .replace(/\n=== notes[\s\S]*/, '')

const plan = {
  occurrence: 0,
  ordered: false,
  params: [{ at: 35, length: 2, number: 1 }],
  keyed: [] as BatchClaim['keyed'],
  derived: [] as BatchClaim['derived'],
}
const key = { at: 30, length: 7, column: 'id', number: 1 }
const keyed = { from: 13, order: 37, aggregate: false, keys: [key] }
const planned = (p: unknown): Certificate => ({ kind: 'batch', plans: [{ ...(p as typeof plan), assumes: 'parsed' }] })
/** Batches by one comparison, at the place and of the column given. */
const keyedBy = (own: Omit<typeof key, 'number'>, order = 37, param = 35): Pass => {
  const p = {
    ...plan,
    params: [{ at: param, length: 2, number: 1 }],
    keyed: [{ ...keyed, order, keys: [{ ...key, ...own }] }],
  }
  return certified(batch, planned(p), (arena) => batched(p)(arena))
}
const batched =
  (p: typeof plan, fork = false) =>
  (arena: Arena): Step =>
  (node, args, bodies) =>
    node.op.name === 'map'
      ? mustMake(arena, 'mapBatched', { plans: [p], fork }, args, bodies)
      : withParts(arena, node, args, bodies)
/** A map over keys whose body asks a store, with more lines after. */
const looked = (more: object = {}, lines = '', root = 1): string => {
  const get = {
    authority: false,
    batch: true,
    key: '*',
    maxBytes: 9,
    occurrence: 0,
    store: 'cache',
    value: 'f64',
    ...more,
  }
  return `${head}in "ids": string[n]\n%0 = input {"name":"ids","type":"string[n]"} : string[n]\n%1 = map %0 : list<option<f64>>[n]\n  | string\n    %0 = param {"index":0,"type":"string"} : string\n    %1 = kvGet %0 ${JSON.stringify(get)} : option<f64>\n${lines}    -> %${root}\n-> %1\n`
}
const unlisted = { ...plan, params: [] }
const deletes =
  '    %2 = kvDelete %0 {"authority":false,"key":"*","occurrence":1,"store":"cache"} : unit\n    %3 = sequence %2 %1 : option<f64>\n'
const fileReads =
  '    %2 = fileRead %0 {"as":"string","maxBytes":9,"occurrence":1,"path":"*","root":"disk"} : string\n    %3 = sequence %2 %1 : option<f64>\n'

/** Puts the call of one occurrence in the place of another. */
const instead =
  (gone: number, kept: number) =>
  (arena: Arena): Step => {
    const calls = new Map<number, NodeId>()
    return (node, args, bodies) => {
      const made = withParts(arena, node, args, bodies)
      const mine = occurrenceOf(node)
      if (mine !== undefined) calls.set(mine, made)
      return mine === gone ? (calls.get(kept) ?? made) : made
    }
  }
const each =
  (name: string, f: (arena: Arena, attrs: never) => object) =>
  (arena: Arena): Step =>
  (node, args, bodies) =>
    node.op.name === name
      ? remake(arena, node, f(arena, node.op.attrs as never), args, bodies)
      : withParts(arena, node, args, bodies)

/** Inlines a wrong body: one operation of every kernel is another. */
const kernelBody =
  (from: string, to: 'sub' | 'max') =>
  (arena: Arena): Step =>
  (node, args, bodies) =>
    node.op.name === from ? mustMake(arena, to, {}, args) : withParts(arena, node, args, bodies)

/** A map that is the result of its graph, lifted and then bent node by node. */
const relift = (f: (arena: Arena) => Step): Pass =>
  bent(vectorise, ({ graph, certificate }) => {
    const claim = certificate as VectoriseCertificate
    const array = rewrite(graph.arena, claim.lifted[0]!.array, f(graph.arena))
    return { graph: { ...graph, root: array }, certificate: { ...claim, lifted: [{ ...claim.lifted[0]!, array }] } }
  })
/** A list of vectors, and a list of each of them doubled. */
const doubled = `${head}in "v": list<f64[3]>[n]\n%0 = input {"name":"v","type":"list<f64[3]>[n]"} : list<f64[3]>[n]\n%1 = map %0 : list<f64[3]>[n]\n  | f64[3]\n    %0 = param {"index":0,"type":"f64[3]"} : f64[3]\n    %1 = add %0 %0 : f64[3]\n    -> %1\n-> %1\n`
const vectors = `${head}in "v": list<f64[3]>[3]\n%0 = input {"name":"v","type":"list<f64[3]>[3]"} : list<f64[3]>[3]\n%1 = map %0 : f64[3]\n  | f64[3]\n    %0 = param {"index":0,"type":"f64[3]"} : f64[3]\n    %1 = reduce %0 {"axes":[0],"how":"sum"} : f64\n    -> %1\n-> %1\n`
const formula = `${head}in "l": list<{x: f64, y: f64}>[n]\nin "a": f64\nin "b": f64\n%0 = input {"name":"l","type":"list<{x: f64, y: f64}>[n]"} : list<{x: f64, y: f64}>[n]\n%1 = input {"name":"a","type":"f64"} : f64\n%2 = input {"name":"b","type":"f64"} : f64\n%3 = map %0 %1 %2 : f64[n]\n  | {x: f64, y: f64} ; f64 ; f64\n    %0 = param {"index":0,"type":"{x: f64, y: f64}"} : {x: f64, y: f64}\n    %1 = field %0 {"name":"x"} : f64\n    %2 = param {"index":1,"type":"f64"} : f64\n    %3 = mul %1 %2 : f64\n    %4 = param {"index":2,"type":"f64"} : f64\n    %5 = sub %3 %4 : f64\n    -> %5\n-> %3\n`
const choice = `${head}in "x": f64[n]\n%0 = input {"name":"x","type":"f64[n]"} : f64[n]\n%1 = map %0 : f64[n]\n  | f64\n    %0 = param {"index":0,"type":"f64"} : f64\n    %1 = const {"type":"f64","value":0} : f64\n    %2 = lt %0 %1 : bool\n    %3 = cond %2 %0 : f64\n      | f64\n        %0 = param {"index":0,"type":"f64"} : f64\n        %1 = neg %0 : f64\n        -> %1\n      | f64\n        %0 = param {"index":0,"type":"f64"} : f64\n        %1 = sqrt %0 : f64\n        -> %1\n    -> %3\n-> %1\n`
const asserted = `${head}in "x": f64[n]\n%0 = input {"name":"x","type":"f64[n]"} : f64[n]\n%1 = map %0 : f64[n]\n  | f64\n    %0 = param {"index":0,"type":"f64"} : f64\n    %1 = const {"type":"f64","value":0} : f64\n    %2 = lt %0 %1 : bool\n    %3 = assert %2 %0 {"message":"it must","occurrence":0} : f64\n    %4 = neg %3 : f64\n    -> %4\n-> %1\n`

type Named = Mutant & { readonly name: string }
/** Every kind of certificate has wrong passes, three at least: a new one without them does not compile. Those of placement are in `test/place`. */
export const mutants: Readonly<Record<Rewriting, readonly [Named, Named, Named, ...Named[]]>> = {
  merge: [
    {
      name: 'merges across a write',
      text: written,
      pass: certified(merge, { kind: 'merge', merged: [[2, 0]] }, instead(2, 0)),
      refusal: 'legality): %2 dbQuery writes what occurrences 0 and 2 read',
    },
    {
      name: 'merges a read in a transaction with one before it',
      text: acrossEdge,
      pass: certified(merge, { kind: 'merge', merged: [[1, 0]] }, () => (node) => node.id),
      refusal: 'legality): occurrence 1 is merged into a call that does not come before it in its region',
    },
    {
      name: 'merges different calls',
      text: two,
      pass: certified(merge, { kind: 'merge', merged: [[1, 0]] }, instead(1, 0)),
      refusal: 'legality): occurrences 1 and 0 are different calls',
    },
    {
      name: 'keeps the later call',
      text: twice,
      pass: certified(merge, { kind: 'merge', merged: [[0, 1]] }, instead(0, 1)),
      refusal: 'legality): occurrence 0 is merged into a call that does not come before it in its region',
    },
    {
      name: 'hides a merge',
      text: twice,
      pass: recertify(merge, () => ({ kind: 'merge', merged: [] })),
      refusal: 'graph): merging these calls does not give this graph',
    },
    {
      name: 'claims a merge it did not make',
      text: two,
      pass: recertify(merge, () => ({ kind: 'merge', merged: [[1, 0]] })),
      refusal: 'legality): occurrences 1 and 0 are different calls',
    },
  ],
  simplify: [
    {
      name: 'uses a relaxed law that nobody allowed',
      text: third,
      pass: certified(
        simplify,
        { kind: 'simplify', modes: ['reciprocal'], steps: [[2, 'float-div-literal', 0]] },
        (arena) => (node, args) => (node.op.name === 'div' ? mustMake(arena, 'mul', {}, args) : node.id),
      ),
      refusal: 'legality): nobody allowed to relax by reciprocal',
    },
    {
      name: 'uses a relaxed law and does not say so',
      text: third,
      pass: certified(
        simplify,
        { kind: 'simplify', modes: [], steps: [[2, 'float-div-literal', 0]] },
        (arena) => (node, args) => (node.op.name === 'div' ? mustMake(arena, 'mul', {}, args) : node.id),
      ),
      refusal: 'legality): the modes claimed are not those of the steps',
    },
    {
      name: 'uses a law of its own',
      text: third,
      pass: certified(
        simplify,
        { kind: 'simplify', modes: [], steps: [[2, 'float-sub-self', 0]] },
        (arena) => (node, args, bodies) => withParts(arena, node, args, bodies),
      ),
      refusal: 'certificate): there is no law float-sub-self',
    },
    {
      name: 'puts the wrong operand in the place of a field',
      text: `${head}in "x": f64\nin "y": f64\n%0 = input {"name":"x","type":"f64"} : f64\n%1 = input {"name":"y","type":"f64"} : f64\n%2 = record %0 %1 {"fields":["a","b"]} : {a: f64, b: f64}\n%3 = field %2 {"name":"a"} : f64\n-> %3\n`,
      pass: regraph(simplify, (arena) => (node) => (node.id === 0 ? 1 : arena.node(node.id).id)),
      refusal: 'graph): these steps do not give this graph',
    },
    {
      name: 'adds zero where that changes the sign of zero',
      text: `${head}in "x": f64\n%0 = input {"name":"x","type":"f64"} : f64\n%1 = const {"type":"f64","value":0} : f64\n%2 = add %0 %1 : f64\n-> %2\n`,
      pass: certified(
        simplify,
        { kind: 'simplify', modes: [], steps: [[2, 'add-minus-zero', 0]] },
        (arena) => (node, args, bodies) => (node.op.name === 'add' ? args[0]! : withParts(arena, node, args, bodies)),
      ),
      refusal: 'legality): visit 2, %2 add: add-minus-zero does not apply: its left side is another',
    },
    {
      name: 'uses a law of integers on floats',
      text: `${head}in "x": f64\n%0 = input {"name":"x","type":"f64"} : f64\n%1 = sub %0 %0 : f64\n-> %1\n`,
      pass: certified(
        simplify,
        { kind: 'simplify', modes: [], steps: [[1, 'int-sub-self', 0]] },
        (arena) => (node, args, bodies) =>
          node.op.name === 'sub'
            ? mustMake(arena, 'const', { type: node.type, value: 0 })
            : withParts(arena, node, args, bodies),
      ),
      refusal: 'legality): visit 1, %1 sub: int-sub-self does not apply: it does not hold for f64',
    },
    {
      name: 'folds less than it says',
      text: literals,
      pass: regraph(simplify, (arena) => (node) => mustMake(arena, 'neg', {}, [node.id])),
      refusal: 'graph): these steps do not give this graph',
    },
    {
      name: 'looks through a record with a call',
      text: failing,
      pass: certified(
        simplify,
        { kind: 'simplify', modes: [], steps: [[3, 'field-record', 0]] },
        (arena) => (node, args, bodies) => (node.id === 3 ? arena.argsOf(2)[1]! : withParts(arena, node, args, bodies)),
      ),
      refusal:
        'legality): visit 3, %3 field: field-record does not apply: it drops or moves what can fail, read or write',
    },
    {
      name: 'speaks of a visit that there is not',
      text: literals,
      pass: recertify(simplify, (c: SimplifyCertificate) => ({ ...c, steps: [...c.steps, [99, 'constant', 0]] })),
      refusal: 'certificate): a step is at no visit',
    },
    {
      name: 'calls an input a constant',
      text: two,
      pass: certified(
        simplify,
        { kind: 'simplify', modes: [], steps: [[0, 'constant', 0]] },
        (arena) => (node, args, bodies) =>
          node.id === 0
            ? mustMake(arena, 'const', { type: node.type, value: '7' })
            : withParts(arena, node, args, bodies),
      ),
      refusal: 'legality): visit 0, %0 input: it is not computed from literals',
    },
  ],
  dce: [
    {
      name: 'claims a way in which nobody enters',
      text: literals,
      pass: recertify(dce, (c: DceCertificate) => ({
        ...c,
        regions: [...c.regions, { root: c.regions[0]!.root, need: {}, needs: [] }],
      })),
      refusal: 'legality): region %3 is never entered for {}',
    },
    {
      name: 'drops a write',
      text: dead,
      pass: certified(
        dce,
        {
          kind: 'dce',
          regions: [
            {
              root: 4,
              need: true,
              needs: [
                [4, true],
                [3, { c: true }],
                [0, true],
              ],
            },
          ],
        },
        (arena) => (node, args) =>
          node.op.name === 'record'
            ? remake(
                arena,
                node,
                node.op.attrs,
                [
                  mustMake(arena, 'absent', { type: arena.typeOf(1) }),
                  mustMake(arena, 'absent', { type: arena.typeOf(2) }),
                  args[2]!,
                ],
                [],
              )
            : withParts(arena, node, args, []),
      ),
      refusal: 'legality): %2 writes and it is not claimed',
    },
    {
      name: 'drops what is looked at',
      text: twice,
      pass: certified(
        dce,
        {
          kind: 'dce',
          regions: [
            {
              root: 3,
              need: true,
              needs: [
                [3, true],
                [1, true],
                [0, true],
              ],
            },
          ],
        },
        (arena) => (node, args) =>
          node.op.name === 'record'
            ? remake(arena, node, node.op.attrs, [args[0]!, mustMake(arena, 'absent', { type: arena.typeOf(2) })], [])
            : withParts(arena, node, args, []),
      ),
      refusal: 'legality): %3 record looks at operand 1, %2, and it is not claimed',
    },
    {
      name: 'asks for nothing',
      text: twice,
      pass: recertify(dce, () => ({ kind: 'dce', regions: [] })),
      refusal: 'legality): the result of the graph is not claimed to be needed',
    },
    {
      name: 'changes an operand on the way',
      text: dead,
      pass: regraph(dce, (arena) =>
        each('dbQuery', (_, a: DbQueryAttrs) => ({ ...a, sql: 'delete from users where id = $1' }))(arena),
      ),
      refusal: 'graph): replacing what is not claimed to be needed does not give this graph',
    },
    {
      name: 'says what was not there',
      text: dead,
      pass: recertify(dce, (c: { regions: object[] }) => ({
        kind: 'dce',
        regions: [...c.regions, { root: 2, need: true, needs: [] }],
      })),
      refusal: 'certificate): %2 is not a region of the graph',
    },
  ],
  vectorise: [
    {
      name: 'reduces the axis beside the right one',
      text: vectors,
      pass: relift((arena) => each('reduce', (_, a: object) => ({ ...a, axes: [0] }))(arena)),
      refusal: 'legality): %3: %6 reduce does not do for all elements what %2 reduce does for one',
    },
    {
      name: 'spreads the wrong capture',
      text: formula,
      pass: relift(
        (arena) => (node, args, bodies) =>
          node.op.name === 'broadcast'
            ? withParts(arena, node, [1, args[1]!], bodies)
            : withParts(arena, node, args, bodies),
      ),
      refusal: 'legality): %9: %1 input is not the same as %7 param',
    },
    {
      name: 'reads the wrong column',
      text: formula,
      pass: relift((arena) => each('column', () => ({ name: 'y' }))(arena)),
      refusal: 'legality): %9: %15 column does not do for all elements what %4 field does for one',
    },
    {
      name: 'takes the elements in another order',
      text: vectors,
      pass: relift((arena) => (node, args, bodies) => {
        const made = withParts(arena, node, args, bodies)
        if (node.op.name !== 'reduce') return made
        return mustMake(arena, 'gather', {}, [
          made,
          mustMake(arena, 'const', { type: { kind: 'tensor', elem: 'i32', shape: [3] }, value: [2, 1, 0] }),
        ])
      }),
      refusal: 'legality): %3: %7 gather does not do for all elements what %2 reduce does for one',
    },
    {
      name: 'gives a matrix where there was a list of vectors',
      text: doubled,
      pass: relift(
        (arena) => (node, args, bodies) =>
          node.op.name === 'unstack' ? args[0]! : withParts(arena, node, args, bodies),
      ),
      refusal: 'legality): %3: the array has another type than the map',
    },
    {
      name: 'swaps the arms of a condition',
      text: choice,
      pass: relift(
        (arena) => (node, args, bodies) =>
          withParts(arena, node, node.op.name === 'select' ? [args[0]!, args[2]!, args[1]!] : args, bodies),
      ),
      refusal: 'legality): %7: %10 neg does not do for all elements what %5 sqrt does for one',
    },
    {
      name: 'lifts what can fail',
      text: asserted,
      pass: {
        ...vectorise,
        run: (g) => {
          const array = mustMake(g.arena, 'neg', {}, [0])
          const lifted = [{ region: g.root, map: g.root, array }]
          return right({
            graph: { ...g, root: array },
            certificate: { kind: 'vectorise', lifted, projected: [] },
            notes: [],
          })
        },
      },
      refusal: 'legality): %6: %0 input does not do for all elements what %4 assert does for one',
    },
    {
      name: 'hides that it lifted',
      text: choice,
      pass: recertify(vectorise, () => ({ kind: 'vectorise', lifted: [], projected: [] })),
      refusal: 'graph): these arrays in the place of these maps do not give this graph',
    },
  ],
  batch: [
    {
      name: 'batches over a write of the same table',
      text: inMapWrite,
      pass: certified(batch, planned(plan), batched(plan)),
      refusal: "legality): query 'users' (occurrence 0) reads what its body writes",
    },
    {
      name: 'batches where the user said no',
      text: mapped({ batch: false }),
      pass: certified(batch, planned(plan), batched(plan)),
      refusal: "legality): query 'users' (occurrence 0) is kept out of batches by the user",
    },
    {
      name: 'asks ahead of a transaction what stands in it',
      text: eachWhole,
      pass: certified(batch, planned(plan), batched(plan)),
      refusal: 'legality): occurrence 0 is not a call that the body comes to',
    },
    {
      name: 'batches what only a loop comes to',
      text: inLoop,
      pass: certified(batch, planned(plan), batched(plan)),
      refusal: 'legality): occurrence 0 is not a call that the body comes to',
    },
    {
      name: 'batches over a write further inside',
      text: innerWrite,
      pass: certified(batch, planned(plan), batched(plan)),
      refusal: "legality): query 'users' (occurrence 0) reads what its body writes",
    },
    {
      name: 'batches a write',
      text: mapped({ ...exec, mode: 'exec' }, (q) => q, 1, 'i64'),
      pass: certified(batch, planned({ ...plan, params: [] }), batched({ ...plan, params: [] })),
      refusal: "legality): query 'users' (occurrence 0) writes",
    },
    {
      name: 'finds the parameter one place off',
      text: mapped(),
      pass: certified(
        batch,
        planned({ ...plan, params: [{ at: 34, length: 2, number: 1 }] }),
        batched({ ...plan, params: [{ at: 34, length: 2, number: 1 }] }),
      ),
      refusal: "legality): query 'users' (occurrence 0) has no parameters at the places claimed",
    },
    {
      name: 'finds the key one place off',
      text: mapped(),
      pass: certified(
        batch,
        planned({ ...plan, keyed: [{ ...keyed, keys: [{ ...key, at: key.at + 1 }] }] }),
        batched({ ...plan, keyed: [{ ...keyed, keys: [{ ...key, at: key.at + 1 }] }] }),
      ),
      refusal: "legality): query 'users' (occurrence 0) has no parameters at the places claimed",
    },
    {
      name: 'keys by another column',
      text: mapped(),
      pass: certified(
        batch,
        planned({ ...plan, keyed: [{ ...keyed, keys: [{ ...key, column: 'score' }] }] }),
        batched({ ...plan, keyed: [{ ...keyed, keys: [{ ...key, column: 'score' }] }] }),
      ),
      refusal: "legality): query 'users' (occurrence 0) has no parameters at the places claimed",
    },
    {
      name: 'keys by the end of a column name',
      text: mapped(),
      pass: keyedBy({ at: 31, length: 6, column: 'd' }),
      refusal: "legality): query 'users' (occurrence 0) has no parameters at the places claimed",
    },
    {
      name: 'keys by the beginning of a column name',
      text: mapped({ sql: 'select score from users where $1 = id_two' }),
      pass: keyedBy({ at: 30, length: 7, column: 'id' }, 41, 30),
      refusal: "legality): query 'users' (occurrence 0) has no parameters at the places claimed",
    },
    {
      name: 'takes the beginning of $10 for $1',
      text: mapped({ sql: 'select score from users where id = $10' }),
      pass: certified(batch, planned(plan), batched(plan)),
      refusal: "legality): query 'users' (occurrence 0) has no parameters at the places claimed",
    },
    {
      name: 'makes a fork of a map',
      text: mapped(),
      pass: certified(batch, planned(plan), batched(plan, true)),
      refusal: 'graph): forgetting the plans does not give back the graph',
    },
    {
      name: 'batches what is not there',
      text: mapped(),
      pass: certified(batch, planned({ ...plan, occurrence: 9 }), batched({ ...plan, occurrence: 9 })),
      refusal: 'legality): occurrence 9 is not a call that the body comes to',
    },
    {
      name: 'batches reads of a store over a write to it',
      text: looked({}, deletes, 3),
      pass: certified(batch, planned(unlisted), batched(unlisted)),
      refusal: 'legality): kvGet (occurrence 0) reads what its body writes',
    },
    {
      name: 'batches a read of a store where the user said no',
      text: looked({ batch: false }),
      pass: certified(batch, planned(unlisted), batched(unlisted)),
      refusal: 'legality): kvGet (occurrence 0) is kept out of batches by the user',
    },
    {
      name: 'batches what its declaration keeps alone',
      text: looked({}, fileReads, 3),
      pass: certified(batch, planned({ ...unlisted, occurrence: 1 }), batched({ ...unlisted, occurrence: 1 })),
      refusal: 'legality): fileRead (occurrence 1) is not for batches',
    },
    {
      name: 'batches a write to a store',
      text: looked({}, deletes, 3),
      pass: certified(batch, planned({ ...unlisted, occurrence: 1 }), batched({ ...unlisted, occurrence: 1 })),
      refusal: 'legality): kvDelete (occurrence 1) writes',
    },
    {
      name: 'takes a read of a store for SQL',
      text: looked(),
      pass: certified(batch, planned({ ...plan, ordered: true }), batched({ ...plan, ordered: true })),
      refusal: 'legality): kvGet (occurrence 0) is planned as if it were SQL',
    },
    {
      name: 'asks for the elements in another order',
      text: mapped(),
      pass: regraph(batch, (arena) => (node, args, bodies) => {
        if (node.op.name !== 'mapBatched') return withParts(arena, node, args, bodies)
        const ids = args[0]!
        const one = mustMake(arena, 'const', { type: scalar('i32'), value: 1 })
        const last = mustMake(arena, 'sub', {}, [mustMake(arena, 'length', {}, [ids]), one])
        const back = mustMake(arena, 'sub', {}, [
          mustMake(arena, 'broadcast', { shape: ['n'], axes: [] }, [last, ids]),
          mustMake(arena, 'iota', { dim: 'n' }, [ids]),
        ])
        return withParts(arena, node, [mustMake(arena, 'gather', {}, [ids, back])], bodies)
      }),
      refusal: 'graph): forgetting the plans does not give back the graph',
    },
    {
      name: 'hides a plan',
      text: mapped(),
      pass: recertify(batch, () => ({ kind: 'batch', plans: [] })),
      refusal: 'certificate): the plans in the graph are not those of the claim',
    },
  ],
  fuse: [
    {
      name: 'makes one loop of two, and so moves a call',
      text: reads,
      pass: certified(fuse, { kind: 'fuse' }, (arena) => (node, args, bodies) => {
        if (node.op.name !== 'record') return withParts(arena, node, args, bodies)
        const inputs = [args[0]!, args[2]!].map((r) => arena.argsOf(r)[0]!)
        const params = inputs.map((i, index) => mustMake(arena, 'param', { index, type: arena.typeOf(i) }))
        const sums = params.map((p) => mustMake(arena, 'reduce', { how: 'sum', axes: [0] }, [p]))
        const body = {
          params: inputs.map((i) => arena.typeOf(i)),
          root: mustMake(arena, 'record', { fields: ['0', '1'] }, sums),
        }
        const kernel = mustMake(arena, 'kernel', {}, inputs, [body])
        const [a, b] = ['0', '1'].map((name) => mustMake(arena, 'field', { name }, [kernel]))
        return withParts(arena, node, [a!, args[1]!, b!], bodies)
      }),
      refusal: 'order): dbQuery 1 became dbQuery 2',
    },
    {
      name: 'swaps an operation',
      text: sums,
      pass: regraph(fuse, kernelBody('add', 'sub')),
      refusal: 'graph): inlining the kernels does not give back the graph',
    },
    {
      name: 'swaps two outputs',
      text: sums,
      pass: regraph(fuse, (arena) =>
        each('field', (_, a: { name: string }) => ({ name: a.name === '0' ? '1' : '0' }))(arena),
      ),
      refusal: 'graph): inlining the kernels does not give back the graph',
    },
    {
      name: 'reduces with another operation',
      text: sums,
      pass: regraph(fuse, (arena) => each('reduce', (_, a: object) => ({ ...a, how: 'max' }))(arena)),
      refusal: 'graph): inlining the kernels does not give back the graph',
    },
    {
      name: 'leaves out the first row of a region',
      text: fixed,
      pass: regraph(fuse, (arena) => (node, args, bodies) => {
        if (node.op.name !== 'reduce') return withParts(arena, node, args, bodies)
        const rest = { axis: 0, start: 1, stop: null, step: 1, dim: '' }
        return withParts(arena, node, [mustMake(arena, 'slice', rest, [args[0]!])], bodies)
      }),
      refusal: 'graph): inlining the kernels does not give back the graph',
    },
    {
      name: 'feeds a kernel the operands in another order',
      text: sums,
      pass: regraph(
        fuse,
        (arena) => (node, args, bodies) =>
          node.op.name === 'kernel'
            ? remake(arena, node, node.op.attrs, args.toReversed(), bodies)
            : withParts(arena, node, args, bodies),
      ),
      refusal: 'graph): inlining the kernels does not give back the graph',
    },
  ],
}
