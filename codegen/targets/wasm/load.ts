import type { Binaryen } from './fn.ts'

let loaded: Promise<Binaryen> | undefined
let told: string[] | undefined

/**
 * Binaryen, loaded when the first module is made: it takes half a second. Its validator prints what it finds through the
 * `console.error` it meets at that moment, so it meets one that can keep the text.
 */
export const binaryen = (): Promise<Binaryen> => {
  loaded ??= load()
  return loaded
}

const load = async (): Promise<Binaryen> => {
  const { console } = globalThis
  const { error } = console
  const keep = (...xs: readonly unknown[]): void => {
    if (told === undefined) error(...xs)
    else told.push(xs.map(String).join(' '))
  }
  Object.assign(console, { error: keep })
  try {
    return (await import('binaryen')).default
  } finally {
    Object.assign(console, { error })
  }
}

/** What `f` answers, and what the library printed meanwhile. */
export const listening = <A>(f: () => A): { readonly answer: A; readonly said: string } => {
  const lines: string[] = []
  told = lines
  try {
    const answer = f()
    return { answer, said: lines.join('\n') }
  } finally {
    told = undefined
  }
}
