import type { Driver } from '../driver.ts'
import { failed } from './failure.ts'

/** What a driver function takes: the names of its options, and one that is needed, with a value as an example. */
export interface Takes<O> {
  /** How a call of it looks: `files({ root: '/data' })`. */
  readonly example: string
  /** All there are; without them any name may be given. */
  readonly options?: Readonly<Record<keyof Required<O>, 'string' | 'any'>>
  readonly needs?: keyof O & string
}
type Misuse = NonNullable<Driver['misused']>

const misuse = <O>(name: string, given: unknown, { example, options, needs }: Takes<O>): Misuse | undefined => {
  const wrong = (cause: string): Misuse => ({ cause: `${name}: ${cause}`, remedy: `write ${example}` })
  if (given === undefined || given === null)
    return needs === undefined ? undefined : wrong(`its options are ${String(given)}, and it needs '${needs}'`)
  if (typeof given !== 'object' || Array.isArray(given))
    return wrong(`its options are ${Array.isArray(given) ? 'an array' : `a ${typeof given}`}, and not an object`)
  if (options === undefined) return undefined
  const known = Object.keys(options)
  const odd = Object.keys(given).find((k) => !known.includes(k))
  if (odd !== undefined) return { cause: `${name} has no option '${odd}'`, remedy: `choose from ${known.join(', ')}` }
  const of = given as Readonly<Record<string, unknown>>
  if (needs !== undefined && of[needs] === undefined) return wrong(`it needs '${needs}'`)
  const text = known.find((k) => options[k as keyof O] === 'string' && of[k] !== undefined && typeof of[k] !== 'string')
  return text === undefined ? undefined : wrong(`'${text}' is a ${typeof of[text]}, and not a text`)
}

/**
 * A driver made of options that a program without types may have written in any way. One that cannot be made of them is
 * refused when it is bound, with the reason, and answers every call with that reason.
 */
export const driverOf = <O extends object>(
  name: string,
  kind: Pick<Driver, 'kind' | 'effects'>,
  given: O | undefined,
  takes: Takes<O>,
  make: (options: O) => Driver,
): Driver => {
  const misused = misuse(name, given, takes)
  if (misused === undefined) return make(given ?? ({} as O))
  return {
    ...kind,
    assumptions: [],
    misused,
    perform: (call) => Promise.resolve(failed(call, { tag: 'Unknown', ...misused })),
    close: () => Promise.resolve(),
  }
}
