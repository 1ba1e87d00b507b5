import { isolationLevels } from '../transaction.ts'
import type { Type } from '../types.ts'
import { bool, casesOf, elementOf, isScalar, listOf, record, result, sameType, scalar } from '../types.ts'
import type { RegionType } from './declare.ts'
import {
  arity,
  attrs,
  count,
  flag,
  list,
  nameAttr,
  noAttrs,
  oneOf,
  op,
  positive,
  show,
  text,
  typeAttr,
} from './declare.ts'

/** Parameters of a region: what its owner passes first, then the captures. */
const fits = (r: RegionType | undefined, given: readonly Type[], what: string): string | undefined => {
  if (r === undefined) return `lacks its ${what}`
  const off = r.params.length !== given.length ? -1 : given.findIndex((t, i) => !sameType(t, r.params[i]!))
  if (r.params.length === given.length && off < 0) return undefined
  return off < 0
    ? `passes ${given.length} values to a ${what} of ${r.params.length} parameters`
    : `passes ${show(given[off])} as parameter ${off} of its ${what}, which is ${show(r.params[off])}`
}
const overList = (args: readonly Type[], regions: readonly RegionType[]): Type | string => {
  const e = args[0] === undefined ? undefined : elementOf(args[0])
  if (e === undefined) return `works on a list, not on ${show(args[0])}`
  return fits(regions[0], [e.of, ...args.slice(1)], 'body') ?? listOf(regions[0]!.result, e.dim)
}
/** Facts about a query inside a batched map, found by parsing: see `runtime/driver.ts` for what a driver does with them. */
const batchPlan = attrs({
  occurrence: count,
  ordered: flag,
  params: list(attrs({ at: count, length: count, number: count })),
  /** The keyed form of the query, where it has one. */
  keyed: list(
    attrs({
      from: count,
      order: count,
      aggregate: flag,
      keys: list(attrs({ at: count, length: count, column: text, number: count })),
    }),
  ),
  /** The query whose rows hold its arguments, where both may go in one exchange. */
  derived: list(attrs({ parent: count, columns: list(text) })),
})

export const controlOps = {
  input: op({
    doc: 'An input of the graph.',
    attrs: attrs({ name: nameAttr, type: typeAttr }),
    infer: (a, args) => arity(args, 0) ?? a.type,
  }),
  param: op({
    doc: 'A parameter of the surrounding region.',
    attrs: attrs({ index: count, type: typeAttr }),
    infer: (a, args) => arity(args, 0) ?? a.type,
  }),
  absent: op({
    doc: 'Stands where a value was that nothing needs.',
    attrs: attrs({ type: typeAttr }),
    from: 'normal',
    infer: (a, args) => arity(args, 0) ?? a.type,
  }),
  map: op({
    doc: 'The body for every element of a list, in order; captures follow the list. The first error is the answer.',
    attrs: noAttrs,
    infer: (_, args, regions) => overList(args, regions),
  }),
  forkMap: op({
    doc: 'Like map, on the word of the user that the elements are independent: all run to their end, then the first error in order is the answer.',
    attrs: noAttrs,
    infer: (_, args, regions) => overList(args, regions),
  }),
  mapBatched: op({
    doc: 'A map whose listed calls are answered for all elements together; everything else as in map.',
    attrs: attrs({ plans: list(batchPlan), fork: flag }),
    from: 'batched',
    infer: (_, args, regions) => overList(args, regions),
  }),
  ahead: op({
    doc: 'Its operand, at the root of a graph: the listed calls may be asked when the graph begins, together.',
    attrs: attrs({ plans: list(batchPlan) }),
    from: 'batched',
    infer: (_, args) => arity(args, 1) ?? args[0]!,
  }),
  cond: op({
    doc: 'One of two bodies, by a scalar condition; only that one runs. All other operands are captures.',
    attrs: noAttrs,
    infer: (_, args, regions) => {
      if (args[0] === undefined || !sameType(args[0], bool)) return `decides by a bool, not by ${show(args[0])}`
      const wrong = fits(regions[0], args.slice(1), 'first body') ?? fits(regions[1], args.slice(1), 'second body')
      if (wrong !== undefined) return wrong
      return sameType(regions[0]!.result, regions[1]!.result)
        ? regions[0]!.result
        : `needs bodies of one type, but has ${show(regions[0]!.result)} and ${show(regions[1]!.result)}`
    },
  }),
  match: op({
    doc: 'One body a case of an option (none, some), union or result (ok, err), given what the case holds; the rest are captures.',
    attrs: noAttrs,
    infer: (_, args, regions) => {
      const cases = args[0] === undefined ? undefined : casesOf(args[0])
      if (cases === undefined) return `takes apart an option, union or result, not ${show(args[0])}`
      if (regions.length !== cases.length || cases.length === 0)
        return `needs a body for each of ${cases.map(([n]) => n).join(', ')}`
      for (const [i, [name, type]] of cases.entries()) {
        const wrong = fits(regions[i], [type, ...args.slice(1)], `body for ${name}`)
        if (wrong !== undefined) return wrong
        if (!sameType(regions[i]!.result, regions[0]!.result))
          return `needs bodies of one type, but has ${show(regions[0]!.result)} and ${show(regions[i]!.result)}`
      }
      return regions[0]!.result
    },
  }),
  loop: op({
    doc: 'From the first operand, the second body again and again while the first one says true, at most `max` times; the state after `max` turns is an answer, not an error.',
    attrs: attrs({ max: positive }),
    infer: (_, args, regions) => {
      const [state] = args
      if (state === undefined) return 'needs a state to begin with'
      const wrong = fits(regions[0], args, 'condition') ?? fits(regions[1], args, 'step')
      if (wrong !== undefined) return wrong
      if (!sameType(regions[0]!.result, bool)) return `needs a condition of bool, not ${show(regions[0]!.result)}`
      return sameType(regions[1]!.result, state)
        ? state
        : `steps from ${show(state)} to another type, ${show(regions[1]!.result)}`
    },
  }),
  fork: op({
    doc: 'Independent branches: all run to their end, then the leftmost error is the answer. Operands are captures.',
    attrs: attrs({ fields: list(nameAttr) }),
    infer: (a, args, regions) => {
      if (regions.length !== a.fields.length || new Set(a.fields).size !== a.fields.length)
        return 'needs one name a branch'
      return (
        regions.map((r, i) => fits(r, args, `branch ${a.fields[i]}`)).find((p) => p !== undefined) ??
        record(a.fields.map((f, i) => [f, regions[i]!.result] as const))
      )
    },
  }),
  sequence: op({
    doc: 'First the one, then the other, whose value it has; both happen.',
    attrs: noAttrs,
    infer: (_, args) => arity(args, 2) ?? args[1]!,
  }),
  cached: op({
    doc: 'The value of the body, remembered for `ttlMs` under the key (first operand) with the digest of the body, its captures and authority.',
    attrs: attrs({ ttlMs: count }),
    infer: (_, args, regions) => {
      if (args[0] === undefined || !sameType(args[0], scalar('string')))
        return `needs a string as key, not ${show(args[0])}`
      return fits(regions[0], args.slice(1), 'body') ?? regions[0]!.result
    },
  }),
  attempt: op({
    doc: 'The body as a result: its value, or its error as data.',
    attrs: noAttrs,
    infer: (_, args, regions) => fits(regions[0], args, 'body') ?? result(regions[0]!.result),
  }),
  transaction: op({
    doc: 'The body as one transaction of a database, under the authority that is its first operand (if declared): its value once all it wrote is there for good, or an error and nothing of it written. Run again, at most `retries` times, when it could not be put in order with others.',
    attrs: attrs({
      occurrence: count,
      db: nameAttr,
      isolation: oneOf(...isolationLevels),
      retries: count,
      authority: flag,
    }),
    fallible: true,
    infer: (a, args, regions) => {
      const [who] = args
      if (a.authority && (who === undefined || !isScalar(who))) return `acts under a scalar, not under ${show(who)}`
      return fits(regions[0], a.authority ? args.slice(1) : args, 'body') ?? regions[0]!.result
    },
  }),
  assert: op({
    doc: 'The second operand, if the first (a bool, or every cell of a bool tensor) is true; else AssertionFailed, which shows the scalars that follow.',
    attrs: attrs({ occurrence: count, message: text }),
    fallible: true,
    infer: (_, args) => {
      const [claim, value, ...shown] = args
      if (claim === undefined || value === undefined) return arity(args, 2)!
      const odd = shown.find((t) => !isScalar(t))
      if (odd !== undefined) return `shows scalars, not ${show(odd)}`
      return claim.kind === 'tensor' && claim.elem === 'bool' ? value : `asserts a bool, not ${show(claim)}`
    },
  }),
  kernel: op({
    doc: 'Array operations fused into one loop nest; the body is the operations, a record named 0, 1 … its outputs.',
    attrs: noAttrs,
    from: 'fused',
    infer: (_, args, regions) =>
      fits(regions[0], args, 'body') ??
      (regions[0]!.result.kind === 'record'
        ? regions[0]!.result
        : `needs a record of outputs, not ${show(regions[0]!.result)}`),
  }),
}
