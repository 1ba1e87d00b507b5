// Requirements: E15

import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { metricsOf } from '../../cli/serve/metrics.ts'
import type { openApi } from '../../cli/serve/schema.ts'
import { schemaOf } from '../../cli/serve/schema.ts'
import { served, serverOf } from '../../cli/serve/server.ts'
import { samplesIn, view } from '../../cli/serve/top.ts'
import { encodeValue } from '../../graph/json-value.ts'
import { record } from '../../graph/types.ts'
import { assert, createEngine, fx, graph, loop, t } from '../../index.ts'
import { graphs } from '../arbitraries/graphs.ts'
import kinds from '../cli/fixtures/kinds.ts'

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})
const sums = graph('sums', { x: t.tensor(t.f64, 'n'), k: t.i64 }, ({ x, k }) => ({
  total: fx`${x} * 2`.sum(),
  k,
  sure: assert(x.sum().lt(1000), 'it is not too large', x.sum()),
}))
const endless = graph('endless', { n: t.f64 }, ({ n }) =>
  loop({ i: n }, { max: 2_000_000_000, while: (x) => x.i.gt(0), step: (x) => ({ i: fx`${x.i} + 1` }) }),
)
const app = async (limits: object = {}) => {
  const engine = createEngine({ limits, pool: { threads: 1 } })
  let ready = true
  const all = [sums, endless].map((g) => {
    const h = engine.submit(g as never)
    if (h._tag === 'Left') throw new Error(h.left.cause)
    return served(g as never, h.right as never)
  })
  const server = await serverOf(all, {
    engine,
    metrics: await metricsOf(() => engine.stats()),
    version: '0',
    maxBytes: 1000,
    ready: () => ready,
    now: () => performance.now(),
  })
  open.push(async () => {
    await server.close()
    await engine.close()
  })
  const post = async (url: string, payload: unknown, type = 'application/json') => {
    const r = await server.inject({
      method: 'POST',
      url,
      payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
      headers: { 'content-type': type },
    })
    return { status: r.statusCode, body: r.json() as { error?: { tag: string; cause: string } } }
  }
  return { server, engine, all, post, leave: () => (ready = false) }
}

describe('a server of graphs', () => {
  test('answers in the JSON form of types, and errors with their tag', async () => {
    const { post } = await app()
    expect(await post('/graphs/sums', { x: [1, 2, 3], k: '9007199254740993' })).toEqual({
      status: 200,
      body: { total: 12, k: '9007199254740993', sure: 6 },
    })
    expect(await post('/graphs/sums', { x: ['NaN', '-0'], k: '1' })).toMatchObject({ status: 422 })
    const wrong = await Promise.all([
      post('/graphs/sums', { x: [1, 'two'], k: '1' }),
      post('/graphs/sums', { x: [1] }),
      post('/graphs/sums', '{"x": [1'),
      post('/graphs/sums', { x: new Array(1000).fill(0), k: '1' }),
      post('/graphs/sums', 'x', 'text/plain'),
      post('/graphs/none', {}),
      post('/graphs/sums', { x: [2000], k: '1' }),
    ])
    expect(wrong.map((w) => [w.status, w.body.error?.tag])).toEqual([
      [400, 'InvalidInput'],
      [400, 'InvalidInput'],
      [400, 'InvalidInput'],
      [413, 'InvalidInput'],
      [400, 'InvalidInput'],
      [404, 'NotFound'],
      [422, 'AssertionFailed'],
    ])
    expect(wrong[0]!.body.error!.cause).toMatch(/^\$\.x\[1\] /)
    expect(wrong.at(-1)!.body.error!.cause).toBe('it is not too large')
  })
  test('a run that takes too long is told so, and the next is answered', async () => {
    const { post } = await app({ deadlineMs: 100 })
    expect(await post('/graphs/endless', { n: 1 })).toMatchObject({
      status: 504,
      body: { error: { tag: 'ResourceExceeded' } },
    })
    expect((await post('/graphs/sums', { x: [1], k: '1' })).status).toBe(200)
  })
  test('tells operators how it is', async () => {
    const { server, post, leave } = await app()
    for (let i = 0; i < 5; i++) await post('/graphs/sums', { x: [1], k: '1' })
    await post('/graphs/sums', { x: [1] })
    const get = async (url: string) => server.inject({ method: 'GET', url })
    expect((await get('/health')).json()).toEqual({ status: 'alive' })
    expect((await get('/ready')).statusCode).toBe(200)
    const metrics = await get('/metrics')
    expect(metrics.headers['content-type']).toContain('text/plain')
    expect(metrics.body).toContain('quoin_request_seconds_count{graph="sums",status="200"} 5')
    expect(metrics.body).toContain('quoin_request_seconds_count{graph="sums",status="400"} 1')
    expect(metrics.body).toContain('quoin_runs{tier="interpreter"} 5')
    const shown = view(samplesIn(metrics.body), [], 0)
    expect(shown).toMatch(/^graph +version +tier +running +requests/)
    expect(shown).toMatch(/sums +1 +interpreter +0 +6 .* ms/)
    expect(shown).toContain('runs 5, errors 0')
    leave()
    expect((await get('/ready')).statusCode).toBe(503)
    expect((await get('/health')).statusCode).toBe(200)
    expect((await get('/nowhere')).json()).toMatchObject({ error: { tag: 'NotFound' } })
  })
  test('a graph that is replaced is answered by its successor', async () => {
    const { post, all } = await app()
    const other = graph('sums', { x: t.tensor(t.f64, 'n'), k: t.i64 }, ({ x, k }) => ({
      total: x.sum(),
      k,
      sure: x.sum(),
    }))
    expect(all[0]!.handle.replace(other as never)._tag).toBe('Right')
    expect((await post('/graphs/sums', { x: [1, 2, 3], k: '1' })).body).toEqual({ total: 6, k: '1', sure: 6 })
    const unlike = graph('sums', { x: t.f64 }, ({ x }) => ({ y: x }))
    expect(all[0]!.handle.replace(unlike as never)._tag).toBe('Left')
    expect((await post('/graphs/sums', { x: [1, 2, 3], k: '1' })).status).toBe(200)
  })
})

describe('the OpenAPI document', () => {
  const valid = (schema: object): ((x: unknown) => boolean) => {
    const v = new Ajv2020({ strict: false, validateFormats: false }).compile(schema)
    return (x) => v(x)
  }
  test('describes what is served', async () => {
    const { server } = await app()
    const document = (await server.inject({ method: 'GET', url: '/openapi.json' })).json() as ReturnType<typeof openApi>
    expect(document).toMatchObject({
      openapi: '3.1.0',
      paths: { '/graphs/sums': { post: { operationId: 'sums', responses: { 200: {}, 400: {}, 504: {} } } } },
    })
  })
  test('admits every value of a type in its JSON form, and not what is not one', () => {
    fc.assert(
      fc.property(graphs({ steps: 1 }), ({ graph: g, inputs }) => {
        const type = record(g.inputs)
        const json = encodeValue(type, inputs)
        const admits = valid(schemaOf(type))
        expect(admits(json)).toBe(true)
        for (const [name] of g.inputs) {
          const { [name]: _, ...less } = json as Record<string, unknown>
          expect(admits(less)).toBe(false)
        }
        expect(admits({ ...(json as object), s: 'seven' })).toBe(false)
      }),
      { numRuns: 20, seed: 20261122 },
    )
    expect(() => valid(schemaOf(kinds.inputType))).not.toThrow()
    expect(() => valid(schemaOf(kinds.outputType))).not.toThrow()
  })
})
