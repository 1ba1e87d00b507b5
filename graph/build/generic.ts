import { left } from '../either.ts'
import type { Elem } from '../elem.ts'
import { unit } from '../types.ts'
import type { ElemCodec } from './codec.ts'
import type { Built, InvalidGraph } from './graph.ts'
import { invalidGraph } from './graph.ts'

/** For each parameter, the elements it may stand for. */
export type Choices = Readonly<Record<string, readonly HasElem[]>>
/** What `t.f64` and its like have in common; a codec itself reads and writes, so that it fits no wider one. */
interface HasElem {
  readonly elem: Elem
}
type ElemsOf<C extends readonly HasElem[]> = C[number]['elem']
/** In the body a parameter is any of its elements, so only what all of them can do type-checks. */
export type Parameters<P extends Choices> = { readonly [K in keyof P]: ElemCodec<ElemsOf<P[K]>> }
export type Chosen<P extends Choices> = { readonly [K in keyof P]: { readonly elem: ElemsOf<P[K]> } }

/** A graph for several element types: every instance is built and checked at once, each is compiled by itself. */
export interface Generic<P extends Choices, B extends Built> {
  /** What is wrong with instances, each saying which; empty when all of them can be compiled. */
  readonly problems: readonly InvalidGraph[]
  /** The graph for these elements. Ones that were not listed give a graph that says so when it is compiled. */
  readonly at: (elems: Chosen<P>) => B
  readonly instances: readonly { readonly elems: Chosen<P>; readonly built: B }[]
}

const most = 256

/**
 * One graph for several element types, as `compile`'s `dims` makes one graph serve several shapes: write it once, have
 * it checked at every choice, and compile the instances that are wanted.
 *
 *     const axpy = generic({ T: [t.f64, t.f32] }, ({ T }) =>
 *       graph('axpy', { a: T, x: t.tensor(T, 'n'), y: t.tensor(T, 'n') }, ({ a, x, y }) => ({ z: x.mul(a).add(y) })))
 *     await compile(axpy.at({ T: t.f32 }), { dims: { n: 1000 } })
 */
export const generic = <const P extends Choices, B extends Built>(
  choices: P,
  body: (elems: Parameters<P>) => B,
): Generic<P, B> => {
  const names = Object.keys(choices ?? {})
  const count = names.reduce((n, k) => n * (choices[k]?.length ?? 0), 1)
  const refused = (cause: string, remedy: string): InvalidGraph =>
    invalidGraph('build', 'generic', [{ node: 'generic', place: '', cause, remedy }])
  // A refusal is a graph like any other that cannot be sealed, so that nothing throws here.
  const unbuilt = (error: InvalidGraph) =>
    ({ name: 'generic', sealed: left(error), inputType: unit, outputType: unit }) as Built as B
  if (count === 0 || count > most) {
    const error = refused(
      `${names.length} parameters with ${count} choices in all`,
      `give each parameter at least one element, and at most ${most} choices in all`,
    )
    return { problems: [error], at: () => unbuilt(error), instances: [] }
  }
  const all = names.reduce<readonly Readonly<Record<string, HasElem>>[]>(
    (done, k) => done.flatMap((d) => choices[k]!.map((e) => ({ ...d, [k]: e }))),
    [{}],
  )
  const instances = all.map((elems) => {
    let built: B
    try {
      built = body(elems as Parameters<P>)
      if (built?.sealed === undefined)
        built = unbuilt(refused('the body gave no graph', 'return what graph(…) returned'))
    } catch (e) {
      const said = e instanceof Error ? e.message : String(e)
      built = unbuilt(refused(`the body threw: ${said}`, 'correct the body; it runs once for each choice of elements'))
    }
    return { elems: elems as Chosen<P>, built }
  })
  const problems = instances.flatMap(({ elems, built }) => {
    if (built.sealed._tag === 'Right') return []
    return [{ ...built.sealed.left, cause: `at ${shown(elems)}: ${built.sealed.left.cause}` }]
  })
  return {
    problems,
    instances,
    at: (elems) => {
      const found = instances.find((i) => names.every((k) => i.elems[k]!.elem === elems[k]?.elem))
      if (found !== undefined) return found.built
      const list = instances.map((i) => shown(i.elems)).join('; ')
      return unbuilt(refused(`there is no instance at ${shown(elems)}`, `choose one of ${list}`))
    },
  }
}
const shown = (elems: object): string =>
  Object.entries(elems)
    .map(([k, e]: [string, HasElem | undefined]) => `${k} = ${e?.elem ?? String(e)}`)
    .join(', ')
