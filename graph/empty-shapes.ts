import type { Type } from './types.ts'
import { casesOf, isScalar } from './types.ts'
import type { Column, OptionValue, RecordValue, ResultValue, TensorValue, UnionValue, Value } from './values.ts'
import { elementAt, lengthOf } from './values.ts'

/**
 * The shapes of arrays without cells, in the order in which `encodeValue` writes them: as nested arrays, [0, 3] and
 * [0, 0] look alike. `decodeValue` takes them to give back what was written.
 */
export const emptyShapes = (type: Type, value: Value): readonly (readonly number[])[] => {
  const out: (readonly number[])[] = []
  const walk = (t: Type, v: Value): void => {
    if (!mayBe(t)) return
    switch (t.kind) {
      case 'tensor': {
        const { shape, data } = v as TensorValue
        if (data.length === 0) out.push(shape)
        return
      }
      case 'record':
        for (const [n, f] of t.fields) walk(f, (v as RecordValue)[n]!)
        return
      case 'list':
        for (let i = 0; i < lengthOf(v as Column); i++) walk(t.of, elementAt(t.of, v as Column, i))
        return
      case 'option':
        if ((v as OptionValue)._tag === 'Some') walk(t.of, (v as { value: Value }).value)
        return
      case 'result':
        if ((v as ResultValue)._tag === 'Ok') walk(t.of, (v as { value: Value }).value)
        return
      case 'union':
        walk(casesOf(t)!.find(([n]) => n === (v as UnionValue)._tag)![1], (v as UnionValue).value)
    }
  }
  walk(type, value)
  return out
}
/** Whether a value of the type may hold an array of two axes or more. */
const mayBe = (t: Type): boolean =>
  t.kind === 'tensor'
    ? !isScalar(t) && t.shape.length > 1
    : t.kind === 'list'
      ? mayBe(t.of)
      : (t.kind === 'record' ? t.fields : casesOf(t)!).some(([, f]) => mayBe(f))
