import { CommanderError } from 'commander'
import { bug, describeError } from '../graph/errors.ts'
import { debugLevel } from './debug.ts'
import type { ExitCode } from './failure.ts'
import { exit, Failure, interrupted } from './failure.ts'
import type { Interrupt } from './interrupt.ts'
import { listenForInterrupt } from './interrupt.ts'
import { uncaught } from './load/trouble.ts'
import { err, errColors, keepOutputClean, quietLoader, quietPipes } from './output.ts'
import { program } from './program.ts'
import { leave, stray } from './stray.ts'

/** How long winding down may take after an interrupt; drivers give up after two seconds by themselves. */
const graceMs = 5000

/** Runs the command line and ends the process, whatever a graph file or a driver has left open. */
export const main = async (argv: readonly string[]): Promise<void> => {
  quietPipes(leave)
  quietLoader()
  keepOutputClean()
  const ends: { graceMs: number; code: ExitCode } = { graceMs, code: exit.interrupted }
  const interrupt = listenForInterrupt(
    () => setTimeout(() => leave(exit.interrupted), ends.graceMs).unref(),
    () => leave(exit.interrupted),
    (ms) => Object.assign(ends, { graceMs: ms, code: exit.done }),
  )
  const astray = (e: unknown): void => {
    if (!stray(e)) void end(uncaught(e) ?? e, interrupt)
  }
  process.on('uncaughtException', astray)
  process.on('unhandledRejection', astray)
  // Nothing is left to wait for and no answer is there: something awaits a promise that nobody will settle.
  process.on('beforeExit', () => void end(stuck(), interrupt))
  try {
    await program(interrupt).parseAsync([...argv], { from: 'user' })
    leave(interrupt.signal.aborted ? ends.code : (process.exitCode ?? exit.done))
  } catch (e) {
    await end(e, interrupt)
  }
}

const stuck = (): Failure =>
  new Failure(
    exit.failed,
    'nothing is going on any more, and there is no answer\n  fix: look for an await in the graph file whose promise is never settled',
  )

const end = async (e: unknown, interrupt: Interrupt): Promise<never> => {
  // Commander has said what it has to say.
  if (e instanceof CommanderError) return leave(e.exitCode === 0 ? exit.done : exit.usage)
  const failure = e instanceof Failure ? e : new Failure(exit.failed, describeError(bug('', e)), e)
  const shown = interrupt.signal.aborted ? wordsFor(failure) : failure
  await err(messageOf(shown, failure))
  return leave(shown.code satisfies ExitCode)
}

/** What follows from an interrupt is the interrupt, except a write of which nobody knows whether it happened. */
const wordsFor = (failure: Failure): Failure => {
  const unknown = (failure.cause as { readonly outcome?: string } | undefined)?.outcome === 'unknown'
  return unknown ? new Failure(exit.interrupted, `interrupted. ${failure.message}`, failure.cause) : interrupted()
}

const messageOf = (shown: Failure, failure: Failure): string => {
  const c = errColors()
  const [first = '', ...rest] = shown.message.split('\n')
  const lines = [`${c.red(c.bold('quoin:'))} ${first}`, ...rest.map((line) => c.dim(line))]
  // A stack says nothing to somebody who uses Quoin; somebody who works on it asks for it.
  if (debugLevel() >= 1) lines.push(c.dim(stackOf(failure)))
  return lines.join('\n')
}
const stackOf = (failure: Failure): string =>
  failure.cause instanceof Error ? (failure.cause.stack ?? '') : (failure.stack ?? '')
