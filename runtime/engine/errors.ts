import type { CompileError, RunError } from '../../graph/errors.ts'
import { cancelled } from '../stopped.ts'

export const closedRun: RunError = {
  ...cancelled,
  cause: 'the engine or the handle was closed before the run began',
  remedy: 'run it in an engine that is open',
} as RunError

const invalid = (cause: string, remedy: string): CompileError => ({
  _tag: 'InvalidGraph',
  stage: 'build',
  place: '',
  problems: [],
  cause,
  remedy,
})
export const closedWhile = (what: string): CompileError =>
  invalid(`${what}, and the engine or the handle is closed`, 'use an engine that is open')
export const unlike = (name: string, old: string, now: string): CompileError =>
  invalid(
    `graph '${name}' cannot take the place of one of another type: it is ${now}, and the one before is ${old}`,
    'replace a graph by one with the same inputs and the same result, or submit it by itself',
  )
export const noGraph: CompileError = invalid('what was given is no graph', 'pass what graph(…) returned')
