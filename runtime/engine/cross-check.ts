import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fromValue } from '../../graph/build/host.ts'
import type { Either } from '../../graph/either.ts'
import { isLeft, left, right } from '../../graph/either.ts'
import type { CompileError, RunError } from '../../graph/errors.ts'
import { describeError } from '../../graph/errors.ts'
import type { Graph } from '../../graph/graph.ts'
import type { Replayed } from '../replay/playback.ts'
import { decodeKept } from '../replay/playback.ts'
import type { Recording } from '../replay/recording.ts'

/** What two tiers did not agree about. */
export interface Difference {
  readonly differences: readonly string[]
  /** What is needed to see it again: graph, recorded run, tier. */
  readonly file?: string
}
export interface Twice {
  readonly graph: Graph
  readonly digest: string
  readonly tier: string
  readonly encode: (g: Graph) => unknown
  readonly directory: string | undefined
}

/**
 * Runs once with the outside, recorded, and once more in the interpreter with the recorded answers, so that nothing is
 * written twice. Where they differ the interpreter is right, and its answer is given.
 */
export const runTwice = async (
  run: (record: (r: Recording) => void) => Promise<Either<RunError, unknown>>,
  replay: (r: Recording) => Promise<Either<RunError | CompileError, Replayed>>,
  about: Twice,
): Promise<{ readonly answer: Either<RunError, unknown>; readonly difference?: Difference }> => {
  const recordings: Recording[] = []
  const answer = await run((r) => void recordings.push(r))
  const recording = recordings[0]
  if (recording === undefined || recording.input === null) return { answer }
  const again = await replay(recording)
  if (!isLeft(again) && again.right.verdict !== 'differs') return { answer }
  const differences = isLeft(again) ? [describeError(again.left)] : again.right.differences
  const file = await written(about, recording, differences)
  const difference: Difference = { differences, ...(file === undefined ? {} : { file }) }
  return { answer: isLeft(again) ? answer : reference(about.graph, again.right, answer), difference }
}

/** The answer of the interpreter, as a run would have given it. */
const reference = (
  g: Graph,
  { outcome }: Replayed,
  otherwise: Either<RunError, unknown>,
): Either<RunError, unknown> => {
  if ('err' in outcome) return left(outcome.err as unknown as RunError)
  const type = g.arena.typeOf(g.root)
  const value = decodeKept(type, outcome.ok)
  return isLeft(value) ? otherwise : right(fromValue(type, value.right))
}

/** One file a graph and tier: a difference withdraws the tier, so a second one would tell nothing new. */
const written = async (
  { directory, digest, tier, graph, encode }: Twice,
  recording: Recording,
  differences: readonly string[],
): Promise<string | undefined> => {
  if (directory === undefined) return undefined
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const file = join(directory, `${digest.slice(0, 16)}-${tier}.difference.json`)
    const what = { format: 'quoin-difference-1', tier, differences, graph: encode(graph), recording }
    await writeFile(file, `${JSON.stringify(what, null, 1)}\n`, { mode: 0o600 })
    return file
  } catch (e) {
    process.emitWarning(
      `a difference could not be written down: ${e instanceof Error ? e.message : String(e)}`,
      'Quoin',
    )
    return undefined
  }
}
