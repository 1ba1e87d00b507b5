import { isLeft } from '../graph/either.ts'
import type { Fields, Type } from '../graph/types.ts'
import { parseType } from '../graph/types.ts'
import type { Mode } from '../passes/index.ts'
import type { Artifact } from '../runtime/artifact.ts'
import type { Driver } from '../runtime/driver.ts'
import type { Drivers } from '../runtime/load.ts'
import { load as bind } from '../runtime/load.ts'
import type { RunOptions as Running, RunStats } from '../runtime/run.ts'
import type { Bindings } from './bindings.ts'
import { compileSource } from './compile.ts'
import { debug } from './debug.ts'
import type { Wanted } from './drivers.ts'
import { bindDrivers, closeAll, wantedBy } from './drivers.ts'
import { failed, failedWith, interrupted, misused } from './failure.ts'
import { readInput } from './input.ts'
import type { Interrupt } from './interrupt.ts'
import type { GraphSource, Source } from './load/index.ts'
import { load } from './load/index.ts'
import { err, errColors, out, outColors } from './output.ts'
import { progress } from './progress.ts'
import { resultJson } from './show/json.ts'
import { showResult } from './show/result.ts'

export interface RunOptions {
  readonly input?: string
  readonly target?: 'interpret' | 'ts' | 'wasm'
  readonly relax: readonly Mode[]
  readonly json?: true
  readonly db: Bindings
  readonly files: Bindings
  readonly http: Bindings
  readonly kv: Bindings
}

/** `quoin run`: reads everything that can be wrong before anything outside is touched, then runs once. */
export const run = async (graph: string, options: RunOptions, interrupt: Interrupt): Promise<void> => {
  const source = await load(graph, interrupt)
  const input = await readInput(options.input, inputsOf(source))
  const job =
    source.kind === 'graph' && options.target === 'interpret'
      ? interpreted(source, options)
      : await compiled(source, options, interrupt)
  const drivers = await bindDrivers(
    job.wanted,
    { db: options.db, files: options.files, http: options.http, kv: options.kv, drivers: source.drivers },
    source.file,
  )
  try {
    if (interrupt.signal.aborted) throw interrupted()
    const [result, ms] = await timed(() =>
      progress(`running ${source.file}`, () =>
        interrupt.release(() =>
          job.run(holding(drivers, interrupt), input, {
            signal: interrupt.signal,
            stats: job.tell,
            trace: (e) => void debug(2, () => JSON.stringify(e)),
          }),
        ),
      ),
    )
    const json = resultJson(job.output, result)
    await out(options.json === true ? JSON.stringify(json) : showResult(job.output, json, outColors()))
    if (options.json !== true) await err(errColors().dim(summary(job.stats(), ms, job.how)))
  } finally {
    await closeAll(drivers)
  }
}

/** One way to run: what it needs bound, and how it goes. */
interface Job {
  readonly wanted: readonly Wanted[]
  readonly output: Type
  readonly how: string
  readonly run: (drivers: Drivers, input: unknown, options: Running) => Promise<unknown>
  readonly tell: (stats: RunStats) => void
  readonly stats: () => RunStats | undefined
}
const counted = (): Pick<Job, 'tell' | 'stats'> => {
  let last: RunStats | undefined
  return {
    tell: (s) => {
      last = s
    },
    stats: () => last,
  }
}

const interpreted = (source: GraphSource, { relax }: RunOptions): Job => {
  if (relax.length > 0)
    throw misused('the interpreter is the exact meaning: nothing is relaxed in it', 'leave --relax or --target out')
  return {
    ...counted(),
    wanted: wantedBy(source.graph),
    output: source.built.outputType,
    how: 'interpreted',
    run: async (drivers, input, options) => {
      const { interpret } = await import('../interpret.ts')
      const r = await interpret(source.built, drivers, input, options)
      if (isLeft(r)) throw failedWith(r.left, source.file)
      return r.right
    },
  }
}

const compiled = async (source: Source, options: RunOptions, interrupt: Interrupt): Promise<Job> => {
  const artifact: Artifact =
    source.kind === 'artifact'
      ? artifactFor(source, options)
      : await compileSource(
          source,
          { target: options.target === 'ts' ? 'ts' : 'wasm', relax: options.relax },
          interrupt,
        )
  const { manifest } = artifact
  return {
    ...counted(),
    wanted: manifest.effects,
    output: typeOf(manifest.output, source.file),
    how: manifest.target,
    run: async (drivers, input, runOptions) => {
      const loaded = await bind(artifact, drivers)
      if (isLeft(loaded)) throw failedWith(loaded.left, source.file)
      const r = await loaded.right.run(input, runOptions)
      if (isLeft(r)) throw failedWith(r.left, source.file)
      return r.right
    },
  }
}
const artifactFor = (
  { artifact, file }: Extract<Source, { kind: 'artifact' }>,
  { target, relax }: RunOptions,
): Artifact => {
  const built = artifact.manifest.target
  if (relax.length > 0) throw misused(`${file} is compiled already`, 'leave --relax out, or give the graph file')
  if (target === undefined || target === built) return artifact
  throw misused(
    `${file} was built for ${built}, so it does not run with --target ${target}`,
    'leave --target out, or give the graph file',
  )
}

const inputsOf = (source: Source): Fields =>
  source.kind === 'graph'
    ? source.graph.inputs
    : source.artifact.manifest.inputs.map(([n, t]) => [n, typeOf(t, source.file)] as const)
const typeOf = (text: string, file: string): Type => {
  const t = parseType(text)
  if (typeof t === 'string')
    throw failed(`${file}: its manifest names a type that is not one: ${t}`, 'build it again with quoin build')
  return t
}

/** Drivers during whose work Ctrl+C cancels; between their answers it simply ends the process. */
const holding = (drivers: Drivers, interrupt: Interrupt): Drivers =>
  Object.fromEntries(
    Object.entries(drivers).map(([name, d]): readonly [string, Driver] => [
      name,
      {
        ...d,
        perform: (call, context) => interrupt.hold(() => d.perform(call, context)),
        ...(d.performMany === undefined
          ? {}
          : { performMany: (batch, context) => interrupt.hold(() => d.performMany!(batch, context)) }),
        close: () => d.close(),
      },
    ]),
  )

const timed = async <T>(work: () => Promise<T>): Promise<readonly [T, number]> => {
  const started = performance.now()
  const value = await work()
  return [value, performance.now() - started]
}
export const summary = (s: RunStats | undefined, ms: number, how: string): string => {
  const parts = [`${how}, ${showMs(ms)}`]
  if (s !== undefined && s.queries.written > 0)
    parts.push(`${s.queries.written} ${s.queries.written === 1 ? 'query' : 'queries'} written, ${s.queries.run} run`)
  if (s !== undefined && s.kernels > 0) parts.push(`${s.kernels} kernel ${s.kernels === 1 ? 'call' : 'calls'}`)
  return parts.join('; ')
}
const showMs = (ms: number): string =>
  ms < 10 ? `${ms.toFixed(1)} ms` : ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
