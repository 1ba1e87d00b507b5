/**
 * The members of `Math` whose result ECMAScript fixes to the last bit. The others (sin, exp, pow, hypot, …) may differ
 * between engines and versions, so a result that used them would not be reproducible.
 */
export const exactMath: ReadonlySet<string> = new Set([
  'abs',
  'ceil',
  'clz32',
  'f16round',
  'floor',
  'fround',
  'imul',
  'max',
  'min',
  'round',
  'sign',
  'sqrt',
  'trunc',
  'E',
  'LN10',
  'LN2',
  'LOG10E',
  'LOG2E',
  'PI',
  'SQRT1_2',
  'SQRT2',
])
