import { lstat, realpath } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path'
import type { Either } from '../../../graph/either.ts'
import { left, right } from '../../../graph/either.ts'
import type { Failure } from '../failure.ts'
import { codeOf } from '../failure.ts'

const escaping = (path: string, how: string): Either<Failure, never> =>
  left({
    tag: 'Escape',
    cause: `the path '${path.slice(0, 200)}' ${how}`,
    remedy: 'write a relative path below the root, such as reports/today.json',
  })

/** The real place of a path below the root, or why it is not below it. */
export const insideRoot = async (root: string, path: string): Promise<Either<Failure, string>> => {
  if (/(^|\/)\.?$/.test(path)) return escaping(path, 'names no file')
  if (path.includes('\0')) return escaping(path, 'holds a zero character')
  if (isAbsolute(path) || /^[A-Za-z]:/.test(path)) return escaping(path, 'is absolute')
  if (path.split(/[\\/]/).includes('..')) return escaping(path, 'holds ..')
  const top = await real(root)
  if (top === undefined) return left(noDirectory(`the root '${root}'`))
  const target = join(top, path)
  const parent = await real(dirname(target))
  if (parent === undefined) return left(noDirectory(`the directory of '${path}'`))
  const within = relative(top, parent)
  if (isAbsolute(within) || within.split(sep)[0] === '..')
    return escaping(path, 'leaves the root through a symbolic link')
  const place = join(parent, basename(target))
  const is = await lstat(place).catch(() => undefined)
  return is?.isSymbolicLink() === true ? escaping(path, 'is a symbolic link') : right(place)
}

const real = async (path: string): Promise<string | undefined> => {
  try {
    return await realpath(path)
  } catch (e) {
    if (codeOf(e) === 'ENOENT' || codeOf(e) === 'ENOTDIR') return undefined
    throw e
  }
}
const noDirectory = (what: string): Failure => ({
  tag: 'NotFound',
  cause: `${what} does not exist`,
  remedy: 'create it first: the driver writes files, not directories',
})
