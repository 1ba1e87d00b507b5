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

export const lifecycleOf = (
  handles: readonly number[],
  maxVersion: number,
  maxRuns: number,
  cap: number,
): Machine<Lifecycle> => {
  const versions = Array.from({ length: maxVersion }, (_, v) => v)
  const all = <T>(one: (v: number) => T) => handles.map(() => versions.map(one))
  const builds = handles.flatMap((_, h) => versions.map((v) => [h, v] as const))
  const init: Lifecycle = {
    st: all((v) => (v === 0 ? 'GraphReceived' : 'None')),
    runs: all(() => 0),
    leaving: all(() => 'no'),
    cur: handles.map(() => 1),
    fall: handles.map(() => 0),
    latest: handles.map(() => 1),
    line: [],
  }
  const next = (s: Lifecycle): readonly Move<Lifecycle>[] => {
    const out: Move<Lifecycle>[] = []
    const full = s.st.flat().filter((x) => x === 'Ready' || x === 'Executing').length >= cap
    const wanted = s.line.length > 0 && full && s.leaving.flat().every((l) => l === 'no')
    for (const [h, v] of builds) {
      const state = s.st[h]![v]!
      if (state === 'None') continue
      const [current, running] = [s.cur[h] === v + 1, s.runs[h]![v]!]
      const retired = !current && s.fall[h] !== v + 1
      const first = s.line[0]?.[0] === h + 1 && s.line[0]?.[1] === v + 1
      const guards: Partial<Record<Action, boolean>> = {
        Optimize: !retired,
        Recall: !retired,
        Retry: !retired,
        Restore: !retired,
        Install: first && !full,
        Begin: current,
        Join: current && running < maxRuns,
        Evict: retired || wanted,
        Doom: retired || wanted,
        Forget: retired,
      }
      for (const action of actions) {
        if (guards[action] === false || !(action in table[state as State])) continue
        const to = moved({ state, running, leaving: s.leaving[h]![v]! } as Phase, action)
        if (isLeft(to)) continue
        const gone = state === 'Compiling' && to.right.state !== 'Compiling'
        const line = gone ? s.line.filter(([a, b]) => a !== h + 1 || b !== v + 1) : s.line
        out.push({
          action,
          args: [h + 1, v + 1],
          to: {
            ...s,
            st: set2(s.st, h, v, to.right.state as string),
            runs: set2(s.runs, h, v, to.right.running),
            leaving: set2(s.leaving, h, v, to.right.leaving as string),
            line: to.right.state === 'Compiling' ? [...line, [h + 1, v + 1]] : line,
          },
        })
      }
    }
    for (const [h] of handles.entries()) {
      const [latest, fall] = [s.latest[h]!, s.fall[h]!]
      const version = (action: string, to: Partial<Lifecycle>) =>
        out.push({ action, args: [h + 1], to: { ...s, ...to } })
      if (latest < (handles[h] === 1 ? maxVersion : 1))
        version('Replace', {
          latest: set(s.latest, h, latest + 1),
          cur: set(s.cur, h, latest + 1),
          fall: set(s.fall, h, fall === 0 ? s.cur[h]! : fall),
          st: set2(s.st, h, latest, 'GraphReceived'),
        })
      if (fall === 0) continue
      version('Prove', { fall: set(s.fall, h, 0) })
      version('Rollback', { cur: set(s.cur, h, fall), fall: set(s.fall, h, 0) })
    }
    return out
  }
  return { init: [init], next }
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
    lifecycleOf(c.Handles as readonly number[], c.MaxVersion as number, c.MaxRuns as number, c.Cap as number),
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
}
