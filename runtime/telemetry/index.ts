import type { Attributes, MeterProvider, Tracer, TracerProvider } from '@opentelemetry/api'
import { context, metrics, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { Either } from '../../graph/either.ts'
import { isLeft } from '../../graph/either.ts'
import type { RunError } from '../../graph/errors.ts'
import { describeError } from '../../graph/errors.ts'
import type { Loaded } from '../load.ts'
import type { RunOptions, RunStats } from '../run.ts'
import type { TraceEvent } from '../trace.ts'
import { attributesOf, goesOut } from './attributes.ts'
import type { Instruments } from './metrics.ts'
import { instruments } from './metrics.ts'

/** Providers to use instead of the registered ones. */
export interface TelemetryOptions {
  readonly tracerProvider?: TracerProvider
  readonly meterProvider?: MeterProvider
}

/**
 * The same loaded graph, whose runs are told to OpenTelemetry: a span `quoin.run` under the span of the caller, below it
 * one for each call that went out and for each batch, and metrics. Neither arguments nor answers nor the words of an error
 * are told, because they hold what users typed: queries as text with placeholders, errors by their tags.
 *
 *     const scored = telemetry(must(await load(artifact, drivers)))
 *
 * Nobody who does not import this loads `@opentelemetry/api`, and runs without it do no work for it.
 */
export const telemetry = <Input, Output>(
  loaded: Loaded<Input, Output>,
  options: TelemetryOptions = {},
): Loaded<Input, Output> => {
  const tracer = (options.tracerProvider ?? trace).getTracer('quoin', loaded.manifest.quoin)
  const meter = (options.meterProvider ?? metrics).getMeter('quoin', loaded.manifest.quoin)
  const told = instruments(meter)
  const run = (input: Input, given: RunOptions = {}): Promise<Either<RunError, Output>> =>
    traced(loaded, tracer, told, (each) => loaded.run(input, each), given)
  return {
    ...loaded,
    run,
    chunks: (input, given) =>
      loaded.chunks(input, { ...given, around: (each, options) => traced(loaded, tracer, told, each, options) }),
    task: (input, given) => () => run(input, given),
    orThrow: async (input, given) => {
      const r = await run(input, given)
      if (isLeft(r)) throw new Error(describeError(r.left), { cause: r.left })
      return r.right
    },
  }
}

const traced = async <Output>(
  loaded: Pick<Loaded<never, unknown>, 'name' | 'manifest'>,
  tracer: Tracer,
  told: Instruments,
  run: (options: RunOptions) => Promise<Either<RunError, Output>>,
  given: RunOptions,
): Promise<Either<RunError, Output>> => {
  const started = performance.now()
  const graph: Attributes = { 'quoin.graph': loaded.name, 'quoin.digest': loaded.manifest.digest }
  const span = tracer.startSpan('quoin.run', { startTime: onClock(started), attributes: graph })
  const inside = trace.setSpan(context.active(), span)
  let stats: RunStats | undefined
  const answer = await context.with(inside, () =>
    run({
      ...given,
      stats: (s) => {
        stats = s
        given.stats?.(s)
      },
      trace: (e) => {
        if (e.event === 'effect' || e.event === 'batch') {
          told.asked(loaded.name, e)
          if (span.isRecording()) tell(tracer, inside, e)
        }
        if (e.event === 'transaction' && span.isRecording()) tellEnd(tracer, inside, e)
        given.trace?.(e)
      },
    }),
  )
  const outcome = isLeft(answer) ? answer.left._tag : 'ok'
  if (stats !== undefined)
    span.setAttributes({
      'quoin.round_trips': stats.roundTrips,
      'quoin.effects': stats.effects,
      'quoin.kernels': stats.kernels,
      'quoin.queries.written': stats.queries.written,
      'quoin.queries.run': stats.queries.run,
    })
  span.setAttribute('quoin.outcome', outcome)
  if (isLeft(answer)) {
    const e = answer.left
    span.setAttributes({ 'error.type': e._tag, 'quoin.node': e.node, 'quoin.place': e.place })
    span.setStatus({ code: SpanStatusCode.ERROR, message: e._tag })
  }
  const ended = performance.now()
  span.end(onClock(ended))
  told.ran(loaded.name, outcome, ended - started, stats?.roundTrips ?? 0)
  return answer
}

/** A span for what has just been answered; its times are those of the call. */
const tell = (tracer: Tracer, inside: ReturnType<typeof context.active>, e: Asked): void => {
  const name = `${e.effect} ${e.name}${e.event === 'batch' ? ' batch' : ''}`
  const span = tracer.startSpan(
    name,
    {
      kind: goesOut(e) ? SpanKind.CLIENT : SpanKind.INTERNAL,
      startTime: onClock(e.started),
      attributes: attributesOf(e),
    },
    inside,
  )
  if (e.outcome !== 'ok') span.setStatus({ code: SpanStatusCode.ERROR, message: e.outcome })
  span.end(onClock(e.started + e.ms))
}
export type Asked = Extract<TraceEvent, { readonly event: 'effect' | 'batch' }>

/** A span for a try of a transaction that has just ended, whose calls stand beside it. */
const tellEnd = (
  tracer: Tracer,
  inside: ReturnType<typeof context.active>,
  e: Extract<TraceEvent, { readonly event: 'transaction' }>,
): void => {
  const end = performance.now()
  const attributes: Attributes = {
    'quoin.node': `transaction of '${e.name}'`,
    'quoin.occurrence': e.occurrence,
    'quoin.iteration': [...e.iteration],
    'quoin.attempt': e.attempt,
    'quoin.outcome': e.outcome,
    ...(e.outcome === 'ok' ? {} : { 'error.type': e.outcome }),
  }
  const span = tracer.startSpan(
    `transaction ${e.name}`,
    { kind: SpanKind.CLIENT, startTime: onClock(end - e.ms), attributes },
    inside,
  )
  if (e.outcome !== 'ok') span.setStatus({ code: SpanStatusCode.ERROR, message: e.outcome })
  span.end(onClock(end))
}
const onClock = (ms: number): number => performance.timeOrigin + ms
