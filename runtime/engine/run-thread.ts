import { parentPort } from 'node:worker_threads'
import type { Answer } from '../../graph/effects.ts'
import { emptyFootprint } from '../../graph/effects.ts'
import { isLeft, left } from '../../graph/either.ts'
import { bug } from '../../graph/errors.ts'
import type { RecordValue, Value } from '../../graph/values.ts'
import { bindKernels } from '../bind.ts'
import { memory } from '../cache.ts'
import { Run } from '../run.ts'
import { Halted } from '../stopped.ts'
import { support } from '../support.ts'
import { artifactOf } from './instantiate.ts'
import type { Done, Prepare, Task } from './pool.ts'

/** The thread in which long runs that ask nothing of the outside compute; it is ended where one must be stopped. */
type Runner = (input: Value, options: Task['options']) => Promise<Answer>
const runners = new Map<string, Promise<Runner>>()

const prepare = async ({ code, names, limits }: Prepare): Promise<Runner> => {
  const artifact = artifactOf(code, names)
  if (isLeft(artifact)) return () => Promise.resolve(artifact)
  const kernels = await bindKernels(artifact.right, limits)
  if (isLeft(kernels)) return () => Promise.resolve(kernels)
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
  return async (input, options) => {
    const run = new Run(bound, options)
    try {
      const answer = await artifact.right.program(support(run))(input as RecordValue as Readonly<Record<string, Value>>)
      return run.halted === undefined ? answer : left(run.halted)
    } catch (e) {
      return left(e instanceof Halted ? e.why : bug('', e))
    }
  }
}

parentPort?.on('message', async ({ key, prepare: code, forget, input, options }: Task) => {
  for (const k of forget) runners.delete(k)
  if (code !== undefined) runners.set(key, prepare(code))
  let answer: Answer
  let ms = 0
  try {
    const runner = await runners.get(key)!
    const began = performance.now()
    answer = await runner(input, options)
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
