import type { Id, Lanes, Step, Stmt, Store } from './ir.ts'
import type { Ix } from './ix.ts'
import { add, ixOf, mul } from './ix.ts'
import type { Output, Plan } from './plan.ts'
import type { Place } from './ssa.ts'
import { instructions } from './ssa.ts'

/** Fresh names for index variables. */
export class Names {
  #next = 0
  fresh(): string {
    return `i${this.#next++}`
  }
}

/** Lanes that compute values at a place and hand them to steps. */
export const lanesAt = (
  p: Plan,
  place: Place,
  count: Ix,
  roots: readonly Id[],
  steps: readonly Step[],
  phase: Ix = 0,
): Lanes => {
  const { before, body } = instructions(p.ssa, roots, place)
  return { s: 'lanes', count, before, body: [...body, ...steps], phase }
}

export const storeAt = (o: Output, k: number, place: Place): Store => ({
  i: 'store',
  elem: o.elem,
  to: `out${k}`,
  value: o.value,
  ...outputAt(o, place),
})
export const outputAt = (o: Output, place: Place): { at: Ix; step: Ix } => ({
  at: o.strides.reduce<Ix>((x, s, k) => add(x, mul(ixOf(s), place.axes[k]!)), o.offset ?? 0),
  step: place.lane < 0 ? 0 : ixOf(o.strides[place.lane]!),
})

/**
 * One loop for each of `axes`, outermost first; `inner` gets the index along every axis, 0 where there is no loop. The
 * loop over the axis `shared` is one that threads may divide.
 */
export const loops = (
  p: Plan,
  axes: readonly number[],
  names: Names,
  inner: (at: readonly Ix[]) => readonly Stmt[],
  shared?: number,
): readonly Stmt[] => {
  const at: Ix[] = p.sizes.map(() => 0)
  const vars = axes.map((k) => {
    const name = names.fresh()
    at[k] = name
    return { name, count: ixOf(p.sizes[k]!), shared: k === shared }
  })
  return vars.reduceRight<readonly Stmt[]>((body, v) => [{ s: 'for', ...v, body }], inner(at))
}
/** The outermost of these axes that is worth dividing; the longest where all are known to be short. */
export const sharedAxis = (p: Plan, axes: readonly number[]): number | undefined => {
  const length = (k: number): number => (p.sizes[k]!.of.length > 0 ? fair : p.sizes[k]!.times)
  const long = axes.find((k) => length(k) >= fair)
  return (
    long ?? axes.reduce<number | undefined>((a, k) => (a === undefined || length(k) > length(a) ? k : a), undefined)
  )
}
/** Turns of a loop of which several threads get about the same share. */
const fair = 64

/** Cell by cell over the domain: every output is stored where it is computed. */
export const mapNest = (p: Plan, names: Names): readonly Stmt[] => {
  const lane = p.sizes.length - 1
  const shared = sharedAxis(p, p.kept)
  return loops(
    p,
    p.kept.filter((k) => k !== lane),
    names,
    (axes) => {
      const place = { axes, lane }
      const all = lanesAt(
        p,
        place,
        ixOf(p.sizes[lane]!),
        p.outputs.map((o) => o.value),
        p.outputs.map((o, k) => storeAt(o, k, place)),
      )
      return [{ ...all, shared: shared === lane }]
    },
    shared,
  )
}

/** One of two branches, by whether a size is zero; known sizes leave only the one that runs. */
export const ifZero = (size: Ix, yes: readonly Stmt[], no: readonly Stmt[]): readonly Stmt[] =>
  typeof size === 'number' ? (size === 0 ? yes : no) : [{ s: 'if', test: { a: size, is: '==', b: 0 }, yes, no }]
