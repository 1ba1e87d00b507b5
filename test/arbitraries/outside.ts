import type { NodeId } from '../../graph/arena.ts'
import type { HttpRequestAttrs } from '../../graph/effects.ts'
import { pathPattern } from '../../graph/http-url.ts'
import type { Type } from '../../graph/types.ts'
import { option, record, sameType, scalar } from '../../graph/types.ts'
import { keyIn } from './keys.ts'
import type { Scope } from './scope.ts'

/** Files, stores, services and functions of the user's own: calls that meet one another, so that order matters. */

const person: Type = record([
  ['id', scalar('i64')],
  ['name', scalar('string')],
  ['age', option(scalar('f64'))],
])
/** What lies under each key; whoever reads it as something else gets a Decode error. */
const stored: Readonly<Record<string, Type>> = { k: scalar('f64'), text: scalar('string'), person }
const kvKeys = Object.keys(stored)

const text = (s: Scope, value: string): NodeId => s.add('const', { type: scalar('string'), value })!
/** A name that is known when the graph is built, or one that is not. */
const named = (s: Scope, names: readonly string[]): { readonly known: string; readonly operand: NodeId } => {
  const known = s.tape.of([...names, '*'])
  return { known, operand: known === '*' ? s.scalarOf('string') : text(s, known) }
}
const wrote = (s: Scope, call: NodeId | undefined): void => void (call === undefined || s.writes.push(call))
const authority = (s: Scope): readonly NodeId[] => (s.tape.next(5) === 0 ? [s.scalarOf('string')] : [])
/** Asks once, and sometimes again, so that there is something to merge. */
const asks = (s: Scope, ask: (occurrence: number) => void): void => {
  ask(s.occurrence())
  if (s.tape.next(4) === 0) ask(s.occurrence())
}

const addFile = (s: Scope): void => {
  const { known, operand } = named(s, ['a', 'b'])
  if (s.tape.next(3) > 0) {
    const as = s.tape.of(['string', 'bytes'] as const)
    return asks(s, (occurrence) =>
      s.add('fileRead', { occurrence, root: 'out', path: known, as, maxBytes: 100 }, [operand]),
    )
  }
  const content = s.tape.next(2) === 0 ? s.scalarOf('string') : s.scalarOf('bytes')
  wrote(
    s,
    s.add('fileWrite', { occurrence: s.occurrence(), root: 'out', path: known, maxBytes: 100 }, [operand, content]),
  )
}

const addKv = (s: Scope): void => {
  const { known, operand } = named(s, kvKeys)
  const who = authority(s)
  const attrs = { store: s.tape.of(['cache', 'cache', 'state']), key: known, authority: who.length > 0 }
  const value = stored[known] ?? scalar('f64')
  const kind = s.tape.next(6)
  if (kind < 3)
    return asks(s, (occurrence) =>
      s.add('kvGet', { ...attrs, occurrence, value, maxBytes: 100, batch: s.tape.next(6) !== 0 }, [...who, operand]),
    )
  const occurrence = s.occurrence()
  if (kind === 3) return wrote(s, s.add('kvDelete', { ...attrs, occurrence }, [...who, operand]))
  const given = s.pick((t) => sameType(t, value)) ?? s.scalarOf(s.tape.of(['f64', 'string'] as const))
  wrote(s, s.add('kvSet', { ...attrs, occurrence, ttlMs: 0, maxBytes: 100 }, [...who, operand, given]))
}

const request = (s: Scope, more: Partial<HttpRequestAttrs> & Pick<HttpRequestAttrs, 'url'>): HttpRequestAttrs => ({
  occurrence: s.occurrence(),
  service: 'shop',
  name: `${more.method ?? 'GET'} ${more.url.join('{}')}`,
  method: 'GET',
  headers: [],
  body: false,
  answer: person,
  mode: 'response',
  statuses: [],
  maxBytes: 1000,
  authority: false,
  idempotent: true,
  batch: false,
  many: null,
  reads: [pathPattern(more.url)],
  writes: [],
  ...more,
})
const many = { method: 'GET', url: '/users', keysIn: 'query', keys: 'id', items: '', key: 'id', most: 2 } as const

const addHttp = (s: Scope): void => {
  const { tape } = s
  const who = authority(s)
  const common = { authority: who.length > 0 }
  const place = tape.of(['/users/', '/orders/'])
  switch (tape.next(4)) {
    case 0: {
      const hole = keyIn(s)
      return asks(s, (occurrence) =>
        s.add('httpRequest', { ...request(s, { ...common, url: [place, ''] }), occurrence }, [...who, hole]),
      )
    }
    case 1: {
      const url = [place, '']
      const batch = tape.next(6) !== 0
      const asked = request(s, { ...common, url, mode: 'lookup', batch, many: tape.next(3) === 0 ? null : many })
      return void s.add('httpRequest', asked, [...who, keyIn(s)])
    }
    case 2: {
      const json = s.add('toJson', {}, [s.pick(() => true) ?? s.literal('f64')])!
      const writes = tape.of([['*'], [`${place}*`]])
      const sent = {
        ...common,
        method: 'POST',
        url: [place],
        headers: ['x-note'],
        body: true,
        reads: [],
        writes,
        answer: scalar('string'),
      } as const
      return wrote(
        s,
        s.add('httpRequest', request(s, { ...sent, idempotent: false }), [...who, s.scalarOf('string'), json]),
      )
    }
    default: {
      const sent = {
        ...common,
        method: 'DELETE',
        url: [place, ''],
        reads: [],
        writes: [`${place}*`],
        answer: scalar('unit'),
      } as const
      return wrote(s, s.add('httpRequest', request(s, sent), [...who, keyIn(s)]))
    }
  }
}

const addForeign = (s: Scope): void => {
  const who = authority(s)
  const batch = s.tape.next(6) !== 0
  const attrs = { answer: scalar('f64'), authority: who.length > 0, batch }
  const key = keyIn(s)
  if (s.tape.next(3) > 0) {
    const reads = s.tape.of([['*'], ['ledger'], ['table:main:users']])
    return asks(s, (occurrence) =>
      s.add('foreign', { ...attrs, occurrence, name: 'price', idempotent: true, reads, writes: [] }, [...who, key]),
    )
  }
  const writes = s.tape.of([['ledger'], ['other'], ['table:main:users'], ['kv:cache:k']])
  const sent = { ...attrs, occurrence: s.occurrence(), name: 'book', idempotent: false, reads: [], writes }
  wrote(s, s.add('foreign', sent, [...who, key]))
}

/** What many elements ask in one request: a key that differs from element to element, or nearly. */
export const addLookup = (s: Scope): NodeId | undefined => {
  const who = authority(s)
  const key = keyIn(s, true)
  const common = { authority: who.length > 0, batch: true }
  switch (s.tape.next(3)) {
    case 0: {
      const attrs = {
        ...common,
        occurrence: s.occurrence(),
        store: 'cache',
        key: '*',
        value: scalar('f64'),
        maxBytes: 100,
      }
      return s.add('kvGet', attrs, [...who, s.add('showNumber', {}, [key])!])
    }
    case 1: {
      const asked = request(s, { ...common, url: ['/users/', ''], mode: 'lookup', many })
      return s.add('httpRequest', asked, [...who, key])
    }
    default: {
      const attrs = { ...common, occurrence: s.occurrence(), answer: scalar('f64'), name: 'price', idempotent: true }
      return s.add('foreign', { ...attrs, reads: ['ledger'], writes: [] }, [...who, key])
    }
  }
}

const kinds = [addFile, addKv, addKv, addHttp, addHttp, addForeign] as const
export const addOutside = (s: Scope): void => s.tape.of(kinds)(s)
