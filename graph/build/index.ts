export * from './arrays.ts'
export type { Codec, ElemCodec, ExprOf, Issue, RowsOf, Shape, Standard } from './codec.ts'
export { dim, row, t } from './codec.ts'
export type { Groups, Pairs, SortOptions } from './columns.ts'
export {
  argsort,
  cummax,
  cummin,
  cumprod,
  groupBy,
  join,
  orderBy,
  scatterAdd,
  scatterAddClamped,
  scatterMax,
  scatterMin,
  sort,
  topK,
} from './columns.ts'
export type { Handlers } from './control.ts'
export { assert, attempt, cached, cond, fork, loop, match, sequence } from './control.ts'
export * from './data.ts'
export type {
  CompiledSql,
  Db,
  Files,
  ManyOptions,
  Parameter,
  Query,
  TransactionOptions,
} from './effects.ts'
export { files, now, placeholder, randomBytes, sql, writeLog } from './effects.ts'
export type { Opt, Result, Rows, Tensor, Union } from './expr.ts'
export type { ForeignOptions } from './foreign.ts'
export { foreign } from './foreign.ts'
export type { Fx, Hole } from './fx.ts'
export { fx } from './fx.ts'
export type { Choices, Chosen, Generic, Parameters } from './generic.ts'
export { generic } from './generic.ts'
export type { Built, InvalidGraph } from './graph.ts'
export { graph } from './graph.ts'
export { fromValue, toValue } from './host.ts'
export type { Http, LookupOptions, ManyKeys, RequestOptions, Response, SendOptions, Url, UrlHole } from './http.ts'
export { http } from './http.ts'
export type { Kv, KvGetOptions, KvSetOptions, Storable } from './kv.ts'
export { kv } from './kv.ts'
export { cholesky, eigenSymmetric, inverse, leastSquares, solve } from './linear.ts'
export * from './maths.ts'
export type { DbOptions, QueryOptions } from './query-footprint.ts'
export type { Outside, ShiftOptions } from './shift.ts'
export { shift } from './shift.ts'
export type { Complex } from './spectrum.ts'
export { fft, ifft } from './spectrum.ts'
export type { Taps } from './taps.ts'
export { tap } from './taps.ts'
export type { Cell, Dims, Expr, Fields, Given, In, Lifted, Out, RowsOut, Scalar, Shaped } from './types.ts'
