import type { Machine, Move } from '../machine.ts'
import type { Spec } from '../spec.ts'
import { upTo } from './values.ts'

/** Callers count from 1, and 0 is nobody; versions are told plus one, and 0 is none. */
export interface Flights {
  readonly st: readonly ('idle' | 'waits' | 'computes' | 'done' | 'failed')[]
  readonly on: readonly number[]
  readonly got: readonly number[]
  readonly ans: readonly number[]
  readonly since: readonly number[]
  readonly cell: number
  readonly line: readonly number[]
  readonly now: number
  readonly heard: number
  readonly herd: boolean
}

export const flights = (callers: number, writes: number): Machine<Flights> => {
  const none = upTo(callers).map(() => 0)
  const init: Flights = {
    st: none.map(() => 'idle'),
    on: none,
    got: none,
    ans: none,
    since: none,
    cell: 0,
    line: [],
    now: 0,
    heard: 0,
    herd: false,
  }
  const next = (s: Flights): readonly Move<Flights>[] => {
    const out: Move<Flights>[] = []
    for (const c of upTo(callers)) {
      const tell = (action: string, to: Partial<Flights>) => out.push({ action, args: [c], to: { ...s, ...to } })
      const [st, got] = [s.st[c - 1]!, s.got[c - 1]!]
      const here = (xs: readonly number[], x: number) => xs.with(c - 1, x)
      if (st === 'idle') {
        const asked = { since: here(s.since, s.heard + 1) }
        if (s.cell === 0) tell('Ask', { ...asked, st: s.st.with(c - 1, 'computes'), cell: c })
        else if (s.st[s.cell - 1] === 'done')
          tell('Ask', { ...asked, st: s.st.with(c - 1, 'done'), ans: here(s.ans, s.got[s.cell - 1]!) })
        else tell('Ask', { ...asked, st: s.st.with(c - 1, 'waits'), on: here(s.on, s.cell), line: [...s.line, c] })
      }
      if (st !== 'computes') continue
      const waits = (w: number) => s.st[w] === 'waits' && s.on[w] === c
      const [those, line] = [s.line.filter((w) => waits(w - 1)), s.line.filter((w) => !waits(w - 1))]
      const on = s.on.map((o, w) => (waits(w) ? 0 : o))
      if (got === 0) tell('Look', { got: here(s.got, s.now + 1) })
      else {
        const given = (w: number) => w === c - 1 || waits(w)
        const st = s.st.map((x, w) => (given(w) ? 'done' : x))
        tell('Answer', { st, ans: s.ans.map((a, w) => (given(w) ? got : a)), on, line })
      }
      tell('Fail', {
        st: s.st.map((x, w) => (w === c - 1 ? 'failed' : waits(w) ? 'computes' : x)),
        on,
        line,
        cell: those.at(-1) ?? (s.cell === c ? 0 : s.cell),
        herd: true,
      })
    }
    const all = (action: string, to: Partial<Flights>) => out.push({ action, args: [], to: { ...s, ...to } })
    if (s.now < writes && s.now === s.heard) all('Write', { now: s.now + 1 })
    if (s.heard < s.now) all('Hear', { heard: s.now, cell: 0, herd: true })
    if (s.cell !== 0) all('Expire', { cell: 0, herd: true })
    return out
  }
  return { init: [init], next }
}

const some = (s: Flights, st: Flights['st'][number]) => s.st.includes(st)
export const singleFlight: Spec = {
  name: 'SingleFlight',
  about: 'what `cached` remembers: computed once, failures not shared, forgotten by writes and time',
  code: ['runtime/cache.ts'],
  states: { Small: 595, Large: 9893 },
  machine: (c) => flights(c.C as number, c.Writes as number),
  antecedents: {
    Fresh: (s: Flights) => s.st.some((x, c) => x === 'done' && s.since[c]! > 1),
    'somebody is given what was read before a write that it did not know of': (s: Flights) =>
      s.st.some((x, c) => x === 'done' && s.since[c]! === 1 && s.ans[c]! === 1 && s.now === 1),
    OwnFailures: (s: Flights) => some(s, 'failed') && s.cell !== 0,
    'an answer is shared': (s: Flights) => !s.herd && s.st.filter((x) => x === 'done').length > 1,
    Once: (s: Flights) => !s.herd && some(s, 'computes') && some(s, 'waits'),
    WaitsForSomething: (s: Flights) => some(s, 'waits'),
    Ends: (s: Flights) => some(s, 'waits') && s.herd,
    Heard: (s: Flights) => s.heard < s.now,
  },
  unsafe: [
    {
      about: 'more than there are wait',
      from: "/\\ line' = Others(c)\n  /\\ UNCHANGED <<got, since, cell, now, heard, herd>>",
      to: "/\\ line' = line \\o line\n  /\\ UNCHANGED <<got, since, cell, now, heard, herd>>",
      violates: 'TypeOK',
    },
    {
      about: 'a write forgets nothing that is under way',
      from: "/\\ heard' = now /\\ cell' = 0 /\\ herd' = TRUE",
      to: "/\\ heard' = now /\\ herd' = TRUE\n  /\\ cell' = IF cell # 0 /\\ st[cell] = \"computes\" THEN cell ELSE 0",
      violates: 'Fresh',
    },
    {
      about: 'a write is heard of before it is done',
      from: "/\\ now' = now + 1\n  /\\ UNCHANGED <<st, on, got, ans, since, cell, line, heard, herd>>",
      to: "/\\ now' = now + 1 /\\ heard' = now + 1\n  /\\ UNCHANGED <<st, on, got, ans, since, cell, line, herd>>",
      violates: 'Fresh',
    },
    {
      about: 'a failure is remembered',
      from: 'ELSE IF cell = c THEN 0 ELSE cell',
      to: 'ELSE cell',
      violates: 'OwnFailures',
    },
    {
      about: 'nobody waits for what is under way',
      from: '  /\\ IF cell = 0\n     THEN',
      to: '  /\\ IF cell = 0 \\/ st[cell] = "computes"\n     THEN',
      violates: 'Once',
    },
    {
      about: 'who waits does not stand in the line',
      from: "line' = Append(line, c)",
      to: "line' = line",
      violates: 'WaitsForSomething',
    },
  ],
  stuck: [
    {
      about: 'nobody is obliged to answer',
      from: 'WF_vars(Look(c)) /\\ WF_vars(Answer(c))',
      to: 'WF_vars(Look(c))',
      violates: 'Ends',
      model: 'Small',
    },
    {
      about: 'nobody is obliged to tell of a write',
      from: '  /\\ WF_vars(Hear)\n',
      to: '',
      violates: 'Heard',
      model: 'Small',
    },
  ],
  conformance: 'test/specs/single-flight.test.ts',
  traces: 'test/specs/traces/single-flight.ts',
  heard: [
    {
      by: 'test/faults/semantics.test.ts',
      test: 'what runs are given',
      trace:
        'four compiled runs that want one thing of an HTTP service that fails now and then; nothing is written, and who asks the service is not seen',
    },
  ],
}
