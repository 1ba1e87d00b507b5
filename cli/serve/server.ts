import type { FastifyInstance, FastifyReply } from 'fastify'
import { fromValue } from '../../graph/build/host.ts'
import type { Built } from '../../graph/build/index.ts'
import { isLeft } from '../../graph/either.ts'
import { decodeValue } from '../../graph/json-value.ts'
import type { Engine, Handle } from '../../index.ts'
import type { Metrics } from './metrics.ts'
import { problem, problemOf, statusOf } from './problem.ts'
import type { Endpoint } from './schema.ts'
import { openApi } from './schema.ts'

/** A graph under its name, with what runs it. */
export interface Served extends Endpoint {
  readonly handle: Handle<unknown, unknown>
}
export const served = (built: Built<unknown, unknown>, handle: Handle<unknown, unknown>): Served => ({
  name: built.name,
  input: built.inputType,
  output: built.outputType,
  handle,
})

/** What is asked of a server besides its graphs. */
export interface ServerOptions {
  readonly engine: Pick<Engine, 'stats'>
  readonly metrics: Metrics
  readonly version: string
  readonly maxBytes: number
  /** Whether requests are to be sent here; false from the moment it begins to go away. */
  readonly ready: () => boolean
  readonly now: () => number
}

/** Endpoints for graphs: `POST /graphs/<name>`, and what operators look at. It listens when it is told to. */
export const serverOf = async (graphs: readonly Served[], o: ServerOptions): Promise<FastifyInstance> => {
  const { fastify } = await import('fastify')
  const app = fastify({ bodyLimit: o.maxBytes, forceCloseConnections: 'idle', return503OnClosing: true })
  const byName = new Map(graphs.map((g) => [g.name, g]))

  app.setErrorHandler((e: Error & { readonly statusCode?: number; readonly code?: string }, _, reply) => {
    const status = e.statusCode ?? 500
    const tag = status < 500 ? 'InvalidInput' : 'Bug'
    const remedy = status < 500 ? 'send a JSON document of at most the allowed size' : 'please report it'
    return reply.code(status).send(problem(tag, status < 500 ? e.message : 'the server made a mistake', remedy))
  })
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send(problem('NotFound', `there is nothing at ${request.url}`, 'look at /openapi.json')),
  )
  app.get('/health', () => ({ status: 'alive' }))
  app.get('/ready', (_, reply) =>
    o.ready() ? { status: 'ready' } : reply.code(503).send(problem('Cancelled', 'the server goes away', 'ask another')),
  )
  app.get('/openapi.json', () => openApi(graphs, o.version))
  app.get('/metrics', async (_, reply) => reply.type(o.metrics.contentType).send(await o.metrics.text()))
  app.post<{ Params: { name: string } }>('/graphs/:name', async ({ params, body }, reply) => {
    const g = byName.get(params.name)
    if (g === undefined) {
      const names = graphs.map((x) => x.name).join(', ')
      return reply.code(404).send(problem('NotFound', `there is no graph '${params.name}'`, `ask one of ${names}`))
    }
    const began = o.now()
    await answer(g, body, reply)
    o.metrics.answered(g.name, reply.statusCode, (o.now() - began) / 1000)
    return reply
  })
  return app
}

const answer = async (g: Served, body: unknown, reply: FastifyReply): Promise<void> => {
  const value = decodeValue(g.input, body ?? {})
  if (isLeft(value)) {
    const wrong = value.left.slice(0, 5).map((m) => `${m.path} ${m.problem}`)
    reply.code(400).send(problem('InvalidInput', wrong.join('; '), 'see /openapi.json for what it takes'))
    return
  }
  const gone = new AbortController()
  // Nobody waits for it any more.
  reply.raw.once('close', () => gone.abort())
  const r = await g.handle.run(fromValue(g.input, value.right), { signal: gone.signal })
  if (isLeft(r)) reply.code(statusOf(r.left)).send(problemOf(r.left))
  // Results print as the JSON form of their types.
  else reply.type('application/json; charset=utf-8').send(JSON.stringify(r.right))
}
