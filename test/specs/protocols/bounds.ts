import type { Machine, Move } from '../machine.ts'
import type { Spec } from '../spec.ts'
import { upTo } from './values.ts'

export interface Bounds {
  readonly st: readonly ('out' | 'waits' | 'works')[]
  readonly line: readonly number[]
  readonly free: number
}
export const bounded = (pieces: number, places: number): Machine<Bounds> => ({
  init: [{ st: upTo(pieces).map(() => 'out'), line: [], free: places }],
  next: (s) => {
    const out: Move<Bounds>[] = []
    for (const [p, st] of s.st.entries()) {
      const tell = (action: string, to: Partial<Bounds>) => out.push({ action, args: [p + 1], to: { ...s, ...to } })
      if (st === 'out' && s.free > 0) tell('Come', { st: s.st.with(p, 'works'), free: s.free - 1 })
      if (st === 'out' && s.free === 0) tell('Come', { st: s.st.with(p, 'waits'), line: [...s.line, p + 1] })
      if (st !== 'works') continue
      const [first, ...rest] = s.line
      const gone = s.st.with(p, 'out')
      if (first === undefined) tell('Leave', { st: gone, free: s.free + 1 })
      else tell('Leave', { st: gone.with(first - 1, 'works'), line: rest })
    }
    return out
  },
})

export const bounds: Spec = {
  name: 'Bounds',
  about: 'at most so many in flight: who waits, in which order, and that places come back',
  code: ['runtime/parallel.ts'],
  states: { Small: 16, Large: 166 },
  machine: (c) => bounded(c.P as number, c.Places as number),
  antecedents: {
    Enough: (s: Bounds) => s.free === 0,
    NoneIdle: (s: Bounds) => s.line.length > 0,
    Accounted: (s: Bounds) => s.line.length > 1,
    NobodyStarves: (s: Bounds) => s.line.length > 1 && s.st.includes('out'),
    GivenBack: (s: Bounds) => s.st.includes('works'),
  },
  shortcuts: { Leave: { breaks: 'NobodyStarves' } },
  unsafe: [
    {
      about: 'who waits is written down twice',
      from: "line' = Append(line, p)",
      to: "line' = Append(Append(line, p), p)",
      violates: 'Accounted',
    },
    {
      about: 'a place is handed over and also given back',
      from: "/\\ line' = Tail(line) /\\ UNCHANGED free",
      to: "/\\ line' = Tail(line) /\\ free' = free + 1",
      violates: 'Enough',
    },
    {
      about: 'who comes waits although there is a place',
      from: '/\\ IF free > 0',
      to: '/\\ IF free > 1',
      violates: 'NoneIdle',
    },
    {
      about: 'who ends is nowhere',
      from: 'THEN st\' = [st EXCEPT ![p] = "out"]',
      to: 'THEN st\' = [st EXCEPT ![p] = "gone"]',
      violates: 'TypeOK',
    },
  ],
  stuck: [
    {
      about: 'the last to come is the first to go in',
      from: '![Head(line)] = "works"] /\\ line\' = Tail(line)',
      to: '![line[Len(line)]] = "works"] /\\ line\' = SubSeq(line, 1, Len(line) - 1)',
      violates: 'NobodyStarves',
      model: 'Large',
    },
    {
      about: 'work need not end',
      from: ' /\\ \\A p \\in Pieces : WF_vars(Leave(p))',
      to: '',
      violates: 'GivenBack',
      model: 'Small',
    },
  ],
  conformance: 'test/specs/bounds.test.ts',
}
