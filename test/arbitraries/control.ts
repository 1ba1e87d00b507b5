import type { NodeId, Region } from '../../graph/arena.ts'
import { asksOracle, conflict } from '../../graph/effects.ts'
import { isolationLevels } from '../../graph/transaction.ts'
import type { Type } from '../../graph/types.ts'
import { casesOf, elementOf, freeDims, isRagged, isScalar, sameType } from '../../graph/types.ts'
import { regionFootprint } from '../../graph/walk.ts'
import { addQuery } from './effects.ts'
import { addLookup } from './outside.ts'
import type { Scope } from './scope.ts'
import { result } from './scope.ts'

const steps = (s: Scope): number => 1 + s.tape.next(6)
/** Bodies of maps often begin with a query or a lookup, which is what batching is about. */
const mapped = (inner: Scope): NodeId => {
  if (!inner.options.effects || inner.tape.next(2) > 0) return free(inner)
  const asked = inner.tape.next(2) === 0 ? addLookup(inner) : addQuery(inner, inner.tape.next(4) > 0)
  if (asked !== undefined && inner.tape.next(3) === 0) return asked
  const rest = free(inner)
  // What nobody looks at is not asked, so the answer is mostly part of what the body gives.
  return asked === undefined || inner.tape.next(4) === 0
    ? rest
    : inner.add('record', { fields: ['row', 'rest'] }, [asked, rest])!
}
const free = (inner: Scope): NodeId => {
  inner.fill(inner, steps(inner))
  return inner.pool.length === 0 ? inner.literal('f64') : result(inner)
}
/** A body that must have a given type: something of that type, after whatever else it does. */
const typed =
  (type: Type) =>
  (inner: Scope): NodeId => {
    inner.fill(inner, steps(inner))
    let root = inner.pick((t) => sameType(t, type)) ?? inner.pool[0]!
    for (const w of inner.writes) root = inner.add('sequence', {}, [w, root])!
    return root
  }
const writesIn = (s: Scope, r: Region): boolean => regionFootprint(s.arena, r.root).writes.length > 0
const remember = (s: Scope, id: NodeId | undefined, regions: readonly Region[]): void => {
  if (id !== undefined && regions.some((r) => writesIn(s, r))) s.writes.push(id)
}

/** Adds a node with bodies. */
export const addControl = (s: Scope): void => {
  const { tape } = s
  const captures = s.captures()
  switch (tape.next(12)) {
    case 0:
    case 1:
    case 2:
    case 3: {
      const list = s.pick((t) => elementOf(t) !== undefined)
      if (list === undefined) return
      const { of } = elementOf(s.type(list))!
      // An element and a value from outside may not share a ragged name: they may differ in size.
      const own = new Set(freeDims(of).filter(isRagged))
      const outer = captures.filter((c) => !freeDims(s.type(c)).some((d) => own.has(d)))
      const body = s.body([of], outer, mapped)
      const print = regionFootprint(s.arena, body.root)
      const independent = !conflict({ reads: print.reads, writes: [] }, { reads: [], writes: print.writes })
      return remember(s, s.add(independent && tape.next(3) === 0 ? 'forkMap' : 'map', {}, [list, ...outer], [body]), [
        body,
      ])
    }
    case 4: {
      const value = s.pick(() => true)
      const given = value === undefined ? captures : [value, ...captures]
      const type = s.type(given[0] ?? s.literal('f64'))
      if (given.length === 0) return
      const bodies = [s.body([], given, typed(type), false), s.body([], given, typed(type), false)]
      return remember(s, s.add('cond', {}, [s.scalarOf('bool'), ...given], bodies), bodies)
    }
    case 5: {
      const o = s.pick((t) => casesOf(t) !== undefined)
      const value = s.pick(() => true)
      if (o === undefined || value === undefined) return
      const type = s.type(value)
      const bodies = casesOf(s.type(o))!.map(([, of]) => {
        return s.body(
          [of],
          [value, ...captures],
          (inner) => {
            inner.fill(inner, steps(inner))
            let root = inner.pool.toReversed().find((id) => sameType(inner.type(id), type))!
            for (const w of inner.writes) root = inner.add('sequence', {}, [w, root])!
            return root
          },
          false,
        )
      })
      return remember(s, s.add('match', {}, [o, value, ...captures], bodies), bodies)
    }
    case 6: {
      const state = s.pick((t) => isScalar(t) && (t.elem === 'f64' || t.elem === 'i32')) ?? s.literal('f64')
      const type = s.type(state)
      const go = s.body(
        [type],
        captures,
        (inner) => inner.pick((t) => sameType(t, { kind: 'tensor', elem: 'bool', shape: [] })) ?? inner.literal('bool'),
      )
      const step = s.body([type], captures, typed(type))
      return remember(s, s.add('loop', { max: 1 + tape.next(3) }, [state, ...captures], [go, step]), [go, step])
    }
    case 7: {
      const tried = (inner: Scope): NodeId => {
        if (inner.inTransaction !== undefined) inner.inTransaction = { ...inner.inTransaction, tried: true }
        return free(inner)
      }
      const body = s.body([], captures, tried, false)
      return remember(s, s.add('attempt', {}, captures, [body]), [body])
    }
    case 8: {
      const bodies = [s.body([], captures, free, false), s.body([], captures, free, false)]
      const [a, b] = bodies.map((r) => regionFootprint(s.arena, r.root))
      if (conflict(a!, b!)) return
      return remember(s, s.add('fork', { fields: ['one', 'two'] }, captures, bodies), bodies)
    }
    case 9:
    case 10:
      if (s.inTransaction !== undefined || !s.options.effects) return
      if (tape.next(2) === 0) addTransaction(s, captures)
      else addTried(s, captures)
      return
    default: {
      const body = s.body([], captures, free, false)
      if (!writesIn(s, body) && !asksOracle(regionFootprint(s.arena, body.root)))
        s.add('cached', { ttlMs: 1000 }, [s.scalarOf('string'), ...captures], [body])
    }
  }
}

/** A transaction of the one database, in which everything else only reads. */
const addTransaction = (s: Scope, captures: readonly NodeId[]): NodeId | undefined => {
  const who = s.tape.next(4) === 0 ? s.scalarOf('string') : undefined
  const isolation = s.tape.of(isolationLevels)
  const authority = who !== undefined
  const attrs = { occurrence: s.occurrence(), db: 'main', isolation, retries: s.tape.next(3), authority }
  const outside = who === undefined ? captures : [who, ...captures]
  const inner = (scope: Scope): NodeId => {
    scope.inTransaction = { authority, who: authority ? scope.pool[0] : undefined, tried: false }
    const root = free(scope)
    // What transactions are for: it has written when it turns out that it must not.
    const wrote = scope.tape.next(4) === 0 ? undefined : addQuery(scope, false, 'exec')
    const claims = scope.tape.next(2) === 0
    const message = 'it may be written'
    const claim = claims
      ? scope.add('assert', { occurrence: scope.occurrence(), message }, [scope.scalarOf('bool'), root])
      : root
    return wrote === undefined ? claim! : scope.add('sequence', {}, [wrote, claim!])!
  }
  const body = s.body([], outside, inner, false)
  const whole = s.add('transaction', attrs, authority ? [who, ...outside] : outside, [body])
  remember(s, whole, [body])
  return whole
}
/** The same inside an attempt, after which the world is looked at again. */
const addTried = (s: Scope, captures: readonly NodeId[]): void => {
  const inner = (scope: Scope): NodeId => addTransaction(scope, scope.pool.slice(0, captures.length)) ?? free(scope)
  const body = s.body([], captures, inner, false)
  remember(s, s.add('attempt', {}, captures, [body]), [body])
  addQuery(s)
}
