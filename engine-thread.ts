import { parentPort } from 'node:worker_threads'
import { compileGraph } from './compile.ts'
import type { Either } from './graph/either.ts'
import { isLeft, left, right } from './graph/either.ts'
import type { CompileError } from './graph/errors.ts'
import type { Graph } from './graph/graph.ts'
import { decodeGraph } from './graph/json.ts'
import type { Doubt } from './reproduce.ts'
import { minimise } from './reproduce.ts'
import type { FromThread } from './runtime/engine/compiler.ts'
import { recipe } from './runtime/engine/tiers.ts'
import type { Code, Job, Stage } from './runtime/engine/workshop.ts'

/** The thread in which an engine compiles: graphs come as documents, code goes back as text and bytes. */
const send = (m: FromThread): void => parentPort?.postMessage(m)

const compileJob = async (
  { graph, tier, choices }: Job,
  progress: (s: Stage) => void = () => {},
): Promise<Either<CompileError, Code>> => {
  const g = decodeGraph(graph)
  if (isLeft(g)) return g
  const { off = [], relax, collapse, statics } = choices
  const { target, off: without } = recipe[tier]
  const compiled = await compileGraph(g.right as Graph<'source'>, {
    target,
    off: [...without, ...off],
    ...(relax === undefined ? {} : { relax: relax as never }),
    ...(collapse === undefined ? {} : { collapse }),
    // They are called where the code runs, and not here.
    ...(statics === undefined ? {} : { statics: statics.map((k) => ({ ...k, run: () => undefined })) }),
    progress,
  })
  if (isLeft(compiled)) return compiled
  const { 'module.js': module, 'kernels.wasm': wasm } = compiled.right.files
  return right(wasm === undefined ? { module } : { module, wasm })
}

/** Small enough that graphs which wait for the compiler do not wait long. */
const budget = { ms: 5000, tries: 60 }

parentPort?.on('message', async (job: Job | { readonly minimise: Doubt }) => {
  try {
    if ('minimise' in job) send({ end: right(await minimise(job.minimise, compileJob, budget)) })
    else send({ end: await compileJob(job, (stage) => send({ stage })) })
  } catch (e) {
    send({
      end: left({
        _tag: 'BackendCompileError',
        stage: 'assemble',
        place: '',
        subgraph: '',
        picture: '',
        cause: `compiling threw: ${e instanceof Error ? e.message : String(e)}`,
        remedy: 'this is a mistake in Quoin; please report it with the graph',
      }),
    })
  }
})
