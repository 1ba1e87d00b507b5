import { isInt } from '../elem.ts'
import { meaning } from '../meaning/index.ts'
import type { Type } from '../types.ts'
import {
  casesOf,
  elementOf,
  fieldOf,
  freeDims,
  isRagged,
  isScalar,
  listOf,
  option,
  record,
  renameDims,
  sameType,
  scalar,
  tensor,
} from '../types.ts'
import { arity, attrs, dimAttr, list, nameAttr, noAttrs, op, show, text, typeAttr } from './declare.ts'

const distinct = (names: readonly string[], args: readonly Type[]): string | undefined =>
  new Set(names).size !== names.length ? 'names a field twice' : arity(args, names.length)

export const structureOps = {
  record: op({
    doc: 'A record of its operands.',
    attrs: attrs({ fields: list(nameAttr) }),
    infer: (a, args) => distinct(a.fields, args) ?? record(a.fields.map((f, i) => [f, args[i]!])),
    meaning: meaning.structure.record,
  }),
  field: op({
    doc: 'One field of a record.',
    attrs: attrs({ name: nameAttr }),
    infer: (a, args) => arity(args, 1) ?? fieldOf(args[0]!, a.name) ?? `finds no field ${a.name} in ${show(args[0])}`,
    meaning: meaning.structure.field,
  }),
  column: op({
    doc: 'One field of every record of a list.',
    attrs: attrs({ name: nameAttr }),
    infer: (a, args) => {
      const e = args[0] === undefined ? undefined : elementOf(args[0])
      const f = e === undefined ? undefined : fieldOf(e.of, a.name)
      return f === undefined ? `finds no column ${a.name} in ${show(args[0])}` : listOf(f, e!.dim)
    },
    meaning: meaning.structure.column,
  }),
  rows: op({
    doc: 'Columns of one dimension, side by side, as a list of records.',
    attrs: attrs({ fields: list(nameAttr) }),
    infer: (a, args) => {
      const wrong = distinct(a.fields, args)
      if (wrong !== undefined || args.length === 0) return wrong ?? 'needs at least one column'
      const parts = args.map(elementOf)
      const odd = args.find((_, i) => parts[i] === undefined || parts[i].dim !== parts[0]!.dim)
      return odd === undefined
        ? listOf(record(a.fields.map((f, i) => [f, parts[i]!.of])), parts[0]!.dim)
        : `needs columns of one dimension, but was given ${show(args[0])} and ${show(odd)}`
    },
    meaning: meaning.structure.rows,
  }),
  length: op({
    doc: 'The number of elements of a list.',
    attrs: noAttrs,
    infer: (_, args) =>
      arity(args, 1) ?? (elementOf(args[0]!) === undefined ? `works on lists, not on ${show(args[0])}` : scalar('i32')),
    meaning: meaning.structure.length,
  }),
  filter: op({
    doc: 'The elements at which the mask is true; the result has a dimension of its own.',
    attrs: attrs({ dim: dimAttr }),
    infer: (a, args) => {
      const wrong = arity(args, 2)
      const e = args[0] === undefined ? undefined : elementOf(args[0])
      if (wrong !== undefined || e === undefined) return wrong ?? `works on lists, not on ${show(args[0])}`
      return sameType(args[1]!, tensor('bool', [e.dim]))
        ? listOf(e.of, a.dim)
        : `needs a mask bool[${e.dim}], not ${show(args[1])}`
    },
    meaning: meaning.structure.filter,
  }),
  at: op({
    doc:
      'Element i of a list: some, or none where there is no such element. `dims` names the ragged dimensions of the ' +
      'element afresh, in order of occurrence, because no other element has their sizes.',
    attrs: attrs({ dims: list(text) }),
    infer: (a, args) => {
      const wrong = arity(args, 2)
      const e = args[0] === undefined ? undefined : elementOf(args[0])
      if (wrong !== undefined || e === undefined) return wrong ?? `works on lists, not on ${show(args[0])}`
      const i = args[1]!
      if (!isScalar(i) || !isInt(i.elem)) return `is indexed by an integer, not by ${show(i)}`
      const ragged = freeDims(e.of).filter(isRagged)
      if (a.dims.length !== ragged.length || !a.dims.every(isRagged))
        return `needs a name that begins with ~ for each of the ragged dimensions [${ragged.join(', ')}] of ${show(e.of)}`
      return option(renameDims(e.of, new Map(ragged.map((d, k) => [d, a.dims[k]!]))))
    },
    meaning: meaning.structure.at,
  }),
  flatten: op({
    doc: 'All inner elements of a list of lists, in order.',
    attrs: attrs({ dim: dimAttr }),
    infer: (a, args) => {
      const outer = args[0] === undefined ? undefined : elementOf(args[0])
      const inner = outer === undefined ? undefined : elementOf(outer.of)
      return inner === undefined ? `works on lists of lists, not on ${show(args[0])}` : listOf(inner.of, a.dim)
    },
    meaning: meaning.structure.flatten,
  }),
  stack: op({
    doc: 'A list of tensors of one literal shape as one tensor, its first axis the list.',
    attrs: noAttrs,
    infer: (_, args) => {
      const wrong = arity(args, 1)
      const [l] = args
      if (wrong !== undefined) return wrong
      // An empty list could not tell the size of a named dimension.
      if (l!.kind !== 'list' || l!.of.kind !== 'tensor' || l!.of.shape.some((d) => typeof d === 'string'))
        return `works on lists of tensors of literal shape, not on ${show(l)}`
      return tensor(l!.of.elem, [l!.dim, ...l!.of.shape])
    },
    meaning: meaning.structure.stack,
  }),
  unstack: op({
    doc: 'A tensor as the list of what stands along its first axis; the other axes are of literal size. Undoes `stack`.',
    attrs: noAttrs,
    infer: (_, args) => {
      const wrong = arity(args, 1)
      const [t] = args
      if (wrong !== undefined) return wrong
      return t!.kind === 'tensor' && t!.shape.length > 1 && t!.shape.slice(1).every((d) => typeof d === 'number')
        ? listOf(tensor(t!.elem, t!.shape.slice(1)), t!.shape[0]!)
        : `works on tensors of at least two axes, all but the first of literal size, not on ${show(t)}`
    },
    meaning: meaning.structure.unstack,
  }),
  some: op({
    doc: 'A value that is there.',
    attrs: noAttrs,
    infer: (_, args) => arity(args, 1) ?? option(args[0]!),
    meaning: meaning.structure.some,
  }),
  none: op({
    doc: 'A value that is not there.',
    attrs: attrs({ of: typeAttr }),
    infer: (a, args) => arity(args, 0) ?? option(a.of),
    meaning: meaning.structure.none,
  }),
  isSome: op({
    doc: 'Whether an option holds a value; over a list of options, element by element.',
    attrs: noAttrs,
    infer: (_, args) => {
      const t = args[0]
      if (t?.kind === 'option') return scalar('bool')
      return t?.kind === 'list' && t.of.kind === 'option'
        ? tensor('bool', [t.dim])
        : `works on options, not on ${show(t)}`
    },
    meaning: meaning.structure.isSome,
  }),
  orElse: op({
    doc: 'The value of an option, or the second operand; over a list of optional scalars, element by element.',
    attrs: noAttrs,
    infer: (_, args) => {
      const wrong = arity(args, 2)
      if (wrong !== undefined) return wrong
      const [o, d] = args as [Type, Type]
      const of =
        o.kind === 'option'
          ? o.of
          : o.kind === 'list' && o.of.kind === 'option' && isScalar(o.of.of)
            ? o.of.of
            : undefined
      if (of === undefined) return `works on options, not on ${show(o)}`
      if (!sameType(of, d)) return `needs a default of type ${show(of)}, not ${show(d)}`
      return o.kind === 'option' ? of : listOf(of, (o as { dim: string }).dim)
    },
    meaning: meaning.structure.orElse,
  }),
  inject: op({
    doc: 'A value as one case of a tagged union.',
    attrs: attrs({ case: nameAttr, type: typeAttr }),
    infer: (a, args) => {
      const c = a.type.kind === 'union' ? casesOf(a.type)!.find(([n]) => n === a.case) : undefined
      if (c === undefined) return `finds no case ${a.case} in ${show(a.type)}`
      return args.length === 1 && sameType(c[1], args[0]!)
        ? a.type
        : `needs ${show(c[1])} in case ${a.case}, not ${show(args[0])}`
    },
    meaning: meaning.structure.inject,
  }),
}
