import type { Machine, Move } from '../machine.ts'
import type { Spec } from '../spec.ts'
import { combinations, upTo } from './values.ts'

export interface Stopping {
  readonly idem: readonly boolean[]
  readonly ph: readonly ('waits' | 'sent' | 'applied' | 'done' | 'failed' | 'unknown')[]
  readonly tries: readonly number[]
  readonly times: readonly number[]
  readonly doubt: readonly boolean[]
  readonly stop: boolean
}
/** Before anything: the first call is out. */
const sentFirst = (idem: readonly boolean[]): Stopping => ({
  idem,
  ph: idem.map((_, k) => (k === 0 ? 'sent' : 'waits')),
  tries: idem.map((_, k) => (k === 0 ? 1 : 0)),
  times: idem.map(() => 0),
  doubt: idem.map(() => false),
  stop: false,
})
export const stopping = (all: readonly (readonly boolean[])[], attempts: number): Machine<Stopping> => ({
  init: all.map(sentFirst),
  next: (s) => {
    const out: Move<Stopping>[] = []
    const inFlight = (p: string) => p === 'sent' || p === 'applied'
    for (const [k, ph] of s.ph.entries()) {
      const tell = (action: string, to: Partial<Stopping>) => out.push({ action, args: [k + 1], to: { ...s, ...to } })
      if (ph === 'sent') {
        tell('Apply', { ph: s.ph.with(k, 'applied'), times: s.times.with(k, s.times[k]! + 1) })
        tell('Refuse', { ph: s.ph.with(k, s.doubt[k] ? 'unknown' : 'failed') })
      }
      if (ph === 'applied')
        tell('Acknowledge', {
          ph: s.ph.map((p, j) => (j === k ? 'done' : j === k + 1 ? 'sent' : p)),
          tries: s.tries.map((t, j) => (j === k + 1 ? 1 : t)),
        })
      if (!inFlight(ph)) continue
      const doubt = s.doubt.with(k, true)
      if (s.idem[k] && s.tries[k]! < attempts)
        tell('Break', { ph: s.ph.with(k, 'sent'), tries: s.tries.with(k, s.tries[k]! + 1), doubt })
      else tell('Break', { ph: s.ph.with(k, 'unknown'), doubt })
    }
    if (!s.stop)
      out.push({
        action: 'Stop',
        args: [],
        to: { ...s, stop: true, ph: s.ph.map((p) => (inFlight(p) ? 'unknown' : p)) },
      })
    return out
  },
})

export const cancellation: Spec = {
  name: 'Cancellation',
  about: 'runs that are stopped and connections that break: which writes have happened, and what is told of them',
  code: ['runtime/run.ts', 'runtime/schedule.ts', 'runtime/drivers/within.ts', 'runtime/drivers/retry.ts'],
  states: { Small: 188, Large: 3299 },
  machine: (c) => stopping(combinations(upTo(c.N as number).map(() => [false, true])), c.Attempts as number),
  antecedents: {
    Closed: (s: Stopping) => s.times.every((t) => t > 0),
    SentOnce: (s: Stopping) => s.idem.some((i, k) => !i && s.doubt[k]!),
    Honest: (s: Stopping) => s.ph.some((p, k) => p === 'unknown' && s.times[k] === 0),
    'it is not known, and has happened': (s: Stopping) => s.ph.some((p, k) => p === 'unknown' && s.times[k]! > 0),
    'it was sent again and has happened twice': (s: Stopping) => s.ph.some((p, k) => p === 'done' && s.times[k]! > 1),
    NothingAfter: (s: Stopping) => s.ph[0] === 'failed' && s.ph[1] === 'waits',
    'a run is stopped between two writes': (s: Stopping) => s.stop && s.ph[0] === 'done' && s.ph[1] === 'unknown',
    Ends: (s: Stopping) => s.ph.includes('applied'),
  },
  unsafe: [
    {
      about: 'it is tried once too often',
      from: 'tries[k] < Attempts',
      to: 'tries[k] <= Attempts',
      violates: 'TypeOK',
    },
    {
      about: 'what waits is done already',
      from: `/\\ ph[k] = "sent"
  /\\ ph' = [ph EXCEPT ![k] = "applied"]`,
      to: `/\\ ph[k] \\in {"sent", "waits"}
  /\\ ph' = [ph EXCEPT ![k] = "applied"]`,
      violates: 'Closed',
    },
    {
      about: 'whatever breaks is sent again',
      from: 'IF idem[k] /\\ tries[k] < Attempts',
      to: 'IF tries[k] < Attempts',
      violates: 'SentOnce',
    },
    {
      about: 'a refusal is believed although an attempt before it broke',
      from: 'IF doubt[k] THEN "unknown" ELSE "failed"',
      to: '"failed"',
      violates: 'Honest',
    },
    {
      about: 'a call goes out behind one that was refused',
      from: '/\\ ph\' = [ph EXCEPT ![k] = IF doubt[k] THEN "unknown" ELSE "failed"]',
      to: '/\\ ph\' = [j \\in Calls |-> IF j = k THEN (IF doubt[k] THEN "unknown" ELSE "failed") ELSE IF j = k + 1 THEN "sent" ELSE ph[j]]',
      violates: 'NothingAfter',
    },
    {
      about: 'what is in flight is left alone when the run is to stop',
      from: 'IF InFlight(k) THEN "unknown" ELSE ph[k]',
      to: 'ph[k]',
      violates: 'NothingAfter',
    },
  ],
  stuck: [
    {
      about: 'calls have no time limit',
      from: '  /\\ \\A k \\in Calls : WF_vars(Acknowledge(k) \\/ Break(k) \\/ Refuse(k))\n',
      to: '',
      violates: 'Ends',
      model: 'Small',
    },
  ],
  conformance: 'test/specs/cancellation.test.ts',
  traces: 'test/specs/traces/cancellation.ts',
  heard: [
    {
      by: 'test/faults/faults.test.ts',
      test: 'runs under faults',
      trace:
        'a write, or those of a graph, with faults, deadlines and callers that leave: asked, told, and how often the server has it',
    },
  ],
}
