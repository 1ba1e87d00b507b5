import type { Fault } from '../fault.ts'

const rules = 'test/gradients/rules.test.ts'
const meaning = 'test/gradients/meaning.test.ts'
const bind = 'test/passes/bind.test.ts'

/** Derivatives, binding and shifting that are nearly right. */
export const gradients: readonly Fault[] = [
  {
    file: 'graph/gradient/rules/cells.ts',
    from: "return isFloat(elem) && isFloat(to) ? [() => s.cells.make('convert', { to: elem }, g as number)] : []",
    to: "return isFloat(elem) && isFloat(to) ? [() => s.cells.neg(s.cells.make('convert', { to: elem }, g as number))] : []",
    about: 'the derivative of a conversion has the other sign',
    tests: [rules, meaning],
  },
  {
    file: 'graph/gradient/rules/running.ts',
    from: 'return c.transpose(c.scale(flow, before), back)',
    to: 'return c.transpose(c.div(c.mul(flow, c.transpose(node.id, perm)), x), back)',
    about: 'the derivative of a running product divides by cells that may be 0',
    tests: [meaning, rules],
  },
  {
    file: 'graph/gradient/rules/running.ts',
    from: 'const more = c.only(within, c.scale(c.cutLike(g, further(flow, by)), factor))',
    to: 'const more = c.scale(c.cutLike(g, further(flow, by)), factor)',
    about: 'the last cell of a running product is counted beyond the end',
    tests: [meaning, rules],
  },
  {
    file: 'graph/gradient/rules/shape.ts',
    from: 'return c.cut(c.scale(c.cutLike(g, back(g)), slope))',
    to: 'return c.cut(c.mul(back(g), slope))',
    about: 'an extreme that is NaN hands NaN on where nothing flows',
    tests: [meaning],
  },
  {
    file: 'graph/gradient/rules/control.ts',
    from: 'return s.inline(renamed(s.cells.arena, alone, params, mark), captures)',
    to: 'return s.inline(alone, captures)',
    about: 'what arises in a body arises in its copy under the same name',
    tests: [meaning],
  },
  {
    file: 'passes/bind.ts',
    from: 'for (let i = 0; i < n && lacks(t.of); i++) sizesIn(',
    to: 'if (n > 0) for (let i = 0; i < 1; i++) sizesIn(',
    about: 'sizes are read off the first element of a list alone',
    tests: [bind],
  },
  {
    file: 'graph/dims.ts',
    from: 'return dimsOfLiteral(node.type, (attrs as { value: Json }).value)',
    to: 'return free',
    about: 'a literal without a value brings in the dimensions of its type',
    tests: [bind],
  },
  {
    file: 'graph/build/shift.ts',
    from: "const mirrored = (i: number, n: number): number => (i < 0 ? -i : i >= n ? 2 * (n - 1) - i : i)",
    to: 'const mirrored = (i: number, n: number): number => (i < 0 ? -i - 1 : i >= n ? 2 * n - 1 - i : i)',
    about: 'a mirror outside of an axis repeats the last cell',
    tests: ['test/build/shift.test.ts'],
  },
]
