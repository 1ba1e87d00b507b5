import { isLeft } from '../../../graph/either.ts'
import type { Action, Phase, State } from '../../../runtime/engine/lifecycle.ts'
import { edges, moved, table } from '../../../runtime/engine/lifecycle.ts'
import type { Machine, Move } from '../machine.ts'
import type { Spec } from '../spec.ts'

export interface Lifecycle {
  readonly st: readonly (readonly string[])[]
  readonly runs: readonly (readonly number[])[]
  readonly leaving: readonly (readonly string[])[]
  readonly cur: readonly number[]
  readonly fall: readonly number[]
  readonly latest: readonly number[]
  readonly line: readonly (readonly [number, number])[]
}

const set = <T>(xs: readonly T[], i: number, x: T): readonly T[] => xs.with(i, x)
const set2 = <T>(xs: readonly (readonly T[])[], i: number, j: number, x: T) => set(xs, i, set(xs[i]!, j, x))
/** What moves a build is the engine's own table; here is what it says about versions, room and the line. */
const actions = [...new Set(edges.map(([, a]) => a))].filter((a) => a !== 'Interpret')

export interface Handles {
  readonly handles: readonly number[]
  readonly maxVersion: number
  readonly maxRuns: number
  readonly cap: number
  /** Only one handle and tier of an engine is seen: who else wants its room is not, so it may be wanted at any time. */
  readonly elsewhere?: boolean
}
const lifecycleBegun = ({ handles, maxVersion }: Handles): Lifecycle => {
  const all = <T>(one: (v: number) => T) => handles.map(() => Array.from({ length: maxVersion }, (_, v) => one(v)))
  return {
    st: all((v) => (v === 0 ? 'GraphReceived' : 'None')),
    runs: all(() => 0),
    leaving: all(() => 'no'),
    cur: handles.map(() => 1),
    fall: handles.map(() => 0),
    latest: handles.map(() => 1),
    line: [],
  }
}
/** What an action on a build leads to, where it is possible; versions count from 1. */
const built = (m: Handles, s: Lifecycle, action: Action, h: number, v: number): Lifecycle | undefined => {
  const state = s.st[h - 1]?.[v - 1] ?? 'None'
  if (state === 'None' || !(action in table[state as State])) return undefined
  const full = (): boolean => s.st.flat().filter((x) => x === 'Ready' || x === 'Executing').length >= m.cap
  const wanted = (): boolean =>
    m.elsewhere === true || (s.line.length > 0 && full() && s.leaving.flat().every((l) => l === 'no'))
  const [current, running] = [s.cur[h - 1] === v, s.runs[h - 1]![v - 1]!]
  const retired = !current && s.fall[h - 1] !== v
  const guards: Partial<Record<Action, () => boolean>> = {
    Optimize: () => !retired,
    Recall: () => !retired,
    Retry: () => !retired,
    Restore: () => !retired,
    Install: () => s.line[0]?.[0] === h && s.line[0]?.[1] === v && !full(),
    Begin: () => current,
    Join: () => current && running < m.maxRuns,
    Evict: () => retired || wanted(),
    Doom: () => retired || wanted(),
    Forget: () => retired,
  }
  if (guards[action]?.() === false) return undefined
  const to = moved({ state, running, leaving: s.leaving[h - 1]![v - 1]! } as Phase, action)
  if (isLeft(to)) return undefined
  const gone = state === 'Compiling' && to.right.state !== 'Compiling'
  const line = gone ? s.line.filter(([a, b]) => a !== h || b !== v) : s.line
  return {
    ...s,
    st: set2(s.st, h - 1, v - 1, to.right.state as string),
    runs: set2(s.runs, h - 1, v - 1, to.right.running),
    leaving: set2(s.leaving, h - 1, v - 1, to.right.leaving as string),
    line: to.right.state === 'Compiling' ? [...line, [h, v]] : line,
  }
}
/** The same of an action on the versions of a handle. */
const turned = (m: Handles, s: Lifecycle, action: string, h: number): Lifecycle | undefined => {
  const [latest, fall, cur] = [s.latest[h - 1]!, s.fall[h - 1]!, s.cur[h - 1]!]
  const to = (newest: number, now: number, back: number): Lifecycle => ({
    ...s,
    latest: set(s.latest, h - 1, newest),
    cur: set(s.cur, h - 1, now),
    fall: set(s.fall, h - 1, back),
  })
  if (action === 'Replace' && latest < (h === 1 ? m.maxVersion : 1))
    return { ...to(latest + 1, latest + 1, fall === 0 ? cur : fall), st: set2(s.st, h - 1, latest, 'GraphReceived') }
  if (action === 'Prove' && fall !== 0) return to(latest, cur, 0)
  if (action === 'Rollback' && fall !== 0) return to(latest, fall, 0)
  return undefined
}
/** What one step leads to, where it is possible. */
const lived = (m: Handles, s: Lifecycle, action: string, h: number, v?: number): Lifecycle | undefined =>
  v === undefined ? turned(m, s, action, h) : built(m, s, action as Action, h, v)

/** Whether such steps, one after the other, are a behaviour: what each leads to is settled. */
export const livedThrough = (
  m: Handles,
  steps: readonly (readonly [action: string, ...about: number[]])[],
): boolean => {
  let s: Lifecycle | undefined = lifecycleBegun(m)
  for (const [action, h, v] of steps) {
    s = lived(m, s, action, h!, v)
    if (s === undefined) return false
  }
  return true
}
export const lifecycleOf = (m: Handles): Machine<Lifecycle> => {
  const versions = Array.from({ length: m.maxVersion }, (_, v) => v + 1)
  const steps: readonly (readonly [action: string, h: number, v?: number])[] = m.handles.flatMap((h) => [
    ...versions.flatMap((v) => actions.map((a) => [a, h, v] as const)),
    ...['Replace', 'Prove', 'Rollback'].map((a) => [a, h] as const),
  ])
  const next = (s: Lifecycle): readonly Move<Lifecycle>[] =>
    steps.flatMap(([action, h, v]) => {
      const to = lived(m, s, action, h, v)
      return to === undefined ? [] : [{ action, args: v === undefined ? [h] : [h, v], to }]
    })
  return { init: [lifecycleBegun(m)], next }
}

const some = (f: (st: string, runs: number, leaving: string) => boolean) => (s: Lifecycle) =>
  s.st.some((row, h) => row.some((x, v) => f(x, s.runs[h]![v]!, s.leaving[h]![v]!)))
const retired = (f: (st: string) => boolean) => (s: Lifecycle) =>
  s.st.some((row, h) => row.some((x, v) => v < s.latest[h]! && v + 1 !== s.cur[h] && v + 1 !== s.fall[h] && f(x)))

export const lifecycle: Spec = {
  name: 'Lifecycle',
  about: 'builds in an engine: compiling, running, room with admission control, replacement and rollback',
  code: ['runtime/engine'],
  states: { Small: 116, Large: 3078 },
  machine: (c) =>
    lifecycleOf({
      handles: c.Handles as readonly number[],
      maxVersion: c.MaxVersion as number,
      maxRuns: c.MaxRuns as number,
      cap: c.Cap as number,
    }),
  antecedents: {
    RunsHaveCode: some((_, runs) => runs > 0),
    OnlyRunningLeaves: some((_, __, leaving) => leaving !== 'no'),
    NeverTooMany: some((st) => st === 'Ready'),
    LineIsRight: (s: Lifecycle) => s.line.length > 1,
    CanRun: (s: Lifecycle) => s.fall.some((f) => f > 0),
    NobodyStarves: (s: Lifecycle) => s.line.length > 0 && s.st.flat().includes('Executing'),
    NothingStays: retired((st) => st !== 'Evicted'),
    'what is retired is forgotten before it was ever compiled': retired((st) => st === 'Evicted'),
    'a version failed and was rolled back': (s: Lifecycle) => s.cur.some((c, h) => c < s.latest[h]!),
    'a version is trusted that has a predecessor': (s: Lifecycle) => s.cur.some((c, h) => c > 1 && s.fall[h] === 0),
    'code is generated': some((st) => st === 'Generating'),
    Drains: some((_, runs, leaving) => leaving !== 'no' && runs > 1),
  },
  shortcuts: {
    Recall: { why: 'it leads where Optimize, Generate and Compile lead' },
    Compile: { why: 'Recall leads there as well' },
    Rest: { why: 'a build also becomes Ready by leaving and being loaded again' },
    Restore: { why: 'nobody is obliged to load what has left' },
    Evict: { breaks: 'NobodyStarves' },
    Leave: { breaks: 'Drains' },
    Release: { breaks: 'Drains' },
    Discard: { breaks: 'Drains' },
  },
  unsafe: [
    {
      about: 'the last run leaves as the others do',
      from: '/\\ st[h][v] = "Executing" /\\ runs[h][v] > 1',
      to: '/\\ st[h][v] = "Executing" /\\ runs[h][v] > 0',
      violates: 'RunsHaveCode',
    },
    {
      about: 'what has left is still leaving',
      from: 'Count(h, v, 0) /\\ Mark(h, v, "no") /\\ OnlyBuild',
      to: 'Count(h, v, 0) /\\ UNCHANGED leaving /\\ OnlyBuild',
      violates: 'OnlyRunningLeaves',
    },
    {
      about: 'installing does not look whether there is room',
      from: 'Head(line) = <<h, v>> /\\ ~Full',
      to: 'Head(line) = <<h, v>>',
      violates: 'NeverTooMany',
    },
    {
      about: 'who is forgotten still stands in the line',
      from: `/\\ Become(h, v, "Evicted") /\\ OnlyState
  /\\ line' = IF st[h][v] = "Compiling" THEN Without(<<h, v>>) ELSE line`,
      to: `/\\ Become(h, v, "Evicted") /\\ OnlyState /\\ UNCHANGED line`,
      violates: 'LineIsRight',
    },
    {
      about: 'a new version is its own way back',
      from: 'IF fall[h] = 0 THEN cur[h] ELSE fall[h]',
      to: 'IF fall[h] = 0 THEN latest[h] + 1 ELSE fall[h]',
      violates: 'CanRun',
    },
    {
      about: 'runs are not counted to their limit',
      from: 'leaving[h][v] = "no" /\\ runs[h][v] < MaxRuns',
      to: 'leaving[h][v] = "no"',
      violates: 'TypeOK',
    },
  ],
  // The first two are the holes of the first drafts.
  stuck: [
    {
      about: 'only what was superseded goes, not what was rolled back',
      from: 'Retired(h, v) == v <= latest[h] /\\ v # cur[h] /\\ v # fall[h]',
      to: 'Retired(h, v) == v <= latest[h] /\\ v < cur[h] /\\ v # fall[h]',
      violates: 'NothingStays',
    },
    {
      about: 'what is in use is handed out while somebody waits for its room',
      from: '/\\ st[h][v] = "Executing" /\\ leaving[h][v] = "no" /\\ (Retired(h, v) \\/ Wanted)',
      to: '/\\ st[h][v] = "Executing" /\\ leaving[h][v] = "no" /\\ Retired(h, v)',
      violates: 'NobodyStarves',
      model: 'Small',
    },
    {
      about: 'runs begin in what has to leave',
      from: 'v = cur[h] /\\ leaving[h][v] = "no" /\\ runs',
      to: 'v = cur[h] /\\ runs',
      violates: 'Drains',
      model: 'Small',
    },
  ],
  conformance: 'test/specs/lifecycle.test.ts',
  traces: 'test/specs/traces/engine.ts',
  heard: [
    {
      by: 'test/engine/soak.test.ts',
      test: 'under load',
      trace:
        'one handle and tier until it is closed; room may be wanted by others at any time, so who leaves for whom is not shown',
    },
    {
      by: 'test/engine/model.test.ts',
      test: 'whatever happens in whatever order',
      trace: 'the same, of random commands with compiles and loads that fail',
    },
  ],
}
