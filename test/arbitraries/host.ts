import { isDecimal, isFloat, isInt, isNumeric } from '../../graph/elem.ts'
import type { OpName } from '../../graph/ops/index.ts'
import type { Fields, TensorType, Type } from '../../graph/types.ts'
import { elementOf, isRagged, isScalar, sameType, scalar, tensor } from '../../graph/types.ts'
import type { Scope } from './scope.ts'

const comparisons = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const
const dated = (t: Type): t is TensorType => t.kind === 'tensor' && (t.elem === 'timestamp' || isDecimal(t.elem))
const texts = (t: Type): t is TensorType => t.kind === 'tensor' && t.elem === 'string'
const decimals = (t: Type): t is TensorType => t.kind === 'tensor' && isDecimal(t.elem)

/** Work that stays outside kernels: texts, dates, decimals, ragged lists, unions, JSON. */
export const addHost = (s: Scope): void => {
  const { tape } = s
  const plain = (name: OpName, args: readonly number[]): void => void s.add(name as 'add', {}, args)
  const any = () => s.pick(() => true) ?? s.literal('f64')
  switch (tape.next(16)) {
    case 0: {
      const x = s.pick(texts) ?? s.literal('string')
      return plain(tape.of(comparisons), [x, s.like(x)])
    }
    case 1: {
      const x = s.pick(dated) ?? s.literal('timestamp')
      return plain(tape.of([...comparisons, 'min', 'max'] as const), [x, s.like(x)])
    }
    case 2: {
      const to = tape.of(['timestamp', 'decimal(2)', 'decimal(0)'] as const)
      if (tape.next(2) === 0) return plain('stored', [s.pick(dated) ?? s.literal('decimal(2)')])
      const x = s.pick((t) => t.kind === 'tensor' && t.elem === 'i64') ?? s.literal('i64')
      return void s.add('restored', { to }, [x])
    }
    case 3:
    case 4: {
      const x = s.pick(decimals) ?? s.literal('decimal(2)')
      const t = s.tensor(x)
      const how = tape.of(['add', 'mul', 'sub', 'div', 'rescale'] as const)
      const kept = how === 'add' || how === 'sub'
      const y = kept ? s.like(x) : s.pick((u) => decimals(u) && String(u.shape) === String(t.shape))!
      const scale = kept ? Number(t.elem.slice(8, -1)) : tape.of([2, 0, 5, 18])
      const attrs = { how, scale, rounding: tape.of(['even', 'away', 'truncate'] as const) }
      return void s.add(tape.next(3) === 0 ? 'decimalFits' : 'decimal', attrs, how === 'rescale' ? [x] : [x, y])
    }
    case 5: {
      const x = s.pick((t) => {
        const inner = elementOf(t)?.of
        return inner?.kind === 'tensor' && inner.shape.length === 1 && isRagged(inner.shape[0]!) && sums(inner)
      })
      if (x === undefined) return
      return void s.add('segmentReduce', { how: tape.of(['sum', 'max', 'min', 'prod'] as const) }, [x])
    }
    case 6: {
      const x = s.pick((t) => {
        const inner = elementOf(t)?.of
        return inner !== undefined && elementOf(inner) !== undefined
      })
      return x === undefined ? undefined : void s.add('flatten', { dim: s.freshDim() }, [x])
    }
    case 7: {
      const cases: Fields = [
        ['one', s.type(any())],
        ['two', scalar('f64')],
        ['no', scalar('unit')],
      ]
      const [name, of] = tape.of(cases)
      const x = s.pick((t) => t === of) ?? s.literal('unit')
      return void s.add('inject', { case: name, type: { kind: 'union', cases } }, [
        name === 'two' ? s.scalarOf('f64') : name === 'no' ? s.literal('unit') : x,
      ])
    }
    case 8: {
      const x = s.scalarOf('string')
      return tape.next(3) === 0
        ? plain(tape.of(['textLength', 'encodeText'] as const), [x])
        : plain('concatText', tape.next(4) === 0 ? [] : [x, s.scalarOf('string')])
    }
    case 9:
      return plain('showNumber', [s.pick((t) => isScalar(t) && isNumeric(t.elem)) ?? s.literal('u64')])
    case 11:
    case 12: {
      const key = s.pick(keyed)
      if (key === undefined) return
      const t = s.tensor(key)
      const beside = s.pick((u) => keyed(u) && u.shape[0] === t.shape[0])
      if (tape.next(2) === 0) return plain('firstEqual', beside === undefined ? [key] : [key, beside])
      const other = s.pick((u) => keyed(u) && u.elem === t.elem) ?? key
      return void s.add('join', { how: tape.of(['inner', 'left'] as const), dim: s.freshDim() }, [key, other])
    }
    case 14: {
      const found = s.pick(
        (t) => t.kind === 'tensor' && isFloat(t.elem) && t.shape.length > 1 && t.shape.at(-1) === t.shape.at(-2),
      )
      const line = s.pick((t) => t.kind === 'tensor' && isFloat(t.elem) && t.shape.length === 1)
      // x[j] in every row, where there is no square matrix yet.
      const square =
        found ??
        (line === undefined
          ? undefined
          : s.add('broadcast', { shape: [0, 0].map(() => s.tensor(line).shape[0]!), axes: [1] }, [line]))
      if (square === undefined) return
      const op = tape.of(['cholesky', 'eigenSymmetric', 'solve'] as const)
      return op === 'solve'
        ? void s.add('solve', { how: tape.of(['square', 'least'] as const) }, [square, s.like(square)])
        : plain(op, [square])
    }
    case 13: {
      const x = s.pick((t) => t.kind === 'tensor' && isFloat(t.elem) && t.shape.length > 0)
      if (x !== undefined && tape.next(3) === 0) {
        const attrs = { axis: tape.next(s.tensor(x).shape.length), inverse: tape.next(2) === 0 }
        return void s.add('fft', attrs, tape.next(2) === 0 ? [x] : [x, s.like(x)])
      }
      const base = s.pick((t) => t.kind === 'tensor' && sums(t) && t.shape.length > 0)
      const index = s.pick((t) => t.kind === 'tensor' && isInt(t.elem) && t.shape.length < 2)
      if (base === undefined || index === undefined) return
      const { elem, shape } = s.tensor(base)
      const wanted = tensor(elem, [...s.tensor(index).shape, ...shape.slice(1)])
      const values = s.pick((t) => sameType(t, wanted)) ?? s.add('gather', {}, [base, index])
      if (values === undefined) return
      return void s.add('scatterReduce', { how: tape.of(['sum', 'max', 'min', 'prod'] as const) }, [
        base,
        index,
        values,
      ])
    }
    case 10: {
      const json = s.add('toJson', {}, [any()])!
      return void s.add('jsonText', { indent: tape.of([0, 2]) }, [json])
    }
    default: {
      const o = s.pick((t) => t.kind === 'option' || (t.kind === 'list' && t.of.kind === 'option' && isScalar(t.of.of)))
      if (o === undefined || tape.next(4) === 0) return void s.add('none', { of: s.type(any()) })
      const t = s.type(o) as { kind: string; of: Type }
      const of = t.kind === 'option' ? t.of : (t.of as { of: Type }).of
      if (tape.next(2) === 0 || !isScalar(of)) return plain('isSome', [o])
      return plain('orElse', [o, s.scalarOf(of.elem)])
    }
  }
}
const keyed = (t: Type): t is TensorType =>
  t.kind === 'tensor' && t.shape.length === 1 && (sums(t) || ['bool', 'string', 'timestamp'].includes(t.elem))
const sums = (t: TensorType): boolean => isFloat(t.elem) || isInt(t.elem)
