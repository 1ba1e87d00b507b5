import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Either } from '../../../graph/either.ts'
import { left, right } from '../../../graph/either.ts'
import type { Value } from '../../../graph/values.ts'
import { decodeText } from '../../payload.ts'
import type { Failure } from '../failure.ts'

const step = 2 ** 20
/** Never through a link that appeared since the path was checked, and never waiting for somebody to open a pipe. */
const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/** The content of a file, up to a size. Reads in steps, so that a large file can be cancelled in its middle. */
export const readContent = async (
  place: string,
  path: string,
  as: 'string' | 'bytes',
  most: number,
  signal: AbortSignal,
): Promise<Either<Failure | 'stopped', Value>> => {
  const handle = await open(place, flags)
  try {
    const is = await handle.stat()
    if (!is.isFile())
      return left({ tag: 'Unknown', cause: `'${path}' cannot be read: it is no file`, remedy: 'choose another path' })
    if (is.size > most) return left(tooMuch(path, most))
    const parts: Uint8Array[] = []
    // It may grow while it is read, so what counts is what was read.
    for (let at = 0; ; ) {
      if (signal.aborted) return left('stopped')
      const part = new Uint8Array(Math.min(step, most - at + 1))
      const { bytesRead } = await handle.read(part, 0, part.length, at)
      if (bytesRead === 0) break
      at += bytesRead
      if (at > most) return left(tooMuch(path, most))
      parts.push(part.subarray(0, bytesRead))
    }
    const bytes = new Uint8Array(Buffer.concat(parts))
    if (as === 'bytes') return right(bytes)
    const text = decodeText(bytes)
    if (text !== undefined) return right(text)
    return left({
      tag: 'Decode',
      cause: `'${path}' is not UTF-8 text`,
      remedy: 'read it with readBytes, or correct the file',
    })
  } finally {
    await handle.close()
  }
}

const tooMuch = (path: string, most: number): Failure => ({
  tag: 'TooLarge',
  cause: `'${path}' has more than ${most.toLocaleString('en-US')} bytes`,
  remedy: 'raise maxBytes of the driver and of the read',
})
