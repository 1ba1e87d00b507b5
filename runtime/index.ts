/**
 * The runtime: what a deployed artefact needs, and nothing else. Neither binaryen nor ts-morph nor a database is
 * loaded from here; drivers are imported by themselves (`quoin/drivers/…`).
 */
export type { Nested, RowsOut, Shaped } from '../graph/build/types.ts'
export type { Answer, Call, EffectAttrs, Footprint, Resource } from '../graph/effects.ts'
export { effectError } from '../graph/effects.ts'
export type { Either } from '../graph/either.ts'
export type {
  CompileError,
  EffectError,
  EffectErrorTag,
  EffectName,
  Problem,
  QuoinError,
  RunError,
} from '../graph/errors.ts'
export { describeError } from '../graph/errors.ts'
export type { Isolation, Transaction, TransactionAttrs } from '../graph/transaction.ts'
export { transactionError } from '../graph/transaction.ts'
export type { Column, Json, ListValue, TensorValue, Value } from '../graph/values.ts'
export type { AnyQueries, Artifact, EffectEntry, Manifest, QueryTypes, Sidecar } from './artifact.ts'
export type { Assumption, Dependency, Expiry, InventoryEntry, Probed, ProbeRef } from './assumption.ts'
export type { Cell } from './cells.ts'
export type { ChunkOptions } from './chunks.ts'
export type { Batch, BatchPlan, Context, Driver, Inside, Transactions } from './driver.ts'
export { clock } from './drivers/clock/index.ts'
export { log } from './drivers/log/index.ts'
export { random } from './drivers/random/index.ts'
export type { Frame, MemoryStats } from './kernels.ts'
export type { Drivers, Loaded, LoadOptions } from './load.ts'
export { load } from './load.ts'
export type { Cells, Prepared } from './prepare.ts'
export type { Replayed, ReplayOptions, Step } from './replay/playback.ts'
export type { RecordTo } from './replay/recorder.ts'
export type { Kept, Outcome, RecordedCall, Recording } from './replay/recording.ts'
export { replay } from './replay/replay.ts'
export type { RunOptions, RunStats, TraceEvent } from './run.ts'
export type { Ready, Scout } from './scout.ts'
export type { Iteration, Support } from './support.ts'
export type { Parts, Summary, Verified } from './verified.ts'
export { admit, isVerified } from './verified.ts'
export type { Failing } from './world.ts'
export { failing, World, world } from './world.ts'
