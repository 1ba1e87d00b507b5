import { globSync, readFileSync } from 'node:fs'
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { compile } from '../../compile.ts'
import type { Answer, Call } from '../../graph/effects.ts'
import { effectError } from '../../graph/effects.ts'
import { left, right } from '../../graph/either.ts'
import { graph, http, kv, row, sql, t, writeLog } from '../../graph/index.ts'
import { duckdb } from '../../runtime/drivers/duckdb/index.ts'
import { http as service } from '../../runtime/drivers/http/index.ts'
import type { Driver, Loaded } from '../../runtime/index.ts'
import { load } from '../../runtime/index.ts'
import { telemetry } from '../../runtime/telemetry/index.ts'
import { httpServer, json } from '../drivers/servers/http.ts'

const spans = new InMemorySpanExporter()
const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] })
const metricExporter = new InMemoryMetricExporter(AggregationTemporality.DELTA)
const reader = new PeriodicExportingMetricReader({ exporter: metricExporter, exportIntervalMillis: 3_600_000 })
const meterProvider = new MeterProvider({ readers: [reader] })
beforeAll(() => void context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()))
afterAll(async () => {
  context.disable()
  await meterProvider.shutdown()
})
beforeEach(async () => {
  await reader.forceFlush()
  spans.reset()
  metricExporter.reset()
})
const must = <A>(
  e: { readonly _tag: 'Right'; readonly right: A } | { readonly _tag: 'Left'; readonly left: unknown },
): A => {
  if (e._tag === 'Left') throw new Error(JSON.stringify(e.left))
  return e.right
}
const watched = <I, O>(l: Loaded<I, O>): Loaded<I, O> => telemetry(l, { tracerProvider, meterProvider })

const shop = graph('shop', { ids: t.list(row({ id: t.i64 }), 'n'), token: t.string }, ({ ids, token }) => ({
  names: ids.map(
    ({ id }) =>
      sql('db').one('name', row({ name: t.string }))`
        select k::varchar as name from (values (1::bigint), (2), (3)) v(k) where k = ${id} and ${token} <> ''`.name,
  ),
  said: writeLog('info', 'asked', { token }),
}))
const secret = 'sesame-open'
const input = { ids: [{ id: 1n }, { id: 2n }, { id: 3n }], token: secret }
const log: Driver = {
  kind: 'log',
  effects: ['logLine'],
  assumptions: [],
  perform: () => Promise.resolve(right(null)),
  close: () => Promise.resolve(),
}

interface Point {
  readonly value: unknown
  readonly attributes: Readonly<Record<string, unknown>>
}
/** What was measured since the test began, by name. */
const measured = async (): Promise<ReadonlyMap<string, readonly Point[]>> => {
  await reader.forceFlush()
  const all = metricExporter.getMetrics().flatMap((r) => r.scopeMetrics.flatMap((s) => s.metrics))
  return new Map(all.map((m) => [m.descriptor.name, m.dataPoints as readonly Point[]]))
}

describe('telemetry', () => {
  test('puts a run under the span of its caller, and calls and batches under the run', async () => {
    const db = duckdb()
    const loaded = watched(must(await load(must(await compile(shop)), { db, log })))
    const outer = tracerProvider.getTracer('test').startSpan('request')
    const answer = await context.with(trace.setSpan(context.active(), outer), () => loaded.run(input))
    outer.end()
    await loaded.close()
    expect(must(answer).names).toEqual(['1', '2', '3'])
    const ended = spans.getFinishedSpans()
    const run = ended.find((s) => s.name === 'quoin.run')!
    expect(run.parentSpanContext?.spanId).toBe(outer.spanContext().spanId)
    expect(run.attributes).toMatchObject({
      'quoin.graph': 'shop',
      'quoin.digest': loaded.manifest.digest,
      'quoin.outcome': 'ok',
      'quoin.round_trips': 1,
      'quoin.queries.written': 3,
      'quoin.queries.run': 1,
    })
    const inside = ended.filter((s) => s.parentSpanContext?.spanId === run.spanContext().spanId)
    expect(inside.map((s) => s.name).sort()).toEqual(['dbQuery name batch', 'logLine logLine'])
    const batch = inside.find((s) => s.name === 'dbQuery name batch')!
    expect(batch.attributes).toMatchObject({
      'quoin.effect': 'dbQuery',
      'quoin.node': 'name',
      'quoin.place': expect.stringMatching(/telemetry\.test\.ts:\d+$/) as string,
      'quoin.batch.size': 3,
      'quoin.round_trips': 1,
      'db.system.name': 'duckdb',
      'db.operation.batch.size': 3,
      'db.query.summary': 'name',
      'db.query.text': expect.stringContaining('left join lateral') as string,
    })
    expect(batch.duration[0] * 1e9 + batch.duration[1]).toBeGreaterThan(0)
    // Within its parent, by a clock that may be off by less than a millisecond.
    const ms = ([s, n]: readonly [number, number]): number => s * 1e3 + n / 1e6
    expect(ms(batch.startTime)).toBeGreaterThanOrEqual(ms(run.startTime) - 1)
    expect(ms(batch.endTime)).toBeLessThanOrEqual(ms(run.endTime) + 1)
    expect(JSON.stringify(ended.map((s) => [s.name, s.attributes, s.events, s.status]))).not.toContain(secret)
  })

  test('marks errors with their tags and tells none of their words', async () => {
    const active: (string | undefined)[] = []
    const db: Driver = {
      ...log,
      kind: 'sql',
      effects: ['dbQuery'],
      perform: (call: Call): Promise<Answer> => {
        active.push(trace.getActiveSpan()?.spanContext().spanId)
        return Promise.resolve(left(effectError(call, 'Constraint', `key (${secret}) exists`, 'none')))
      },
    }
    const loaded = watched(must(await load(must(await compile(shop)), { db, log })))
    expect(await loaded.run(input)).toMatchObject({ left: { _tag: 'Constraint' } })
    const ended = spans.getFinishedSpans()
    const asked = ended.filter((s) => s.name === 'dbQuery name')
    // What drivers tell by themselves stands below the run.
    expect(new Set(active)).toEqual(new Set([ended.find((s) => s.name === 'quoin.run')!.spanContext().spanId]))
    expect(asked.length).toBeGreaterThan(0)
    for (const s of [...asked, ended.find((x) => x.name === 'quoin.run')!]) {
      expect(s.attributes['error.type']).toBe('Constraint')
      expect(s.status).toEqual({ code: 2, message: 'Constraint' })
    }
    expect(asked[0]!.attributes).toMatchObject({
      'db.system.name': 'other_sql',
      'db.query.text': expect.stringContaining('k = $1 and $2') as string,
      'quoin.iteration': [0],
    })
    expect(JSON.stringify(ended.map((s) => [s.attributes, s.events, s.status]))).not.toContain(secret)
    const errors = (await measured()).get('quoin.errors')!
    expect(errors.map((p) => p.attributes['error.type'])).toContain('Constraint')
  })

  test('speaks of requests and stores in the words of the conventions', async () => {
    const g = graph('wide', { id: t.i64 }, ({ id }) => ({
      cached: kv('cache').get('seen', t.string),
      order: http('shop').get('order', row({ ok: t.bool }))`/orders/${id}`,
    }))
    const answers: Driver = {
      ...log,
      kind: 'kv',
      system: 'redis',
      effects: ['kvGet', 'httpRequest'],
      perform: (call) =>
        Promise.resolve(
          right((call.effect === 'kvGet' ? { _tag: 'None' } : { status: 200, body: { ok: true } }) as never),
        ),
    }
    const loaded = watched(must(await load(must(await compile(g)), { cache: answers, shop: answers })))
    must(await loaded.run({ id: 77_123n }))
    const ended = spans.getFinishedSpans()
    expect(ended.find((s) => s.name.startsWith('kvGet'))!.attributes).toMatchObject({
      'db.system.name': 'redis',
      'db.operation.name': 'GET',
      'db.collection.name': 'cache',
    })
    expect(ended.find((s) => s.name === 'httpRequest order')!.attributes).toMatchObject({
      'http.request.method': 'GET',
      'url.template': '/orders/{}',
    })
    expect(JSON.stringify(ended.map((s) => s.attributes))).not.toContain('77123')
  })

  test('tells the status of an answer, of an error and of the last of several tries', async () => {
    const User = row({ id: t.i64 })
    const g = graph('statuses', { id: t.i64, ids: t.list(row({ id: t.i64 }), 'n') }, ({ id, ids }) => ({
      order: http('shop').get('order', row({ ok: t.bool }))`/orders/${id}`,
      users: ids.map((r) =>
        http('shop')
          .lookup('user', User, { one: '/users/{key}', many: { url: '/users', query: 'id', key: 'id' } })(r.id)
          .isSome(),
      ),
    }))
    let tries = 0
    const server = await httpServer(({ url }, to) => {
      if (url.startsWith('/users')) return json(to, [{ id: '1' }])
      if (url === '/orders/1') return json(to, { ok: true }, tries++ === 0 ? 503 : 201)
      return json(to, { no: 'such order' }, 404)
    })
    const shop = service({ base: server.base, retry: { baseMs: 1 } })
    const loaded = watched(must(await load(must(await compile(g)), { shop })))
    const status = (name: string) =>
      spans.getFinishedSpans().flatMap((s) => (s.name === name ? [s.attributes['http.response.status_code']] : []))
    must(await loaded.run({ id: 1n, ids: [{ id: 1n }, { id: 2n }] }))
    expect([status('httpRequest order'), status('httpRequest user batch'), tries]).toEqual([[201], [200], 2])
    spans.reset()
    expect(await loaded.run({ id: 2n, ids: [] })).toMatchObject({ left: { _tag: 'NotFound' } })
    expect(status('httpRequest order')).toEqual([404])
    await server.close()
    spans.reset()
    expect((await loaded.run({ id: 3n, ids: [] }))._tag).toBe('Left')
    expect(status('httpRequest order')).toEqual([undefined])
    await loaded.close()
  })

  test('each run over a chunk has a span of its own', async () => {
    const g = graph('chunked', {}, () => ({
      n: sql('db').many('k', row({ k: t.i64 }), {
        maxRows: 10,
        maxBytes: 1e4,
      })`select range as k from range(25)`.count(),
    }))
    const loaded = watched(must(await load(must(await compile(g)), { db: duckdb() })))
    for await (const part of loaded.chunks({}, { of: 'k' })) must(part)
    await loaded.close()
    const ended = spans.getFinishedSpans()
    const runs = ended.filter((s) => s.name === 'quoin.run').map((s) => s.spanContext().spanId)
    expect(runs).toHaveLength(3)
    expect(ended.filter((s) => s.name === 'dbQuery k').map((s) => s.parentSpanContext?.spanId)).toEqual(runs)
  })

  test('counts and measures', async () => {
    const db = duckdb()
    const loaded = watched(must(await load(must(await compile(shop)), { db, log })))
    for (let i = 0; i < 3; i++) must(await loaded.run(input))
    await loaded.close()
    const all = await measured()
    const points = (name: string) => all.get(name)
    const of = { 'quoin.graph': 'shop' }
    expect(points('quoin.batches')).toMatchObject([{ value: 3, attributes: { ...of, 'quoin.name': 'name' } }])
    expect(points('quoin.effects')).toMatchObject([{ value: 3, attributes: { ...of, 'quoin.effect': 'logLine' } }])
    expect(points('quoin.batch.size')).toMatchObject([{ value: { count: 3, sum: 9 } }])
    expect(points('quoin.run.round_trips')).toMatchObject([{ value: { count: 3, sum: 3 } }])
    expect(points('quoin.run.duration')).toMatchObject([{ value: { count: 3 }, attributes: { 'quoin.outcome': 'ok' } }])
    expect(all.has('quoin.errors')).toBe(false)
    expect(JSON.stringify([...all.values()].map((of) => of.map((p) => p.attributes)))).not.toContain(secret)
  })

  test('is only loaded by whoever imports it', () => {
    const files = globSync(['*.ts', '{graph,passes,codegen,runtime,verify,cli}/**/*.ts'])
    const users = files.filter((f) => /from '(?:@opentelemetry|[^']*telemetry\/index)/.test(readFileSync(f, 'utf8')))
    expect(users.length).toBeGreaterThan(0)
    expect(users.every((f) => f.startsWith('runtime/telemetry/'))).toBe(true)
  })
})
