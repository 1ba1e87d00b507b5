import { writeFileSync } from 'node:fs'
import type { NodeId, Region } from '../graph/arena.ts'
import { Arena } from '../graph/arena.ts'
import { canonicalise } from '../graph/listing.ts'
import { mustMake } from '../graph/make.ts'
import { print } from '../graph/text.ts'
import type { Type } from '../graph/types.ts'
import { listOf, option, parseType, record, scalar, tensor, unit } from '../graph/types.ts'
let arena = new Arena()
let occ = 0
let inputs: [string, Type][] = []
const T = (s: string): Type => parseType(s) as Type
const N = (name: string, attrs: object, args: NodeId[] = [], regions: Region[] = []): NodeId => mustMake(arena, name as 'add', attrs as never, args, regions)
const input = (name: string, t: string): NodeId => { if (!inputs.some(([n]) => n === name)) inputs.push([name, T(t)]); return N('input', { name, type: T(t) }) }
const c = (v: unknown, t = 'f64'): NodeId => N('const', { type: T(t), value: v })
const P = (index: number, t: string): NodeId => N('param', { index, type: T(t) })
const rec = (o: Record<string, NodeId>): NodeId => N('record', { fields: Object.keys(o) }, Object.values(o))
const f = (r: NodeId, name: string): NodeId => N('field', { name }, [r])
const bc = (x: NodeId, like: NodeId): NodeId => N('broadcast', { shape: (arena.typeOf(like) as { shape: never }).shape, axes: [] }, [x, like])
const sum = (x: NodeId, axes = [0], how = 'sum'): NodeId => N('reduce', { how, axes }, [x])
const q = (name: string, sql: string, row: string, args: NodeId[], more: object = {}): NodeId =>
  N('dbQuery', { occurrence: occ++, db: 'main', name, sql, mode: 'one', row: row === 'unit' ? unit : T(row), dim: '', maxRows: 1000, maxBytes: 100000, authority: false, batch: true, reads: [name], writes: [], ...more }, args)
const exec = (name: string, args: NodeId[]): NodeId => q(`set-${name}`, `update ${name} set v = $1`, 'unit', args, { mode: 'exec', reads: [], writes: [name] })
const many = (name: string, row: string, dim: string, more: object = {}): NodeId => q(name, `select * from ${name}`, row, [], { mode: 'many', dim, ...more })
const col = (l: NodeId, name: string): NodeId => N('column', { name }, [l])
const map = (list: NodeId, params: string[], captures: NodeId[], root: NodeId, op = 'map'): NodeId => N(op, {}, [list, ...captures], [{ params: params.map(T), root }])
const save = (file: string, doc: string, passes: string, count: string, root: NodeId): void => {
  const g = canonicalise({ name: file, stage: 'source', arena, inputs, root, sites: new Map() })
  writeFileSync(new URL(`./corpus/passes/${file}.txt`, import.meta.url), `# ${doc}\npasses: ${passes}\ncount: ${count}\n\n${print(g)}\n`)
  arena = new Arena(); occ = 0; inputs = []
}
{ const x = input('x', 'f64[n]'); const m = sum(x); const n = N('convert', { to: 'f64' }, [N('length', {}, [x])]); save('fuse-siblings', 'Sums over one column share one loop, and no array is stored for the squares.', 'fuse', 'kernel 2, kernel.reduce 2, kernel.mul 1', rec({ mean: N('div', {}, [m, n]), squares: sum(N('mul', {}, [x, x])) })) }
{ const x = input('x', 'f64[n]'); const e = N('exp', {}, [N('sub', {}, [x, bc(sum(x, [0], 'max'), x)])]); save('fuse-softmax', 'Softmax is three loops: greatest, exponentials with their sum, and quotients.', 'fuse', 'kernel 3, kernel.exp 1', N('div', {}, [e, bc(sum(e), e)])) }
{ const d = input('distance', 'f64[n]'); const h = input('hour', 'f64[n]'); const delay = input('delay', 'f64[n]')
  const k = (v: number): NodeId => bc(c(v), d); const h12 = N('sub', {}, [h, k(12)])
  const z = N('add', {}, [N('add', {}, [k(-1.2), N('mul', {}, [k(0.0003), d])]), N('mul', {}, [k(0.0004), N('mul', {}, [h12, h12])])])
  const p = N('div', {}, [k(1), N('add', {}, [k(1), N('exp', {}, [N('neg', {}, [z])])])]); const y = N('convert', { to: 'f64' }, [N('gt', {}, [delay, k(15)])])
  const ll = N('add', {}, [N('mul', {}, [y, N('log', {}, [p])]), N('mul', {}, [N('sub', {}, [k(1), y]), N('log', {}, [N('sub', {}, [k(1), p])])])]); const e = N('sub', {}, [p, y])
  save('fuse-logistic', 'Four sums over columns of any length in one loop: nothing as long as the columns is stored.', 'all', 'kernel 1, kernel.reduce 4, kernel.exp 1, kernel.log 2', rec({ delay: sum(delay), squares: sum(N('mul', {}, [delay, delay])), logLoss: sum(ll), brier: sum(N('mul', {}, [e, e])) })) }
{ const a = col(many('a', '{v: f64}', 'n'), 'v'); const s = sum(a); const w = exec('b', [c('1', 'i64')]); const b = col(many('b', '{v: f64}', 'n'), 'v'); const t = sum(N('mul', {}, [b, b]))
  save('fuse-keeps-order', 'One loop for both sums would have to read b before the write to b: two loops.', 'fuse', 'kernel 2', rec({ s, w, t })) }
{ const a = col(many('a', '{v: f64}', 'n'), 'v'); const x = N('mul', {}, [a, bc(c(2), a)]); const b = col(many('b', '{v: f64}', 'n'), 'v')
  save('fuse-across-reads', 'A value waits for the second query without being stored: one loop.', 'fuse', 'kernel 1, kernel.mul 1, kernel.add 1', sum(N('add', {}, [x, b]))) }
{ const x = input('x', 'f64[n,m]'); const y = N('mul', {}, [x, x]); save('fuse-two-axes', 'Reductions over different axes are different loops; what both need is stored by the first.', 'fuse', 'kernel 2, kernel.mul 1, kernel.reduce 2', rec({ rows: sum(y, [1]), cols: sum(y, [0]) })) }
{ const x = input('x', 'f64[n,m]'); const w = input('w', 'f64[m,k]'); const h = N('contract', { batch: 0 }, [x, w]); const r = N('max', {}, [h, bc(c(0), h)]); save('fuse-alone', 'Matrix products, gathers and running sums have loops of their own; what follows is a loop again.', 'fuse', 'kernel 4, kernel.contract 1, kernel.cumsum 1, kernel.gather 1', rec({ r, run: N('cumsum', { axis: 0 }, [r]), some: N('gather', {}, [x, input('at', 'i32[3]')]) })) }
{ const s = input('s', 'string[n]'); const mask = N('eq', {}, [s, N('broadcast', { shape: ['n'], axes: [] }, [c('late', 'string'), s])]); const n = N('convert', { to: 'f64' }, [mask]); save('fuse-not-strings', 'Strings are compared outside kernels; the numbers made from them are not.', 'fuse', 'kernel 1, eq 1, kernel.convert 1', sum(n)) }
{ const x = input('x', 'f64[n,m]'); const y = N('transpose', { perm: [1, 0] }, [x]); save('fuse-index-maps', 'Transposed and sliced operands are read in place by the loop that needs them.', 'fuse', 'kernel 1, kernel.transpose 1, kernel.slice 1, transpose 0', sum(N('add', {}, [N('slice', { axis: 0, start: 0, stop: null, step: 1, dim: 'p' }, [y]), N('slice', { axis: 0, start: 0, stop: null, step: 1, dim: 'p' }, [y])]), [0, 1])) }
{ const x = input('x', 'f64[n]'); let a = x; for (let i = 0; i < 250; i++) a = N(i % 2 ? 'neg' : 'sqrt', {}, [a]); save('fuse-bounded', 'A long chain is cut into kernels of at most 96 operations.', 'fuse', 'kernel 3', a) }
const airport = (code: NodeId): NodeId => q('airports', 'select name, lat from airports where iata = $1', '{name: string, lat: f64}', [code], { mode: 'maybe' })
{ const pairs = many('pairs', '{origin: string, destination: string, flights: i64}', 'pair'); const e = P(0, '{origin: string, destination: string, flights: i64}')
  const body = rec({ from: airport(f(e, 'origin')), to: airport(f(e, 'destination')) })
  const r = rec({ pairs: map(pairs, ['{origin: string, destination: string, flights: i64}'], [], body), totals: many('stateTotals', '{state: string, n: i64}', 'state') })
  save('pipeline-flights', 'Two lookups for every pair become two batches, and a query that nothing projects goes.', 'all', 'dbQuery 3, mapBatched 1, map 0', f(r, 'pairs')) }
{ const ids = input('ids', 'i64[n]'); const a = q('accounts', 'select v from accounts where id = $1', '{v: f64}', [P(0, 'i64')]); const w = exec('accounts', [P(0, 'i64')]); save('batch-not-over-writes', 'Elements that write what the query reads depend on one another.', 'batch', 'mapBatched 0, map 1', map(ids, ['i64'], [], N('sequence', {}, [w, a]))) }
{ const ids = input('ids', 'i64[n]'); const a = q('accounts', 'select v from accounts where id = $2', '{v: f64}', [P(1, 'string'), P(0, 'i64')], { authority: true, sql: 'select v from accounts where id = $1' }); save('batch-one-authority', 'The tenant is captured, so all elements act under one.', 'batch', 'mapBatched 1', map(ids, ['i64', 'string'], [input('tenant', 'string')], a)) }
{ const rows = input('rows', 'list<{id: i64, tenant: string}>[n]'); const t = '{id: i64, tenant: string}'; const a = q('accounts', 'select v from accounts where id = $1', '{v: f64}', [f(P(0, t), 'tenant'), f(P(0, t), 'id')], { authority: true }); save('batch-not-over-authorities', 'Calls under different authority never share a batch.', 'batch', 'mapBatched 0', map(rows, [t], [], a)) }
{ const ids = input('ids', 'i64[n]'); const inner = q('accounts', 'select v from accounts where id = $1', '{v: f64}', [P(0, 'i64')]); const zero = rec({ v: c(0) }); const cnd = N('cond', {}, [N('gt', {}, [P(0, 'i64'), c('0', 'i64')]), P(0, 'i64')], [{ params: [scalar('i64')], root: inner }, { params: [scalar('i64')], root: zero }]); save('batch-not-under-conditions', 'A query that only some elements ask stays by itself, and the note says so.', 'batch', 'mapBatched 0', map(ids, ['i64'], [], cnd)) }
{ const ids = input('ids', 'i64[n]'); const a = q('draw', 'select random() as v from accounts where id = $1', '{v: f64}', [P(0, 'i64')]); const b = q('page', 'select v from accounts limit $1', '{v: f64}', [P(0, 'i64')]); save('batch-why-not', 'Volatile functions and parameters in LIMIT: each note is a sentence.', 'batch', 'mapBatched 0', map(ids, ['i64'], [], rec({ a, b }))) }
{ const ids = input('ids', 'i64[n]'); const a = q('accounts', 'select v from accounts where id = $1', '{v: f64}', [P(0, 'i64')]); const b = q('accounts', 'select v from accounts where id = $1', '{v: f64}', [P(0, 'i64')]); save('merge-then-batch', 'A query asked twice in one body is asked once, for all elements together.', 'all', 'dbQuery 1, mapBatched 1', map(ids, ['i64'], [], rec({ a, b }))) }
{ const id = input('id', 'i64'); const a = q('rates', 'select v from rates where id = $1', '{v: f64}', [id]); const w = exec('rates', [id]); const b = q('rates', 'select v from rates where id = $1', '{v: f64}', [id]); const d = q('rates', 'select v from rates where id = $1', '{v: f64}', [id]); save('merge-not-over-writes', 'The read after the write is another one; the third equals the second.', 'merge', 'dbQuery 3', rec({ a, w, b, d })) }
{ const a = N('nowMs', { occurrence: occ++ }); const b = N('nowMs', { occurrence: occ++ }); const x = N('randomBytes', { occurrence: occ++, count: 4 }); const y = N('randomBytes', { occurrence: occ++, count: 4 }); save('merge-not-clocks', 'The clock and random bytes answer anew each time.', 'all', 'nowMs 2, randomBytes 2', rec({ a, b, x, y })) }
{ const id = input('id', 'i64'); const w = exec('users', [id]); const r = q('users', 'select v from users where id = $1', '{v: f64}', [w]); save('dce-write-stays', 'The answer of the write is not looked at and the write still happens; the read that waits for it does not.', 'dce', 'absent 1', f(rec({ a: r, b: id }), 'b')) }
{ const ids = input('ids', 'i64[n]'); const body = rec({ a: q('users', 'select v from users where id = $1', '{v: f64}', [P(0, 'i64')]), b: N('neg', {}, [P(0, 'i64')]) }); save('dce-through-map', 'A column that nothing reads goes with its query, inside the body.', 'all', 'dbQuery 0, mapBatched 0, map 1', col(map(ids, ['i64'], [], body), 'b')) }
{ const x = input('x', 'f64'); const fork = N('fork', { fields: ['a', 'b'] }, [x], [{ params: [scalar('f64')], root: N('sqrt', {}, [P(0, 'f64')]) }, { params: [scalar('f64')], root: q('users', 'select v from users', '{v: f64}', []) }]); save('dce-through-fork', 'A branch that nothing projects does nothing.', 'dce', 'dbQuery 0, fork 1', f(fork, 'a')) }
{ const x = input('x', 'f64'); save('fold-literals', 'Literals are computed; -0 keeps its sign, and x stays where it is.', 'fold', 'add 1, mul 0, const 1', N('add', {}, [x, N('mul', {}, [c(2), c('-0')])])) }
{ const x = input('x', 'f64[n]'); const a = sum(x); const b = sum(x, [0], 'max'); save('fold-projection', 'A field of a record made right there is read straight from its operand.', 'fold', 'record 0, field 0', N('sub', {}, [f(rec({ a, b }), 'a'), f(rec({ a, b }), 'b')])) }
{ const a = q('users', 'select v from users', '{v: f64}', []); save('fold-not-past-calls', 'A record that holds a call is not looked through: that would move the call.', 'fold', 'record 2, field 1', (() => { const r = rec({ a, b: c(1) }); return rec({ r, b: f(r, 'b') }) })()) }
void [listOf, option, record, tensor]
