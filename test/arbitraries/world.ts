import type { Answer, Call } from '../../graph/effects.ts'
import { effectError } from '../../graph/effects.ts'
import { left, right } from '../../graph/either.ts'
import type { Elem } from '../../graph/elem.ts'
import { storage } from '../../graph/elem.ts'
import type { Evaluation, Inputs } from '../../graph/eval.ts'
import { evaluate, runPure } from '../../graph/eval.ts'
import type { Graph } from '../../graph/graph.ts'
import { encodeValue } from '../../graph/json-value.ts'
import { canonical } from '../../graph/make.ts'
import type { Type } from '../../graph/types.ts'
import type { Atom, Column, Value } from '../../graph/values.ts'
import { collect, sameValue, tabulate } from '../../graph/values.ts'
import { outsideWorld } from './world-outside.ts'

/**
 * A pure model of the outside. Answers depend on what is asked (text, arguments) and on the versions of the tables it
 * reads, never on how often or when something was asked before; so do faults. `exec` gives the tables it writes a new
 * version made from the old one and the statement: two runs end with equal versions exactly when every table saw the same
 * writes in the same order. The clock and random bytes are oracles indexed by occurrence and iteration.
 */
export interface WorldOptions {
  readonly seed: number
  /** One call in so many fails; 0 for none. */
  readonly faults: number
  /** Files and stores begin empty, instead of with what the seed makes up. */
  readonly empty?: boolean
}
export interface World {
  readonly answer: (call: Call) => Answer
  /** Tables with their versions, files and stores with their contents, writes of services, and the lines of log as a set. */
  readonly state: () => unknown
  /** How often each query was asked. */
  readonly asked: () => number
}

const mix = (h: number, x: number): number => {
  const y = Math.imul(h ^ x, 0x9e3779b1)
  return (y ^ (y >>> 15)) >>> 0
}
export const hashText = (text: string, seed = 0): number => {
  let h = mix(0x811c9dc5, seed)
  for (let i = 0; i < text.length; i++) h = mix(h, text.charCodeAt(i))
  return h
}
/** A stream of numbers from a seed; equal seeds give equal streams. */
export const stream = (seed: number): ((below: number) => number) => {
  let h = seed >>> 0
  return (below) => {
    h = mix(h, 0x6d2b79f5)
    return h % below
  }
}

export const modelWorld = ({ seed, faults, empty = false }: WorldOptions): World => {
  const versions = new Map<string, number>()
  const outside = outsideWorld({
    some: (type, key) => someValue(type, stream(hashText(key, seed)), new Map()),
    chance: (key, of) => hashText(key, seed) % of === 0,
    hash: (text) => hashText(text),
    empty,
  })
  const log = new Set<string>()
  let asked = 0
  const version = (db: string, t: string): number => versions.get(`${db}.${t}`) ?? 0
  const answer = (call: Call): Answer => {
    const args = canonical(call.args.map((v, i) => encodeValue(call.argTypes[i]!, v)))
    const here = `${call.attrs.occurrence} ${call.iteration.join('.')}`
    const fails = (key: string): boolean => faults > 0 && hashText(`fault ${key}`, seed) % faults === 0
    const fault = (key: string): Answer | undefined =>
      fails(key)
        ? left(
            effectError(
              call,
              call.effect === 'dbQuery' ? 'Timeout' : 'Unknown',
              `fault ${hashText(key)}`,
              'none: the world made it up',
            ),
          )
        : undefined
    switch (call.effect) {
      case 'dbQuery': {
        asked++
        const a = call.attrs
        const key = `${a.db} ${a.sql} ${a.mode} ${args} ${a.reads.map((t) => `${t}@${version(a.db, t)}`).join()} ${a.writes.map((t) => `${t}@${version(a.db, t)}`).join()}`
        const failed = fault(key)
        if (failed !== undefined) return failed
        for (const t of a.writes) versions.set(`${a.db}.${t}`, hashText(`${t} ${key}`, version(a.db, t)))
        const next = stream(hashText(key, seed))
        if (a.mode === 'exec') return right(BigInt(next(5)))
        if (a.mode === 'one') return right(someValue(a.row, next, new Map()))
        if (a.mode === 'maybe')
          return right(next(3) === 0 ? { _tag: 'None' } : { _tag: 'Some', value: someValue(a.row, next, new Map()) })
        return right(
          collect(
            a.row,
            Array.from({ length: next(Math.min(4, a.maxRows + 1)) }, () => someValue(a.row, next, new Map())),
          ),
        )
      }
      case 'logLine': {
        const failed = fault(args)
        if (failed === undefined) log.add(`${here} ${call.attrs.level} ${args}`)
        return failed ?? right(null)
      }
      case 'nowMs':
        return fault(here) ?? right(hashText(here, seed) % 100_000)
      case 'randomBytes':
        return (
          fault(here) ??
          right(Uint8Array.from({ length: call.attrs.count }, (_, i) => hashText(`${here} ${i}`, seed) % 256))
        )
      default: {
        const key = `${call.effect} ${canonical({ ...call.attrs, occurrence: 0 } as never)} ${args}`
        return fault(key) ?? outside.answer(call, key)
      }
    }
  }
  const sorted = <V>(m: ReadonlyMap<string, V>): unknown => [...m].sort(([x], [y]) => (x < y ? -1 : 1))
  return {
    answer,
    state: () => ({ tables: sorted(versions), outside: outside.state(), log: [...log].sort() }),
    asked: () => asked,
  }
}

const big = 2n ** 63n
/** Edge values of each machine type beside ordinary ones; plain draws would almost never meet them. */
export const edges: Readonly<Record<string, readonly Atom[]>> = {
  f64: [
    0,
    -0,
    1,
    -1,
    Number.NaN,
    Infinity,
    -Infinity,
    5e-324,
    -2.2250738585072014e-308,
    Number.MAX_VALUE,
    0.1,
    3,
    1e16,
  ],
  f32: [
    0,
    -0,
    1,
    -1,
    Number.NaN,
    Infinity,
    -Infinity,
    1.401298464324817e-45,
    -1.1754943508222875e-38,
    3.4028234663852886e38,
    Math.fround(0.1),
    3,
  ],
  i32: [0, 1, -1, 2, 7, -(2 ** 31), 2 ** 31 - 1],
  u32: [0, 1, 2, 2 ** 32 - 1, 2 ** 31],
  i64: [0n, 1n, -1n, 2n, 7n, -big, big - 1n],
  u64: [0n, 1n, 2n, 2n * big - 1n, big],
  bool: [false, true],
  string: ['', 'a', 'b', 'é', '😀'],
}
const atom = (elem: Elem, next: (below: number) => number): Atom => {
  const list = edges[storage(elem) ?? elem]
  if (list !== undefined) return list[next(list.length)]!
  return elem === 'bytes'
    ? Uint8Array.from({ length: next(4) }, () => next(256))
    : elem === 'json'
      ? [null, 1, 'x', { a: [true] }][next(4)]!
      : null
}
/** A value of a type; named dimensions get a size once. */
export const someValue = (t: Type, next: (below: number) => number, sizes: Map<string, number>): Value => {
  const size = (d: number | string): number => {
    if (typeof d === 'number') return d
    const n = d.startsWith('~') ? next(3) : (sizes.get(d) ?? next(4))
    if (!d.startsWith('~')) sizes.set(d, n)
    return n
  }
  switch (t.kind) {
    case 'tensor':
      return tabulate(t.elem, t.shape.map(size), () => atom(t.elem, next))
    case 'option':
      return next(3) === 0 ? { _tag: 'None' } : { _tag: 'Some', value: someValue(t.of, next, sizes) }
    case 'record':
      return Object.fromEntries(t.fields.map(([n, f]) => [n, someValue(f, next, sizes)]))
    case 'list':
      return collect(
        t.of,
        Array.from({ length: size(t.dim) }, () => someValue(t.of, next, sizes)),
      ) as Column
    case 'union': {
      const [name, of] = t.cases[next(t.cases.length)]!
      return { _tag: name, value: someValue(of, next, sizes) }
    }
    case 'result':
      return { _tag: 'Ok', value: someValue(t.of, next, sizes) }
  }
}

/** Runs a graph in a fresh world: the answer, the state of the world afterwards, and the number of queries asked. */
export const runIn = (
  g: Graph,
  inputs: Inputs,
  options: WorldOptions,
): { readonly answer: Answer; readonly state: unknown; readonly asked: number } => {
  const world = modelWorld(options)
  const answer = runPure(evaluate(g, inputs) as Evaluation, world.answer)
  return { answer, state: world.state(), asked: world.asked() }
}

/** What differs between two runs, as a sentence; nothing when they are the same to whoever looks from outside. */
export const difference = (a: ReturnType<typeof runIn>, b: ReturnType<typeof runIn>): string | undefined => {
  if (a.answer._tag === 'Left' || b.answer._tag === 'Left') {
    const told = (r: Answer): string => {
      if (r._tag === 'Right') return 'a value'
      const e = r.left as { _tag: string; occurrence?: number; iteration?: readonly number[]; cause: string }
      return `${e._tag} of occurrence ${e.occurrence} at [${e.iteration?.join('.')}]: ${e.cause}`
    }
    if (told(a.answer) !== told(b.answer)) return `answers ${told(b.answer)} instead of ${told(a.answer)}`
  } else if (!sameValue(a.answer.right, b.answer.right)) return `answers another value`
  const [x, y] = [JSON.stringify(a.state), JSON.stringify(b.state)]
  return x === y ? undefined : `leaves the world as ${y} instead of ${x}`
}
