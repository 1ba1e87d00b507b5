import type { NodeId } from '../../graph/arena.ts'
import type { Elem } from '../../graph/elem.ts'
import { isFloat, isInt, isNumeric } from '../../graph/elem.ts'
import type { ElementaryName } from '../../graph/elementary/index.ts'
import { elementary } from '../../graph/elementary/index.ts'
import type { OpName } from '../../graph/ops/index.ts'
import type { TensorType, Type } from '../../graph/types.ts'
import type { Scope } from './scope.ts'

const numeric = (t: Type): t is TensorType => t.kind === 'tensor' && isNumeric(t.elem)
const arithmetic = (t: Type): t is TensorType => numeric(t) && t.elem !== 'bool'
const unary: Readonly<Record<string, readonly OpName[]>> = {
  float: ['neg', 'abs', 'sqrt', 'floor', 'ceil', 'trunc', 'nearest', 'exponent', 'mantissa', 'pow2'],
  int: ['neg', 'abs', 'not'],
}
const binary: Readonly<Record<string, readonly OpName[]>> = {
  float: ['add', 'mul', 'sub', 'div', 'min', 'max', 'pow', 'atan2', 'hypot'],
  int: ['add', 'mul', 'sub', 'div', 'rem', 'min', 'max', 'and', 'or', 'xor', 'shl', 'shr'],
}
const functions = (Object.keys(elementary) as ElementaryName[]).filter((f) => elementary[f].arity === 1)
const family = (e: Elem): 'float' | 'int' => (isFloat(e) ? 'float' : 'int')
/** Ops without attributes. */
const plain = (s: Scope, name: OpName, args: readonly NodeId[]): void => void s.add(name as 'add', {}, args)

/** Adds an array operation over what is there. */
export const addNumeric = (s: Scope): void => {
  const { tape } = s
  // Joining and gathering from what was joined and gathered would grow without end.
  const x =
    s.pick((t) => arithmetic(t) && t.shape.length < 4) ??
    s.literal(tape.of(['f64', 'f32', 'i32', 'i64', 'u32', 'u64', 'bool'] as const))
  const t = s.tensor(x)
  const rank = t.shape.length
  const axis = rank === 0 ? 0 : tape.next(rank)
  switch (tape.next(25)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return plain(s, tape.of(binary[family(t.elem)]!), [x, s.like(x)])
    case 4:
    case 5:
      return plain(s, tape.of(unary[family(t.elem)]!), [x])
    case 6:
      return plain(s, tape.of(['eq', 'lt', 'ge', 'ne', 'le', 'gt'] as const), [x, s.like(x)])
    case 7: {
      const mask = s.pick((m) => m.kind === 'tensor' && m.elem === 'bool' && String(m.shape) === String(t.shape))
      return mask === undefined ? undefined : plain(s, 'select', [mask, x, s.like(x)])
    }
    case 8:
      return void s.add('convert', { to: tape.of(['f64', 'f32', 'i32', 'i64', 'u32', 'u64'] as const) }, [x])
    case 9:
    case 10: {
      // A scalar, or a row, along a greater shape.
      const row = s.pick(
        (r) =>
          arithmetic(r) && r.elem === t.elem && r.shape.length === 1 && rank > 1 && r.shape[0] === t.shape[rank - 1],
      )
      const small = row ?? s.scalarOf(t.elem)
      const wide = s.add('broadcast', { shape: t.shape, axes: row === undefined ? [] : [rank - 1] }, [small, x])
      return wide === undefined ? undefined : plain(s, tape.of(binary[family(t.elem)]!), [x, wide])
    }
    case 11:
      if (tape.next(3) === 0)
        return void s.add('reshape', { shape: tape.next(2) === 0 ? t.shape.toReversed() : [1, ...t.shape] }, [x])
      return void s.add('transpose', { perm: t.shape.map((_, k) => rank - 1 - k) }, [x])
    case 12: {
      if (rank === 0) return
      const d = t.shape[axis]!
      return void s.add(
        'slice',
        {
          axis,
          start: tape.next(3) - 1,
          stop: tape.of([null, 1, -1]),
          step: 1 + tape.next(2),
          dim: typeof d === 'number' ? '' : s.freshDim(),
        },
        [x],
      )
    }
    case 13:
    case 14:
    case 15: {
      if (rank === 0) return
      const axes = tape.next(2) === 0 ? t.shape.map((_, k) => k) : [axis]
      return void s.add('reduce', { how: tape.of(['sum', 'max', 'min', 'prod'] as const), axes }, [x])
    }
    case 16: {
      if (rank === 0) return
      const which = tape.next(6)
      if (which < 2) return void s.add('cumsum', { axis }, [x])
      if (which < 4) return void s.add('argReduce', { how: tape.of(['max', 'min'] as const), axis }, [x])
      return which === 4
        ? void s.add('cumulate', { how: tape.of(['max', 'min', 'prod'] as const), axis }, [x])
        : void s.add('argSort', { axis, descending: tape.next(2) === 0 }, [x])
    }
    case 17: {
      if (rank === 0) return
      if (tape.next(2) === 0)
        return void s.add('concat', { axis, dim: typeof t.shape[axis] === 'number' ? '' : s.freshDim() }, [
          x,
          s.like(x),
        ])
      const index = s.pick((i) => i.kind === 'tensor' && isInt(i.elem) && i.shape.length + rank < 5)
      return index === undefined ? undefined : plain(s, 'gather', [x, index])
    }
    case 18:
      return void s.add(
        'iota',
        { dim: rank === 0 ? 3 : t.shape[0]! },
        rank === 0 || typeof t.shape[0] === 'number' ? [] : [x],
      )
    case 19: {
      const bits = s.pick((m) => m.kind === 'tensor' && m.elem === 'bool' && m.shape.length > 0)
      if (bits === undefined) return
      return void s.add(
        'reduce',
        { how: tape.of(['any', 'all'] as const), axes: [tape.next(s.tensor(bits).shape.length)] },
        [bits],
      )
    }
    case 20:
    case 21:
    case 22:
      return plain(s, tape.of(functions), [s.pick((f) => arithmetic(f) && isFloat(f.elem)) ?? s.literal('f32')])
    case 23: {
      if (t.elem === 'bool') return
      const to = t.elem.endsWith('64') ? (['i64', 'f64', 'u64'] as const) : (['i32', 'f32', 'u32'] as const)
      return void s.add('bitcast', { to: tape.of<'i64' | 'f64' | 'u64' | 'i32' | 'f32' | 'u32'>(to) }, [x])
    }
    default: {
      const y = s.pick(
        (u) =>
          arithmetic(u) &&
          u.elem === t.elem &&
          u.shape.length > 0 &&
          u.shape.length + rank < 6 &&
          u.shape[0] === t.shape[rank - 1],
      )
      return y === undefined || rank === 0 ? undefined : void s.add('contract', { batch: 0 }, [x, y])
    }
  }
}
