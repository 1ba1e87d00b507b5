import { spawnSync } from 'node:child_process'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Failure } from '../failure.ts'
import { failed } from '../failure.ts'
import { near } from './near.ts'

/** Why a graph module could not be imported, with the line where that is known. */
export const notImported = (e: unknown, file: string, shown: string): Failure => {
  const error = e instanceof Error ? e : new Error(String(e))
  const { code } = error as NodeJS.ErrnoException
  if (error instanceof SyntaxError) return syntax(error, code, file, shown)
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'ERR_UNSUPPORTED_DIR_IMPORT') return missing(error, shown)
  if (code === 'ERR_PACKAGE_PATH_NOT_EXPORTED')
    return failed(`${shown}: ${short(error.message)}`, 'check the import, and the version of the package', e)
  if (code === 'EACCES')
    return failed(`${shown} cannot be read: permission denied`, 'check the permissions of the file', e)
  const place = placeOf(error.stack ?? '', file)
  const thrown = e instanceof Error ? `${error.name}: ${short(error.message)}` : short(String(e))
  return failed(
    `${place ?? shown}: the graph file threw while it was loaded: ${thrown}`,
    'correct the file; it has to load without an error',
    e,
  )
}

const short = (message: string): string => {
  const [line = ''] = message.split('\n')
  return line.length > 300 ? `${line.slice(0, 299)}…` : line
}

const syntax = (error: SyntaxError, code: string | undefined, file: string, shown: string): Failure => {
  const place = arrow(error.stack ?? '') ?? parsed(file) ?? shown
  const unsupported = code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX'
  const fix = unsupported
    ? 'Node strips types and runs what is left: use only syntax that can be erased'
    : 'correct the line'
  return failed(`${place}: ${unsupported ? short(error.message) : `syntax error: ${short(error.message)}`}`, fix, error)
}

/** Node puts `file:line` before the stack of some syntax errors. */
const arrow = (stack: string): string | undefined => {
  const m = /^((?:file:\/\/)?\S.*):(\d+)$/.exec(stack.split('\n')[0] ?? '')
  return m === null ? undefined : `${shownFile(m[1]!)}:${m[2]}`
}
/** And for the others it tells the line only to a process that is asked to check the file. */
const parsed = (file: string): string | undefined => {
  const { stderr } = spawnSync(process.execPath, ['--check', file], { encoding: 'utf8', timeout: 5000 })
  return arrow(stderr ?? '')
}
const shownFile = (file: string): string => near(file.startsWith('file:') ? fileURLToPath(file) : file)

const missing = (error: Error, shown: string): Failure => {
  const m = /^Cannot find (package|module) '([^']+)'(?: imported from (.*))?/.exec(error.message)
  if (m === null) return failed(`${shown}: ${short(error.message)}`, 'check its imports', error)
  const [, kind, name = '', from] = m
  const importer = from === undefined ? shown : shownFile(from)
  return kind === 'package'
    ? failed(
        `${importer} imports '${name}', which is not installed`,
        `make ${name} a dependency of the project the graph is in, or correct the import`,
        error,
      )
    : failed(
        `${importer} imports ${shownFile(name)}, which is not there`,
        'correct the import; paths are written with their ending',
        error,
      )
}

/** `file:line` of the first frame that is not the engine's or a package's: where the user's code threw. */
const placeOf = (stack: string, file: string): string | undefined => {
  let first: string | undefined
  for (const line of stack.split('\n')) {
    const m = /^\s+at (?:.*\()?(file:\/\/.*?|\/.*?|[A-Za-z]:\\.*?):(\d+)(?::\d+)?\)?$/.exec(line)
    if (m === null || m[1]!.includes('/node_modules/')) continue
    const at = m[1]!.startsWith('file:') ? fileURLToPath(m[1]!.replace(/\?.*$/, '')) : m[1]!
    if (at === file) return `${near(at)}:${m[2]}`
    if (ours.test(relative(library, at).replaceAll('\\', '/'))) continue
    first ??= `${near(at)}:${m[2]}`
  }
  return first
}
/** An error that nothing caught, where the first code in its stack is the user's: then it is theirs, and is told with its place. */
export const uncaught = (e: unknown): Failure | undefined => {
  const stack = e instanceof Error ? (e.stack ?? '') : ''
  const frame = stack
    .split('\n')
    .find((l) => /^\s+at .*(?:file:\/\/|\(\/|at \/|[A-Za-z]:\\)/.test(l) && !l.includes('/node_modules/'))
  const place = frame === undefined ? undefined : placeOf(frame, '')
  if (place === undefined) return undefined
  const { name, message } = e as Error
  return failed(
    `${place}: threw, and nothing caught it: ${name}: ${short(message)}`,
    'await the promise it belongs to, or catch the error there',
    e,
  )
}

/** The library's own frames say nothing to the user; theirs are below. */
const library = fileURLToPath(new URL('../..', import.meta.url))
const ours = /^(graph|passes|codegen|runtime|verify|cli)\/|^\w+\.[jt]s$/
