import type { Machine, Move } from '../machine.ts'
import type { Spec } from '../spec.ts'
import { combinations, upTo } from './values.ts'

type Answered = 'none' | 'ok' | 'bad' | 'lost'
/** Questions count from 1, and 0 is none. */
export interface Batches {
  readonly key: readonly number[]
  readonly who: readonly number[]
  readonly lead: readonly number[]
  readonly bad: readonly boolean[]
  readonly ph: readonly ('none' | 'asked' | 'single' | 'done')[]
  readonly turn: readonly number[]
  readonly found: readonly Answered[]
  readonly cut: readonly boolean[]
}

const leads = (who: readonly number[], most: number): readonly number[] =>
  who.map((w, m) => {
    const own = who.flatMap((x, j) => (x === w ? [j] : []))
    return own[Math.floor(own.indexOf(m) / most) * most]! + 1
  })
export const begun = (
  key: readonly number[],
  who: readonly number[],
  bad: readonly boolean[],
  most: number,
): Batches => {
  const lead = leads(who, most)
  const alone = (l: number) => lead.filter((x) => x === l + 1).length === 1
  return {
    key,
    who,
    lead,
    bad,
    ph: lead.map((l, m) => (l !== m + 1 ? 'none' : alone(m) ? 'single' : 'asked')),
    turn: lead.map((l, m) => (l === m + 1 && alone(m) ? l : 0)),
    found: key.map(() => 'none'),
    cut: key.map(() => false),
  }
}
export const batchingFrom = (init: readonly Batches[]): Machine<Batches> => ({
  init,
  next: (s) => {
    const out: Move<Batches>[] = []
    const truth = (m: number): Answered => (s.bad[s.key[m]! - 1]! ? 'bad' : 'ok')
    for (const [l, ph] of s.ph.entries()) {
      const tell = (action: string, to: Partial<Batches>) => out.push({ action, args: [l + 1], to: { ...s, ...to } })
      const of = (m: number) => s.lead[m] === l + 1
      const lost = { cut: s.cut.with(l, true) }
      if (ph === 'asked') {
        const done = s.ph.with(l, 'done')
        tell('Whole', { ph: done, found: s.found.map((f, m) => (of(m) ? truth(m) : f)) })
        tell('Break', { ph: s.ph.with(l, 'single'), turn: s.turn.with(l, l + 1) })
        tell('Lose', { ph: done, found: s.found.map((f, m) => (of(m) ? 'lost' : f)), ...lost })
      }
      if (ph === 'single') {
        const now = s.key[s.turn[l]! - 1]
        const rest = s.found.findIndex((f, m) => of(m) && f === 'none' && s.key[m] !== now)
        const after = { ph: s.ph.with(l, rest < 0 ? 'done' : 'single'), turn: s.turn.with(l, rest + 1) }
        const found = (a: (m: number) => Answered) => s.found.map((f, m) => (of(m) && s.key[m] === now ? a(m) : f))
        tell('One', { ...after, found: found(truth) })
        tell('LoseOne', { ...after, found: found(() => 'lost'), ...lost })
      }
    }
    return out
  },
})

const over = (s: Batches): boolean => s.ph.every((p) => p === 'none' || p === 'done')
export const batching: Spec = {
  name: 'Batching',
  about: 'questions that are asked together: partial failure, and the way back to one by one',
  code: ['runtime/run.ts', 'runtime/asked.ts', 'runtime/drivers'],
  states: { Small: 1952, Large: 2304 },
  machine: (c) => {
    const [m, keys, most] = [c.M as number, c.Keys as readonly number[], c.Most as number]
    return batchingFrom(
      combinations(upTo(m).map(() => keys)).flatMap((key) =>
        combinations(upTo(m).map((k) => (k === 1 ? [1] : [1, 2]))).flatMap((who) =>
          combinations(keys.map(() => [false, true])).map((bad) => begun(key, who, bad, most)),
        ),
      ),
    )
  },
  antecedents: {
    AsMembers: (s: Batches) => over(s) && s.found.includes('bad') && s.found.includes('ok'),
    'some are lost and some are not': (s: Batches) => over(s) && s.found.includes('lost') && s.found.includes('ok'),
    EqualAnswers: (s: Batches) => over(s) && s.lead.some((l, m) => l < m + 1 && s.key[l - 1] === s.key[m]),
    Apart: (s: Batches) => new Set(s.who).size > 1,
    InOrder: (s: Batches) => s.turn.some((t, l) => t > l + 1),
    AllAnswered: (s: Batches) => !over(s),
    BrokenEnds: (s: Batches) => s.ph.some((p, l) => p === 'single' && s.lead.filter((x) => x === l + 1).length > 1),
  },
  shortcuts: {
    Whole: { why: 'that a batch ends as its members would, asked one by one, is what is claimed' },
    Lose: { why: 'a lost request ends as if each of its questions had been lost' },
  },
  unsafe: [
    {
      about: 'a turn goes to nobody there is',
      from: 'IF Rest(l) = {} THEN 0 ELSE',
      to: 'IF Rest(l) = {} THEN M + 1 ELSE',
      violates: 'TypeOK',
    },
    {
      about: 'one member that fails fails all',
      from: '/\\ ph\' = [ph EXCEPT ![l] = "done"]\n  /\\ found\' = [m \\in Members |-> IF m \\in Of(l) THEN Truth(m) ELSE found[m]]',
      to: '/\\ ph\' = [ph EXCEPT ![l] = "done"]\n  /\\ found\' = [m \\in Members |-> IF m \\in Of(l) THEN (IF \\E j \\in Of(l) : Truth(j) = "bad" THEN "bad" ELSE "ok") ELSE found[m]]',
      violates: 'AsMembers',
    },
    {
      about: 'only one of several equal questions is told that it was lost',
      from: '(IF lost THEN "lost" ELSE Truth(m))',
      to: '(IF lost /\\ m = turn[l] THEN "lost" ELSE Truth(m))',
      violates: 'EqualAnswers',
    },
    {
      about: 'batches do not look on whose behalf they are',
      from: 'who[l] = who[m] /\\ Earlier(l) % Most = 0',
      to: 'Earlier(l) % Most = 0',
      violates: 'Apart',
    },
    {
      about: 'keys are asked from the last to the first',
      from: '\\A j \\in Rest(l) : m <= j',
      to: '\\A j \\in Rest(l) : m >= j',
      violates: 'InOrder',
      model: 'Small',
    },
  ],
  stuck: [
    {
      about: 'nobody answers a request of several',
      from: 'WF_vars(Whole(l) \\/ Lose(l)) /\\ ',
      to: '',
      violates: 'AllAnswered',
      model: 'Small',
    },
    {
      about: 'what is asked alone is never answered',
      from: ' /\\ WF_vars(One(l))',
      to: '',
      violates: 'BrokenEnds',
      model: 'Small',
    },
  ],
  conformance: 'test/specs/batching.test.ts',
  traces: 'test/specs/traces/batching.ts',
  heard: [
    {
      by: 'test/faults/faults.test.ts',
      test: 'runs under faults',
      trace:
        'what a driver was asked together while its connection has faults, and answered; its requests are not seen',
    },
    {
      by: 'test/drivers/conformance.test.ts',
      test: 'what was asked together',
      trace:
        'the same without faults: stores, HTTP and functions, with what each key is answered alone from the model world',
    },
    {
      by: 'test/drivers/conformance-sql.test.ts',
      test: 'what was asked together',
      trace: 'the same of DuckDB and PostgreSQL',
    },
  ],
}
