/**
 * Quoin: describe a computation as a pure graph, compile it, run it. The graph API, the compiler and the interpreter
 * are here; deployed artefacts need only `quoin/runtime`.
 */
export type { Compiled, CompileOptions } from './compile.ts'
export { compile, compileGraph } from './compile.ts'
export type { Engine, Handle } from './engine.ts'
export { createEngine } from './engine.ts'
export * from './graph/index.ts'
export type { Link, Site, Topology } from './graph/topology.ts'
export type { InterpretedReplay, Tapped } from './interpret.ts'
export { interpret, replayGraph } from './interpret.ts'
export type { Placement } from './passes/index.ts'
export { bind, bindGraph, placement } from './passes/index.ts'
export type { EngineEvent, EngineOptions, EngineStats } from './runtime/engine/index.ts'
export type {
  Drivers,
  Loaded,
  Recording,
  Replayed,
  RunOptions,
  RunStats,
  TraceEvent,
} from './runtime/index.ts'
export { failing, load, replay, world } from './runtime/index.ts'
