import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { Recording } from '../runtime/replay/recording.ts'
import type { Failure } from './failure.ts'
import { failed, misused } from './failure.ts'
import { near } from './load/index.ts'

/** Finds out before anything runs that a recording could not be written afterwards. */
export const checkRecordTo = (given: string): void => {
  const path = resolve(given)
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
    throw misused(`--record ${given}: that is a directory`, 'name a file: --record run.json')
  if (statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory() !== true)
    throw misused(`--record ${given}: there is no directory ${near(dirname(path))}`, 'create it, or name another file')
}

/** Writes a recording as a whole or not at all; one call a line, so that two of them can be compared. */
export const writeRecording = async (given: string, { calls, ...rest }: Recording): Promise<void> => {
  const path = resolve(given)
  const beside = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}`)
  try {
    const head = JSON.stringify(rest).slice(0, -1)
    const lines = calls.map((c) => JSON.stringify(c)).join(',\n')
    // Whoever may read the file may read what the run read.
    await writeFile(beside, `${head},"calls":[\n${lines}\n]}\n`, { flush: true, mode: 0o600 })
    await rename(beside, path)
  } catch (e) {
    await rm(beside, { force: true }).catch(() => {})
    throw notWritten(given, e)
  }
}
const notWritten = (given: string, e: unknown): Failure =>
  failed(
    `the run has ended, and its recording could not be written to ${given}: ${e instanceof Error ? e.message : String(e)}`,
    'make room, or name another file with --record; the run itself is not undone',
    e,
  )
