import type { Machine, Move } from '../machine.ts'
import { keyOf } from '../machine.ts'

/** Something that was seen to happen: an action of the specification, or a look at its state, and what it is about. */
export type Seen = readonly [what: string, ...about: number[]]

/** How what was recorded is read as a behaviour of a specification (`specs-tla/Trace<name>.tla` says the same). */
export interface Reading<S> {
  readonly machine: Machine<S>
  /** What is seen and changes nothing. */
  readonly looks: Readonly<Record<string, (s: S, about: readonly number[]) => boolean>>
  /** What happens and is not seen. */
  readonly silent: (m: Move<S>, s: S) => boolean
}

/** How many events of a trace are the beginning of a behaviour: all of them where it is accepted. */
export const follows = <S extends object>(r: Reading<S>, trace: readonly Seen[]): number => {
  let now = new Map(r.machine.init.map((s) => [keyOf(s), s]))
  for (const [i, [what, ...about]] of trace.entries()) {
    for (const s of now.values()) for (const m of r.machine.next(s)) if (r.silent(m, s)) now.set(keyOf(m.to), m.to)
    const then = new Map<string, S>()
    const look = r.looks[what]
    for (const [key, s] of now) {
      if (look !== undefined) {
        if (look(s, about)) then.set(key, s)
        continue
      }
      for (const m of r.machine.next(s))
        if (m.action === what && about.every((a, k) => m.args[k] === a)) then.set(keyOf(m.to), m.to)
    }
    if (then.size === 0) return i
    now = then
  }
  return trace.length
}

/** Numbers from a seed, below `n`. */
export const stream = (seed: number): ((n: number) => number) => {
  let s = seed >>> 0 || 1
  return (n) => {
    s ^= s << 13
    s ^= s >>> 17
    s ^= s << 5
    return (s >>> 0) % n
  }
}

/** The same trace with one event dropped, two neighbours changed over, and one event told of something else. */
export const corrupted = (
  trace: readonly Seen[],
  other: (e: Seen, next: (n: number) => number) => Seen,
  next: (n: number) => number,
): readonly (readonly Seen[])[] => {
  const at = next(trace.length)
  const pair = next(trace.length - 1)
  const which = next(trace.length)
  return [
    trace.toSpliced(at, 1),
    trace.with(pair, trace[pair + 1]!).with(pair + 1, trace[pair]!),
    trace.with(which, other(trace[which]!, next)),
  ]
}

/** A value in the notation of TLA+. */
export const tla = (v: unknown): string =>
  Array.isArray(v)
    ? `<<${v.map(tla).join(', ')}>>`
    : typeof v === 'object' && v !== null
      ? `[${Object.entries(v)
          .map(([k, x]) => `${k} |-> ${tla(x)}`)
          .join(', ')}]`
      : typeof v === 'boolean'
        ? String(v).toUpperCase()
        : JSON.stringify(v)

/** Recorded traces and corrupted ones, each with what it begins with, as a specification's constants have it. */
export interface Recorded {
  readonly start: Readonly<Record<string, unknown>>
  readonly events: readonly Seen[]
  readonly real: boolean
}
export interface Traced {
  /** Of the specification; `Trace<name>.tla` reads the traces with the constants given here. */
  readonly name: string
  readonly cfg: string
  /** Records anew: from a seed, so that two processes have the same. */
  readonly record: () => Promise<readonly Recorded[]>
  readonly accepted: (t: Recorded) => boolean
}
/** The module that `Trace<name>.tla` takes the traces from. */
export const traceData = (all: readonly Recorded[]): string =>
  [
    '---- MODULE TraceData ----',
    `Traces == <<\n${all.map((t) => tla({ ...t.start, events: t.events })).join(',\n')}>>`,
    '====',
    '',
  ].join('\n')
