import type { Absent } from '../harness.ts'

/**
 * A library to compare with. They have an installation of their own, beside this file, so that nobody needs them to use,
 * build or test Quoin; a specifier that is not a literal keeps the type checker from asking for them as well.
 */
export const peer = async <Library>(name: string, specifier: string): Promise<Library | Absent> => {
  try {
    return (await import(specifier)) as Library
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    return { name, absent: 'is not installed; `npm run bench:install` installs it' }
  }
}
