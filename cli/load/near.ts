import { relative } from 'node:path'

/** A path as the user would write it from here. */
export const near = (file: string): string => {
  const here = relative(process.cwd(), file)
  return here === '' ? '.' : here.startsWith('..') ? file : here
}
