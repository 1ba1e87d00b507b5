import type { Answer, Call } from '../../graph/effects.ts'
import type { Either } from '../../graph/either.ts'
import { isLeft, left, right } from '../../graph/either.ts'
import type { RunError } from '../../graph/errors.ts'
import { bug } from '../../graph/errors.ts'
import type { Transaction } from '../../graph/transaction.ts'
import type { Fields, Type } from '../../graph/types.ts'
import { parseType, record } from '../../graph/types.ts'
import type { RecordValue, Value } from '../../graph/values.ts'
import type { Artifact, Sidecar } from '../artifact.ts'
import type { BoundKernels } from '../bind.ts'
import { bindKernels } from '../bind.ts'
import type { Frame } from '../kernels.ts'
import { sidecarOf } from '../load.ts'
import type { Answers, Question } from '../scout.ts'
import type { Outside } from '../support.ts'
import { support } from '../support.ts'
import type { Level, Tree } from '../tree.ts'
import type { Replayed, ReplayOptions } from './playback.ts'
import { decodeKept, Playback } from './playback.ts'
import type { Recording } from './recording.ts'
import { readRecording } from './recording.ts'

/**
 * Runs an artefact again with the answers of a recorded run, and compares the results bit for bit. No driver is loaded
 * and nothing outside is touched. The artefact may be another build of the same graph.
 */
export const replay = async <Input, Output>(
  artifact: Artifact<Input, Output>,
  recording: unknown,
  options: ReplayOptions = {},
): Promise<Either<RunError, Replayed>> => {
  try {
    const a = artifact as unknown as Artifact
    const r = replayable(recording, a.manifest.digest)
    if (isLeft(r)) return r
    const fields = a.manifest.inputs.map(([n, t]) => [n, typeOf(t)] as const)
    const input = inputOf(r.right, fields)
    if (isLeft(input)) return input
    const kernels = await bindKernels(a)
    if (isLeft(kernels)) return kernels
    const names = await sidecarOf(a)
    const playback = new Playback(r.right, options, siteIn(names))
    const program = a.program(support(new Replaying(playback, kernels.right, siteIn(names))))
    const end = playback.end(await program(input.right), typeOf(a.manifest.output))
    return '_tag' in end ? left(end) : right(end)
  } catch (e) {
    return left(bug('', e))
  }
}

/** A recording of this very graph, or why it cannot be replayed. */
export const replayable = (x: unknown, digest: string): Either<RunError, Recording> => {
  const read = readRecording(x)
  if (isLeft(read)) return left(failed(`this is no recording: ${read.left}`, 'give what a recorded run has written'))
  const recording = read.right
  if (recording.digest !== digest)
    return left(
      failed(
        `the run was recorded from another graph: digest ${short(recording.digest)}, and this one has ${short(digest)}`,
        `give the version of '${recording.graph}' that was recorded, or record again`,
      ),
    )
  if (recording.input === null)
    return left(failed('the recorded run never began, because its input did not fit the graph', 'record again'))
  return right(recording)
}
const short = (digest: string): string => (digest === '' ? 'none' : digest.slice(0, 12))

export const inputOf = (r: Recording, fields: Fields): Either<RunError, Readonly<Record<string, Value>>> => {
  const value = decodeKept(record(fields), r.input)
  if (!isLeft(value)) return right(value.right as RecordValue as Readonly<Record<string, Value>>)
  return left(failed(`its input does not fit: ${value.left}`, 'give the recording as it was written'))
}

const failed = (cause: string, remedy: string): RunError => ({
  _tag: 'ReplayFailed',
  node: '',
  place: '',
  cause,
  remedy,
})
const typeOf = (text: string): Type => {
  const t = parseType(text)
  if (typeof t === 'string') throw new Error(`names a type that is not one: ${t}`)
  return t
}
const siteIn = (names: Sidecar): ((o: number) => { readonly node: string; readonly place: string }) => {
  const sites = new Map(names.sites.map(([k, node, place]) => [k, { node, place }]))
  return (o) => sites.get(o) ?? { node: '', place: '' }
}

/** The outside of a replayed run: a recording, and kernels. */
class Replaying implements Outside {
  readonly #playback: Playback
  readonly #kernels: BoundKernels
  readonly site: Outside['site']
  readonly early = true
  readonly inOrder: boolean
  constructor(playback: Playback, kernels: BoundKernels, site: Outside['site'], inOrder = false) {
    this.inOrder = inOrder
    this.#playback = playback
    this.#kernels = kernels
    this.site = site
  }
  /** A replay has no bounds, and means every operation itself. */
  step(): void {}
  made(): void {}
  linked(): undefined {}
  perform(call: Call): Promise<Answer> {
    return Promise.resolve(this.#playback.answer(call))
  }
  performAll(questions: readonly Question[]): Promise<Answers> {
    return Promise.resolve({ answers: questions.map(({ call }) => this.#playback.ahead(call)), along: [] })
  }
  performLevel(calls: Tree['calls']): Promise<Level> {
    return Promise.resolve({ calls, answers: calls.map((call) => this.#playback.ahead(call)), below: [] })
  }
  /** Whatever was asked ahead for it, a call is given its own answer. */
  answered(call: Call): Answer {
    return this.#playback.answer(call)
  }
  /** Nothing is remembered: every body computes again, from recorded answers. */
  recall(
    _key: string,
    _ttlMs: number,
    _occurrences: readonly number[],
    compute: () => Promise<Answer> | Answer,
  ): Promise<Answer> {
    return Promise.resolve(compute())
  }
  async transaction(
    t: Omit<Transaction, 'attempt'>,
    body: (inside: Outside) => Promise<Answer> | Answer,
  ): Promise<Answer> {
    const unbegun = this.#playback.undone(t, false)
    if (unbegun !== undefined) return unbegun
    const value = await body(new Replaying(this.#playback, this.#kernels, this.site, true))
    return isLeft(value) ? value : (this.#playback.undone(t, true) ?? value)
  }
  kernel(index: number, args: readonly Value[]): Answer {
    return this.#kernels.run(index, args)
  }
  enter(frame: number): Frame {
    return this.#kernels.enter(frame)
  }
  leave(frame: Frame): void {
    this.#kernels.leave(frame)
  }
  call(frame: Frame, index: number, _kernel: number, args: readonly (Value | null)[]): Answer {
    return this.#kernels.call(frame, index, args)
  }
}
