import { resolve } from 'node:path'
import { compileGraph } from '../compile.ts'
import type { Either } from '../graph/either.ts'
import { isLeft } from '../graph/either.ts'
import type { QuoinError, RunError } from '../graph/errors.ts'
import { describeError } from '../graph/errors.ts'
import type { Json } from '../graph/values.ts'
import type { Tapped } from '../interpret.ts'
import { replayGraph } from '../interpret.ts'
import type { Artifact } from '../runtime/artifact.ts'
import type { Replayed, ReplayOptions } from '../runtime/replay/playback.ts'
import { readRecording } from '../runtime/replay/recording.ts'
import { replay as replayArtifact } from '../runtime/replay/replay.ts'
import { compileSource } from './compile.ts'
import { exit, Failure, failed, failedWith, misused } from './failure.ts'
import type { Interrupt } from './interrupt.ts'
import { inDifference } from './load/document.ts'
import type { GraphSource, Source } from './load/index.ts'
import { load, near } from './load/index.ts'
import { readJson } from './load/json-file.ts'
import type { Colors } from './output.ts'
import { out, outColors } from './output.ts'
import { progress } from './progress.ts'
import type { Seen } from './show/seen.ts'
import { seenLine as line } from './show/seen.ts'

export interface ReplayCommand {
  readonly target?: 'interpret' | 'ts' | 'wasm'
  readonly optimise: boolean
  readonly step?: true
  readonly tap?: true
  readonly until?: string
  readonly json?: true
}

/** `quoin replay`: runs again from recorded answers, touching nothing outside, and compares to the last bit. */
export const replay = async (
  recording: string,
  given: string | undefined,
  options: ReplayCommand,
  interrupt: Interrupt,
): Promise<void> => {
  const shown = near(resolve(recording))
  const document = await readJson(resolve(recording), shown, 'give the file that quoin run --record has written')
  const difference = inDifference(document)
  const json = difference?.recording ?? document
  const graph = given ?? (difference === undefined ? undefined : recording)
  if (graph === undefined)
    throw misused(`${shown} is a recording, without the graph it was made of`, 'give the graph file after it')
  // What is wrong with the file is said before a graph is compiled for it.
  const read = readRecording(json)
  if (isLeft(read))
    throw failed(`${shown} is no recording: ${read.left}`, 'give the file that quoin run --record has written')
  const source = await load(graph, interrupt)
  const seen: Seen[] = []
  const watch: ReplayOptions & { readonly tapped: (t: Tapped) => void } = {
    step: (s) => void (options.step === true && seen.push(s)),
    tapped: (t) => void (options.tap === true && seen.push(t)),
    ...(options.until === undefined ? {} : { until: options.until }),
  }
  const run = await runner(source, options, interrupt)
  const r = await progress(`replaying ${shown}`, () => interrupt.release(async () => run(json, watch)))
  const c = outColors()
  if (isLeft(r)) {
    if (options.json !== true && seen.length > 0) await out(seen.map((s) => line(s, c)).join('\n'))
    throw notReplayed(r.left, shown, source.file)
  }
  const { until } = options
  if (until !== undefined && r.right.stoppedAfter === undefined) {
    const names = [...new Set(read.right.calls.map((x) => `'${x.name}'`))].join(', ')
    throw failed(
      `no call is '${until}'`,
      names === '' ? 'leave --until out; nothing was asked' : `the calls are ${names}, or one of them as name[0]`,
    )
  }
  const code = r.right.verdict === 'differs' ? exit.failed : exit.done
  if (options.json === true) {
    await out(JSON.stringify(asJson(r.right, seen)))
    process.exitCode = code
    return
  }
  if (seen.length > 0) await out(seen.map((s) => line(s, c)).join('\n'))
  if (options.tap === true && source.kind === 'graph' && (source.built.taps?.size ?? 0) === 0)
    await out(c.dim("nothing is marked; mark a value with tap('name', x)"))
  const words = verdict(r.right, c)
  if (code !== exit.done) throw new Failure(code, words.join('\n'))
  await out(words.join('\n'))
}

type Runner = (
  recording: unknown,
  options: ReplayOptions & { readonly tapped: (t: Tapped) => void },
) => Promise<Either<QuoinError, Replayed>> | Either<QuoinError, Replayed>

const runner = async (source: Source, options: ReplayCommand, interrupt: Interrupt): Promise<Runner> => {
  if (source.kind === 'artifact') {
    const built = source.artifact.manifest.target
    if (options.tap === true)
      throw misused(
        `${source.file} is an artefact, and values are tapped in the graph as written`,
        'give the graph file',
      )
    if (!options.optimise || (options.target !== undefined && options.target !== built))
      throw misused(
        `${source.file} was built for ${built}, and is replayed as it is`,
        'leave --target and --no-optimise out, or give the graph file',
      )
    return (recording, o) => replayArtifact(source.artifact, recording, o)
  }
  if (options.target === 'interpret' || options.tap === true) {
    if (options.tap === true && options.target !== undefined && options.target !== 'interpret')
      throw misused('--tap shows values of the graph as written, which is interpreted', 'leave --target out')
    return (recording, o) => replayGraph(source.built, recording, o)
  }
  const artifact = await compiled(source, options, interrupt)
  return (recording, o) => replayArtifact(artifact, recording, o)
}
const compiled = async (source: GraphSource, options: ReplayCommand, interrupt: Interrupt): Promise<Artifact> => {
  const target = options.target === 'ts' ? 'ts' : 'wasm'
  if (options.optimise) return compileSource(source, { target }, interrupt)
  const plain = await compileGraph(source.graph, { target, optimize: false })
  if (isLeft(plain)) throw failedWith(plain.left, source.file)
  return plain.right
}

const notReplayed = (e: QuoinError, shown: string, graph: string): Failure =>
  e._tag === 'ReplayFailed'
    ? failed(`${e.place === '' ? '' : `${e.place}: `}${shown} with ${graph}: ${e.cause}`, e.remedy, e)
    : failedWith(e, graph)

const calls = (n: number): string => `${n} ${n === 1 ? 'call' : 'calls'}`
const verdict = (r: Replayed, c: Colors): readonly string[] => {
  const notes = r.notes.map((n) => `note: ${n}`)
  const asked = calls(r.calls.answered)
  const err = 'err' in r.outcome ? r.outcome.err : undefined
  switch (r.verdict) {
    case 'same':
      return [
        err === undefined
          ? `${c.green('same bits')}: the result is the recorded one, after ${asked}`
          : `${c.green('same error')} as recorded, after ${asked}: ${describeError(err as unknown as RunError)}`,
        ...notes,
      ]
    case 'stopped':
      return r.stoppedAfter === undefined
        ? [`nothing to compare after ${asked}`, ...notes]
        : [`stopped after ${asked}, as asked; ${calls(r.calls.recorded)} recorded`, ...notes]
    case 'redacted':
      return [
        r.differences.length === 0
          ? `as recorded, but for what was redacted, after ${asked}`
          : `${c.yellow('not comparable')}: ${r.differences.join('; ')}`,
        ...notes,
      ]
    case 'differs':
      return [
        'this is not what the recorded run gave',
        ...r.differences.map((d) => `  ${d}`),
        ...notes.map((n) => `  ${n}`),
        '  fix: if the same version of Quoin recorded it, please report this with graph and recording',
      ]
  }
}
const asJson = (r: Replayed, seen: readonly Seen[]): Json =>
  ({
    verdict: r.verdict,
    differences: r.differences,
    notes: r.notes,
    calls: r.calls,
    outcome: r.outcome,
    recorded: r.recorded,
    steps: seen.filter((s) => 'occurrence' in s),
    taps: seen.filter((s) => !('occurrence' in s)),
  }) as unknown as Json
