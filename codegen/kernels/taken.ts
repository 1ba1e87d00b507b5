import type { Lanes, Step } from './ir.ts'
import type { Ix } from './ix.ts'

/** Steps and those within them. */
export const flat = (steps: readonly Step[]): readonly Step[] =>
  steps.flatMap((s) => (s.i === 'repeat' ? [s, ...flat(s.body)] : [s]))

/** The buffers and index variables that a loop takes from around it; with them it can be a function of its own. */
export const taken = (s: Lanes): readonly string[] => {
  const found = new Set<string>()
  const own = new Set<string>()
  const ix = (x: Ix): void => {
    if (typeof x === 'string') found.add(x)
    if (typeof x === 'object') [x.a, x.b].forEach(ix)
  }
  ix(s.phase)
  for (const x of flat([...s.before, ...s.body])) {
    if ('at' in x) [x.at, x.step].forEach(ix)
    if ('scale' in x) ix(x.scale)
    if (x.i === 'load' || x.i === 'fetch') found.add(x.from)
    if (x.i === 'store') found.add(x.to)
    if (x.i === 'fold') found.add(x.into)
    if (x.i === 'repeat') {
      ix(x.count)
      own.add(x.name)
    }
  }
  return [...found].filter((n) => !own.has(n))
}
