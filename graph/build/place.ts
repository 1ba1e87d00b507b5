import { dirname, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder `graph`: frames inside it are Quoin's own and never what the user wants to see. */
const own = dirname(import.meta.dirname) + sep
const here = process.cwd()

/**
 * `file:line` of the nearest frame outside `graph`, relative to the working directory; empty when there is none.
 * A capture costs some microseconds, so callers take one for each effect and each problem, not for each node.
 */
export const userPlace = (): string => {
  // Mostly the user is near; a formula or a nested object may be some frames further away.
  const near = placeIn(stackOf(12))
  return near === '' ? placeIn(stackOf(500)) : near
}
const stackOf = (frames: number): string => {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = frames
  const { stack } = new Error('place')
  Error.stackTraceLimit = limit
  return stack ?? ''
}

/** The place an error was thrown at, seen from the user's code. */
export const placeOf = (e: unknown): string => (e instanceof Error ? placeIn(e.stack ?? '') : '')

const placeIn = (stack: string): string => {
  for (const line of stack.split('\n')) {
    const m = /^\s+at (?:.*\()?((?:file:\/\/)?\/.*?|[A-Za-z]:\\.*?):(\d+)(?::\d+)?\)?$/.exec(line)
    if (m === null) continue
    const file = m[1]!.startsWith('file:') ? fileURLToPath(m[1]!.replace(/\?.*$/, '')) : m[1]!
    if (file.startsWith(own) || file.includes('/node_modules/')) continue
    const near = relative(here, file)
    return `${near.startsWith('..') ? file : near}:${m[2]}`
  }
  return ''
}
