import type { Stmt, Test } from '../../kernels/index.ts'
import type { Expr, Fn } from './fn.ts'
import { lanes } from './lanes.ts'
import { counted } from './steps.ts'

const tests: Readonly<Record<Test['is'], 'lt_s' | 'eq' | 'gt_s'>> = { '<': 'lt_s', '==': 'eq', '>': 'gt_s' }
const test = (f: Fn, t: Test): Expr => f.m.i32[tests[t.is]](f.ix(t.a), f.ix(t.b))

export const statements = (f: Fn, body: readonly Stmt[]): Expr[] => body.flatMap((s) => statement(f, s))

const statement = (f: Fn, s: Stmt): readonly Expr[] => {
  switch (s.s) {
    case 'set':
      return [f.set(f.named(s.name), f.ix(s.to))]
    case 'for':
      return [counted(f, s.name, s.count, statements(f, s.body), s.shared === true ? f.share(s.count) : undefined)]
    case 'while':
      return [f.while(() => test(f, s.test), statements(f, s.body))]
    case 'if':
      return [f.m.if(test(f, s.test), f.block(statements(f, s.yes)), f.block(statements(f, s.no)))]
    case 'lanes':
      return lanes(f, s)
  }
}
