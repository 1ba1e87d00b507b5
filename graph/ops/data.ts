import { isNumeric } from '../elem.ts'
import { decodeValue } from '../json-value.ts'
import { meaning } from '../meaning/index.ts'
import type { Type } from '../types.ts'
import { isScalar, sameType, scalar } from '../types.ts'
import { arity, attrs, count, json, noAttrs, op, show, typeAttr } from './declare.ts'

const string = scalar('string')
const only = (args: readonly Type[], want: Type, result: Type): Type | string =>
  arity(args, 1) ?? (sameType(args[0]!, want) ? result : `works on ${show(want)}, not on ${show(args[0])}`)

export const dataOps = {
  const: op({
    doc: 'A literal of any type, held in its JSON form.',
    attrs: attrs({ type: typeAttr, value: json }),
    infer: (a, args) => {
      const v = decodeValue(a.type, a.value)
      return (
        arity(args, 0) ??
        (v._tag === 'Right'
          ? a.type
          : `holds a literal that is not of its type: ${v.left[0]!.path} ${v.left[0]!.problem}`)
      )
    },
    meaning: (a) => {
      const v = decodeValue(a.type, a.value)
      return v._tag === 'Right' ? v.right : null
    },
  }),
  concatText: op({
    doc: 'Strings end to end.',
    attrs: noAttrs,
    infer: (_, args) => {
      const odd = args.find((t) => !sameType(t, string))
      return odd === undefined ? string : `joins strings, not ${show(odd)}`
    },
    meaning: meaning.data.concatText,
  }),
  textLength: op({
    doc: 'Length of a string in UTF-16 code units.',
    attrs: noAttrs,
    infer: (_, args) => only(args, string, scalar('i32')),
    meaning: meaning.data.textLength,
  }),
  encodeText: op({
    doc: 'A string as UTF-8.',
    attrs: noAttrs,
    infer: (_, args) => only(args, string, scalar('bytes')),
    meaning: meaning.data.encodeText,
  }),
  showNumber: op({
    doc: 'A number as the shortest text that reads back as the same number; booleans as true and false.',
    attrs: noAttrs,
    infer: (_, args) =>
      arity(args, 1) ??
      (isScalar(args[0]!) && isNumeric(args[0].elem) ? string : `works on a number, not on ${show(args[0])}`),
    meaning: meaning.data.showNumber,
  }),
  toJson: op({
    doc: 'The JSON form of any value.',
    attrs: noAttrs,
    infer: (_, args) => arity(args, 1) ?? scalar('json'),
    meaning: meaning.data.toJson,
  }),
  jsonText: op({
    doc: 'JSON as text.',
    attrs: attrs({ indent: count }),
    infer: (_, args) => only(args, scalar('json'), string),
    meaning: meaning.data.jsonText,
  }),
  decodeJson: op({
    doc: 'JSON read at a type; a document that does not fit ends the run with DecodeFailed.',
    attrs: attrs({ occurrence: count, to: typeAttr }),
    infer: (a, args) => only(args, scalar('json'), a.to),
    fallible: true,
  }),
}
