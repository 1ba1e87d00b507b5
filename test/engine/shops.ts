import { afterEach } from 'vitest'
import { engineWith, workshop } from '../../engine.ts'
import type { Built } from '../../graph/build/index.ts'
import { isLeft } from '../../graph/either.ts'
import type { CompileError } from '../../graph/errors.ts'
import type { Engine, Handle } from '../../index.ts'
import { describeError, fx, graph, t } from '../../index.ts'
import type { EngineEvent, EngineOptions, Workshop } from '../../runtime/engine/index.ts'

/** What a user gets, or the test fails with the error. */
export const taken = <T>(r: { _tag: 'Left'; left: CompileError } | { _tag: 'Right'; right: T }): T => {
  if (r._tag === 'Left') throw new Error(describeError(r.left))
  return r.right
}
export const submitted = <I, O>(e: Engine, g: Built<I, O>, o: object = {}): Handle<I, O> => taken(e.submit(g, o))

/** `y = k·x + 1`, once for each k, so that graphs differ and their answers say which ran. */
export const line = (k: number) => graph(`line ${k}`, { x: t.f64 }, ({ x }) => ({ y: fx`${k} * ${x} + 1` }))
/** The same with work enough that compiling pays. */
export const wave = (k: number) =>
  graph(`wave ${k}`, { x: t.tensor(t.f64, 'n') }, ({ x }) => ({ y: fx`sin(${x} * ${k}) + exp(0 - ${x} * ${x})`.sum() }))

/** An engine over a workshop of the test's own, with everything it told. */
export const engineOf = (shop: Partial<Workshop>, options: EngineOptions = {}) => {
  const events: EngineEvent[] = []
  const trace = (e: EngineEvent) => {
    events.push(e)
    options.trace?.(e)
  }
  const engine = engineWith({ ...workshop(options), ...shop }, { ...options, trace })
  return { engine, events }
}
/** The same for a file of tests: whatever it opened is closed after each of them. */
export const closing = (): typeof engineOf => {
  const open: Engine[] = []
  afterEach(async () => {
    for (const e of open.splice(0)) await e.close()
  })
  return (shop, options) => {
    const made = engineOf(shop, options)
    open.push(made.engine)
    return made
  }
}
/** What a compiler says that will not today. */
export const refusal: CompileError = {
  _tag: 'BackendCompileError',
  stage: 'assemble',
  place: '',
  subgraph: '',
  picture: '',
  cause: 'not today',
  remedy: 'try tomorrow',
}
/** A compiler in this thread, for tests that are not about threads. */
export const inThisThread = async (): Promise<Workshop['compile']> => {
  const { compileGraph } = await import('../../compile.ts')
  const { decodeGraph } = await import('../../graph/json.ts')
  const { recipe } = await import('../../runtime/engine/tiers.ts')
  return async ({ graph: document, tier, choices }, stage) => {
    const g = decodeGraph(document)
    if (isLeft(g)) return g
    const { target, off } = recipe[tier]
    const all = { ...(choices as object), target, off: [...off, ...(choices.off ?? [])] }
    const c = await compileGraph(g.right as never, { ...all, progress: stage })
    if (isLeft(c)) return c
    const { 'module.js': module, 'kernels.wasm': wasm } = c.right.files
    return { _tag: 'Right', right: wasm === undefined ? { module } : { module, wasm } }
  }
}
