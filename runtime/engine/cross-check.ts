import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fromValue } from '../../graph/build/host.ts'
import type { Either } from '../../graph/either.ts'
import { isLeft, left, right } from '../../graph/either.ts'
import type { CompileError, RunError } from '../../graph/errors.ts'
import { describeError } from '../../graph/errors.ts'
import type { Graph } from '../../graph/graph.ts'
import { sameValue } from '../../graph/values.ts'
import type { Replayed } from '../replay/playback.ts'
import { decodeKept, wasStopped } from '../replay/playback.ts'
import type { Recording } from '../replay/recording.ts'

/** What is needed to see a difference again: `quoin replay` reads it. */
export interface Difference {
  readonly format: 'quoin-difference-1'
  readonly tier: string
  readonly differences: readonly string[]
  /** As a document. */
  readonly graph: unknown
  /** A run of it, with the outcome of the tier. */
  readonly recording: Recording
  /** Nodes of the graph, where it was made smaller. */
  readonly minimised?: number
}
/** A difference in a graph as small as it was found. */
export interface Smallest {
  readonly graph: unknown
  readonly recording: Recording
  readonly differences: readonly string[]
  readonly nodes: number
}

type Result = Either<RunError, unknown>
type Again = Either<RunError | CompileError, Replayed>
export interface Compared {
  readonly answer: Result
  readonly recording?: Recording
  /** What the interpreter says instead, and the recorded run. */
  readonly different?: { readonly differences: readonly string[]; readonly recording: Recording }
}

/**
 * Runs once with the outside, recorded, and once more in the interpreter with the recorded answers, so that nothing is
 * written twice. Where they differ the interpreter is right, and its answer is given.
 */
export const runTwice = async (
  graph: Graph,
  run: (record: (r: Recording) => void) => Promise<Result>,
  replay: (r: Recording) => Promise<Again>,
): Promise<Compared> => {
  const recordings: Recording[] = []
  const answer = await run((r) => void recordings.push(r))
  const recording = recordings[0]
  if (recording === undefined || recording.input === null) return { answer }
  // A run that was stopped says nothing about its tier, nor does a replay that was.
  if (isLeft(answer) && wasStopped(answer.left)) return { answer, recording }
  const again = await replay(recording)
  if (isLeft(again) && wasStopped(again.left)) return { answer, recording }
  if (!isLeft(again) && again.right.verdict !== 'differs') return { answer, recording }
  const differences = isLeft(again) ? [describeError(again.left)] : again.right.differences
  return {
    answer: isLeft(again) ? answer : reference(graph, again.right, answer),
    different: { differences, recording },
  }
}

/** The answer of the interpreter, as a run would have given it. */
const reference = (g: Graph, { outcome }: Replayed, otherwise: Result): Result => {
  if ('err' in outcome) return left(outcome.err as unknown as RunError)
  const type = g.arena.typeOf(g.root)
  const value = decodeKept(type, outcome.ok)
  return isLeft(value) ? otherwise : right(fromValue(type, value.right))
}

/**
 * Whether two runs that asked nothing of the outside answered alike: values to the last bit; errors by what they are,
 * and where. A run that was stopped says nothing about its tier.
 */
export const alike = (a: Result, b: Result): boolean => {
  if (!isLeft(a) && !isLeft(b)) return sameResult(a.right, b.right)
  if ([a, b].some((r) => isLeft(r) && wasStopped(r.left))) return true
  if (!isLeft(a) || !isLeft(b)) return false
  const told = ({ _tag, cause, ...e }: RunError) =>
    JSON.stringify([_tag, cause, 'occurrence' in e ? [e.occurrence, e.iteration] : null])
  return told(a.left) === told(b.left)
}

/** The same bits, of what a caller is given: rows have ways to read them, which are functions and say nothing. */
export const sameResult = (a: unknown, b: unknown): boolean => {
  if (typeof a === 'function' && typeof b === 'function') return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || ArrayBuffer.isView(a))
    return sameValue(a, b)
  const [x, y] = [a as Readonly<Record<string, unknown>>, b as Readonly<Record<string, unknown>>]
  const keys = Object.keys(x)
  return keys.length === Object.keys(y).length && keys.every((k) => k in y && sameResult(x[k], y[k]))
}

/** One file a graph and tier: a difference withdraws the tier, so a second one would tell nothing new. */
export const fileOf = (directory: string, digest: string, tier: string): string =>
  join(directory, `${digest.slice(0, 16)}-${tier}.difference.json`)

/** Writes it beside its place and moves it there: whoever reads it sees all of it, or what was there before. */
export const written = async (file: string, what: Difference): Promise<boolean> => {
  try {
    await mkdir(join(file, '..'), { recursive: true, mode: 0o700 })
    const beside = `${file}.${process.pid}.tmp`
    await writeFile(beside, `${JSON.stringify(what, null, 1)}\n`, { mode: 0o600 })
    await rename(beside, file)
    return true
  } catch (e) {
    process.emitWarning(
      `a difference could not be written down: ${e instanceof Error ? e.message : String(e)}`,
      'Quoin',
    )
    return false
  }
}
