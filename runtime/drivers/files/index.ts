import type { Answer, Call } from '../../../graph/effects.ts'
import type { Either } from '../../../graph/either.ts'
import { isLeft, left, right } from '../../../graph/either.ts'
import { bug } from '../../../graph/errors.ts'
import type { Value } from '../../../graph/values.ts'
import type { Context, Driver } from '../../driver.ts'
import type { Failure } from '../failure.ts'
import { failed, notMine } from '../failure.ts'
import { limit, showMs } from '../limit.ts'
import type { Takes } from '../options.ts'
import { driverOf } from '../options.ts'
import { answering, within } from '../within.ts'
import { assumptions } from './assumptions.ts'
import { classifyFileError } from './classify.ts'
import { insideRoot } from './confine.ts'
import { probe } from './probe.ts'
import { readContent } from './read.ts'
import { replaceFile } from './replace.ts'

export { classifyFileError } from './classify.ts'

export interface FilesOptions {
  /** The directory that holds every file this driver may read or write. */
  readonly root: string
  /** The most bytes of one file (64 MiB); the graph may allow fewer. */
  readonly maxBytes?: number
  /** The time limit of one call (10,000). */
  readonly timeoutMs?: number
}

/**
 * Files below one root, each replaced as one step. Nothing is created but the file itself; its directory must exist.
 */
export const files = (options: FilesOptions): Driver =>
  driverOf('files', { kind: 'files', effects: ['fileRead', 'fileWrite'] }, options, takes, made)
const takes: Takes<FilesOptions> = {
  example: "files({ root: '/srv/reports' })",
  options: { root: 'string', maxBytes: 'any', timeoutMs: 'any' },
  needs: 'root',
}
const made = (options: FilesOptions): Driver => {
  const busy = new Set<Promise<unknown>>()
  const closing = new AbortController()
  return {
    kind: 'files',
    effects: ['fileRead', 'fileWrite'],
    assumptions,
    perform: async (call, context) => {
      if (call.effect !== 'fileWrite' && call.effect !== 'fileRead') return notMine(call, 'files')
      const work =
        call.effect === 'fileRead'
          ? read(options, call, context, closing.signal)
          : write(options, call, context, closing.signal)
      busy.add(work)
      try {
        return await work
      } catch (e) {
        return left(bug(call.effect, e))
      } finally {
        busy.delete(work)
      }
    },
    probe: (context) => probe(options.root, context),
    close: async () => {
      closing.abort()
      await Promise.allSettled(busy)
    },
  }
}

const read = (
  { root, maxBytes = 64 * 2 ** 20, timeoutMs = 10_000 }: FilesOptions,
  call: Call & { readonly effect: 'fileRead' },
  context: Context,
  closing: AbortSignal,
): Promise<Answer> =>
  answering(call, () => {
    const path = String(call.args[0])
    const limits = { timeoutMs, closing, what: `reading '${path}'`, writes: false }
    return within(context, limits, async (signal) => {
      try {
        const place = await insideRoot(root, path)
        if (isLeft(place)) return place
        const content = await readContent(
          place.right,
          path,
          call.attrs.as,
          Math.min(maxBytes, call.attrs.maxBytes),
          signal,
        )
        // Why it stopped is known one level up.
        if (isLeft(content) && content.left === 'stopped') return left(classifyFileError('stopped', path, 'read'))
        return content as Either<Failure, Value>
      } catch (e) {
        return left(classifyFileError(e, path, 'read'))
      }
    })
  })

/** How long a stopped write may take to tidy up before its answer no longer waits for it. */
const graceMs = 1000
type Write = Call & { readonly effect: 'fileWrite' }

const write = async (
  { root, maxBytes = 64 * 2 ** 20, timeoutMs = 10_000 }: FilesOptions,
  call: Write,
  { signal }: Context,
  closing: AbortSignal,
): Promise<Answer> => {
  const [path, content] = call.args as readonly [string, string | Uint8Array]
  const size = typeof content === 'string' ? Buffer.byteLength(content) : content.byteLength
  const most = Math.min(maxBytes, call.attrs.maxBytes)
  if (size > most) return failed(call, tooLarge(path, size, most))
  const bound = limit(signal, timeoutMs, closing)
  const progress = { renaming: false }
  const stop = (): Failure => {
    const unknown = progress.renaming ? { outcome: 'unknown' as const } : {}
    const cause =
      bound.stopped() === 'Timeout'
        ? `the time limit of ${showMs(timeoutMs)} ended while '${path}' was being written`
        : `writing '${path}' was ${bound.stopped() === 'Closed' ? 'ended because the driver was closed' : 'cancelled'}`
    if (bound.stopped() !== 'Timeout' && !progress.renaming) {
      return { tag: 'Cancelled', cause, remedy: 'nothing is wrong with the file: it holds what it held before' }
    }
    const tag = bound.stopped() === 'Timeout' ? 'Timeout' : 'Unknown'
    return { tag, cause, remedy: "check the disk, or set a longer timeoutMs in the driver's options", ...unknown }
  }
  const work = async (): Promise<Answer> => {
    try {
      const place = await insideRoot(root, path)
      if (place._tag === 'Left') return failed(call, place.left)
      const done = await replaceFile(place.right, content, bound.signal, progress)
      return done ? right(null) : failed(call, stop())
    } catch (e) {
      return failed(call, classifyFileError(e, path))
    }
  }
  try {
    return await Promise.race([work(), stuck(bound.signal, () => failed(call, stop()))])
  } finally {
    bound.release()
  }
}

/** Settles only when a stopped write has not tidied up within the grace: a disk that hangs must not hang the run. */
const stuck = (signal: AbortSignal, answer: () => Answer): Promise<Answer> =>
  new Promise((resolve) => {
    const wait = (): void => void setTimeout(() => resolve(answer()), graceMs).unref()
    if (signal.aborted) wait()
    else signal.addEventListener('abort', wait, { once: true })
  })

const tooLarge = (path: string, size: number, most: number): Failure => ({
  tag: 'TooLarge',
  cause: `'${path}' would have ${size.toLocaleString('en-US')} bytes, and at most ${most.toLocaleString('en-US')} are allowed`,
  remedy: 'raise maxBytes of the driver and of the write, or write less',
})
