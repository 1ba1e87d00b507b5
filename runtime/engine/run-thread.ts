import { parentPort } from 'node:worker_threads'
import type { Answer } from '../../graph/effects.ts'
import { emptyFootprint } from '../../graph/effects.ts'
import type { Either } from '../../graph/either.ts'
import { isLeft, left, right } from '../../graph/either.ts'
import type { CompileError, RunError } from '../../graph/errors.ts'
import { bug } from '../../graph/errors.ts'
import type { Aside } from '../../graph/eval.ts'
import { meanings } from '../../graph/meaning/table.ts'
import type { RecordValue, Value } from '../../graph/values.ts'
import { bindKernels } from '../bind.ts'
import { memory } from '../cache.ts'
import type { Replayed } from '../replay/playback.ts'
import { Run } from '../run.ts'
import { Halted } from '../stopped.ts'
import { support } from '../support.ts'
import { artifactOf } from './instantiate.ts'
import type { Done, OfCode, Prepare, Task } from './pool.ts'

/** The thread in which long runs that ask nothing of the outside compute; it is ended where one must be stopped. */
type Runner = (task: Task) => Promise<Answer | Either<RunError | CompileError, Replayed>>
const runners = new Map<string, Promise<Runner>>()
/** Threads of kernels, by what they belong to. */
const helpers = new Map<string, () => Promise<void>>()

/** What the module for interpreting offers, which the engine names: the runtime knows no interpreter. */
export interface Interpreter {
  readonly run: (input: Value, bounds: Task['options']) => Answer
  readonly replay: (recording: unknown, bounds: Task['options']) => Either<RunError | CompileError, Replayed>
}
export interface Interpreters {
  readonly interpreterOf: (document: unknown) => Either<RunError | CompileError, Interpreter>
}

const prepare = async (key: string, p: Prepare): Promise<Runner> => {
  if ('code' in p) return ofCode(key, p)
  if ('meaning' in p) return async ({ input }) => computed(input as Aside)
  const { interpreterOf } = (await import(p.script)) as Interpreters
  const made = interpreterOf(p.graph)
  if (isLeft(made)) return async () => made as Answer
  const { run, replay } = made.right
  return async ({ what, input, options }) => (what === 'replay' ? replay(input, options) : run(input as Value, options))
}
const computed = ({ op, attrs, args, types, result }: Aside): Answer =>
  right(meanings[op]!(attrs as never, args, types, result))

const ofCode = async (key: string, { code, names, limits }: OfCode): Promise<Runner> => {
  const artifact = artifactOf(code, names)
  if (isLeft(artifact)) return () => Promise.resolve(artifact)
  const kernels = await bindKernels(artifact.right, limits)
  if (isLeft(kernels)) return () => Promise.resolve(kernels)
  helpers.set(key, kernels.right.close)
  const sites = new Map(names.sites.map(([k, node, place]) => [k, { node, place }]))
  const bound = {
    drivers: {},
    memory: memory(),
    kernels: kernels.right,
    graph: names.name,
    removed: 0,
    footprint: () => emptyFootprint,
    site: (o: number) => sites.get(o) ?? { node: '', place: '' },
  }
  return async ({ input, options }) => {
    const run = new Run(bound, options)
    try {
      const answer = await artifact.right.program(support(run))(input as RecordValue as Readonly<Record<string, Value>>)
      return run.halted === undefined ? answer : left(run.halted)
    } catch (e) {
      return left(e instanceof Halted ? e.why : bug('', e))
    }
  }
}

parentPort?.on('message', async (task: Task) => {
  const { key, prepare: code, forget } = task
  for (const k of forget) {
    runners.delete(k)
    void helpers.get(k)?.()
    helpers.delete(k)
  }
  if (code !== undefined) runners.set(key, prepare(key, code))
  let answer: Done['answer']
  let ms = 0
  try {
    const runner = await runners.get(key)!
    const began = performance.now()
    answer = await runner(task)
    ms = performance.now() - began
  } catch (e) {
    answer = left(bug('', e))
  }
  try {
    parentPort?.postMessage({ answer, ms } satisfies Done)
  } catch (e) {
    // Only what an error carries along may be something that does not travel.
    answer = left(bug('', new Error(e instanceof Error ? e.message : String(e))))
    parentPort?.postMessage({ answer, ms } satisfies Done)
  }
})
