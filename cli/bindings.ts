import { InvalidArgumentError } from 'commander'
import type { Mode } from '../passes/index.ts'

/** Names of a graph with what the command line binds to them. */
export type Bindings = Readonly<Record<string, string>>

/** A width in columns. */
export const columns = (text: string): number => {
  const n = Number(text)
  if (!Number.isInteger(n) || n < 47 || n > 10_000)
    throw new InvalidArgumentError('It has to be a number from 47 to 10000.')
  return n
}

/** A number of things, at least one. */
export const count = (text: string): number => {
  const n = Number(text)
  if (!Number.isInteger(n) || n < 1 || n > 1e9)
    throw new InvalidArgumentError('It has to be a whole number from 1 to 10⁹.')
  return n
}

/** `name=value`, gathered over repetitions. */
export const binding = (text: string, before: Bindings): Bindings => {
  const at = text.indexOf('=')
  const [name, value] = [text.slice(0, at), text.slice(at + 1)]
  if (at < 1 || value === '') throw new InvalidArgumentError("It has to be 'name=path'.")
  if (Object.hasOwn(before, name)) throw new InvalidArgumentError(`'${name}' is bound twice.`)
  return { ...before, [name]: value }
}

/** Modes of relaxed laws, by hand so that help appears before any pass is loaded; a test compares them with the laws. */
export const relaxable = { reassociate: true, reciprocal: true } as const satisfies Record<Mode, true>

/** A mode of relaxed laws, gathered over repetitions. */
export const mode = (text: string, before: readonly Mode[]): readonly Mode[] => {
  if (!Object.hasOwn(relaxable, text))
    throw new InvalidArgumentError(`It has to be one of ${Object.keys(relaxable).join(', ')}.`)
  return [...new Set([...before, text as Mode])].sort()
}
