import type { Meter } from '@opentelemetry/api'
import type { TraceEvent } from '../trace.ts'

type Asked = Extract<TraceEvent, { readonly event: 'effect' | 'batch' }>

/** What is counted and measured. Names of graphs and calls are few, so they may be attributes; nothing else is. */
export interface Instruments {
  readonly asked: (graph: string, e: Asked) => void
  readonly ran: (graph: string, outcome: string, ms: number, roundTrips: number) => void
}

export const instruments = (meter: Meter): Instruments => {
  const runs = meter.createHistogram('quoin.run.duration', { unit: 's', description: 'How long runs take.' })
  const trips = meter.createHistogram('quoin.run.round_trips', {
    unit: '{round_trip}',
    description: 'How often a run waits for the outside, one wait after the other.',
  })
  const calls = meter.createHistogram('quoin.effect.duration', {
    unit: 's',
    description: 'How long calls to the outside take, each batch being one.',
  })
  const effects = meter.createCounter('quoin.effects', { unit: '{call}', description: 'Calls that went out alone.' })
  const batches = meter.createCounter('quoin.batches', {
    unit: '{batch}',
    description: 'Calls that went out together.',
  })
  const sizes = meter.createHistogram('quoin.batch.size', { unit: '{call}', description: 'Calls in one batch.' })
  const errors = meter.createCounter('quoin.errors', {
    unit: '{error}',
    description: 'Errors by tag: of calls, and of runs.',
  })
  return {
    asked: (graph, e) => {
      const of = { 'quoin.graph': graph, 'quoin.effect': e.effect, 'quoin.name': e.name }
      calls.record(e.ms / 1000, { ...of, 'quoin.outcome': e.outcome })
      if (e.event === 'effect') effects.add(1, of)
      else {
        batches.add(1, of)
        sizes.record(e.size, of)
      }
      if (e.outcome !== 'ok') errors.add(1, { ...of, 'error.type': e.outcome })
    },
    ran: (graph, outcome, ms, roundTrips) => {
      const of = { 'quoin.graph': graph }
      runs.record(ms / 1000, { ...of, 'quoin.outcome': outcome })
      trips.record(roundTrips, of)
      if (outcome !== 'ok') errors.add(1, { ...of, 'error.type': outcome })
    },
  }
}
