import type { Machine, Move } from '../machine.ts'
import type { Spec } from '../spec.ts'
import { combinations } from './values.ts'

/** A step of a program: steps count from 1, and 0 is none. */
export type Kind = 'read' | 'write' | 'claim'
export interface Program {
  readonly kind: readonly Kind[]
  readonly table: readonly number[]
  readonly takes: readonly number[]
}
export type Progress = 'waits' | 'asked' | 'acted' | 'done' | 'failed'
export interface Scheduling extends Program {
  readonly ph: readonly Progress[]
  readonly world: readonly number[]
  readonly seen: readonly number[]
}

/** The steps that step `k` waits for; both count from 0 here. */
export const waitsFor = ({ kind, table, takes }: Program, k: number): readonly number[] =>
  kind
    .map((_, j) => j)
    .filter(
      (j) =>
        j < k &&
        (takes[k] === j + 1 ||
          kind[k] === 'write' ||
          (kind[k] === 'read' && kind[j] === 'write' && table[k] === table[j])),
    )
const started = (p: Program, ph: readonly Progress[]): readonly Progress[] =>
  ph.map((at, k) =>
    at === 'waits' && waitsFor(p, k).every((j) => ph[j] === 'done') && !ph.slice(0, k).includes('failed')
      ? 'asked'
      : at,
  )

export const programs = (n: number, tables: readonly number[]): readonly Program[] =>
  combinations(
    Array.from({ length: n }, (_, k) =>
      (['read', 'write', 'claim'] as const).flatMap((kind) =>
        (kind === 'claim' ? [1] : tables).flatMap((table) =>
          Array.from({ length: k + 1 }, (__, takes) => ({ kind, table, takes })),
        ),
      ),
    ),
  ).map((steps) => ({
    kind: steps.map((s) => s.kind),
    table: steps.map((s) => s.table),
    takes: steps.map((s) => s.takes),
  }))

export const schedulerOf = (all: readonly Program[], tables: number): Machine<Scheduling> => ({
  init: all.map((p) => ({
    ...p,
    ph: started(
      p,
      p.kind.map(() => 'waits'),
    ),
    world: Array.from({ length: tables }, () => 0),
    seen: p.kind.map(() => 0),
  })),
  next: (s) => {
    const out: Move<Scheduling>[] = []
    for (const [k, ph] of s.ph.entries()) {
      const [kind, t] = [s.kind[k]!, s.table[k]! - 1]
      const tell = (action: string, to: Partial<Scheduling>) => out.push({ action, args: [k + 1], to: { ...s, ...to } })
      const settled = (p: Progress) => ({ ph: started(s, s.ph.with(k, p)) })
      if (ph === 'asked' && kind !== 'claim')
        tell('Act', {
          ph: s.ph.with(k, 'acted'),
          ...(kind === 'write' ? { world: s.world.with(t, k + 1) } : { seen: s.seen.with(k, s.world[t]!) }),
        })
      if (ph === (kind === 'claim' ? 'asked' : 'acted')) tell('Succeed', settled('done'))
      if (ph === 'asked') tell('Fail', settled('failed'))
    }
    return out
  },
})

export const answered = (s: Scheduling): boolean =>
  s.ph.every((p) => p === 'done') || (s.ph.includes('failed') && !s.ph.includes('asked') && !s.ph.includes('acted'))

export const scheduler: Spec = {
  name: 'Scheduler',
  about: 'steps of a block by their footprints: order, the world afterwards, and which error is told',
  code: ['graph/schedule.ts', 'graph/ordering.ts', 'runtime/schedule.ts'],
  states: { Small: 424, Large: 12140 },
  machine: (c) => {
    const tables = c.Tables as readonly number[]
    return schedulerOf(programs(c.N as number, tables), tables.length)
  },
  antecedents: {
    SameAnswer: (s: Scheduling) => answered(s) && s.ph.includes('failed') && s.seen.some((w) => w > 0),
    'all is done': (s: Scheduling) => s.ph.every((p) => p === 'done'),
    'the first error is told, and a later one came before it': (s: Scheduling) =>
      s.ph.includes('asked') && s.ph.indexOf('asked') < s.ph.indexOf('failed'),
    SameWorld: (s: Scheduling) => answered(s) && s.world.some((w) => w > 0),
    WritesWait: (s: Scheduling) => s.kind.some((k, i) => i > 0 && k === 'write' && s.ph[i] !== 'waits'),
    Ends: (s: Scheduling) => !answered(s),
    AllAnswered: (s: Scheduling) => s.ph.includes('asked'),
  },
  unsafe: [
    {
      about: 'what is read may be a number of no step',
      from: '[seen EXCEPT ![k] = world[table[k]]]',
      to: '[seen EXCEPT ![k] = N + 1]',
      violates: 'TypeOK',
    },
    {
      about: 'a read does not wait for a write to its table',
      from: 'kind[k] = "read" /\\ kind[j] = "write" /\\ table[k] = table[j]',
      to: 'kind[k] = "read" /\\ kind[j] = "write" /\\ table[k] # table[j]',
      violates: 'SameAnswer',
    },
    {
      about: 'after an error nothing is begun, though it stands before the error',
      from: '/\\ \\A j \\in Steps : j < k => p[j] # "failed"',
      to: '/\\ \\A j \\in Steps : p[j] # "failed"',
      violates: 'SameAnswer',
    },
    {
      about: 'what has failed was done all the same',
      from: `/\\ ph' = Started([ph EXCEPT ![k] = "failed"])
  /\\ UNCHANGED <<kind, table, takes, world, seen>>`,
      to: `/\\ ph' = Started([ph EXCEPT ![k] = "failed"])
  /\\ world' = IF kind[k] = "write" THEN [world EXCEPT ![table[k]] = k] ELSE world
  /\\ UNCHANGED <<kind, table, takes, seen>>`,
      violates: 'SameWorld',
    },
    {
      about: 'a write waits only for what touches its table',
      from: '\\/ kind[k] = "write"\n',
      to: '\\/ kind[k] = "write" /\\ table[k] = table[j]\n',
      violates: 'WritesWait',
    },
    {
      about: 'a write waits for other writes only',
      from: '\\/ kind[k] = "write"\n',
      to: '\\/ kind[k] = "write" /\\ kind[j] = "write"\n',
      violates: 'WritesWait',
    },
  ],
  stuck: [
    {
      about: 'nobody is obliged to do what was asked',
      from: 'WF_vars(Act(k)) /\\ WF_vars',
      to: 'WF_vars',
      violates: 'Ends',
      model: 'Small',
    },
    {
      about: 'nobody is obliged to answer what has been done',
      from: ' /\\ WF_vars(Succeed(k))',
      to: '',
      violates: 'AllAnswered',
      model: 'Small',
    },
  ],
  conformance: 'test/specs/scheduler.test.ts',
  traces: 'test/specs/traces/scheduler.ts',
  heard: [
    {
      by: 'test/faults/faults.test.ts',
      test: 'calls of graphs under faults',
      trace:
        'calls of two graphs over three servers with faults between: when each was asked and answered, and the error told',
    },
  ],
}
