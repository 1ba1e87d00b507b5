import type { Stmt, Test } from '../../kernels/index.ts'
import type { Expr, Fn } from './fn.ts'
import { lanes } from './lanes.ts'
import { counted } from './steps.ts'

const tests: Readonly<Record<Test['is'], 'lt_s' | 'eq' | 'gt_s'>> = { '<': 'lt_s', '==': 'eq', '>': 'gt_s' }

export const statements = (f: Fn, body: readonly Stmt[]): Expr[] => body.flatMap((s): readonly Expr[] => {
  const test = (t: Test): Expr => f.m.i32[tests[t.is]](f.ix(t.a), f.ix(t.b))
  switch (s.s) {
    case 'set': return [f.set(f.named(s.name), f.ix(s.to))]
    case 'for': return [counted(f, s.name, s.count, statements(f, s.body))]
    case 'while': return [f.while(() => test(s.test), statements(f, s.body))]
    case 'if': {
      const otherwise = s.else.length === 0 ? undefined : f.block(statements(f, s.else))
      return [f.m.if(test(s.test), f.block(statements(f, s.then)), otherwise)]
    }
    case 'lanes': return lanes(f, s)
  }
})
