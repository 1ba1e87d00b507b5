import { randomBytes } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/**
 * Replaces a file as one step: a temporary file beside it is written, flushed and renamed over it. Answers false when
 * it was stopped before the rename; whatever happens, no temporary file is left.
 */
export const replaceFile = async (
  place: string,
  content: string | Uint8Array,
  signal: AbortSignal,
  progress: { renaming: boolean },
): Promise<boolean> => {
  if (signal.aborted) return false
  const temporary = join(dirname(place), `.quoin-${randomBytes(8).toString('hex')}.tmp`)
  const before = await stat(place).catch(() => undefined)
  const handle = await open(temporary, 'wx', before === undefined ? 0o666 : before.mode & 0o777)
  try {
    try {
      if (!(await pour(handle, content, signal))) return false
      await handle.sync()
    } finally {
      await handle.close()
    }
    if (signal.aborted) return false
    progress.renaming = true
    // From here on it may have happened, also while its name is not yet flushed.
    await rename(temporary, place)
    await flushDirectory(dirname(place))
    return true
  } finally {
    await rm(temporary, { force: true })
  }
}

const step = 2 ** 20

/** Writes in steps, so that a large file can be cancelled in its middle. */
const pour = async (handle: FileHandle, content: string | Uint8Array, signal: AbortSignal): Promise<boolean> => {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  for (let at = 0; at < bytes.byteLength; ) {
    if (signal.aborted) return false
    const { bytesWritten } = await handle.write(bytes, at, Math.min(step, bytes.byteLength - at))
    at += bytesWritten
  }
  return true
}

/** Makes the new name survive a power cut, where the system can flush directories (Windows cannot). */
const flushDirectory = async (directory: string): Promise<void> => {
  try {
    const handle = await open(directory, 'r')
    await handle.sync().finally(() => handle.close())
  } catch {
    // The file is in place; only its name may be lost in a crash, and the inventory says so.
  }
}
