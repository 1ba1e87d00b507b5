import type { Answer, Call } from '../../../graph/effects.ts'
import { effects, traitsOf } from '../../../graph/effects.ts'
import { isLeft } from '../../../graph/either.ts'
import type { RunError } from '../../../graph/errors.ts'
import type { Program } from '../protocols/scheduler.ts'
import { upTo } from '../protocols/values.ts'
import { endOf } from '../runs/stopped.ts'
import { acceptedBatches, alterAsked } from './batching.ts'
import { acceptedWrites, alterWrite, endings, writes } from './cancellation.ts'
import type { Family, Judged } from './family.ts'
import { judged } from './family.ts'
import { acceptedBlock, alterBlock } from './scheduler.ts'
import type { Recorded, Seen } from './traces.ts'

/** A call as it reaches a driver, and once more with its answer. */
export interface Passed {
  readonly call: Call
  readonly answer?: Answer
}
/** So many of each are kept of a process, and calls and questions of one trace. */
const most = { traces: 400, calls: 10, questions: 6, steps: 7, tables: 4 } as const

const isWrite = (call: Call): boolean => effects[call.effect].footprint(call.attrs as never).writes.length > 0
const mayRepeat = (call: Call): boolean => traitsOf(call.effect, call.attrs as never).retriable
const nameOf = (call: Call): string => `${call.iteration.join()} ${call.attrs.occurrence}`
const inProgramOrder = (a: Call, b: Call): number => {
  for (const [i, x] of a.iteration.entries()) if (x !== b.iteration[i]) return x - (b.iteration[i] ?? -1)
  return a.attrs.occurrence - b.attrs.occurrence
}

/**
 * What real drivers were asked and answered, with real servers and faults behind them, as traces: what a server does, and
 * what a driver sends, is not seen, but for what the server holds in the end.
 */
export class Outside {
  readonly #writes: Recorded[] = []
  readonly #batches: Recorded[] = []
  readonly #blocks: Recorded[] = []

  /** Writes of a run, one after the other, as they were asked and answered; `times` says how often each has happened. */
  writes(passed: readonly Passed[], times: (c: Call) => number | undefined): void {
    const mine = passed.filter(({ call }) => isWrite(call))
    const calls = distinct(mine.map((p) => p.call)).slice(0, most.calls)
    const events = mine.flatMap(({ call, answer }): Seen[] => {
      const k = calls.findIndex((c) => nameOf(c) === nameOf(call)) + 1
      if (k === 0) return []
      if (answer === undefined) return [['Asked', k]]
      const end = endOf(answer)
      return [end === 'done' ? ['Acknowledge', k] : ['Told', k, endings.indexOf(end) + 1]]
    })
    const held = calls.flatMap((c, i): Seen[] => {
      const n = times(c)
      return n === undefined ? [] : [['Happened', i + 1, n]]
    })
    const idem = upTo(most.calls).map((k) => calls[k - 1] !== undefined && mayRepeat(calls[k - 1]!))
    if (calls.length > 0) keep(this.#writes, { idem, outside: true }, [...events, ...held])
  }
  /** Questions that were asked together; `bad` says which of them would be answered with an error alone. */
  batch(asked: readonly string[], answers: readonly Answer[], bad: readonly boolean[] | 'none'): void {
    if (asked.length === 0 || asked.length > most.questions) return
    const names = [...new Set(asked)]
    const numbers = asked.map((a) => names.indexOf(a) + 1)
    const pad = <T>(xs: readonly T[], x: T): readonly T[] => upTo(most.questions).map((m) => xs[m - 1] ?? x)
    const isBad = names.map((n) => bad !== 'none' && bad[asked.indexOf(n)]!)
    const key = pad(numbers, 1)
    // What fills it up is asked on another behalf.
    const who = upTo(most.questions).map((m) => (m <= asked.length ? 1 : 2))
    const fills = isBad[0]! ? 2 : 1
    const told = pad(
      answers.map((a) => (isLeft(a) ? (bad === 'none' ? 3 : 2) : 1)),
      fills,
    )
    const start = { key, who, bad: pad(isBad, false), outside: true }
    keep(this.#batches, start, [
      [asked.length === 1 ? 'Alone' : 'Asked', 1, 1, ...new Set(numbers)],
      ['Told', ...told],
    ])
  }
  /** The calls of a run of a block without bodies, and what it answered. */
  block(
    passed: readonly Passed[],
    end: { readonly _tag: 'Right' } | { readonly _tag: 'Left'; readonly left: RunError },
  ) {
    const asked = passed.filter((p) => p.answer === undefined).map((p) => p.call)
    const calls = distinct(asked)
    if (calls.length < asked.length || calls.length > most.steps || calls.some((c) => c.iteration.length > 0)) return
    const stores: string[] = []
    const steps = calls.map((call) => {
      const { reads, writes } = effects[call.effect].footprint(call.attrs as never)
      const at = [...writes, ...reads][0]
      // Rows are of their table, keys and paths of their store: what two calls touch may be the same.
      const store = at === undefined ? '' : `${at.kind} ${at.of} ${at.kind === 'table' ? at.name : ''}`
      if (!stores.includes(store)) stores.push(store)
      return { kind: writes.length > 0 ? ('write' as const) : ('read' as const), table: stores.indexOf(store) + 1 }
    })
    if (stores.length > most.tables) return
    const all = upTo(most.steps).map((k) => steps[k - 1] ?? { kind: 'claim' as const, table: 1 })
    const program: Program = { kind: all.map((s) => s.kind), table: all.map((s) => s.table), takes: all.map(() => 0) }
    const at = (c: Call): number => calls.findIndex((x) => nameOf(x) === nameOf(c)) + 1
    const events = passed.map(
      ({ call, answer }): Seen =>
        answer === undefined ? ['Asked', at(call)] : [isLeft(answer) ? 'Fail' : 'Succeed', at(call)],
    )
    const { left } = end as { readonly left?: RunError }
    const wrong =
      left === undefined
        ? 0
        : calls.findIndex((c) => 'occurrence' in left && c.attrs.occurrence === left.occurrence) + 1
    // A run that was stopped answers that it was.
    const answered: Seen[] = left === undefined || wrong > 0 ? [['Answered', wrong]] : []
    keep(this.#blocks, { ...program, outside: calls.length }, [...events, ...answered])
  }

  readonly #all = [
    [cancellation, this.#writes],
    [batching, this.#batches],
    [scheduler, this.#blocks],
  ] as const
  /** Those that are no behaviours. */
  strange(): readonly Recorded[] {
    return this.#all.flatMap(([f, traces]) => traces.filter((t) => !f.accepted(t)))
  }
  judged(name: string): readonly Judged[] {
    return this.#all.flatMap(([f, traces]) =>
      traces.length === 0 ? [] : [judged({ ...f, name: `${name}-${f.what}` }, traces)],
    )
  }
}
const distinct = (calls: readonly Call[]): readonly Call[] =>
  [...new Map(calls.map((c) => [nameOf(c), c])).values()].sort(inProgramOrder)
const keep = (to: Recorded[], start: Recorded['start'], events: readonly Seen[]): void => {
  if (events.length > 0 && to.length < most.traces) to.push({ start, events, real: true })
}

type Kind = Omit<Family, 'name'> & { readonly what: string }
const cancellation: Kind = {
  what: 'writes',
  spec: 'Cancellation',
  cfg: `CONSTANTS\n  N = ${most.calls}\n  Attempts = ${writes.attempts}\n`,
  accepted: acceptedWrites,
  alter: alterWrite,
}
const batching: Kind = {
  what: 'batches',
  spec: 'Batching',
  cfg: `CONSTANTS\n  M = ${most.questions}\n  Keys = {${upTo(most.questions).join(', ')}}\n  Most = ${most.questions}\n`,
  accepted: (t) => acceptedBatches(t, most.questions),
  alter: alterAsked,
}
const scheduler: Kind = {
  what: 'blocks',
  spec: 'Scheduler',
  cfg: `CONSTANTS\n  N = ${most.steps}\n  Tables = {${upTo(most.tables).join(', ')}}\n`,
  accepted: (t) => acceptedBlock(t, most.tables),
  alter: (e, next) => alterBlock(e, next, most.steps),
}
