import { current } from './builder.ts'
import { nearest } from './nearest.ts'

/** What is wrong with options: they are no object, or there is no such option. Nothing where none were given. */
export const optionProblem = (
  given: unknown,
  known: readonly string[],
): { readonly cause: string; readonly remedy: string } | undefined => {
  if (given === undefined || given === null) return undefined
  if (typeof given !== 'object' || Array.isArray(given)) {
    const what = Array.isArray(given) ? 'an array' : typeof given === 'function' ? 'a function' : JSON.stringify(given)
    return { cause: `its options are ${what}`, remedy: `give an object of ${known.join(', ')}` }
  }
  const odd = Object.keys(given).find((k) => !known.includes(k))
  return odd === undefined
    ? undefined
    : { cause: `it has no option '${odd}'`, remedy: nearest(odd, known).replace('there are', 'choose from') }
}

/** Options as an object, whatever was given; what is wrong with them is a problem of the graph. */
export const optionsOf = <O extends object>(
  of: string,
  given: O | undefined,
  known: readonly (keyof O & string)[],
): Partial<O> => {
  const odd = optionProblem(given, known)
  if (odd === undefined) return given ?? {}
  current().fail(of, `${of}: ${odd.cause}`, odd.remedy)
  return typeof given === 'object' && !Array.isArray(given) ? given : {}
}
