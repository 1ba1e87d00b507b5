import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { lstat, mkdir, readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Generated } from '../../codegen/artifact.ts'
import type { Failure } from '../failure.ts'
import { failed, interrupted } from '../failure.ts'
import { near } from '../load/near.ts'
import { artifactFiles, bytesOf, sameBytes } from './files.ts'

export type Written = 'new' | 'replaced' | 'same'
type Files = Generated['files']

/**
 * Puts an artefact in its place as a whole: it is written beside, then renamed. Readers find the old one or the new
 * one, and an interrupt or a full disk leaves what was there.
 */
export const writeArtifact = async (directory: string, files: Files, signal: AbortSignal): Promise<Written> => {
  try {
    const place = await standing(directory)
    if (place.stands && (await holdsAlready(place.directory, files))) return 'same'
    const beside = join(dirname(place.directory), `.${basename(place.directory)}.${randomBytes(4).toString('hex')}`)
    await ensure(dirname(place.directory))
    try {
      await mkdir(`${beside}.new`)
      for (const [name, content] of Object.entries(files)) {
        if (signal.aborted) throw interrupted()
        await writeFile(join(`${beside}.new`, name), content, { flush: true })
      }
      if (signal.aborted) throw interrupted()
      await swap(place, beside)
    } finally {
      await rm(`${beside}.new`, { recursive: true, force: true }).catch(() => {})
    }
    return place.stands ? 'replaced' : 'new'
  } catch (e) {
    throw notWritten(e, directory)
  }
}

/** Node's own recursive mkdir never ends where a parent refuses children with ENOENT, as /proc does. */
const ensure = async (directory: string): Promise<void> => {
  const made = await mkdir(directory).then(
    () => true,
    (e: NodeJS.ErrnoException) => {
      if (e.code === 'EEXIST') return true
      if (e.code === 'ENOENT' && dirname(directory) !== directory && !existsSync(dirname(directory))) return false
      throw e
    },
  )
  if (made) return
  await ensure(dirname(directory))
  await mkdir(directory)
}

/** Renames the new directory into place; the old one steps aside first and comes back if that fails. */
const swap = async ({ directory, stands }: Standing, beside: string): Promise<void> => {
  if (!stands) return rename(`${beside}.new`, directory)
  await rename(directory, `${beside}.old`)
  try {
    await rename(`${beside}.new`, directory)
  } catch (e) {
    await rename(`${beside}.old`, directory)
    throw e
  }
  await rm(`${beside}.old`, { recursive: true, force: true })
}

interface Standing {
  readonly directory: string
  readonly stands: boolean
}
/** What is at that place now. Only an artefact is replaced: files of somebody else would be lost. */
const standing = async (directory: string): Promise<Standing> => {
  const found = await lstat(directory).catch((e: NodeJS.ErrnoException) => {
    if (e.code === 'ENOENT') return undefined
    throw e
  })
  if (found === undefined) return { directory, stands: false }
  const real = await realpath(directory)
  const shown = near(directory)
  const names = await readdir(real).catch(() => undefined)
  if (names === undefined)
    throw failed(`${shown} exists and is not a directory`, 'move it away, or choose another place with --out')
  const foreign = names.find((n) => !(artifactFiles as readonly string[]).includes(n))
  if (foreign !== undefined)
    throw failed(
      `${shown} holds '${foreign}', which is not a file of an artefact, so it is not replaced`,
      'move it away, or choose another place with --out',
    )
  return { directory: real, stands: true }
}
const holdsAlready = async (directory: string, files: Files): Promise<boolean> => {
  const names = await readdir(directory)
  if (names.length !== Object.keys(files).length) return false
  for (const [name, content] of Object.entries(files)) {
    if (!names.includes(name) || !sameBytes(await readFile(join(directory, name)), bytesOf(content))) return false
  }
  return true
}

const reasons: Readonly<Record<string, readonly [why: string, fix: string]>> = {
  EACCES: ['permission denied', 'choose another place with --out, or change the permissions'],
  EPERM: ['permission denied', 'choose another place with --out, or change the permissions'],
  EROFS: ['the file system is read-only', 'choose another place with --out'],
  ENOSPC: ['no space is left on the disk', 'make room, or choose another place with --out'],
  EDQUOT: ['the disk quota is used up', 'make room, or choose another place with --out'],
  ENOTDIR: ['a part of the path is a file', 'choose another place with --out'],
  ENOENT: ['its parent takes no directories', 'choose another place with --out'],
  EEXIST: ['a part of the path is a file', 'choose another place with --out'],
  ENAMETOOLONG: ['the name is too long', 'choose another place with --out'],
}
const notWritten = (e: unknown, directory: string): unknown => {
  const [why, fix] = reasons[(e as NodeJS.ErrnoException).code ?? ''] ?? []
  if (why === undefined || fix === undefined) return e
  return failed(`${near(directory)} cannot be written: ${why}`, fix, e) satisfies Failure
}
