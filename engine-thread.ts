import { parentPort } from 'node:worker_threads'
import { compileGraph } from './compile.ts'
import type { Either } from './graph/either.ts'
import { isLeft, left, right } from './graph/either.ts'
import type { CompileError } from './graph/errors.ts'
import type { Graph } from './graph/graph.ts'
import { decodeGraph } from './graph/json.ts'
import type { FromThread } from './runtime/engine/compiler.ts'
import { recipe } from './runtime/engine/tiers.ts'
import type { Code, Job } from './runtime/engine/workshop.ts'

/** The thread in which an engine compiles: graphs come as documents, code goes back as text and bytes. */
const send = (m: FromThread): void => parentPort?.postMessage(m)

const compileJob = async ({ graph, tier, choices }: Job): Promise<Either<CompileError, Code>> => {
  const g = decodeGraph(graph)
  if (isLeft(g)) return g
  const { off = [], relax, collapse } = choices
  const { target, off: without } = recipe[tier]
  const compiled = await compileGraph(g.right as Graph<'source'>, {
    target,
    off: [...without, ...off],
    ...(relax === undefined ? {} : { relax: relax as never }),
    ...(collapse === undefined ? {} : { collapse }),
    progress: (stage) => send({ stage }),
  })
  if (isLeft(compiled)) return compiled
  const { 'module.js': module, 'kernels.wasm': wasm } = compiled.right.files
  return right(wasm === undefined ? { module } : { module, wasm })
}

parentPort?.on('message', async (job: Job) => {
  try {
    send({ end: await compileJob(job) })
  } catch (e) {
    send({
      end: left({
        _tag: 'BackendCompileError',
        stage: 'assemble',
        place: '',
        subgraph: '',
        cause: `compiling threw: ${e instanceof Error ? e.message : String(e)}`,
        remedy: 'this is a mistake in Quoin; please report it with the graph',
      }),
    })
  }
})
