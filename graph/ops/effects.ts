import { httpMethods } from '../effect-attrs.ts'
import { effects } from '../effects.ts'
import type { Type } from '../types.ts'
import { isScalar, sameType, scalar, unit } from '../types.ts'
import {
  arity,
  attrs,
  attrsWith,
  count,
  flag,
  list,
  nameAttr,
  nullable,
  oneOf,
  op,
  positive,
  show,
  text,
  typeAttr,
} from './declare.ts'

const query = {
  occurrence: count,
  db: nameAttr,
  name: text,
  sql: text,
  mode: oneOf('one', 'maybe', 'many', 'exec'),
  row: typeAttr,
  dim: text,
  maxRows: positive,
  maxBytes: positive,
  authority: flag,
  batch: flag,
  reads: list(text),
  writes: list(text),
} as const

const httpMany = attrs({
  method: oneOf('GET', 'POST'),
  url: text,
  keysIn: oneOf('query', 'body'),
  keys: text,
  items: text,
  key: text,
  most: positive,
})
const request = {
  occurrence: count,
  service: nameAttr,
  name: text,
  method: oneOf(...httpMethods),
  url: list(text),
  headers: list(text),
  body: flag,
  answer: typeAttr,
  mode: oneOf('response', 'lookup'),
  statuses: list(count),
  maxBytes: positive,
  authority: flag,
  idempotent: flag,
  batch: flag,
  many: nullable(httpMany),
  reads: list(text),
  writes: list(text),
} as const
const keyed = { occurrence: count, store: nameAttr, key: text, authority: flag } as const

/** What stands alone as text: in a URL, or in a header. */
const isPlainText = (t: Type): boolean => isScalar(t) && t.elem !== 'bytes' && t.elem !== 'json' && t.elem !== 'unit'
const isText = (t: Type | undefined): boolean => t !== undefined && sameType(t, scalar('string'))

/** The authority, and then what the op itself is given. */
const afterAuthority = (authority: boolean, args: readonly Type[], rest: readonly string[]): string | undefined => {
  const own = authority ? args.slice(1) : args
  if (authority && (args[0] === undefined || !isPlainText(args[0]))) return 'lacks its authority, a text or a number'
  return own.length === rest.length
    ? undefined
    : `takes ${[...(authority ? ['authority'] : []), ...rest].join(', ') || 'no operands'} and was given ${args.length}`
}
const keyOnly = (authority: boolean, args: readonly Type[]): string | undefined => {
  const key = args[authority ? 1 : 0]
  return (
    afterAuthority(authority, args, ['key']) ?? (isText(key) ? undefined : `needs a string as key, not ${show(key)}`)
  )
}
const path = (args: readonly Type[]): string | undefined =>
  isText(args[0]) ? undefined : `needs a string as path, not ${show(args[0])}`

export const effectOps = {
  dbQuery: op({
    doc: 'A SQL statement with bound parameters; operands are the authority, if declared, then the parameters.',
    attrs: attrsWith(query, { dialect: oneOf('portable', 'duckdb', 'postgres') }),
    fallible: true,
    infer: (a, args) => {
      if (a.authority && args.length === 0) return 'lacks its authority'
      if (a.mode !== 'exec' && a.row.kind !== 'record') return `answers rows, not ${show(a.row)}`
      if (a.mode === 'many' && a.dim === '') return 'needs a name for the dimension of its rows'
      return effects.dbQuery.answer(a)
    },
  }),
  fileRead: op({
    doc: 'The content of a file below a root; the operand is the path.',
    attrs: attrs({ occurrence: count, root: nameAttr, path: text, as: oneOf('string', 'bytes'), maxBytes: positive }),
    fallible: true,
    infer: (a, args) => arity(args, 1) ?? path(args) ?? effects.fileRead.answer(a),
  }),
  fileWrite: op({
    doc: 'Replaces a file below a root: operands are the path and the content (string or bytes).',
    attrs: attrs({ occurrence: count, root: nameAttr, path: text, maxBytes: positive }),
    fallible: true,
    infer: (_, args) =>
      arity(args, 2) ??
      path(args) ??
      (isText(args[1]) || sameType(args[1]!, scalar('bytes'))
        ? unit
        : `writes a string or bytes, not ${show(args[1])}`),
  }),
  httpRequest: op({
    doc: 'A request to a service: operands are the authority, if declared, the holes of the URL, the values of the headers, and the body (JSON, string or bytes).',
    attrs: attrs(request),
    fallible: true,
    infer: (a, args) => {
      const holes = a.url.length - 1
      if (holes < 0) return 'lacks its URL'
      const texts = [...new Array<string>(holes).fill('hole'), ...a.headers.map((h) => `header ${h}`)]
      const wrong = afterAuthority(a.authority, args, a.body ? [...texts, 'body'] : texts)
      if (wrong !== undefined) return wrong
      const own = a.authority ? args.slice(1) : args
      const odd = texts.findIndex((_, i) => !isPlainText(own[i]!))
      if (odd >= 0) return `takes a text, number, bool or time as ${texts[odd]}, not ${show(own[odd])}`
      if (a.body && !['json', 'string', 'bytes'].some((e) => sameType(own.at(-1)!, scalar(e as 'json'))))
        return `sends JSON, a string or bytes, not ${show(own.at(-1))}`
      if (a.body && (a.method === 'GET' || a.method === 'HEAD')) return `sends no body with ${a.method}`
      if (a.many !== null && (a.mode !== 'lookup' || holes !== 1 || a.body || a.writes.length > 0))
        return 'asks for many keys at once, which only a lookup by one key can'
      return effects.httpRequest.answer(a)
    },
  }),
  kvGet: op({
    doc: 'The value under a key of a store, if there is one: operands are the authority, if declared, and the key.',
    attrs: attrs({ ...keyed, value: typeAttr, maxBytes: positive, batch: flag }),
    fallible: true,
    infer: (a, args) => keyOnly(a.authority, args) ?? effects.kvGet.answer(a),
  }),
  kvSet: op({
    doc: 'Puts a value under a key of a store: operands are the authority, if declared, the key and the value.',
    attrs: attrs({ ...keyed, ttlMs: count, maxBytes: positive }),
    fallible: true,
    infer: (a, args) =>
      afterAuthority(a.authority, args, ['key', 'value']) ?? keyOnly(a.authority, args.slice(0, -1)) ?? unit,
  }),
  kvDelete: op({
    doc: 'Takes a key out of a store: operands are the authority, if declared, and the key.',
    attrs: attrs(keyed),
    fallible: true,
    infer: (a, args) => keyOnly(a.authority, args) ?? unit,
  }),
  foreign: op({
    doc: "A function of the user's own: operands are the authority, if declared, and its argument.",
    attrs: attrs({
      occurrence: count,
      name: nameAttr,
      answer: typeAttr,
      authority: flag,
      idempotent: flag,
      batch: flag,
      reads: list(text),
      writes: list(text),
    }),
    fallible: true,
    infer: (a, args) => afterAuthority(a.authority, args, ['argument']) ?? effects.foreign.answer(a),
  }),
  nowMs: op({
    doc: 'The wall clock, in milliseconds.',
    attrs: attrs({ occurrence: count }),
    fallible: true,
    infer: (_, args) => arity(args, 0) ?? scalar('f64'),
  }),
  randomBytes: op({
    doc: 'Random bytes.',
    attrs: attrs({ occurrence: count, count: positive }),
    fallible: true,
    infer: (_, args) => arity(args, 0) ?? scalar('bytes'),
  }),
  logLine: op({
    doc: 'A structured log line: operands are the message and JSON data.',
    attrs: attrs({ occurrence: count, level: oneOf('debug', 'info', 'warn', 'error') }),
    fallible: true,
    infer: (_, args) =>
      arity(args, 2) ??
      (sameType(args[0]!, scalar('string')) && sameType(args[1]!, scalar('json'))
        ? unit
        : `logs a string and JSON, not ${show(args[0])} and ${show(args[1])}`),
  }),
}
