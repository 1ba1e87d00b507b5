import type { Failure } from '../failure.ts'
import { codeOf, messageOf } from '../failure.ts'

const told: Readonly<Record<string, readonly [Failure['tag'], string, string]>> = {
  ENOSPC: ['NoSpace', 'the disk is full', 'make room, or choose another root'],
  EDQUOT: ['NoSpace', 'the quota is used up', 'make room, or choose another root'],
  EFBIG: ['TooLarge', 'the file system takes no file of this size', 'write less, or choose another root'],
  EACCES: ['Permission', 'permission is denied', 'let this process write in the directory, or choose another root'],
  EPERM: [
    'Permission',
    'the system does not permit it',
    'let this process write in the directory, or choose another root',
  ],
  EROFS: ['Permission', 'the file system is read-only', 'choose another root'],
  ENOENT: ['NotFound', 'the directory does not exist', 'create it first: the driver writes files, not directories'],
  ENOTDIR: ['NotFound', 'a part of the path is no directory', 'choose another path'],
  EISDIR: ['Unknown', 'a directory has this name', 'choose another name'],
  ENAMETOOLONG: ['Unknown', 'the name is too long', 'choose a shorter name'],
  ELOOP: ['Escape', 'the path runs in a circle of symbolic links', 'write a path without symbolic links'],
}

/** What reads differently when a file is read. */
const reading: Readonly<Record<string, readonly [string, string]>> = {
  ENOENT: ['there is no such file', 'check the path'],
  EACCES: ['permission is denied', 'let this process read the file'],
  EPERM: ['the system does not permit it', 'let this process read the file'],
}

/** Every error of the file system as a typed failure; what is not known keeps its original. */
export const classifyFileError = (e: unknown, path: string, done: 'written' | 'read' = 'written'): Failure => {
  const known = told[codeOf(e)]
  return {
    tag: known?.[0] ?? 'Unknown',
    cause: `'${path}' cannot be ${done}: ${(done === 'read' ? reading[codeOf(e)]?.[0] : undefined) ?? known?.[1] ?? messageOf(e)}`,
    remedy: (done === 'read' ? reading[codeOf(e)]?.[1] : undefined) ?? known?.[2] ?? 'see the original error',
    original: e,
  }
}
