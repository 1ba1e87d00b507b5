import { InvalidArgumentError } from 'commander'

/** Names of a graph with what the command line binds to them. */
export type Bindings = Readonly<Record<string, string>>

/** A width in columns. */
export const columns = (text: string): number => {
  const n = Number(text)
  if (!Number.isInteger(n) || n < 47 || n > 10_000)
    throw new InvalidArgumentError('It has to be a number from 47 to 10000.')
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
